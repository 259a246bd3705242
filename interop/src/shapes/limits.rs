//! Every limit at its edge (RFC 5280 Appendix A.1, RFC 1035 §2.3.4, RFC 5321 §4.5.3.1).

use csr_core::{CsrSpec, CsrSpecBuilder};

use crate::Shape;

pub(super) fn shapes() -> Vec<Shape> {
    let mut all = subjects();
    all.extend(names());
    all
}

fn spec() -> CsrSpecBuilder {
    CsrSpec::builder().domain("example.com")
}

fn subjects() -> Vec<Shape> {
    let mail = format!("{}@{}", "m".repeat(64), host(189));
    let mut all = vec![
        Shape::by_hand("mail_254", spec().email_address(&mail).email(&mail))
            .subject(["CN=example.com".to_owned(), format!("emailAddress={mail}")])
            .sans(["DNS:example.com".to_owned(), format!("email:{mail}")]),
    ];
    for (kind, character) in [("ascii", "x"), ("chinese", "国"), ("emoji", "🦀")] {
        let (short, long) = (character.repeat(64), character.repeat(128));
        let full = spec().province(&long).city(&long).organization(&short).organizational_unit(&short);
        let subject = [
            format!("ST={long}"),
            format!("L={long}"),
            format!("O={short}"),
            format!("OU={short}"),
            "CN=example.com".to_owned(),
        ];
        let name = format!("subject_full_{kind}");
        all.push(Shape::by_hand(&name, full).subject(subject).sans(["DNS:example.com"]));
    }
    all
}

fn names() -> Vec<Shape> {
    let (common_name, longest) = (host(64), host(253));
    let wildcard = format!("*.{}", host(251));
    let labels_63 = format!("{0}.{0}.{0}.{1}", "l".repeat(63), "m".repeat(61));
    let several = [longest.as_str(), &wildcard, &labels_63];
    vec![
        Shape::by_hand("common_name_64", CsrSpec::builder().domain(&common_name)).only(&common_name),
        // Longer than a common name can be (ub-common-name): it is an alternative name alone.
        Shape::by_hand("domain_65", CsrSpec::builder().domain(host(65))).sans([format!("DNS:{}", host(65))]),
        Shape::by_hand("names_253", spec().sans(several))
            .subject(["CN=example.com"])
            .sans(["DNS:example.com"])
            .sans(several.map(|name| format!("DNS:{name}"))),
    ]
}

/// A host name of so many characters, its labels as short as 2.
fn host(length: usize) -> String {
    let name = "ab.".repeat(length.div_ceil(3));
    let mut name = name[..length].to_owned();
    if name.ends_with('.') {
        name.replace_range(length - 1.., "c");
    }
    name
}
