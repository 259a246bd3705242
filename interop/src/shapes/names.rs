//! Domains and SANs: wildcards, internationalised names, addresses, mail and URI.

use csr_core::{CsrSpec, CsrSpecBuilder};

use crate::Shape;

pub(super) fn shapes() -> Vec<Shape> {
    let mut all = domains();
    all.extend(addresses());
    all.extend(several());
    all.extend(without_domain());
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
    vec![
        Shape::by_hand("ipv4", domain("192.0.2.1")).subject(["CN=192.0.2.1"]).sans(["IP:192.0.2.1"]),
        Shape::by_hand("ipv6", domain("2001:0DB8::0001"))
            .subject(["CN=2001:db8::1"])
            .sans(["IP:2001:db8::1"]),
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
        Shape::by_hand("no_subject", spec().sans(["a.example", "192.0.2.9"]))
            .sans(["DNS:a.example", "IP:192.0.2.9"]),
        Shape::by_hand("no_subject_mail", spec().email("someone@example.com"))
            .sans(["email:someone@example.com"]),
        Shape::by_hand("no_subject_uri", spec().uri("spiffe://example.org/x"))
            .sans(["URI:spiffe://example.org/x"]),
        Shape::by_hand("no_sans", spec().country("DE").organization("Example GmbH"))
            .subject(["C=DE", "O=Example GmbH"]),
        Shape::by_hand("no_common_name", spec().organization("Example GmbH").san("a.example"))
            .subject(["O=Example GmbH"])
            .sans(["DNS:a.example"]),
    ]
}
