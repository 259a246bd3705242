use der::Encode;
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use pkcs8::AlgorithmIdentifierRef;

use super::*;
use crate::key::tests::{data, import, same};
use crate::{KeyAlgorithm, KeyFormat, PrivateKeyAlgo};

const LABELS: [&str; 6] = [
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "SM2 PRIVATE KEY",
    "ANY PRIVATE KEY",
];

/// The key that the files hold in various encryptions.
const P256_ENCRYPTED: [&str; 24] = [
    "p256-encrypted-aes128.pem",
    "p256-encrypted-aes192.pem",
    "p256-encrypted-aes256.pem",
    "p256-encrypted-des3.pem",
    "p256-encrypted-sm4.pem",
    "p256-encrypted-hmac-md5.pem",
    "p256-encrypted-hmac-sha1.pem",
    "p256-encrypted-hmac-sha224.pem",
    "p256-encrypted-hmac-sha384.pem",
    "p256-encrypted-hmac-sha512.pem",
    "p256-encrypted-hmac-sha512-224.pem",
    "p256-encrypted-hmac-sha512-256.pem",
    "p256-encrypted-pkcs12-des2.pem",
    "p256-encrypted-pkcs12-des3.pem",
    "p256-legacy-aes-128.pem",
    "p256-legacy-aes-192.pem",
    "p256-legacy-aes-256.pem",
    "p256-legacy-des-ede.pem",
    "p256-legacy-des-ede3.pem",
    "p256-legacy-sm4.pem",
    "rsa2048-encrypted-scrypt.pem",
    "rsa2048-legacy-des3.pem",
    "rsa2048-legacy-encrypted.pem",
    "sm2-encrypted-gmssl.pem",
];

fn plain_of(name: &str) -> KeyPair {
    import(match name.split('-').next() {
        Some("p256") => "p256-sec1.der",
        Some("sm2") => "sm2-pkcs8.pem",
        _ => "rsa2048-pkcs1.der",
    })
    .unwrap()
}

fn body(pem: &[u8]) -> Vec<u8> {
    pem::blocks(pem).next().unwrap().unwrap().decode().unwrap().to_vec()
}

fn message(bytes: &[u8]) -> String {
    KeyPair::import(bytes, Some(b"secret")).unwrap_err().to_string()
}

#[test]
fn each_structure_is_read_under_each_label() {
    let mut rng = crate::fresh_rng().unwrap();
    for algorithm in
        [PrivateKeyAlgo::Rsa2048, PrivateKeyAlgo::EcP256, PrivateKeyAlgo::EcP384, PrivateKeyAlgo::Sm2]
    {
        let key = KeyPair::generate(algorithm).unwrap();
        let own = if matches!(key.algorithm(), KeyAlgorithm::Rsa { .. }) {
            KeyFormat::Pkcs1
        } else {
            KeyFormat::Sec1
        };
        let structures = [
            key.to_der(KeyFormat::Pkcs8).unwrap(),
            key.to_der(own).unwrap(),
            key.to_encrypted_der_with_rng(b"secret", &mut rng).unwrap(),
        ];
        for der in structures {
            assert!(same(&key, &KeyPair::import(&der, Some(b"secret")).unwrap()), "{algorithm}: DER");
            for label in LABELS {
                let pem = pem::encode(label, &der);
                let again = KeyPair::import(pem.as_bytes(), Some(b"secret"));
                assert!(same(&key, &again.unwrap_or_else(|e| panic!("{algorithm} as {label}: {e}"))));
            }
        }
    }
}

#[test]
fn der_is_read_with_line_ends_behind_it() {
    for file in ["rsa2048-pkcs1.der", "p256-sec1.der", "p384-pkcs8.der"] {
        let (der, key) = (data(file), import(file).unwrap());
        for end in [&b"\n"[..], b"\r\n", b"\n\n\n", b"\0", b"\x1a", b" \r\n"] {
            let again = KeyPair::import(&[&der[..], end].concat(), None);
            assert!(same(&key, &again.unwrap_or_else(|e| panic!("{file} {end:02x?}: {e}"))));
        }
        assert!(KeyPair::import(&[&der[..], b"more"].concat(), None).is_err());
    }
}

