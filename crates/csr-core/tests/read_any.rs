//! What a file is: requests, certificates and keys, alone and together.
#![expect(clippy::unwrap_used, reason = "tests")]

mod inspect_fixtures;

use csr_core::inspect::{
    self, CertificateInspection, Contents, ContentsError, ExtensionValue, Item, PublicKeyAlgorithm, Raw,
    read_any,
};
use csr_core::{KeyImportError, OtherFile};
use inspect_fixtures::{VALID, der, edits, find, pem, tlv};
use proptest::prelude::*;

fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn file(name: &str) -> Vec<u8> {
    data(&format!("certificates/{name}"))
}

fn key_file(name: &str) -> Vec<u8> {
    data(&format!("keys/{name}"))
}

fn der_of(pem: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(pem).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    <base64ct::Base64 as base64ct::Encoding>::decode_vec(&base64).unwrap()
}

fn pem_of(label: &str, der: &[u8]) -> Vec<u8> {
    let base64 = <base64ct::Base64 as base64ct::Encoding>::encode_string(der);
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n").into()
}

fn read(file: &[u8]) -> Contents {
    read_any(file, None).unwrap()
}

/// The only item.
fn item(file: &[u8]) -> Item {
    let mut items = read(file).items;
    assert_eq!(items.len(), 1);
    items.remove(0)
}

fn certificate(file: &[u8]) -> CertificateInspection {
    match item(file) {
        Item::Certificate(certificate) => *certificate,
        other => panic!("{other:?}"),
    }
}

fn refusal(file: &[u8]) -> ContentsError {
    read_any(file, None).unwrap_err()
}

#[test]
fn certificate_shows_subject_names_issuer_validity_and_extensions() {
    let leaf = certificate(&file("leaf.pem"));
    assert_eq!(leaf.version, 3);
    assert_eq!(leaf.serial_number, "1234567890abcdef");
    assert_eq!(leaf.subject.to_string(), "CN=leaf.example");
    assert_eq!(leaf.issuer.to_string(), "CN=Example Root,O=Example Ltd");
    assert_eq!(
        leaf.sans.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["DNS:leaf.example", "IP:192.0.2.7"]
    );
    for time in [&leaf.validity.not_before, &leaf.validity.not_after] {
        let time = time.as_ref().unwrap();
        assert!(time.starts_with("20") && time.ends_with('Z') && time.len() == 20, "{time}");
    }
    let labels: Vec<_> =
        leaf.extensions.iter().map(|e| (e.label().to_string(), e.critical, e.value.to_string())).collect();
    assert_eq!(labels[0], ("subjectAltName".into(), false, "2 names".into()));
    assert_eq!(labels[1], ("extKeyUsage".into(), false, "serverAuth".into()));
    assert_eq!(labels[2], ("basicConstraints".into(), true, "CA: false".into()));
    assert_eq!(labels[3], ("keyUsage".into(), true, "digitalSignature".into()));
    assert_eq!(leaf.public_key.algorithm, PublicKeyAlgorithm::EcP256);
    assert_eq!(leaf.signature_algorithm.name, "ecdsa-with-SHA256");
    assert!(leaf.warnings.is_empty() && leaf.malformed.is_empty(), "{:?}", leaf.warnings);
}

#[test]
fn certificates_of_other_algorithms_are_read() {
    for (name, algorithm, signature) in [
        ("rsa", PublicKeyAlgorithm::Rsa, "sha256WithRSAEncryption"),
        ("sm2", PublicKeyAlgorithm::Sm2, "SM2-with-SM3"),
        ("ed25519", PublicKeyAlgorithm::Ed25519, "Ed25519"),
        ("ca", PublicKeyAlgorithm::EcP384, "ecdsa-with-SHA256"),
    ] {
        let read = certificate(&file(&format!("{name}.pem")));
        assert_eq!(
            (read.public_key.algorithm, read.signature_algorithm.name.as_str()),
            (algorithm, signature)
        );
        assert_eq!(certificate(&der_of(&file(&format!("{name}.pem")))).sha256, read.sha256);
    }
}

#[test]
fn certificate_of_version_1_has_no_extensions() {
    let read = certificate(&file("version-1.pem"));
    assert_eq!((read.version, read.serial_number.as_str(), read.extensions.len()), (1, "01", 0));
}

