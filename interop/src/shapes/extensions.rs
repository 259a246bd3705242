//! What is opt-in: extensions beside the SANs, and the challenge password.

use csr_core::{BasicConstraints, CsrSpec, CsrSpecBuilder, ExtendedKeyUsage, KeyUsage};

use crate::Shape;

const BASIC_CONSTRAINTS: &str = "extension 2.5.29.19 critical";
const KEY_USAGE: &str = "extension 2.5.29.15 critical";
const EXTENDED_KEY_USAGE: &str = "extension 2.5.29.37";
const TLS_FEATURE: &str = "extension 1.3.6.1.5.5.7.1.24";
const CHALLENGE_PASSWORD: &str = "attribute 1.2.840.113549.1.9.7";

pub(super) fn shapes() -> Vec<Shape> {
    let mut all = usages();
    all.extend(others());
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