#[test]
fn sm2_keys_are_read_as_each_openssl_writes_them() {
    let key = import("sm2-pkcs8.pem").unwrap();
    for file in ["sm2-own-label.pem", "sm2-own-algorithm.pem", "sm2-encrypted-gmssl.pem"] {
        assert!(same(&key, &import(file).unwrap_or_else(|e| panic!("{file}: {e}"))), "{file}");
    }
    let sec1 = key.to_der(KeyFormat::Sec1).unwrap();
    let (sm2, p256) = (curve_oid(Curve::Sm2), curve_oid(Curve::P256));
    let with = |parameters| KeyPair::import(&pkcs8(sm2, parameters, &sec1), None);
    assert!(same(&key, &with(None).unwrap()) && same(&key, &with(Some(AnyRef::NULL)).unwrap()));
    assert!(same(&key, &with(Some((&sm2).into())).unwrap()));
    assert_eq!(with(Some((&p256).into())).unwrap_err(), TWO_CURVES);
}

#[test]
fn encrypted_keys_of_other_programs_are_read() {
    for file in P256_ENCRYPTED {
        let key = import(file).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert!(same(&key, &plain_of(file)), "{file}");
        let with = |passphrase| KeyPair::import(&data(file), passphrase).unwrap_err();
        assert_eq!(with(None), KeyImportError::PassphraseNeeded, "{file}");
        for wrong in [&b""[..], b"Secret", b"secret\n", b"\xff"] {
            assert_eq!(with(Some(wrong)), KeyImportError::WrongPassphrase, "{file} {wrong:02x?}");
        }
    }
}

#[test]
fn pass_phrases_of_pkcs12_encryption_are_utf_16() {
    let file = data("p256-encrypted-pkcs12-des3-unicode.pem");
    let key = KeyPair::import(&file, Some("pässwörd 例 😀".as_bytes())).unwrap();
    assert!(same(&key, &plain_of("p256")));
    assert_eq!(
        KeyPair::import(&file, Some(b"p\xe4ssw\xf6rd")).unwrap_err(),
        KeyImportError::WrongPassphrase,
        "no UTF-8"
    );
}

/// The error never shows whether a changed, cut or extended ciphertext has wrong padding or wrong
/// content.
#[test]
fn damaged_ciphertext_gives_one_error() {
    for file in ["p256-encrypted-aes256.pem", "p256-encrypted-pkcs12-des3.pem", "p256-encrypted-sm4.pem"] {
        let der = body(&data(file));
        let outer = other::elements(other::elements(&der).unwrap()[0].1).unwrap();
        let (algorithm, data) = (outer[0].1, outer[1].1);
        let import = |data: &[u8]| {
            let info = [tlv(0x30, algorithm), tlv(0x04, data)].concat();
            KeyPair::import(&tlv(0x30, &info), Some(b"secret"))
        };
        assert!(import(data).is_ok(), "{file}");
        for at in (0..data.len()).step_by(3).chain(data.len() - 34..data.len()) {
            for change in [0x01, 0x02, 0x80] {
                let mut damaged = data.to_vec();
                damaged[at] ^= change;
                assert_eq!(import(&damaged).unwrap_err(), KeyImportError::WrongPassphrase, "{file} {at}");
            }
        }
        for damaged in
            [&data[..data.len() - 16], &data[16..], &data[..data.len() - 1], &[data, data].concat(), &[]]
        {
            assert_eq!(import(damaged).unwrap_err(), KeyImportError::WrongPassphrase, "{file}");
        }
    }
    let pem = String::from_utf8(data("p256-legacy-aes-128.pem")).unwrap();
    let (head, base64) = pem.split_once("\n\n").unwrap();
    let first_line = base64.split_once('\n').unwrap().0;
    // A change at the end of this block changes the curve's identifier, and then there is nothing
    // to compare.
    let names_the_curve = 25 * 8 / 6..=34 * 8 / 6;
    for at in (0..first_line.len()).filter(|at| !names_the_curve.contains(at)) {
        let other = if base64.as_bytes()[at] == b'A' { "B" } else { "A" };
        let damaged = format!("{head}\n\n{}{other}{}", &base64[..at], &base64[at + 1..]);
        let error = KeyPair::import(damaged.as_bytes(), Some(b"secret")).unwrap_err();
        assert_eq!(error, KeyImportError::WrongPassphrase, "{at}");
    }
}