#[test]
fn odd_parts_of_a_certificate_are_shown_with_the_rest() {
    let odd = certificate(&file("odd.pem"));
    assert_eq!(odd.serial_number, "fb");
    assert!(odd.validity.not_after.unwrap().starts_with("2126-"));
    assert_eq!(odd.subject.attributes.len(), 2);
    assert!(!odd.subject.one_line.contains(['\u{1b}', '\u{202e}']), "{}", odd.subject.one_line);
    let shown: Vec<_> = odd.extensions.iter().map(|e| format!("{}: {}", e.label(), e.value)).collect();
    assert_eq!(shown[0], "1.2.3.4: utf8:odd");
    assert!(odd.extensions[0].critical);
    assert_eq!(shown[1], "1.2.3.5: 04820fff");
    assert!(
        shown[2].starts_with("keyUsage: malformed") || shown[2] == "keyUsage: digitalSignature",
        "{}",
        shown[2]
    );
    assert!(shown.contains(&r"netscapeComment: \u{1b}[31mred".to_owned()), "{shown:?}");
}

#[test]
fn chain_is_read_as_its_first_certificate() {
    let chain = read(&file("chain.pem"));
    let [Item::Certificate(first)] = &chain.items[..] else { panic!("{chain:?}") };
    assert_eq!(first.sha256, certificate(&file("leaf.pem")).sha256);
    assert_eq!(chain.further_certificates, 1);
    assert_eq!(read(&file("leaf.pem")).further_certificates, 0);
    let many = read(&file("ca.pem").repeat(100));
    assert_eq!((many.items.len(), many.further_certificates), (1, 99));
    // A key does not pass for one of the chain.
    let mislabelled = pem_of("CERTIFICATE", &der_of(&file("leaf.key")));
    assert_eq!(read(&[file("chain.pem"), mislabelled].concat()).items.len(), 2);
}

#[test]
fn key_and_certificate_in_one_file_are_both_read() {
    let contents = read(&file("haproxy.pem"));
    let [key @ Item::PrivateKey(_), certificate @ Item::Certificate(_)] = &contents.items[..] else {
        panic!("{contents:?}")
    };
    assert!(key.has_same_key(certificate));
    assert_eq!(contents.further_certificates, 1);
}

/// EC PARAMETERS before a key, as OpenSSL writes them, and a CRL.
#[test]
fn blocks_without_a_key_are_skipped() {
    let parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let crl = pem_of("X509 CRL", &key_file("not-a-key-crl.der"));
    let contents = read(&[&parameters[..], &file("leaf.key"), &crl].concat());
    assert!(matches!(contents.items[..], [Item::PrivateKey(_)]));
    assert_eq!(refusal(parameters), ContentsError::Other(OtherFile::Parameters));
    assert_eq!(
        refusal(&crl).to_string(),
        "this is a certificate revocation list, which has no key in it: \
         give a key, certificate signing request or certificate"
    );
}

/// Otherwise files could seem to belong together although one holds another key, too.
#[test]
fn unreadable_key_beside_a_readable_one_is_not_skipped() {
    let ssh = key_file("other-key-openssh-plain.pem");
    let both = [file("leaf.pem"), ssh].concat();
    assert!(matches!(
        refusal(&both),
        ContentsError::Key(KeyImportError::NotAKey(OtherFile::OpenSsh))
            | ContentsError::Other(OtherFile::OpenSsh)
    ));
    let cut = [file("leaf.pem"), file("leaf.key")[..100].to_vec()].concat();
    assert!(matches!(refusal(&cut), ContentsError::Pem(_)));
}

