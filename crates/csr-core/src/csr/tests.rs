//! Golden DER: fixed keys, exact bytes. Each file under `tests/data/golden` was once read by eye
//! with `openssl asn1parse`. `CSR_WRITE_GOLDEN=1` writes them again.

use chacha20::rand_core::SeedableRng;

use super::*;
use crate::{
    BasicConstraints, Digest, ExtendedKeyUsage, KeyUsage, Oid, SubjectAttribute, Usage, der_of_text,
};

fn key(name: &str) -> KeyPair {
    let path = format!("{}/tests/data/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    KeyPair::import(&std::fs::read(path).unwrap(), None).unwrap()
}

fn compare(name: &str, der: &[u8]) {
    let path = format!("{}/tests/data/golden/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let lines: Vec<String> = der.chunks(32).map(hex::lower::encode_string).collect();
    let text = lines.join("\n") + "\n";
    if std::env::var_os("CSR_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{name}");
}

fn to_be_signed(name: &str, spec: &CsrSpec, key: &KeyPair) -> Vec<u8> {
    let der = Writer::der(|info| request::certification_request_info(info, spec, &key.public_key_info()));
    compare(name, &der);
    der
}

#[test]
fn p256_csr_with_one_name_is_golden() {
    let spec = CsrSpec::builder().domain("example.com").build().unwrap();
    to_be_signed("p256-one-name", &spec, &key("p256-sec1.der"));
}

#[test]
fn p384_without_extensions_has_an_empty_attributes_field() {
    let spec = CsrSpec::builder().country("ch").organization("Example").build().unwrap();
    let der = to_be_signed("p384-no-extensions", &spec, &key("p384-pkcs8.der"));
    assert_eq!(der[der.len() - 2..], [0xa0, 0x00]);
}

#[test]
fn p256_without_a_subject_has_critical_names() {
    let spec = CsrSpec::builder().san("a.example").san("2001:db8::1").no_common_name().build().unwrap();
    to_be_signed("p256-no-subject", &spec, &key("p256-sec1.der"));
}

fn everything() -> CsrSpec {
    CsrSpec::builder()
        .domain("*.Bücher.example")
        .san("bücher.example")
        .san("192.0.2.7")
        .email("post@example.com")
        .uri("spiffe://example.org/web")
        .usage(Usage::Enterprise)
        .country("CN")
        .province("北京市")
        .city("Beijing")
        .organization("Comma, \"Quote\" + Plus \\ Co")
        .organizational_unit("R&D")
        .email_address("ca@example.com")
        .key_usage([KeyUsage::KeyCertSign, KeyUsage::DigitalSignature, KeyUsage::DecipherOnly])
        .extended_key_usage([ExtendedKeyUsage::ServerAuth, ExtendedKeyUsage::ClientAuth])
        .basic_constraints(BasicConstraints { ca: true, path_length: Some(0) })
        .must_staple()
        .challenge_password("geheim!")
        .build()
        .unwrap()
}

#[test]
fn sm2_csr_with_everything_is_golden() {
    to_be_signed("sm2-everything", &everything(), &key("sm2-pkcs8.pem"));
}

fn oid(dotted: &str) -> Oid {
    dotted.parse().unwrap()
}

#[test]
fn subject_by_type_is_golden() {
    use SubjectAttribute as Type;
    let spec = CsrSpec::builder()
        .common_name("Zoë Müller, Dr.")
        .organizational_unit("One")
        .organizational_unit("Two")
        .subject_attribute(Type::SerialNumber, "SN-7")
        .subject_attribute(Type::UserId, "zoë")
        .joined_subject_attribute(Type::Title, "Dr")
        .subject_attribute(Type::DomainComponent, "com")
        .subject_attribute(Type::DomainComponent, "example")
        .subject_attribute(Type::Street, "1 High Street")
        .subject_attribute(Type::PostalCode, "AB1 2CD")
        .subject_attribute(Type::GivenName, "Zoë")
        .subject_attribute(Type::Surname, "Müller")
        .subject_attribute(Type::Pseudonym, "z")
        .subject_attribute(Type::DnQualifier, "q")
        .subject_attribute(Type::OrganizationIdentifier, "VATGB-1")
        .subject_attribute(Type::BusinessCategory, "Private Organization")
        .subject_attribute(Type::Country, "gb")
        .subject_attribute(oid("2.999.1"), "any")
        .build()
        .unwrap();
    to_be_signed("p256-subject-by-type", &spec, &key("p256-sec1.der"));
}

#[test]
fn other_kinds_of_names_are_golden() {
    let spec = CsrSpec::builder()
        .domain("192.0.2.7")
        .upn("zoë@example.com")
        .other_name(oid("2.999.2"), der_of_text("integer:-5").unwrap())
        .directory_name(r"CN=A\, B+UID=7,O=Example,C=GB")
        .registered_id(oid("2.999.3"))
        .build()
        .unwrap();
    to_be_signed("p256-other-names", &spec, &key("p256-sec1.der"));
}

#[test]
fn extensions_and_attributes_of_any_type_are_golden() {
    let der = |text| der_of_text(text).unwrap();
    let spec = CsrSpec::builder()
        .common_name("Example Issuing CA 1")
        .basic_constraints(BasicConstraints { ca: true, path_length: Some(0) })
        .extension(oid("1.3.6.1.4.1.311.20.2"), false, der("bmp:SubCA"))
        .extension(oid("2.5.29.30"), true, der("hex:3012a010300e820c2e6578616d706c652e636f6d"))
        .extension(oid("2.999.4"), false, der("boolean:TRUE"))
        .attribute(oid("2.999.6"), der("null"))
        .attribute(oid("2.999.5"), der("oid:2.999"))
        .challenge_password("geheim")
        .build()
        .unwrap();
    to_be_signed("p256-any-extension", &spec, &key("p256-sec1.der"));
}

/// Manifests hold fingerprints, so they must stay the same.
#[test]
fn fingerprints_of_specifications_are_golden() {
    let fingerprint = |spec: &CsrSpec| hex::lower::encode_string(&spec.fingerprint());
    let one_name = CsrSpec::builder().domain("example.com").build().unwrap();
    // The SHA-256 of `csr specification 1`, then 1 attribute: 3 octets 55 04 03, 13 octets 0c 0b `example.com`, not joined;
    // 1 name: of form 1, 11 octets `example.com`; 0 extensions; 0 attributes; no hash function, no PSS, 16 octets
    // `1234567812345678`. Lengths have 8 octets.
    assert_eq!(fingerprint(&one_name), "5e7059e19c131bc274ca066cb8301f6b983024cf846b53f5c340ae8ce246a8d6");
    assert_eq!(
        fingerprint(&everything()),
        "b6dd79e7e385807e11ad9f1a040a27c4ad3c7aebc25b47ad31f67927146fa97c"
    );
    let others = CsrSpec::builder()
        .no_common_name()
        .subject_attribute(SubjectAttribute::Title, "a")
        .joined_subject_attribute(SubjectAttribute::UserId, "b")
        .san("2001:db8::1")
        .other_name(oid("2.999.2"), der_of_text("integer:-5").unwrap())
        .directory_name("CN=a+UID=b,O=c")
        .registered_id(oid("2.999.3"))
        .attribute(oid("2.999.6"), der_of_text("null").unwrap())
        .digest(Digest::Sha384)
        .pss()
        .sm2_identity("")
        .build()
        .unwrap();
    assert_eq!(fingerprint(&others), "34d741b614a7d87e0503f525f0df3ed6512a74af47b7dd5db772501bc791c256");
}

#[test]
fn whole_rsa_csr_is_golden() {
    let spec = CsrSpec::builder().domain("example.com").san("www.example.com").build().unwrap();
    let key = key("rsa2048-pkcs1.der");
    let csr = Csr::sign(&spec, &key).unwrap();
    compare("rsa2048-signed", csr.as_der());
    assert_eq!(csr, Csr::sign(&spec, &key).unwrap());
}

fn signature_algorithm(key: &KeyPair, spec: &CsrSpec) -> Vec<u8> {
    Writer::der(|writer| key.write_signature_algorithm(writer, &spec.signature))
}

/// Signed with a generator of known output, for its salt.
#[test]
fn whole_pss_csr_is_golden() {
    let spec = CsrSpec::builder().domain("example.com").pss().build().unwrap();
    let mut rng = chacha20::ChaCha20Rng::from_seed([7; 32]);
    let csr = Csr::sign_with_rng(&spec, &key("rsa2048-pkcs1.der"), &mut rng).unwrap();
    compare("rsa2048-pss-signed", csr.as_der());
}

/// RFC 4055 §3.1 and §6: SEQUENCE { id-RSASSA-PSS, SEQUENCE { [0] hash, [1] { MGF1, hash }, [2] salt length } }, where each
/// hash is SEQUENCE { 2.16.840.1.101.3.4.2.x, NULL }. These are the bytes that §7.1.3.2.1 of the Baseline Requirements
/// prescribes.
#[test]
fn pss_algorithm_is_that_of_rfc_4055() {
    for (digest, expected) in [
        (
            Digest::Sha256,
            "304106092a864886f70d01010a3034a00f300d06096086480165030402010500\
             a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120",
        ),
        (
            Digest::Sha384,
            "304106092a864886f70d01010a3034a00f300d06096086480165030402020500\
             a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130",
        ),
        (
            Digest::Sha512,
            "304106092a864886f70d01010a3034a00f300d06096086480165030402030500\
             a11c301a06092a864886f70d010108300d06096086480165030402030500a203020140",
        ),
    ] {
        let spec = CsrSpec::builder().domain("example.com").digest(digest).pss().build().unwrap();
        let der = signature_algorithm(&key("rsa2048-pkcs1.der"), &spec);
        assert_eq!(hex::lower::encode_string(&der), expected, "{digest}");
    }
}

#[test]
fn chosen_digest_names_the_algorithm() {
    for (file, digest, expected) in [
        (
            "rsa2048-pkcs1.der",
            Digest::Sha256,
            &b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"[..],
        ),
        (
            "rsa2048-pkcs1.der",
            Digest::Sha384,
            b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00",
        ),
        (
            "rsa2048-pkcs1.der",
            Digest::Sha512,
            b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00",
        ),
        ("p256-sec1.der", Digest::Sha256, b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"),
        ("p256-sec1.der", Digest::Sha384, b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"),
        ("p384-pkcs8.der", Digest::Sha256, b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"),
        ("p384-pkcs8.der", Digest::Sha512, b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04"),
    ] {
        let spec = CsrSpec::builder().domain("example.com").digest(digest).build().unwrap();
        assert_eq!(signature_algorithm(&key(file), &spec), expected, "{file} {digest}");
    }
}

/// A CSR with the default digest is the same whether or not that digest is named.
#[test]
fn default_digest_may_be_named() {
    let builder = || CsrSpec::builder().domain("example.com");
    for (file, default) in [
        ("rsa2048-pkcs1.der", Digest::Sha256),
        ("p256-sec1.der", Digest::Sha256),
        ("p384-pkcs8.der", Digest::Sha384),
    ] {
        let sign = |spec: CsrSpec| {
            Csr::sign_with_rng(&spec, &key(file), &mut chacha20::ChaCha20Rng::from_seed([7; 32])).unwrap()
        };
        let named = sign(builder().digest(default).build().unwrap());
        assert_eq!(named, sign(builder().build().unwrap()), "{file}");
    }
}

#[test]
fn signature_that_the_key_cannot_make_is_refused() {
    let builder = || CsrSpec::builder().domain("example.com");
    let refusal = |file, builder: crate::CsrSpecBuilder| {
        let error = Csr::sign(&builder.build().unwrap(), &key(file)).unwrap_err();
        assert!(matches!(error, Error::Request(_)), "{error:?}");
        error.to_string()
    };
    const DIGEST: &str =
        "digest: needs an RSA or EC key, because SM2 always signs with SM3: take one, or leave it out";
    let pss = |algorithm| format!("pss: needs an RSA key, not one of {algorithm}: take one, or leave it out");
    assert_eq!(refusal("sm2-pkcs8.pem", builder().digest(Digest::Sha256)), DIGEST);
    assert_eq!(refusal("sm2-pkcs8.pem", builder().pss()), pss("SM2"));
    assert_eq!(
        refusal("sm2-pkcs8.pem", builder().pss().digest(Digest::Sha512)),
        format!("{DIGEST}; {}", pss("SM2"))
    );
    assert_eq!(refusal("p256-sec1.der", builder().pss()), pss("EC_P256"));
    assert_eq!(refusal("p384-pkcs8.der", builder().pss().digest(Digest::Sha384)), pss("EC_P384"));
}

#[test]
fn algorithm_parameters_are_null_for_rsa_and_absent_for_the_others() {
    let spec = CsrSpec::builder().domain("example.com").build().unwrap();
    for (file, expected) in [
        ("rsa2048-pkcs1.der", &b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"[..]),
        ("p256-sec1.der", b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"),
        ("p384-pkcs8.der", b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"),
        ("sm2-pkcs8.pem", b"\x30\x0a\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x75"),
    ] {
        let key = key(file);
        assert_eq!(signature_algorithm(&key, &spec), expected, "{file}");
        let csr = Csr::sign(&spec, &key).unwrap();
        assert!(csr.as_der().windows(expected.len()).any(|window| window == expected), "{file}");
    }
}

#[test]
fn pem_has_64_columns_and_lf_and_display_is_the_same() {
    let spec = CsrSpec::builder().domain("example.com").build().unwrap();
    let csr = Csr::sign(&spec, &key("p256-sec1.der")).unwrap();
    let pem = csr.to_pem();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
    assert!(pem.ends_with("\n-----END CERTIFICATE REQUEST-----\n"));
    assert!(pem.lines().all(|line| line.len() <= 64) && !pem.contains('\r'));
    assert_eq!(pem, csr.to_string());
}

#[test]
fn fingerprint_covers_the_public_key_info() {
    let spec = CsrSpec::builder().domain("example.com").build().unwrap();
    let csr = Csr::sign(&spec, &key("p256-sec1.der")).unwrap();
    // `openssl pkey -in p256-sec1.der -inform DER -pubout -outform DER | sha256sum`
    assert_eq!(
        hex::lower::encode_string(&csr.public_key_sha256()),
        "1c74083d3586fca46685bbf9a1ae69e6ed743aee556c73afa67b13ea218a14da"
    );
}

#[test]
fn every_kind_of_imported_key_signs() {
    let spec = CsrSpec::builder().domain("example.com").build().unwrap();
    // The engine of csr-keygen has no kernel for 8192 bits.
    for file in [
        "rsa2048-pkcs1.der",
        "rsa2049.pem",
        "rsa3072-pkcs8.pem",
        "rsa8192.pem",
        "p384-pkcs8.der",
        "sm2-sec1.pem",
    ] {
        let key = key(file);
        let csr = Csr::sign(&spec, &key).unwrap();
        assert!(crate::inspect(csr.as_der()).unwrap().signature_status().is_valid(), "{file}");
        if let crate::KeyAlgorithm::Rsa { .. } = key.algorithm() {
            for digest in Digest::ALL {
                let spec = CsrSpec::builder().domain("example.com").digest(digest).pss().build().unwrap();
                let csr = Csr::sign(&spec, &key).unwrap();
                assert!(
                    crate::inspect(csr.as_der()).unwrap().signature_status().is_valid(),
                    "{file} {digest}"
                );
            }
        }
    }
}