#[test]
fn bad_content_of_an_encrypted_key_gives_the_error_of_bad_padding() {
    let foreign = {
        let mut der = plain_of("p256").to_der(KeyFormat::Sec1).unwrap();
        *der.last_mut().unwrap() ^= 1;
        der
    };
    for content in
        [&b""[..], b"\x30\x00", b"noise", &foreign, &data("not-a-key-certificate.der"), &[0x30; 64]]
    {
        let iv = [7; 16];
        let parameters =
            pkcs8::pkcs5::pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(1, &[1; 16], iv).unwrap();
        let key = crate::key::cipher::Prf::Sha256.pbkdf2(b"secret", &[1; 16], 1, 32);
        let encrypted = crate::key::cipher::encrypt_aes256(&key, &iv, content).unwrap();
        let info = pkcs8::EncryptedPrivateKeyInfoRef {
            encryption_algorithm: parameters.into(),
            encrypted_data: OctetStringRef::new(&encrypted).unwrap(),
        };
        let error = KeyPair::import(&info.to_der().unwrap(), Some(b"secret")).unwrap_err();
        assert_eq!(error, KeyImportError::WrongPassphrase, "{content:02x?}");
    }
}

#[test]
fn public_key_of_pkcs8_version_2_must_match() {
    for file in ["p256-pkcs8-v2.der", "rsa2048-pkcs8-v2.der"] {
        let mut der = data(file);
        assert!(same(&import(file).unwrap_or_else(|e| panic!("{file}: {e}")), &plain_of(file)));
        // A byte of the point's second coordinate, or of the modulus.
        let at = der.len() - 20;
        der[at] ^= 1;
        assert_eq!(KeyPair::import(&der, None).unwrap_err(), OTHER_PUBLIC_KEY, "{file}");
    }
}

#[test]
fn public_points_match_in_each_form() {
    assert!(same(&import("p256-sec1-hybrid.pem").unwrap(), &plain_of("p256")));
    let key = plain_of("p256");
    let Kind::Curve(key) = &key.0 else { panic!("p256-sec1.der") };
    let point = key.public_point().to_vec();
    let odd = point[64] & 1;
    let with = |form: u8, length: usize| [&[form], &point[1..length]].concat();
    for (form, length) in [(4, 65), (2 + odd, 33), (6 + odd, 65)] {
        assert!(key.has_public_point(&with(form, length)), "{form}");
        assert!(!key.has_public_point(&with(form, length - 1)), "{form}: cut");
    }
    for (form, length) in [(0, 1), (5, 65), (3 - odd, 33), (7 - odd, 65), (4, 33), (2 + odd, 65)] {
        assert!(!key.has_public_point(&with(form, length)), "{form} {length}");
    }
    assert!(!key.has_public_point(&[]));
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let tag = Tag::decode(&mut SliceReader::new(&[tag]).unwrap()).unwrap();
    AnyRef::new(tag, value).unwrap().to_der().unwrap()
}

fn tlv_value(der: &[u8]) -> Vec<u8> {
    AnyRef::try_from(der).unwrap().value().to_vec()
}

fn pkcs8(algorithm: ObjectIdentifier, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Vec<u8> {
    let algorithm = AlgorithmIdentifierRef { oid: algorithm, parameters };
    pkcs8::PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(key).unwrap()).to_der().unwrap()
}

const SUPPORTED: &str = "; make a new RSA key of 2048 to 8192 bits, or a key on P-256, P-384 or SM2";