#[test]
fn one_key_is_the_same_in_every_form() {
    let forms: Vec<Item> = [
        file("leaf.key"),
        file("leaf.csr"),
        file("leaf.pem"),
        file("leaf-public.pem"),
        file("leaf-public-compressed.pem"),
        file("leaf-trusted.pem"),
        file("version-1.pem"),
        file("odd.pem"),
        file("chain.pem"),
        der_of(&file("leaf.key")),
        der_of(&file("leaf.csr")),
        der_of(&file("leaf.pem")),
        der_of(&file("leaf-public.pem")),
        [&der_of(&file("leaf-public.pem"))[..], b"\r\n"].concat(),
        // The structure counts, not the label.
        pem_of("CERTIFICATE", &der_of(&file("leaf.key"))),
        pem_of("PRIVATE KEY", &der_of(&file("leaf-public.pem"))),
        pem_of("PUBLIC KEY", &der_of(&file("leaf.pem"))),
        file("leaf.pem").iter().flat_map(|byte| [*byte, 0]).collect(),
    ]
    .iter()
    .map(|form| item(form))
    .collect();
    for (at, form) in forms.iter().enumerate() {
        assert_eq!(serde_json::to_value(form).unwrap()["kind"], form.code());
        assert!(forms[0].has_same_key(form), "{at}: {form:?}");
    }
    let compressed = forms[4].public_key().unwrap();
    assert_ne!(compressed.sha256, forms[3].public_key().unwrap().sha256, "it is another encoding");
    assert_eq!(forms[0].public_key().unwrap().sha256, forms[3].public_key().unwrap().sha256);
    let rsa = ["rsa.key", "rsa.pem", "rsa-public.pem", "rsa-public-pkcs1.pem"].map(|name| item(&file(name)));
    for form in &rsa {
        assert!(rsa[0].has_same_key(form) && !forms[0].has_same_key(form));
        assert_eq!(form.public_key().unwrap(), rsa[0].public_key().unwrap());
    }
    let der = der_of(&file("rsa-public.pem"));
    let at = find(&der, &[0x05, 0x00]).unwrap();
    let oid = &der[find(&der, &[0x06, 0x09]).unwrap()..at];
    let without_null = tlv(0x30, &[&tlv(0x30, oid), &der[at + 2..]].concat());
    assert!(rsa[0].has_same_key(&item(&without_null)), "NULL may be absent");
    // Points on a curve that is only known by name.
    let key = item(&key_file("secp256k1-sec1.pem"));
    let uncompressed = file("secp256k1-sec1.pub");
    let point = &uncompressed[uncompressed.len() - 65..];
    let algorithm = &uncompressed[2..uncompressed.len() - 68];
    for sign in [2, 3] {
        let compressed = [&[0, sign][..], &point[1..33]].concat();
        let info = tlv(0x30, &[algorithm, &tlv(0x03, &compressed)].concat());
        assert_eq!(key.has_same_key(&item(&info)), sign == 2 | (point[64] & 1), "{sign}");
    }
    let other = item(&file("ca.pem"));
    assert!(!other.has_same_key(&forms[0]) && other.has_same_key(&other));
}

/// OpenSSL gave each public key.
#[test]
fn private_key_of_another_algorithm_or_size_has_a_public_key() {
    for (name, algorithm, bits) in [
        ("keys/ed25519-pkcs8.pem", PublicKeyAlgorithm::Ed25519, 256),
        ("keys/p521-pkcs8.pem", PublicKeyAlgorithm::EcP521, 521),
        ("keys/rsa1024.pem", PublicKeyAlgorithm::Rsa, 1024),
        ("keys/rsa2048-weak-roca.pem", PublicKeyAlgorithm::Rsa, 2048),
        ("keys/rsa-pss-pkcs8.pem", PublicKeyAlgorithm::RsaPss, 2048),
        ("keys/secp256k1-sec1.pem", PublicKeyAlgorithm::Other("EC secp256k1".into()), 256),
    ] {
        let item = item(&data(name));
        let key = item.public_key().unwrap();
        assert_eq!((&key.algorithm, key.bits), (&algorithm, Some(bits)), "{name}");
        let der = data(&format!("certificates/{}.pub", name.split(['/', '.']).nth(1).unwrap()));
        let Item::PublicKey(public) = self::item(&der) else { panic!("{name}") };
        assert_eq!(&public.public_key, key, "{name}");
    }
    for name in ["brainpoolP256r1-sec1.pem", "secp224r1-sec1.pem"] {
        assert!(matches!(item(&key_file(name)), Item::PrivateKey(_)));
    }
    let told = refusal(&key_file("dsa.der")).to_string();
    assert!(told.starts_with("not supported: a DSA key"), "{told}");
}

#[test]
fn encrypted_key_tells_its_cipher_and_needs_its_pass_phrase() {
    for (name, cipher, passphrase) in [
        ("certificates/leaf-encrypted.key", "AES-256-CBC", "secret"),
        ("keys/p256-encrypted-sm4.pem", "SM4-CBC", "secret"),
        ("keys/p256-encrypted-pkcs12-des3.pem", "PBE-SHA1-3DES", "secret"),
        ("keys/p256-legacy-aes-192.pem", "AES-192-CBC", "secret"),
        ("keys/rsa2048-encrypted-scrypt.pem", "AES-256-CBC", "secret"),
    ] {
        let Item::PrivateKey(key) = item(&data(name)) else { panic!("{name}") };
        assert_eq!((key.encryption.as_deref(), &key.public_key), (Some(cipher), &None), "{name}");
        let mut opened = read_any(&data(name), Some(passphrase.as_bytes())).unwrap().items;
        let Some(opened @ Item::PrivateKey(_)) = opened.pop() else { panic!("{name}") };
        assert!(opened.public_key().is_some(), "{name}");
        assert!(!opened.has_same_key(&Item::PrivateKey(key)), "an unknown key is the same as none");
        let wrong = read_any(&data(name), Some(b"wrong")).unwrap_err();
        assert_eq!(wrong, ContentsError::Key(KeyImportError::WrongPassphrase), "{name}");
    }
    // A cipher that is not supported is told, too.
    let Item::PrivateKey(key) = item(&key_file("p256-encrypted-camellia.pem")) else { panic!() };
    assert!(key.encryption.unwrap().starts_with("CAMELLIA"), "by OpenSSL's name");
    let opened = read_any(&key_file("p256-encrypted-camellia.pem"), Some(b"secret"));
    assert!(matches!(opened, Err(ContentsError::Key(KeyImportError::Unsupported(_)))));
}

