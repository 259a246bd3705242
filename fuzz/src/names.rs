//! The rules for names, written down a second time and in another way than `csr-core` does.

use std::net::IpAddr;

use csr_core::San;

/// Asserts that an accepted name keeps every rule and that parsing its text again gives itself.
///
/// # Panics
///
/// When it does not.
pub fn assert_normalised(san: &San) {
    let text = san.to_string();
    assert_plain(&text);
    let again = match san {
        San::Dns(_) => {
            assert_dns(&text);
            San::host(&text)
        }
        San::Ip(_) => San::host(&text),
        San::Email(_) => {
            let (local, domain) = text.rsplit_once('@').expect("an address has an `@`");
            assert!(text.is_ascii() && text.len() <= 254 && (1..=64).contains(&local.len()), "{text}");
            assert!(!local.contains([' ', '@', '"', '(', '<', ',', ';']), "{text}");
            assert_dns(domain);
            San::email(&text)
        }
        San::Uri(_) => {
            let (scheme, rest) = text.split_once(':').expect("an absolute URI has a scheme");
            assert!(scheme.starts_with(|c: char| c.is_ascii_alphabetic()), "{text}");
            assert!(!rest.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()), "{text}");
            San::uri(&text)
        }
        San::RegisteredId(_) => return,
        San::OtherName(other) => San::other_name(other.oid().clone(), other.as_der()),
        // It shows the characters of a string whatever its type, but reads them as the one that RFC 5280 wants.
        San::DirectoryName(_) => {
            return assert!(San::directory_name(&text).is_ok_and(|again| again.to_string() == text));
        }
        other => panic!("a kind of name that this target does not know: {other:?}"),
    };
    assert_eq!(again.as_ref(), Ok(san));
}

/// No NUL, no control, no bidirectional control.
///
/// # Panics
///
/// When there is one.
pub fn assert_plain(text: &str) {
    for c in text.chars() {
        let c0_or_c1 = matches!(u32::from(c), 0..=0x1F | 0x7F..=0x9F);
        let bidi = matches!(u32::from(c), 0x61C | 0x200E | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069);
        assert!(!c0_or_c1 && !bidi, "{text:?}");
    }
}

fn assert_dns(name: &str) {
    assert!((1..=253).contains(&name.len()), "{name}");
    assert!(name.parse::<IpAddr>().is_err(), "an address as a DNS name: {name}");
    let labels: Vec<&str> = name.split('.').collect();
    for (at, label) in labels.iter().enumerate() {
        if at == 0 && *label == "*" {
            assert!(labels.len() >= 3, "a wildcard over a top-level domain: {name}");
            continue;
        }
        assert!((1..=63).contains(&label.len()), "{name}");
        assert!(label.bytes().all(|b| b"abcdefghijklmnopqrstuvwxyz0123456789-".contains(&b)), "{name}");
        assert!(!label.starts_with('-') && !label.ends_with('-'), "{name}");
        if let Some(punycode) = label.strip_prefix("xn--") {
            let decoded = idna::punycode::decode_to_string(punycode).expect("Punycode decodes");
            assert!(!decoded.is_ascii(), "{name}");
            assert_plain(&decoded);
            assert_eq!(idna::punycode::encode_str(&decoded).as_deref(), Some(punycode), "{name}");
        }
    }
    let last = labels[labels.len() - 1];
    assert!(last.bytes().any(|b| !b.is_ascii_digit()), "a name that ends in a number: {name}");
    let hexadecimal = last.starts_with("0x") && last[2..].bytes().all(|b| b.is_ascii_hexdigit());
    assert!(!hexadecimal, "a name that ends in a hexadecimal number: {name}");
}