#[test]
fn unsupported_keys_are_named() {
    for (oid, name) in [
        ("1.2.840.10040.4.1", "a DSA key"),
        ("1.2.840.113549.1.3.1", "a Diffie-Hellman key, which cannot sign"),
        ("1.2.840.113549.1.1.10", "an RSA key for PSS signatures only (RSA-PSS)"),
        ("1.3.101.110", "an X25519 key, which cannot sign"),
        ("1.3.101.111", "an X448 key, which cannot sign"),
        ("1.3.101.112", "an Ed25519 key"),
        ("1.3.101.113", "an Ed448 key"),
        ("1.2.643.7.1.1.1.1", "a GOST R 34.10-2012 key"),
        ("1.2.156.10197.1.302.1", "an SM9 key"),
        ("2.16.840.1.101.3.4.3.18", "an ML-DSA-65 key"),
        ("2.16.840.1.101.3.4.3.20", "an SLH-DSA key"),
        ("2.16.840.1.101.3.4.3.46", "an SLH-DSA key"),
        ("2.16.840.1.101.3.4.4.2", "an ML-KEM-768 key, which cannot sign"),
        ("1.3.6.1.4.1.99999.1", "a key with the object identifier 1.3.6.1.4.1.99999.1"),
        // An identifier that no algorithm has may be a piece of a secret.
        ("1.3.6.1.4.1.99999.268435455.268435455.123", "a key that has no known object identifier"),
        ("0.9.2342.19200300", "a key that has no known object identifier"),
        ("2.25.3", "a key that has no known object identifier"),
    ] {
        let der = pkcs8(ObjectIdentifier::new_unwrap(oid), None, &[4, 1, 0]);
        assert_eq!(message(&der), format!("not supported: {name}{SUPPORTED}"));
    }
    for (file, name) in [
        ("dsa.der", "a DSA key"),
        ("ed25519-pkcs8.pem", "an Ed25519 key"),
        ("rsa-pss-pkcs8.pem", "an RSA key for PSS signatures only (RSA-PSS)"),
        ("rsa-pss-pkcs1.pem", "an RSA key for PSS signatures only (RSA-PSS)"),
        ("p521-pkcs8.pem", "a key on the curve P-521"),
        ("secp224r1-sec1.pem", "a key on the curve P-224"),
        ("secp256k1-sec1.pem", "a key on the curve secp256k1"),
        ("brainpoolP256r1-sec1.pem", "a key on the curve brainpoolP256r1"),
        ("other-key-openssh-ed25519.pem", "an Ed25519 key of SSH"),
        ("other-key-ed25519.ppk", "an Ed25519 key of SSH"),
    ] {
        assert_eq!(message(&data(file)), format!("not supported: {name}{SUPPORTED}"), "{file}");
    }
}

#[test]
fn unsupported_curves_are_named() {
    let sec1 = plain_of("p256").to_der(KeyFormat::Sec1).unwrap();
    let inner = sec1::EcPrivateKey::try_from(&sec1[..]).unwrap();
    let inner = sec1::EcPrivateKey { parameters: None, ..inner }.to_der().unwrap();
    for (oid, name) in [
        ("1.2.840.10045.3.1.1", " P-192"),
        ("1.3.132.0.39", " sect571r1"),
        ("1.3.36.3.3.2.8.1.1.13", " brainpoolP512r1"),
        ("1.2.643.2.2.35.1", " a curve of GOST R 34.10"),
        ("1.2.250.1.223.101.256.1", " FRP256v1"),
        ("1.3.132.0.99", " with the object identifier 1.3.132.0.99"),
        ("2.25.1", " that has no known object identifier"),
    ] {
        let oid = ObjectIdentifier::new_unwrap(oid);
        let der = pkcs8(EC_PUBLIC_KEY, Some((&oid).into()), &inner);
        let found = message(&der).replace("the curve", "a curve");
        assert_eq!(found, format!("not supported: a key on a curve{name}{SUPPORTED}"));
    }
}

const CONVERT: &str = "; convert the key with `openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW_FILE`";
const CONVERT_LEGACY: &str = "; convert the key with `openssl pkcs8 -topk8 -v2 aes-256-cbc \
                              -provider legacy -provider default -in FILE -out NEW_FILE`";