#[test]
fn nothing_of_a_private_key_is_shown() {
    let key = item(&file("leaf.key"));
    let der = der_of(&file("leaf.key"));
    let secret =
        hex::lower::encode_string(&der[find(&der, &[0x02, 0x01, 0x01, 0x04, 0x20]).unwrap() + 5..][..32]);
    for shown in [format!("{key:?}"), serde_json::to_string(&key).unwrap()] {
        assert!(!shown.contains(&secret) && shown.len() < 5000, "{shown}");
    }
    let json = serde_json::to_value(&key).unwrap();
    assert_eq!(json["kind"], "private_key");
    assert_eq!(json["public_key"]["algorithm"], "EC P-256");
    assert_eq!(json.as_object().unwrap().len(), 4, "{json}");
}

#[test]
fn files_of_other_kinds_are_named_with_what_to_do() {
    for (file, expected) in [
        (
            key_file("not-a-key.p12"),
            "this is a PKCS#12 file (.p12, .pfx): take the key out with `openssl pkcs12",
        ),
        (
            key_file("not-a-key-pkcs7.der"),
            "this is a PKCS#7 file (.p7b, .p7c): take its certificates out with",
        ),
        (
            b"ssh-rsa AAAAB3NzaC1yc2E= x@example".to_vec(),
            "this is a public key of SSH: convert it with `ssh-keygen -e",
        ),
        (key_file("other-key.jks"), "this is a Java keystore (JKS): take the key out"),
        (key_file("other-key-openssh-plain.pem"), "this is an OpenSSH private key: write it as PKCS#8"),
        (key_file("other-key.base64"), "this is base64 without the lines BEGIN and END of PEM: decode it"),
        (b"hello".to_vec(), "neither DER nor PEM: give a key, certificate signing request or certificate"),
        (b"0 hello".to_vec(), "neither DER nor PEM: give a key, certificate signing request or certificate"),
        (Vec::new(), "neither DER nor PEM: give a key, certificate signing request or certificate"),
        (
            pem_of("A", &[1]),
            "no key, certificate signing request or certificate among the PEM blocks, only \"A\"",
        ),
        (tlv(0x30, &[5; 200]), "this is neither a key nor a certificate signing request nor a certificate"),
    ] {
        let told = refusal(&file).to_string();
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn keys_and_requests_of_one_file_are_limited() {
    let sixteen = file("leaf-public.pem").repeat(16);
    assert_eq!(read(&sixteen).items.len(), 16);
    assert_eq!(refusal(&[sixteen, file("leaf.key")].concat()), ContentsError::TooMany);
}

#[test]
fn damaged_certificate_names_the_malformed_part() {
    let good = der_of(&file("leaf.pem"));
    for length in 2..good.len() {
        let told = refusal(&good[..length]);
        assert!(
            matches!(told, ContentsError::UnknownStructure | ContentsError::Malformed { .. }),
            "{length}: {told:?}"
        );
        let told = refusal(&pem_of("CERTIFICATE", &good[..length]));
        assert_eq!(told.to_string().split(": ").next(), Some("malformed certificate"), "{length}: {told:?}");
    }
    let leaf = certificate(&good);
    let key_at = find(&good, &[0x30, 0x59, 0x30, 0x13]).unwrap();
    let serial_at = find(&good, &[0x02, 0x08, 0x12, 0x34]).unwrap();
    let extensions_at = find(&good, &[0xA3, 0x81]).unwrap();
    for (at, byte, expected) in [
        (serial_at, 0x04, "malformed serial number: an element of another type stands here"),
        (serial_at - 3, 0x04, "malformed version: an element of another type stands here"),
        (key_at, 0x31, "malformed public key: an element of another type stands here"),
        (extensions_at + 3, 0x31, "malformed extensions: an element of another type stands here"),
    ] {
        let mut bad = good.clone();
        bad[at] = byte;
        assert_eq!(refusal(&bad).to_string(), expected);
    }
    let mut bad = good.clone();
    let time_at = find(&good, &[0x17, 0x0D]).unwrap();
    bad[time_at + 2] = b'x';
    let read = certificate(&bad);
    assert_eq!(read.validity.not_before, None);
    assert_eq!(read.validity.not_after, leaf.validity.not_after);
    assert_eq!(read.malformed.len(), 1);
}

/// A certificate around these extensions.
fn with_extensions(extensions: &[u8]) -> Vec<u8> {
    let good = der_of(&file("version-1.pem"));
    let outer = &good[4..];
    let signed_length = usize::from(outer[2]) + if outer[1] == 0x81 { 3 } else { 0 };
    assert_eq!(outer[1], 0x81);
    let (signed, rest) = (&outer[3..signed_length], &outer[signed_length..]);
    let version = [0xA0, 0x03, 0x02, 0x01, 0x02];
    let signed = [&version[..], signed, &tlv(0xA3, &tlv(0x30, extensions))].concat();
    tlv(0x30, &[&tlv(0x30, &signed), rest].concat())
}

#[test]
fn lists_and_values_of_a_certificate_are_bounded() {
    let extension =
        |value: &[u8]| tlv(0x30, &[&[0x06, 0x03, 0x2A, 0x03, 0x04][..], &tlv(0x04, value)].concat());
    let read = certificate(&with_extensions(&extension(&[0; Raw::SHOWN + 1])));
    assert!(matches!(read.extensions[..], [inspect::Extension { value: ExtensionValue::Long { .. }, .. }]));
    let read = certificate(&with_extensions(&extension(b"x").repeat(20_002)));
    assert_eq!(read.extensions.len(), 20_000);
    let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
    assert!(
        told[0].starts_with("an entry of the extensions after the first 20,000 is not shown (2 times)"),
        "{told:?}"
    );
    let read = certificate(&with_extensions(&tlv(0x31, &[0; 9]).repeat(3_000)));
    assert_eq!((read.extensions.len(), read.malformed.len()), (0, 1_000));
}

#[test]
fn requests_read_as_by_inspect() {
    for name in VALID {
        for input in [pem(name), der(name)] {
            let Item::CertificateRequest(request) = item(&input) else { panic!("{name}") };
            let expected = serde_json::to_value(inspect::inspect(&input).unwrap()).unwrap();
            assert_eq!(serde_json::to_value(&request).unwrap(), expected, "{name}");
        }
    }
}

const FILES: &[&str] = &[
    "certificates/leaf.pem",
    "certificates/rsa.pem",
    "certificates/sm2.pem",
    "certificates/odd.pem",
    "certificates/version-1.pem",
    "certificates/leaf-public.pem",
    "certificates/leaf.key",
    "certificates/leaf-encrypted.key",
];

fn read_whole(input: &[u8]) {
    for passphrase in [None, Some(&b"secret"[..])] {
        match read_any(input, passphrase) {
            Ok(contents) => {
                assert!(!contents.items.is_empty());
                for item in &contents.items {
                    let json = serde_json::to_string(item).unwrap();
                    assert!(json.len() < 50_000 + 8 * input.len(), "{json}");
                    assert!(!item.has_same_key(item) || item.public_key().is_some());
                    if let Item::Certificate(certificate) = item {
                        let shown = certificate.extensions.iter().map(|e| e.value.to_string());
                        let shown =
                            shown.chain([certificate.subject.to_string(), certificate.issuer.to_string()]);
                        let shown = shown.chain(certificate.warnings.iter().map(ToString::to_string));
                        for text in shown {
                            assert!(!text.contains(inspect::must_escape), "{text:?}");
                        }
                    }
                }
            }
            Err(error) => assert!(error.to_string().len() < 500, "{error}"),
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(input in prop::collection::vec(any::<u8>(), 0..600)) {
        read_whole(&input);
        read_whole(&tlv(0x30, &tlv(0x30, &input)));
        read_whole(&tlv(0x30, &input));
    }

    #[test]
    fn random_text_never_panics(
        input in "(-----(BEGIN|END) (CERTIFICATE|PUBLIC KEY|PRIVATE KEY|EC PRIVATE KEY|X)-----|[A-Za-z0-9+/= \r\n:-]|\n){0,40}",
    ) {
        read_whole(input.as_bytes());
    }

    #[test]
    fn mutations_never_panic(
        name in prop::sample::select(FILES),
        edits in edits(),
    ) {
        let mut bytes = der_of(&data(name));
        inspect_fixtures::make(&edits, &mut bytes);
        read_whole(&bytes);
        read_whole(&pem_of("CERTIFICATE", &bytes));
    }
}
