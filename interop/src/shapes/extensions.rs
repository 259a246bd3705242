//! What is opt-in: extensions beside the SANs, and the challenge password.

use csr_core::{BasicConstraints, CsrSpec, CsrSpecBuilder, ExtendedKeyUsage, KeyUsage, der_of_text};

use crate::Shape;
use crate::shapes::oid;

const BASIC_CONSTRAINTS: &str = "extension 2.5.29.19 critical";
const KEY_USAGE: &str = "extension 2.5.29.15 critical";
const EXTENDED_KEY_USAGE: &str = "extension 2.5.29.37";
const TLS_FEATURE: &str = "extension 1.3.6.1.5.5.7.1.24";
const CHALLENGE_PASSWORD: &str = "attribute 1.2.840.113549.1.9.7";

pub(super) fn shapes() -> Vec<Shape> {
    let mut all = usages();
    all.extend(others());
    all.extend(any());
    all
}

fn spec() -> CsrSpecBuilder {
    CsrSpec::builder().domain("example.com")
}

fn shape<'a>(name: &str, spec: CsrSpecBuilder, details: impl IntoIterator<Item = &'a str>) -> Shape {
    Shape::by_hand(name, spec).only("example.com").details(details)
}

fn usages() -> Vec<Shape> {
    use ExtendedKeyUsage::{ClientAuth, CodeSigning, EmailProtection, OcspSigning, ServerAuth, TimeStamping};
    use KeyUsage::{
        CrlSign, DataEncipherment, DecipherOnly, DigitalSignature, EncipherOnly, KeyAgreement, KeyCertSign,
        KeyEncipherment, NonRepudiation,
    };
    let every_usage = [
        DecipherOnly,
        EncipherOnly,
        CrlSign,
        KeyCertSign,
        KeyAgreement,
        DataEncipherment,
        KeyEncipherment,
        NonRepudiation,
        DigitalSignature,
    ];
    let every_purpose = [ServerAuth, ClientAuth, CodeSigning, EmailProtection, TimeStamping, OcspSigning];
    vec![
        shape(
            "key_usage",
            spec().key_usage([DigitalSignature, KeyEncipherment]),
            [KEY_USAGE, "key_usage 0 2"],
        ),
        shape("key_usage_every", spec().key_usage(every_usage), [KEY_USAGE, "key_usage 0 1 2 3 4 5 6 7 8"]),
        shape(
            "extended_key_usage",
            spec().extended_key_usage([ServerAuth, ClientAuth]),
            [EXTENDED_KEY_USAGE, "extended_key_usage 1.3.6.1.5.5.7.3.1 1.3.6.1.5.5.7.3.2"],
        ),
        shape(
            "extended_key_usage_every",
            spec().extended_key_usage(every_purpose),
            [
                EXTENDED_KEY_USAGE,
                "extended_key_usage 1.3.6.1.5.5.7.3.1 1.3.6.1.5.5.7.3.2 1.3.6.1.5.5.7.3.3 1.3.6.1.5.5.7.3.4 \
                 1.3.6.1.5.5.7.3.8 1.3.6.1.5.5.7.3.9",
            ],
        ),
    ]
}

fn others() -> Vec<Shape> {
    let constraints = |ca, path_length| spec().basic_constraints(BasicConstraints { ca, path_length });
    let longest_password = "p".repeat(255);
    vec![
        shape("ca", constraints(true, None), [BASIC_CONSTRAINTS, "basic_constraints true -"]),
        shape("ca_path_length", constraints(true, Some(0)), [BASIC_CONSTRAINTS, "basic_constraints true 0"]),
        shape("not_a_ca", constraints(false, None), [BASIC_CONSTRAINTS, "basic_constraints false -"]),
        shape("must_staple", spec().must_staple(), [TLS_FEATURE, "tls_feature 5"]),
        shape(
            "challenge_password",
            spec().challenge_password("open sesame"),
            [CHALLENGE_PASSWORD, "challenge_password open sesame"],
        ),
        shape(
            "challenge_password_utf8",
            spec().challenge_password("芝麻开门 & <\"\\>"),
            [CHALLENGE_PASSWORD, "challenge_password 芝麻开门 & <\"\\>"],
        ),
        shape(
            "challenge_password_255",
            spec().challenge_password(&longest_password),
            [CHALLENGE_PASSWORD, &format!("challenge_password {longest_password}")],
        ),
        Shape::by_hand("only_a_password", CsrSpec::builder().organization("X").challenge_password("x"))
            .subject(["O=X"])
            .details([CHALLENGE_PASSWORD, "challenge_password x"]),
        shape(
            "everything",
            constraints(false, None)
                .key_usage([KeyUsage::DigitalSignature])
                .extended_key_usage([ExtendedKeyUsage::ServerAuth])
                .must_staple()
                .challenge_password("x"),
            [
                BASIC_CONSTRAINTS,
                "basic_constraints false -",
                KEY_USAGE,
                "key_usage 0",
                EXTENDED_KEY_USAGE,
                "extended_key_usage 1.3.6.1.5.5.7.3.1",
                TLS_FEATURE,
                "tls_feature 5",
                CHALLENGE_PASSWORD,
                "challenge_password x",
            ],
        ),
    ]
}

