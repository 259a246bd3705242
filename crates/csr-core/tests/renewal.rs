//! New CSRs from CSRs and certificates that are there already.
#![expect(clippy::unwrap_used, reason = "tests")]

use csr_core::inspect::{Item, read_any};
use csr_core::{
    BasicConstraints, Csr, CsrSpec, CsrSpecBuilder, ExtendedKeyUsage, KeyPair, KeyUsage, PrivateKeyAlgo,
    Renewal, RenewalError, SubjectAttribute, der_of_text,
};

fn from_certificate(file: &str) -> Result<Renewal, RenewalError> {
    let path = format!("{}/tests/data/certificates/{file}", env!("CARGO_MANIFEST_DIR"));
    let contents = read_any(&std::fs::read(path).unwrap(), None).unwrap();
    let certificate = contents.items.iter().find_map(|item| match item {
        Item::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    CsrSpec::from_certificate(certificate.unwrap())
}

fn left_out(renewal: &Renewal) -> Vec<String> {
    renewal.left_out.iter().map(ToString::to_string).collect()
}

fn again(spec: &CsrSpec, algorithm: PrivateKeyAlgo) -> Renewal {
    let csr = Csr::sign(spec, &KeyPair::generate(algorithm).unwrap()).unwrap();
    CsrSpec::from_csr(&csr_core::inspect(csr.as_der()).unwrap()).unwrap()
}

#[test]
fn csr_gives_the_specification_that_it_was_made_from() {
    let spec = CsrSpec::builder()
        .domain("*.Bücher.example")
        .san("192.0.2.7")
        .san("my_host")
        .allow_underscores()
        .email("post@example.com")
        .uri("spiffe://example.org/web")
        .upn("me@corp.example")
        .other_name("1.3.6.1.5.5.7.8.9".parse().unwrap(), der_of_text("utf8:é@b.example").unwrap())
        .directory_name(r"CN=A\, B+UID=7,O=Example,C=GB")
        .registered_id("2.999.1".parse().unwrap())
        .country("CN")
        .organizational_unit("A")
        .organizational_unit("B")
        .subject_attribute(SubjectAttribute::SerialNumber, "A-7")
        .joined_subject_attribute(SubjectAttribute::UserId, "é")
        .email_address("ca@example.com")
        .key_usage([KeyUsage::KeyCertSign, KeyUsage::DecipherOnly])
        .extended_key_usage([ExtendedKeyUsage::ServerAuth])
        .basic_constraints(BasicConstraints { ca: true, path_length: Some(0) })
        .must_staple()
        .extension("2.999.2".parse().unwrap(), true, der_of_text("null").unwrap())
        .attribute("2.999.3".parse().unwrap(), der_of_text("integer:-5").unwrap())
        .challenge_password("geheim!")
        .build()
        .unwrap();
    for &algorithm in PrivateKeyAlgo::ALL {
        let renewal = again(&spec, algorithm);
        assert_eq!(renewal.spec, spec);
        assert_eq!(left_out(&renewal), [""; 0]);
    }
}

#[test]
fn identity_of_an_sm2_csr_is_kept_if_it_is_a_usual_one() {
    for identity in ["1234567812345678", ""] {
        let spec = CsrSpec::builder().domain("a.example").sm2_identity(identity).build().unwrap();
        assert_eq!(again(&spec, PrivateKeyAlgo::Sm2).spec, spec);
    }
}

#[test]
fn what_depends_on_the_old_key_is_left_out() {
    let spec = CsrSpec::builder()
        .domain("a.example")
        .extension("2.5.29.14".parse().unwrap(), false, der_of_text("hex:04020102").unwrap())
        .attribute("1.3.6.1.4.1.311.13.1".parse().unwrap(), der_of_text("null").unwrap())
        .build()
        .unwrap();
    let renewal = again(&spec, PrivateKeyAlgo::EcP256);
    assert_eq!(
        left_out(&renewal),
        [
            "msRenewalCertificate: it says how the old request was made",
            "subjectKeyIdentifier: it depends on the old key",
        ]
    );
    assert_eq!(renewal.spec, CsrSpec::builder().domain("a.example").build().unwrap());
}

#[test]
fn certificate_gives_what_its_subject_may_ask_for() {
    let leaf = from_certificate("chain.pem").unwrap();
    let expected = CsrSpec::builder()
        .domain("leaf.example")
        .san("192.0.2.7")
        .key_usage([KeyUsage::DigitalSignature])
        .extended_key_usage([ExtendedKeyUsage::ServerAuth])
        .build()
        .unwrap();
    assert_eq!(leaf.spec.subject(), expected.subject());
    assert_eq!(leaf.spec.sans(), expected.sans());
    let oids = |spec: &CsrSpec| {
        let mut oids: Vec<_> = spec.extensions().iter().map(|e| (e.oid.clone(), e.der.clone())).collect();
        oids.sort();
        oids
    };
    assert_eq!(oids(&leaf.spec), oids(&expected));
    assert_eq!(
        left_out(&leaf),
        [
            "basicConstraints: it only says that this is no CA",
            "authorityKeyIdentifier: the issuer sets it",
            "subjectKeyIdentifier: it depends on the old key",
        ]
    );

    let ca = from_certificate("ca.pem").unwrap();
    let constraints = CsrSpec::builder()
        .domain("a")
        .basic_constraints(BasicConstraints { ca: true, path_length: None })
        .build()
        .unwrap();
    assert!(ca.spec.extensions().contains(&constraints.extensions()[0]), "{ca:?}");
    assert_eq!(ca.spec.subject().to_string(), "CN=Example Root,O=Example Ltd");
    assert!(again(&ca.spec, PrivateKeyAlgo::EcP256).spec == ca.spec);
}

#[test]
fn what_cannot_be_in_a_csr_is_left_out_of_an_odd_certificate() {
    let odd = from_certificate("odd.pem").unwrap();
    let found = left_out(&odd);
    assert!(
        found.contains(
            &"uniformResourceIdentifier: \"a b\" is not an absolute URI: give one such as https://example.com/ (RFC 3986)".into()
        ),
        "{found:?}"
    );
    assert!(found.iter().all(|line| !line.chars().any(char::is_control)), "{found:?}");
    assert_eq!(again(&odd.spec, PrivateKeyAlgo::EcP256).spec, odd.spec);
}

#[test]
fn what_renews_a_csr_can_be_changed() {
    let renewal = from_certificate("leaf.pem").unwrap();
    let new = renewal.spec.to_builder().domain("new.example").organization("Example Ltd").build().unwrap();
    assert_eq!(new.subject().to_string(), "O=Example Ltd,CN=new.example");
    let names: Vec<_> = new.sans().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["new.example", "leaf.example", "192.0.2.7"]);
}

#[test]
fn signature_is_kept_where_it_is_no_default() {
    use csr_core::Digest;
    for (algorithm, digest, pss) in [
        (PrivateKeyAlgo::Rsa2048, None, false),
        (PrivateKeyAlgo::Rsa2048, Some(Digest::Sha512), false),
        (PrivateKeyAlgo::Rsa2048, None, true),
        (PrivateKeyAlgo::Rsa2048, Some(Digest::Sha384), true),
        (PrivateKeyAlgo::EcP256, Some(Digest::Sha384), false),
        (PrivateKeyAlgo::EcP384, Some(Digest::Sha256), false),
        (PrivateKeyAlgo::EcP384, None, false),
    ] {
        let mut builder = CsrSpec::builder().domain("a.example");
        builder = digest.into_iter().fold(builder, CsrSpecBuilder::digest);
        if pss {
            builder = builder.pss();
        }
        let spec = builder.build().unwrap();
        let renewed = again(&spec, algorithm).spec;
        assert_eq!(renewed, spec);
        let default = renewed.to_builder().default_signature().build().unwrap();
        assert_eq!(default, CsrSpec::builder().domain("a.example").build().unwrap());
    }
    let named = CsrSpec::builder().domain("a.example").digest(Digest::Sha256).build().unwrap();
    assert_eq!(again(&named, PrivateKeyAlgo::EcP256).spec.digest(), None);
}

#[test]
fn malformed_parts_are_said_to_be_left_out() {
    let spec = CsrSpec::builder().domain("a.example").build().unwrap();
    let csr = Csr::sign(&spec, &KeyPair::generate(PrivateKeyAlgo::EcP256).unwrap()).unwrap();
    // The identifier of the extension request becomes one that ends in the middle of an arc.
    let mut der = csr.as_der().to_vec();
    let oid = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e];
    let at = der.windows(oid.len()).position(|window| window == oid).unwrap();
    der[at + oid.len() - 1] = 0x8e;
    let renewal = CsrSpec::from_csr(&csr_core::inspect(&der).unwrap()).unwrap();
    assert!(left_out(&renewal)[0].contains("it is malformed: an OBJECT IDENTIFIER"), "{renewal:?}");

    let path = format!("{}/tests/data/inspect/malformed-extension.pem", env!("CARGO_MANIFEST_DIR"));
    let csr = csr_core::inspect(&std::fs::read(path).unwrap()).unwrap();
    let renewal = CsrSpec::from_csr(&csr).unwrap();
    assert!(left_out(&renewal).iter().any(|line| line.contains(": it is malformed: ")), "{renewal:?}");
    assert_eq!(again(&renewal.spec, PrivateKeyAlgo::EcP256).spec, renewal.spec);
    assert!(renewal.spec.to_builder().build().is_ok());
}