#[test]
fn unsupported_encryption_is_named_with_a_command_that_converts_it() {
    let with = |name: &str, command: &str| {
        format!(
            "not supported: encryption with {name}; AES, SM4 and triple DES in CBC mode are supported, under a key \
             from PBKDF2 or scrypt{command}"
        )
    };
    for (file, name, command) in [
        ("p256-encrypted-aria.pem", "ARIA-256-CBC", CONVERT),
        ("p256-encrypted-aes-cfb.pem", "AES in CFB mode", CONVERT),
        ("p256-encrypted-camellia.pem", "CAMELLIA-256-CBC", CONVERT),
        ("p256-encrypted-cast5.pem", "CAST5-CBC", CONVERT_LEGACY),
        ("p256-encrypted-des.pem", "DES-CBC", CONVERT_LEGACY),
        ("p256-encrypted-rc2.pem", "RC2-CBC", CONVERT_LEGACY),
        ("p256-encrypted-seed.pem", "SEED-CBC", CONVERT_LEGACY),
        ("p256-encrypted-pbes1.pem", "PBE-SHA1-DES", CONVERT_LEGACY),
        ("p256-encrypted-pbes1-md5-des.pem", "PBE-MD5-DES", CONVERT_LEGACY),
        ("p256-encrypted-pbes1-md5-rc2.pem", "PBE-MD5-RC2-64", CONVERT_LEGACY),
        ("p256-encrypted-pbes1-sha1-rc2.pem", "PBE-SHA1-RC2-64", CONVERT_LEGACY),
        ("p256-encrypted-pkcs12-rc2-128.pem", "PBE-SHA1-RC2-128", CONVERT_LEGACY),
        ("p256-encrypted-pkcs12-rc2-40.pem", "PBE-SHA1-RC2-40", CONVERT_LEGACY),
        ("p256-encrypted-pkcs12-rc4-128.pem", "PBE-SHA1-RC4-128", CONVERT_LEGACY),
        ("p256-encrypted-pkcs12-rc4-40.pem", "PBE-SHA1-RC4-40", CONVERT_LEGACY),
        ("p256-legacy-aria-256.pem", "ARIA-256-CBC", CONVERT),
        ("p256-legacy-bf.pem", "BF-CBC", CONVERT_LEGACY),
        ("p256-legacy-des.pem", "DES-CBC", CONVERT_LEGACY),
        ("p256-legacy-rc2.pem", "RC2-CBC", CONVERT_LEGACY),
    ] {
        assert_eq!(message(&data(file)), with(name, command), "{file}");
        // Asking for a pass phrase first would be useless.
        assert_eq!(
            KeyPair::import(&data(file), None).unwrap_err().to_string(),
            with(name, command),
            "{file}"
        );
    }
    let aria = [0x06, 0x09, 0x2a, 0x83, 0x1a, 0x8c, 0x9a, 0x6e, 0x01, 0x01, 0x0c];
    let der = body(&data("p256-encrypted-aria.pem"));
    let at = der.windows(aria.len()).position(|window| window == aria).unwrap();
    for (oid, name) in [
        ([0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e], "AES in GCM mode"),
        (
            [0x2a, 0x83, 0x1a, 0x8c, 0x9a, 0x6e, 0x01, 0x01, 0x0d],
            "an algorithm with the object identifier 1.2.410.200046.1.1.13",
        ),
        (
            [0x2a, 0x03, 0x1a, 0x8c, 0x9a, 0x6e, 0x01, 0x01, 0x0c],
            "an algorithm that has no known object identifier",
        ),
    ] {
        let mut changed = der.clone();
        changed[at + 2..at + aria.len()].copy_from_slice(&oid);
        assert_eq!(message(&changed), with(name, ""));
    }
}

#[test]
fn damaged_dek_info_is_refused() {
    let pem = String::from_utf8(data("p256-legacy-aes-128.pem")).unwrap();
    let line = pem.lines().find(|line| line.starts_with("DEK-Info")).unwrap();
    let with = |other: &str| message(pem.replace(line, other).as_bytes());
    assert!(
        with("DEK-Info: AES-256-GCM,00112233445566778899aabb").contains("encryption with an unknown cipher;")
    );
    for damaged in ["X-Other: 1", "DEK-Info: AES-128-CBC,0011223344556677", "DEK-Info: AES-128-CBC"] {
        assert!(with(damaged).starts_with("malformed: the header DEK-Info"), "{damaged}: {}", with(damaged));
    }
}

