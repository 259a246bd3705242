use csr_model::Excerpt;

use super::*;
use crate::Reason;

fn dns(given: &str) -> Result<String, Reason> {
    DnsName::parse(given).map(|name| name.to_string())
}

#[test]
fn valid_dns_names_are_normalised() {
    let (label, name) = ("a".repeat(63), format!("{}.com", "abcdefgh.".repeat(27) + "abcdef"));
    assert_eq!(name.len(), 253);
    for (given, normalised) in [
        ("example.com", "example.com"),
        ("EXAMPLE.Com", "example.com"),
        ("localhost", "localhost"),
        ("*.example.com", "*.example.com"),
        ("a-b.c--d.example", "a-b.c--d.example"),
        ("r3---sn-x.example", "r3---sn-x.example"),
        ("1.example", "1.example"),
        ("0x1.example", "0x1.example"),
        ("a.0xg", "a.0xg"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("例え。jp", "xn--r8jz45g.jp"),
        ("ＥＸＡＭＰＬＥ.com", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        // Non-transitional: ß stays itself.
        ("straße.example", "xn--strae-oqa.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("*.bücher.example", "*.xn--bcher-kva.example"),
        (&format!("{label}.example"), &format!("{label}.example")),
        (&name, &name),
    ] {
        assert_eq!(dns(given).as_deref(), Ok(normalised), "{given}");
        assert_eq!(dns(normalised).as_deref(), Ok(normalised), "{normalised} again");
    }
}

#[test]
fn invalid_dns_names_are_refused_with_the_reason() {
    let long_label = format!("{}.example", "a".repeat(64));
    let long_name = format!("{}.comm", "abcdefgh.".repeat(27) + "abcdef");
    let long_idn = format!("{}.example", "書".repeat(60));
    let cases: &[(&str, Reason)] = &[
        ("", Reason::Missing),
        ("a\0b.example", Reason::ControlCharacter(0)),
        ("a\nb.example", Reason::ControlCharacter(0x0a)),
        ("a\u{7f}.example", Reason::ControlCharacter(0x7f)),
        ("a\u{85}.example", Reason::ControlCharacter(0x85)),
        ("a\u{202e}b.example", Reason::BidiControl(0x202e)),
        ("a\u{2066}b.example", Reason::BidiControl(0x2066)),
        ("a\u{200f}b.example", Reason::BidiControl(0x200f)),
        ("a\u{61c}b.example", Reason::BidiControl(0x61c)),
        (".example.com", Reason::LeadingDot),
        ("example.com.", Reason::TrailingDot),
        ("example..com", Reason::EmptyLabel),
        (".", Reason::LeadingDot),
        ("*.", Reason::EmptyLabel),
        (&long_label, Reason::LabelTooLong(64)),
        (&long_name, Reason::NameTooLong(254)),
        ("foo_bar.example", Reason::Underscore),
        ("_dmarc.example", Reason::Underscore),
        ("-a.example", Reason::HyphenAtEdge),
        ("a-.example", Reason::HyphenAtEdge),
        ("*", Reason::MisplacedWildcard),
        ("*a.example.com", Reason::MisplacedWildcard),
        ("a*.example.com", Reason::MisplacedWildcard),
        ("a.*.example.com", Reason::MisplacedWildcard),
        ("*.*.example.com", Reason::MisplacedWildcard),
        ("example.*", Reason::MisplacedWildcard),
        ("*.com", Reason::WildcardTopLevel),
        ("a b.example", Reason::ForbiddenCharacter(' ')),
        ("a@b.example", Reason::ForbiddenCharacter('@')),
        ("a/b.example", Reason::ForbiddenCharacter('/')),
        ("https://example.com", Reason::ForbiddenCharacter(':')),
        ("fe80::1%eth0", Reason::ForbiddenCharacter(':')),
        ("[::1]", Reason::ForbiddenCharacter('[')),
        ("192.168.1", Reason::BadIpv4),
        ("1.2.3.256", Reason::BadIpv4),
        ("01.02.03.04", Reason::BadIpv4),
        ("42", Reason::BadIpv4),
        ("0x7f000001", Reason::BadIpv4),
        ("127.0.0.0X1", Reason::BadIpv4),
        ("a.0x", Reason::BadIpv4),
        // Its U-label is plain ASCII.
        ("xn--abc-.example", Reason::BadALabel(Excerpt::of("xn--abc-"))),
        ("xn--.example", Reason::BadALabel(Excerpt::of("xn--"))),
        ("xn--a.example", Reason::BadALabel(Excerpt::of("xn--a"))),
        ("xn--99999999999.example", Reason::BadALabel(Excerpt::of("xn--99999999999"))),
        // Decodes to a full-width letter, which maps away.
        ("xn--b-4o0i.example", Reason::BadALabel(Excerpt::of("xn--b-4o0i"))),
        ("a\u{0378}.example", Reason::BadUnicodeName),
        // A full-width asterisk maps to `*`, a full-width low line to `_`.
        ("＊.example.com", Reason::BadUnicodeName),
        ("a＿b.example", Reason::BadUnicodeName),
        ("\u{00ad}", Reason::EmptyLabel),
    ];
    for (given, reason) in cases {
        assert_eq!(dns(given), Err(reason.clone()), "{given:?}");
    }
    assert!(matches!(dns(&long_idn), Err(Reason::LabelTooLong(_))), "{:?}", dns(&long_idn));
}

#[test]
fn addresses_become_ip_entries_and_never_dns_names() {
    for (given, shown) in [
        ("192.0.2.7", "192.0.2.7"),
        ("::1", "::1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
    ] {
        let san = San::host(given).unwrap();
        assert!(matches!(san, San::Ip(_)), "{given}");
        assert_eq!(san.to_string(), shown);
    }
    assert_eq!(San::host("192.0.2.7.").unwrap_err(), Reason::TrailingDot);
    assert_eq!(San::host("*.192.0.2.7").unwrap_err(), Reason::BadIpv4);
}

#[test]
fn names_of_other_kinds_are_no_hosts() {
    for (given, prefix) in [
        ("dirName:x", "dirName:"),
        ("DIRNAME:x.example.com", "dirName:"),
        ("UPN:me@x", "UPN:"),
        ("otherName:x.example.com", "otherName:"),
        ("RID:1.2.3", "RID:"),
        ("Registered ID:1.2.3", "Registered ID:"),
    ] {
        let refusal = mistake::in_host(given).unwrap().to_string();
        let expected =
            format!("has `{prefix}` in front, which is not a kind of host: give a DNS name or an IP address");
        assert_eq!(refusal, expected, "{given}");
    }
    let common_name = mistake::in_host("CN=x.example.com").unwrap().to_string();
    assert!(common_name.contains("remove that") && common_name.contains("x.example.com"), "{common_name}");
}

#[test]
fn mail_addresses_are_checked() {
    for (given, normalised) in
        [("a.b+c@Example.COM", "a.b+c@example.com"), ("x@bücher.example", "x@xn--bcher-kva.example")]
    {
        assert_eq!(EmailAddress::parse(given).unwrap().as_str(), normalised);
    }
    let long_local = format!("{}@example.com", "a".repeat(65));
    for bad in
        ["", "a", "@example.com", "a b@example.com", "é@example.com", "a..b@c.de", ".a@c.de", &long_local]
    {
        let reason = EmailAddress::parse(bad).unwrap_err();
        assert!(matches!(reason, Reason::BadEmail | Reason::Missing), "{bad:?}: {reason}");
    }
    assert_eq!(EmailAddress::parse("a@*.example.com").unwrap_err(), Reason::BadEmail);
    for (bad, message) in [
        ("a@", "has no domain after the `@`"),
        ("a@192.0.2.7", "has an IP address after the `@`: an rfc822Name needs a domain name there"),
        ("a@[192.0.2.7]", "has an IP address after the `@`: an rfc822Name needs a domain name there"),
        ("a@::1", "has an IP address after the `@`: an rfc822Name needs a domain name there"),
        ("a_b@b_c.example", "has a domain that contains `_`, which host names don't have"),
        ("a@b.7", "has a domain that ends in a number but is not an IPv4 address"),
    ] {
        assert_eq!(EmailAddress::parse(bad).unwrap_err().to_string(), message, "{bad}");
    }
    assert_eq!(EmailAddress::parse("a\r\n@b.example").unwrap_err(), Reason::ControlCharacter(0x0d));
}

#[test]
fn uris_are_checked() {
    for good in [
        "https://example.com/a?b#c",
        "spiffe://example.org/web",
        "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
        "ldap://[2001:db8::7]/c=GB?objectClass?one",
        "https://user@192.0.2.7:8443/",
        "tel:+1-816-555-1212",
    ] {
        assert_eq!(UriName::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", "example.com", "/path", "https:", "http://a b/", "http:///x", "http://é/", "1a:b"] {
        assert!(matches!(UriName::parse(bad), Err(Reason::BadUri(_))), "{bad:?}");
    }
    for (bad, message) in [
        ("http://foo_bar/", "has a host that contains `_`, which host names don't have"),
        ("http://192.0.2/", "has a host that ends in a number but is not an IPv4 address"),
        ("http:///x", "is not an absolute URI: no host follows the `//`"),
    ] {
        assert_eq!(UriName::parse(bad).unwrap_err().to_string(), message, "{bad}");
    }
    assert_eq!(UriName::parse("a:\u{202e}b"), Err(Reason::BidiControl(0x202e)));
}
