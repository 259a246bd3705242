//! Domains and SANs: wildcards, internationalised names, addresses, mail and URI.

use csr_core::{CsrSpec, CsrSpecBuilder, der_of_text};

use crate::shapes::oid;
use crate::{Shape, Tool};

pub(super) fn shapes() -> Vec<Shape> {
    let mut all = domains();
    all.extend(addresses());
    all.extend(several());
    all.extend(without_domain());
    all.extend(other_kinds());
    all
}

fn domain(domain: &str) -> CsrSpecBuilder {
    CsrSpec::builder().domain(domain)
}

fn domains() -> Vec<Shape> {
    [
        ("plain", "example.com", "example.com"),
        ("one_label", "localhost", "localhost"),
        ("digits_and_hyphens", "3com.1-2--3.a1.example", "3com.1-2--3.a1.example"),
        ("deep", "a.b.c.d.e.f.g.h.i.j.k.example", "a.b.c.d.e.f.g.h.i.j.k.example"),
        ("capitals", "WWW.Example.COM", "www.example.com"),
        ("wildcard", "*.example.com", "*.example.com"),
        ("idn_japanese", "例え.jp", "xn--r8jz45g.jp"),
        ("idn_chinese", "中文.中国", "xn--fiq228c.xn--fiqs8s"),
        ("idn_ideographic_stop", "中文。中国", "xn--fiq228c.xn--fiqs8s"),
        ("idn_sharp_s", "faß.de", "xn--fa-hia.de"),
        ("idn_wildcard", "*.MÜNCHEN.de", "*.xn--mnchen-3ya.de"),
        ("a_label", "xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
    ]
    .map(|(name, asked, got)| Shape::by_hand(name, domain(asked)).only(got))
    .into()
}

fn addresses() -> Vec<Shape> {
    // An address is no common name, and so its SAN is critical.
    vec![
        Shape::by_hand("ipv4", domain("192.0.2.1")).sans(["IP:192.0.2.1"]),
        Shape::by_hand("ipv6", domain("2001:0DB8::0001")).sans(["IP:2001:db8::1"]),
        Shape::by_hand("addresses_only", CsrSpec::builder().sans(["192.0.2.1", "2001:db8::2"]))
            .sans(["IP:192.0.2.1", "IP:2001:db8::2"]),
        Shape::by_hand(
            "addresses",
            domain("example.com").sans(["0.0.0.0", "255.255.255.255", "::", "fe80::1"]),
        )
        .subject(["CN=example.com"])
        .sans(["DNS:example.com", "IP:0.0.0.0", "IP:255.255.255.255", "IP:::", "IP:fe80::1"]),
    ]
}

fn several() -> Vec<Shape> {
    let hundred: Vec<String> = (1..=100).map(|i| format!("host-{i}.example.com")).collect();
    vec![
        Shape::by_hand("wildcard_and_apex", domain("*.example.com").san("example.com"))
            .subject(["CN=*.example.com"])
            .sans(["DNS:*.example.com", "DNS:example.com"]),
        Shape::by_hand("hundred_sans", domain("example.com").sans(hundred.iter().map(String::as_str)))
            .subject(["CN=example.com"])
            .sans(["DNS:example.com"])
            .sans(hundred.iter().map(|host| format!("DNS:{host}"))),
        Shape::by_hand("duplicates", domain("example.com").sans(["EXAMPLE.com", "b.example", "b.example"]))
            .subject(["CN=example.com"])
            .sans(["DNS:example.com", "DNS:b.example"]),
        Shape::by_hand(
            "mail",
            domain("example.com").email("first.last+tag@example.com").email("o'hara=x/y@例え.jp"),
        )
        .subject(["CN=example.com"])
        .sans([
            "DNS:example.com",
            "email:first.last+tag@example.com",
            "email:o'hara=x/y@xn--r8jz45g.jp",
        ]),
        Shape::by_hand(
            "uris",
            domain("example.com")
                .uri("https://user@example.com:8443/a,b;c=d/%20?q=1&r=%22#part")
                .uri("spiffe://example.org/ns/default/sa/web")
                .uri("https://[2001:db8::7]/path")
                .uri("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
        )
        .subject(["CN=example.com"])
        .sans([
            "DNS:example.com",
            "URI:https://user@example.com:8443/a,b;c=d/%20?q=1&r=%22#part",
            "URI:spiffe://example.org/ns/default/sa/web",
            "URI:https://[2001:db8::7]/path",
            "URI:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        ]),
        Shape::by_hand(
            "every_kind",
            domain("*.example.com")
                .uri("https://example.com/")
                .san("192.0.2.7")
                .email("a@b.example")
                .san("c.example"),
        )
        .subject(["CN=*.example.com"])
        .sans([
            "DNS:*.example.com",
            "URI:https://example.com/",
            "IP:192.0.2.7",
            "email:a@b.example",
            "DNS:c.example",
        ]),
    ]
}

/// Without a subject the SANs are all there is, and critical (RFC 5280 §4.2.1.6).
fn without_domain() -> Vec<Shape> {
    let spec = CsrSpec::builder;
    vec![
        Shape::by_hand("no_subject", spec().sans(["a.example", "192.0.2.9"]).no_common_name())
            .sans(["DNS:a.example", "IP:192.0.2.9"]),
        Shape::by_hand("common_name_of_first_name", spec().sans(["192.0.2.9", "a.example", "b.example"]))
            .subject(["CN=a.example"])
            .sans(["IP:192.0.2.9", "DNS:a.example", "DNS:b.example"]),
        Shape::by_hand("no_subject_mail", spec().email("someone@example.com"))
            .sans(["email:someone@example.com"]),
        Shape::by_hand("no_subject_uri", spec().uri("spiffe://example.org/x"))
            .sans(["URI:spiffe://example.org/x"]),
        Shape::by_hand("no_sans", spec().country("DE").organization("Example GmbH"))
            .subject(["C=DE", "O=Example GmbH"]),
        Shape::by_hand(
            "no_common_name",
            spec().domain("a.example").organization("Example GmbH").no_common_name(),
        )
        .subject(["O=Example GmbH"])
        .sans(["DNS:a.example"]),
        Shape::by_hand("common_name_beside_domain", domain("a.example").common_name("Example Appliance #7"))
            .subject(["CN=Example Appliance #7"])
            .sans(["DNS:a.example"]),
        Shape::by_hand("underscores", domain("my_host.example").allow_underscores()).only("my_host.example"),
    ]
}

/// Names that are no hosts, mail addresses or URIs.
fn other_kinds() -> Vec<Shape> {
    const UPN: &str = "1.3.6.1.4.1.311.20.2.3";
    const XMPP: &str = "1.3.6.1.5.5.7.8.5";
    const TYPE: &str = "1.3.6.1.4.1.55555.4";
    let other = |spec: CsrSpecBuilder, r#type, value| {
        spec.other_name(oid(r#type), der_of_text(value).unwrap_or_default())
    };
    let values =
        ["utf8:Ünïcode", "ia5:plain", "integer:-129", "boolean:TRUE", "null", "hex:3006020105040100"];
    let every_type = values.into_iter().fold(CsrSpec::builder(), |spec, value| other(spec, TYPE, value));
    let long = "n".repeat(130);
    vec![
        Shape::by_hand("upn", domain("dc1.example").upn("user@example.com"))
            .subject(["CN=dc1.example"])
            .sans([
                "DNS:dc1.example".to_owned(),
                format!("otherName:{UPN}=0c1075736572406578616d706c652e636f6d"),
            ]),
        Shape::by_hand(
            "smart_card",
            CsrSpec::builder().common_name("Jürgen Müller").upn("jürgen@例え.example"),
        )
        .subject(["CN=Jürgen Müller"])
        .sans([format!("otherName:{UPN}=0c166ac3bc7267656e40e4be8be381882e6578616d706c65")]),
        Shape::by_hand("other_names", every_type).sans([
            format!("otherName:{TYPE}=0c09c39c6ec3af636f6465"),
            format!("otherName:{TYPE}=1605706c61696e"),
            format!("otherName:{TYPE}=0202ff7f"),
            format!("otherName:{TYPE}=0101ff"),
            format!("otherName:{TYPE}=0500"),
            format!("otherName:{TYPE}=3006020105040100"),
        ]),
        // Others write the types of RFC 3920 and RFC 4985 by a name, and not its identifier.
        Shape::by_hand("xmpp_address", other(CsrSpec::builder(), XMPP, "utf8:a@b.example"))
            .sans([format!("otherName:{XMPP}=0c0b6140622e6578616d706c65")])
            .not_read_by([Tool::OpenSsl, Tool::GnuTls]),
        Shape::by_hand("other_name_130", other(CsrSpec::builder(), TYPE, &format!("utf8:{long}")))
            .sans([format!("otherName:{TYPE}=0c8182{}", "6e".repeat(130))]),
        Shape::by_hand(
            "directory_name",
            CsrSpec::builder().common_name("x").directory_name("CN=Example Name,O=Example Ltd,C=GB"),
        )
        .subject(["CN=x"])
        .sans(["dirName:/C=GB/O=Example Ltd/CN=Example Name"]),
        Shape::by_hand(
            "directory_name_joined",
            CsrSpec::builder().directory_name("CN=a+UID=b,DC=example,DC=com"),
        )
        .sans(["dirName:/DC=com/DC=example/CN=a/+UID=b"]),
        Shape::by_hand(
            "directory_name_syntax",
            CsrSpec::builder().directory_name(r#"CN=a\, \"b\" \+ c/\\,O=\#1\, Ltd"#),
        )
        .sans([r##"dirName:/O=#1, Ltd/CN=a, "b" + c/\"##])
        // OpenSSL escapes nothing of what it separates with.
        .not_read_by([Tool::OpenSsl]),
        Shape::by_hand("registered_id", domain("a.example").registered_id(oid("1.3.6.1.4.1.55555.7.200")))
            .subject(["CN=a.example"])
            .sans(["DNS:a.example", "RID:1.3.6.1.4.1.55555.7.200"]),
        Shape::by_hand(
            "every_kind_of_name",
            other(
                CsrSpec::builder()
                    .registered_id(oid("2.999.1"))
                    .upn("u@b.example")
                    .san("192.0.2.7")
                    .email("a@b.example")
                    .directory_name("CN=n")
                    .uri("urn:x:y")
                    .san("c.example"),
                TYPE,
                "integer:5",
            ),
        )
        .subject(["CN=c.example"])
        .sans([
            "RID:2.999.1".to_owned(),
            format!("otherName:{UPN}=0c0b7540622e6578616d706c65"),
            "IP:192.0.2.7".to_owned(),
            "email:a@b.example".to_owned(),
            "dirName:/CN=n".to_owned(),
            "URI:urn:x:y".to_owned(),
            "DNS:c.example".to_owned(),
            format!("otherName:{TYPE}=020105"),
        ]),
    ]
}