/// An encryption with PBKDF2, whose PRF is the last arc under 1.2.840.113549.2, for a cipher with a
/// key of 128 or 256 bits.
fn pbkdf2(iterations: &[u8], prf: u8, cipher: u8) -> Vec<u8> {
    let prf_oid = tlv(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, prf]);
    let parameters = [tlv(0x04, b"saltsalt"), tlv(0x02, iterations), tlv(0x30, &prf_oid)].concat();
    let kdf =
        [tlv(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c]), tlv(0x30, &parameters)].concat();
    pbes2(&kdf, cipher)
}

fn scrypt(n: u64, r: u32, p: u32) -> Vec<u8> {
    let parameters =
        [tlv(0x04, b"saltsalt"), n.to_der().unwrap(), r.to_der().unwrap(), p.to_der().unwrap()].concat();
    let oid = tlv(0x06, &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b]);
    pbes2(&[oid, tlv(0x30, &parameters)].concat(), 0x2a)
}

fn pbes2(kdf: &[u8], cipher: u8) -> Vec<u8> {
    let cipher =
        [tlv(0x06, &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, cipher]), tlv(0x04, &[0; 16])].concat();
    let parameters = [tlv(0x30, kdf), tlv(0x30, &cipher)].concat();
    let scheme =
        [tlv(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d]), tlv(0x30, &parameters)].concat();
    tlv(0x30, &[tlv(0x30, &scheme), tlv(0x04, &[0; 32])].concat())
}

/// An accepted derivation stops here, because no pass phrase is given.
fn is_taken(der: &[u8]) -> bool {
    match KeyPair::import(der, None).unwrap_err() {
        KeyImportError::PassphraseNeeded => true,
        KeyImportError::Unsupported(_) => false,
        other => panic!("{other}"),
    }
}

#[test]
fn costly_derivations_are_refused_before_they_are_run() {
    let iterations = |count: u32| tlv_value(&count.to_der().unwrap());
    const AES_128: u8 = 0x02;
    const AES_256: u8 = 0x2a;
    // The number of blocks per key, from MD5 to SHA-512/256.
    for (prf, cipher, blocks) in
        [(6, AES_128, 1), (6, AES_256, 2), (7, AES_128, 1), (7, AES_256, 2), (8, AES_256, 2), (9, AES_256, 1)]
            .into_iter()
            .chain([(10, AES_256, 1), (11, AES_256, 1), (12, AES_256, 2), (13, AES_256, 1)])
    {
        let limit = 5_000_000 / blocks;
        assert!(is_taken(&pbkdf2(&iterations(limit), prf, cipher)), "{prf}");
        let refused = pbkdf2(&iterations(limit + 1), prf, cipher);
        assert!(!is_taken(&refused), "{prf}");
        assert_eq!(
            message(&refused),
            format!(
                "not supported: a key derivation of {} iterations, at most {limit} are allowed{CONVERT}",
                limit + 1
            )
        );
    }
    assert!(
        message(&pbkdf2(&[0x7f, 0xff, 0xff, 0xff, 0xff], 9, AES_256)).contains("of 549755813887 iterations")
    );
    for malformed in [&[0][..], &[0xff], &[0x7f; 9]] {
        let error = KeyPair::import(&pbkdf2(malformed, 9, AES_256), Some(b"x")).unwrap_err();
        assert_eq!(error, KeyImportError::Malformed("the parameters of the key's encryption"));
    }
}