/// What is asked for by its identifier: a type, the value as text, and as DER in hexadecimal.
fn any() -> Vec<Shape> {
    const ARC: &str = "1.3.6.1.4.1.55555.2";
    const VALUES: [(&str, &str); 11] = [
        ("utf8:Grüße", "0c074772c3bcc39f65"),
        ("printable:A b", "13034120 62"),
        ("ia5:a@b", "1603614062"),
        ("bmp:WebServer", "1e12005700650062005300650072007600650072"),
        ("integer:5", "020105"),
        ("integer:-70000", "0203feee90"),
        ("boolean:TRUE", "0101ff"),
        ("oid:2.5.29.17", "0603551d11"),
        ("null", "0500"),
        ("hex:30 06 04 01 00 04 01 20", "3006040100040120"),
        ("base64:MAMCAQU=", "3003020105"),
    ];
    let der = |text: &str| der_of_text(text).unwrap_or_default();
    let mut all = Vec::new();
    for is_critical in [false, true] {
        let mut builder = spec();
        let mut expected =
            Shape::by_hand(if is_critical { "extensions_critical" } else { "extensions" }, spec());
        for (index, (text, hex)) in VALUES.into_iter().enumerate() {
            let r#type = format!("{ARC}.{index}");
            builder = builder.extension(oid(&r#type), is_critical, der(text));
            expected = expected.extension(&r#type, is_critical, &hex.replace(' ', ""));
        }
        all.push(expected.asked(builder).only("example.com"));
    }
    let mut builder = spec();
    let mut expected = Shape::by_hand("attributes", spec());
    for (index, (text, hex)) in VALUES.into_iter().enumerate() {
        let r#type = format!("{ARC}.{index}");
        builder = builder.attribute(oid(&r#type), der(text));
        expected = expected.attribute(&r#type, &hex.replace(' ', ""));
    }
    all.push(expected.asked(builder).only("example.com"));
    let name_constraints = "3012a010300e820c2e6578616d706c652e636f6d";
    let sub_ca = CsrSpec::builder()
        .common_name("Example Issuing CA 1")
        .basic_constraints(BasicConstraints { ca: true, path_length: Some(0) })
        .key_usage([KeyUsage::KeyCertSign, KeyUsage::CrlSign])
        .extension(oid("2.5.29.30"), true, der(&format!("hex:{name_constraints}")))
        .extension(oid("2.5.29.32"), false, der("hex:3007300506032a0304"));
    all.push(
        Shape::by_hand("sub_ca", sub_ca)
            .subject(["CN=Example Issuing CA 1"])
            .details([BASIC_CONSTRAINTS, "basic_constraints true 0", KEY_USAGE, "key_usage 5 6"])
            .extension("2.5.29.30", true, name_constraints)
            .extension("2.5.29.32", false, "3007300506032a0304"),
    );
    all.push(
        shape(
            "attributes_and_password",
            spec()
                .challenge_password("x")
                .attribute(oid("1.2.840.113549.1.9.2"), der("utf8:device 7"))
                .extension(oid("1.3.6.1.4.1.311.20.2"), false, der("bmp:Web")),
            [CHALLENGE_PASSWORD, "challenge_password x"],
        )
        .attribute("1.2.840.113549.1.9.2", "0c08646576696365 2037".replace(' ', "").as_str())
        .extension("1.3.6.1.4.1.311.20.2", false, "1e06005700650062"),
    );
    all
}