#[test]
fn scrypt_may_take_at_most_256_mib_and_seconds() {
    for (n, r, p) in [(1 << 14, 8, 1), (1 << 17, 8, 1), (1 << 17, 8, 4), (1 << 18, 7, 1), (16, 8, 1)] {
        assert!(is_taken(&scrypt(n, r, p)), "{n} {r} {p}");
    }
    for (n, r, p) in [
        (2, 16384, 1024),
        (2, 16384, 129),
        (2, 1, 1 << 21),
        (1 << 18, 8, 1),
        (1 << 14, 8, 33),
        (1 << 30, 8, 1),
        (1 << 63, 1, 1),
        (1 << 63, u32::MAX, u32::MAX),
    ] {
        let der = scrypt(n, r, p);
        assert!(!is_taken(&der), "{n} {r} {p}");
        assert_eq!(
            message(&der),
            format!(
                "not supported: scrypt with N = {n}, r = {r}, p = {p}; N·r·p may be at most 4194304, and the memory, \
                 128·r·(N + p), at most 256 MiB"
            )
        );
    }
    for (n, r, p) in [(0, 8, 1), (1, 8, 1), (3, 8, 1), (16, 0, 1), (16, 8, 0)] {
        assert!(message(&scrypt(n, r, p)).starts_with("malformed: the parameters of the"), "{n} {r} {p}");
    }
}

#[test]
fn key_length_must_be_that_of_the_cipher() {
    let der = body(&data("sm2-encrypted-gmssl.pem"));
    // iterationCount 65536, keyLength 16
    let at = der.windows(8).position(|w| w == [0x02, 0x03, 0x01, 0x00, 0x00, 0x02, 0x01, 0x10]).unwrap();
    let mut changed = der.clone();
    changed[at + 7] = 0x20;
    let error = KeyPair::import(&changed, Some(b"secret")).unwrap_err();
    assert_eq!(error, KeyImportError::Malformed("the parameters of the key's encryption"));
}

#[test]
fn files_of_other_kinds_are_named() {
    let spki = import("p256-sec1.der").unwrap().public_key_info();
    let rsa = import("rsa2048-pkcs1.der").unwrap();
    let pem = |label, der: &[u8]| pem::encode(label, der).as_bytes().to_vec();
    let base64 = |name| {
        let pem = String::from_utf8(data(name)).unwrap();
        pem.lines().filter(|line| !line.starts_with("-----")).collect::<Vec<_>>().join("\n").into_bytes()
    };
    for (bytes, other) in [
        (data("not-a-key-crl.der"), OtherFile::Crl),
        (pem("X509 CRL", &data("not-a-key-crl.der")), OtherFile::Crl),
        (data("not-a-key-pkcs7.der"), OtherFile::Pkcs7),
        (pem("PKCS7", &data("not-a-key-pkcs7.der")), OtherFile::Pkcs7),
        ([&[0x30, 0x80][..], &data("not-a-key-pkcs7.der")[4..], &[0, 0]].concat(), OtherFile::Pkcs7),
        (data("not-a-key-legacy.p12"), OtherFile::LegacyPkcs12),
        (data("not-a-key.p12"), OtherFile::Pkcs12),
        (spki.clone(), OtherFile::PublicKey),
        (pem("PUBLIC KEY", &spki), OtherFile::PublicKey),
        (rsa.public_key().to_vec(), OtherFile::PublicKey),
        (pem("RSA PUBLIC KEY", rsa.public_key()), OtherFile::PublicKey),
        (b"ssh-rsa AAAAB3NzaC1yc2E= x@example".to_vec(), OtherFile::SshPublicKey),
        (b"ecdsa-sha2-nistp256 AAAAE2VjZHNh= x@example".to_vec(), OtherFile::SshPublicKey),
        (b"---- BEGIN SSH2 PUBLIC KEY ----\nComment: x\n".to_vec(), OtherFile::SshPublicKey),
        (pem("EC PARAMETERS", &[6, 1, 1]), OtherFile::Parameters),
        (pem("DH PARAMETERS", &[0x30, 0]), OtherFile::Parameters),
        // A wrong label.
        (pem("PRIVATE KEY", &data("not-a-key-certificate.der")), OtherFile::Certificate),
        (pem("RSA PRIVATE KEY", &spki), OtherFile::PublicKey),
        (data("other-key.jks"), OtherFile::JavaKeyStore),
        (data("other-key.jceks"), OtherFile::JceKeyStore),
        (data("other-key.pvk"), OtherFile::Pvk),
        (data("other-key.blob"), OtherFile::PrivateKeyBlob),
        (data("other-key-openssh-plain.pem"), OtherFile::OpenSsh),
        (data("other-key-openssh-encrypted.pem"), OtherFile::OpenSsh),
        (data("other-key-plain.ppk"), OtherFile::Putty),
        (data("other-key-encrypted.ppk"), OtherFile::Putty),
        (data("other-key-sshcom"), OtherFile::SshCom),
        (b"SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0".to_vec(), OtherFile::Ssh1),
        (b" {\"kty\": \"EC\", \"crv\": \"P-256\", \"d\": \"x\"}\n".to_vec(), OtherFile::Jwk),
        (b"<RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue>".to_vec(), OtherFile::XmlKey),
        (
            b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n=AAAA\n-----END PGP PRIVATE KEY BLOCK-----\n"
                .to_vec(),
            OtherFile::Pgp,
        ),
        (b"\x95\x03\x98\x04\x6b\x0b\x8b\x95\x01".to_vec(), OtherFile::Pgp),
        (b"\x99\x01\x0d\x04\x6b\x0b\x8b\x95\x01".to_vec(), OtherFile::Pgp),
        (b"# created: 2026-11-29\n# public key: age1\nAGE-SECRET-KEY-1AAAA\n".to_vec(), OtherFile::Age),
        (b"age-encryption.org/v1\n-> X25519 a\n".to_vec(), OtherFile::Age),
        (pem("TSS2 PRIVATE KEY", &[0x30, 0]), OtherFile::Tpm),
        (pem("ENCRYPTED SIGSTORE PRIVATE KEY", b"{\"kdf\": {}}"), OtherFile::Cosign),
        (b"Salted__01234567".to_vec(), OtherFile::EncryptedFile),
        (b"$ANSIBLE_VAULT;1.1;AES256\n6131\n".to_vec(), OtherFile::EncryptedFile),
        (base64("rsa3072-pkcs8.pem"), OtherFile::Base64),
        (base64("sm2-sec1.pem"), OtherFile::Base64),
    ] {
        let error = KeyPair::import(&bytes, Some(b"secret")).unwrap_err();
        assert_eq!(
            error,
            KeyImportError::NotAKey(other),
            "{}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(60)])
        );
    }
    for noise in [&b"hello"[..], b"# a note\n", b"{\"name\": \"web\"}", &[0x95; 9]] {
        assert_eq!(KeyPair::import(noise, None).unwrap_err(), KeyImportError::NoKey);
    }
}

#[test]
fn pem_block_without_a_key_is_malformed() {
    let pem = pem::encode("PRIVATE KEY", b"hello, world");
    assert_eq!(message(pem.as_bytes()), "malformed: the PEM block, which must hold PKCS#8, PKCS#1 or SEC1");
}

#[test]
fn imported_algorithms_are_those_of_the_files() {
    for (file, algorithm) in [
        ("p256-pkcs8-v2.der", KeyAlgorithm::EcP256),
        ("rsa2048-pkcs8-v2.der", KeyAlgorithm::Rsa { bits: 2048 }),
        ("sm2-own-algorithm.pem", KeyAlgorithm::Sm2),
    ] {
        assert_eq!(import(file).unwrap().algorithm(), algorithm, "{file}");
    }
}

/// Version 1 of RSAPrivateKey (RFC 8017 A.1.2), with one more prime, as PKCS#1 and in PKCS#8.
#[test]
fn rsa_key_of_three_primes_is_refused_with_what_to_do() {
    let plain = data("rsa2048-pkcs1.der");
    let [(_, content)] = other::elements(&plain).unwrap()[..] else { panic!("no SEQUENCE") };
    let mut numbers = content.to_vec();
    assert_eq!(numbers[..3], [2, 1, 0]);
    numbers[2] = 1;
    // OtherPrimeInfos: one, of prime, exponent and coefficient.
    numbers.extend([0x30, 11, 0x30, 9, 2, 1, 3, 2, 1, 1, 2, 1, 1]);
    let sequence = AnyRef::new(Tag::Sequence, &numbers).unwrap().to_der().unwrap();
    let refusal = message(&sequence);
    assert!(refusal.starts_with("not supported: an RSA key of more than two primes; "), "{refusal}");
    assert!(refusal.ends_with(SUPPORTED), "{refusal}");
}
