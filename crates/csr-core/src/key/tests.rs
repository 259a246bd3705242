use rand_core::{TryCryptoRng, TryRng};

use super::*;

pub(super) fn data(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

pub(super) fn import(name: &str) -> Result<KeyPair, KeyImportError> {
    KeyPair::import(&data(name), Some(b"secret"))
}

const FORMATS: [KeyFormat; 3] = [KeyFormat::Pkcs8, KeyFormat::Pkcs1, KeyFormat::Sec1];

pub(super) fn same(a: &KeyPair, b: &KeyPair) -> bool {
    *a.to_der(KeyFormat::Pkcs8).unwrap() == *b.to_der(KeyFormat::Pkcs8).unwrap()
        && a.public_key_info() == b.public_key_info()
}

#[test]
fn exported_keys_of_every_algorithm_and_format_are_read_back() {
    for algorithm in PrivateKeyAlgo::ALL {
        let key = KeyPair::generate(*algorithm).unwrap();
        assert_eq!(key.algorithm(), KeyAlgorithm::from(*algorithm));
        assert_eq!(key.algorithm().to_string(), algorithm.as_str());
        let own = if matches!(key.algorithm(), KeyAlgorithm::Rsa { .. }) {
            KeyFormat::Pkcs1
        } else {
            KeyFormat::Sec1
        };
        for format in FORMATS {
            if format != KeyFormat::Pkcs8 && format != own {
                let refused = Error::KeyFormat { format, algorithm: key.algorithm() };
                assert_eq!(key.to_der(format).unwrap_err(), refused);
                continue;
            }
            let (der, pem) = (key.to_der(format).unwrap(), key.to_pem(format).unwrap());
            assert!(same(&key, &KeyPair::import(&der, None).unwrap()), "{algorithm} {format} DER");
            assert!(same(&key, &KeyPair::import(pem.as_bytes(), None).unwrap()), "{algorithm} {format} PEM");
            let noted = format!("0 is the first character of this note\n{}", *pem);
            assert!(
                same(&key, &KeyPair::import(noted.as_bytes(), None).unwrap()),
                "{algorithm} {format} with text"
            );
            assert!(pem.ends_with("-----\n") && !pem.contains('\r'));
        }
    }
}

/// Against the crates that read keys.
#[test]
fn keys_of_curves_are_written_as_other_crates_write_them() {
    use der::Encode;
    use der::asn1::{Any, AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef};

    for (algorithm, curve) in [
        (PrivateKeyAlgo::EcP256, "1.2.840.10045.3.1.7"),
        (PrivateKeyAlgo::EcP384, "1.3.132.0.34"),
        (PrivateKeyAlgo::Sm2, "1.2.156.10197.1.301"),
    ] {
        let curve = ObjectIdentifier::new_unwrap(curve);
        let key = KeyPair::generate(algorithm).unwrap();
        let Kind::Curve(pair) = &key.0 else { panic!("{algorithm} has no curve") };
        let sec1 = |parameters| {
            let (private_key, public_key) = (pair.scalar(), Some(key.public_key()));
            sec1::EcPrivateKey { private_key, parameters, public_key }.to_der().unwrap()
        };
        let named = sec1(Some(sec1::EcParameters::NamedCurve(curve)));
        assert_eq!(*key.to_der(KeyFormat::Sec1).unwrap(), named);
        let unnamed = sec1(None);
        let info = pkcs8::PrivateKeyInfo::<Any, &OctetStringRef, BitStringRef<'_>> {
            algorithm: x509_cert::spki::AlgorithmIdentifier {
                oid: ObjectIdentifier::new_unwrap("1.2.840.10045.2.1"),
                parameters: Some(Any::from(AnyRef::from(&curve))),
            },
            private_key: OctetStringRef::new(&unnamed).unwrap(),
            public_key: None,
        };
        assert_eq!(*key.to_der(KeyFormat::Pkcs8).unwrap(), info.to_der().unwrap());
    }
}

#[test]
fn encrypted_keys_open_with_the_right_pass_phrase_only() {
    let mut rng = crate::fresh_rng().unwrap();
    for algorithm in [PrivateKeyAlgo::Rsa2048, PrivateKeyAlgo::Sm2] {
        let key = KeyPair::generate(algorithm).unwrap();
        let pem = key.to_encrypted_pem_with_rng("pass phräse".as_bytes(), &mut rng).unwrap();
        assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        let import = |passphrase| KeyPair::import(pem.as_bytes(), passphrase);
        assert!(same(&key, &import(Some("pass phräse".as_bytes())).unwrap()));
        assert_eq!(import(Some(b"wrong")).unwrap_err(), KeyImportError::WrongPassphrase);
        assert_eq!(import(None).unwrap_err(), KeyImportError::PassphraseNeeded);
        assert_eq!(key.to_encrypted_der_with_rng(b"", &mut rng).unwrap_err(), Error::EmptyPassphrase);
    }
}

#[test]
fn encryption_is_pbes2_with_600_000_rounds_of_hmac_sha_256_and_aes_256_cbc() {
    let key = KeyPair::generate(PrivateKeyAlgo::EcP256).unwrap();
    let der = key.to_encrypted_der_with_rng(b"x", &mut crate::fresh_rng().unwrap()).unwrap();
    let info = pkcs8::EncryptedPrivateKeyInfoRef::try_from(der.as_slice()).unwrap();
    let parameters = info.encryption_algorithm.pbes2().unwrap();
    let kdf = parameters.kdf.pbkdf2().unwrap();
    assert_eq!(kdf.iteration_count, 600_000);
    assert_eq!(kdf.prf, pkcs8::pkcs5::pbes2::Pbkdf2Prf::HmacWithSha256);
    assert!(matches!(parameters.encryption, pkcs8::pkcs5::pbes2::EncryptionScheme::Aes256Cbc { .. }));
}

#[test]
fn keys_made_by_openssl_are_read() {
    for (file, algorithm) in [
        ("rsa2048-pkcs1.pem", "RSA_2048"),
        ("rsa2048-pkcs1.der", "RSA_2048"),
        ("rsa2048-encrypted-scrypt.pem", "RSA_2048"),
        ("rsa3072-pkcs8.pem", "RSA_3072"),
        ("rsa8192.pem", "RSA_8192"),
        ("p256-sec1-with-parameters.pem", "EC_P256"),
        ("p256-sec1.der", "EC_P256"),
        ("p256-sec1-no-public.pem", "EC_P256"),
        ("p256-sec1-compressed.pem", "EC_P256"),
        ("p256-encrypted-aes128.pem", "EC_P256"),
        ("p256-encrypted-aes256.pem", "EC_P256"),
        ("p256-encrypted-hmac-sha1.pem", "EC_P256"),
        ("p384-pkcs8.pem", "EC_P384"),
        ("p384-pkcs8.der", "EC_P384"),
        ("sm2-pkcs8.pem", "SM2"),
        ("sm2-sec1.pem", "SM2"),
    ] {
        let key = import(file).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert_eq!(key.algorithm().to_string(), algorithm, "{file}");
    }
    let same_key = ["rsa2048-pkcs1.pem", "rsa2048-pkcs1.der", "rsa2048-encrypted-scrypt.pem"]
        .map(|f| import(f).unwrap());
    assert!(same_key.windows(2).all(|pair| same(&pair[0], &pair[1])));
    let p256 = [
        "sec1-with-parameters.pem",
        "sec1.der",
        "sec1-no-public.pem",
        "sec1-compressed.pem",
        "encrypted-aes256.pem",
        "encrypted-hmac-sha1.pem",
    ]
    .map(|f| import(&format!("p256-{f}")).unwrap());
    assert!(p256.windows(2).all(|pair| same(&pair[0], &pair[1])));
}

#[test]
fn unsupported_input_is_refused() {
    let small = import("rsa1024.pem").unwrap_err();
    assert_eq!(small, KeyImportError::RsaModulusSize(1024));
    assert!(small.to_string().ends_with("; make a new key"), "{small}");
    assert_eq!(import("README.md").unwrap_err(), KeyImportError::NoKey);
    for garbage in [&b""[..], b"\x30", b"\x30\x80", b"\x30\x03\x02\x01\x00", &[0xff; 64]] {
        assert_eq!(KeyPair::import(garbage, None).unwrap_err(), KeyImportError::NoKey, "{garbage:02x?}");
    }
}

#[test]
fn refusals_of_keys_say_what_to_do() {
    let explicit = "not supported: a curve given by its parameters; name it, if it is P-256, P-384 or SM2, with \
                    `openssl ec -in FILE -param_enc named_curve -out NEW_FILE`";
    for (file, message) in [
        ("p256-explicit-parameters.pem", explicit),
        ("p256-sec1-explicit-parameters.pem", explicit),
        (
            "rsa2048-long-exponent.pem",
            "not supported: a public exponent of 61 bits in an RSA key, at most 33 are supported; make a new key",
        ),
    ] {
        assert_eq!(import(file).unwrap_err().to_string(), message, "{file}");
    }
}

#[test]
fn other_files_are_named_for_what_they_are() {
    let certificate = data("not-a-key-certificate.pem");
    for (bytes, other) in [
        (certificate.clone(), OtherFile::Certificate),
        (data("not-a-key-certificate.der"), OtherFile::Certificate),
        (data("not-a-key-csr.der"), OtherFile::Csr),
        (
            crate::pem::encode("NEW CERTIFICATE REQUEST", &data("not-a-key-csr.der")).as_bytes().to_vec(),
            OtherFile::Csr,
        ),
        (data("not-a-key.p12"), OtherFile::Pkcs12),
        // BER of indefinite length, which some programs write.
        ([&[0x30, 0x80][..], &data("not-a-key.p12")[4..], &[0, 0]].concat(), OtherFile::Pkcs12),
    ] {
        let error = KeyPair::import(&bytes, Some(b"secret")).unwrap_err();
        assert_eq!(error, KeyImportError::NotAKey(other));
    }
    // SEQUENCE { SEQUENCE { version, algorithm or subject, issuer or key, … }, algorithm, signature }
    let signed = |rest: &[u8]| {
        let start = [0x02, 0x01, 0x00, 0x30, 0x00, 0x30, 0x00];
        let (length, end) = (u8::try_from(start.len() + rest.len()).unwrap(), [0x30, 0x00, 0x03, 0x01, 0x00]);
        [&[0x30, length + 7, 0x30, length], &start[..], rest, &end].concat()
    };
    let is_csr =
        |bytes: &[u8]| KeyPair::import(bytes, None).unwrap_err() == KeyImportError::NotAKey(OtherFile::Csr);
    assert!(is_csr(&signed(&[])) && is_csr(&signed(&[0xa0, 0x00])));
    assert!(!is_csr(&signed(b"\x17\x0d261128000000Z")), "thisUpdate: a CRL of version 2");
    let key = KeyPair::import(&[certificate, data("p256-sec1-no-public.pem")].concat(), None);
    assert_eq!(key.unwrap().algorithm(), KeyAlgorithm::EcP256, "a key behind its certificate is found");
    assert_eq!(
        KeyPair::import(&data("not-a-key.p12"), None).unwrap_err().to_string(),
        "this is a PKCS#12 file (.p12, .pfx): take the key out with `openssl pkcs12 -in FILE -nocerts -out KEY_FILE`"
    );
}

#[test]
fn rsa_key_whose_parts_disagree_is_refused() {
    let der = data("rsa2048-pkcs1.der");
    let parts = pkcs1::RsaPrivateKeyRef::try_from(der.as_slice()).unwrap();
    for (part, reason) in [
        (parts.private_exponent, "privateExponent times publicExponent is not 1 modulo prime1 - 1"),
        (parts.prime1, "prime1 times prime2 is not the modulus"),
        (parts.exponent1, "exponent1 is not privateExponent modulo prime1 - 1"),
        (parts.exponent2, "exponent2 is not privateExponent modulo prime2 - 1"),
        (parts.coefficient, "coefficient is not the inverse of prime2 modulo prime1"),
    ] {
        let at = der.windows(part.as_bytes().len()).position(|w| w == part.as_bytes()).unwrap();
        let mut damaged = der.clone();
        damaged[at + 40] ^= 0x10;
        assert_eq!(KeyPair::import(&damaged, None).unwrap_err(), KeyImportError::Inconsistent(reason));
    }
}

#[test]
fn weak_rsa_key_is_refused_and_its_weakness_named() {
    for (file, what) in [
        ("carmichael", "prime1 is not a prime number"),
        (
            "close-primes",
            "prime1 and prime2 are too close to each other, so that Fermat's method factors the modulus",
        ),
        ("roca", "its modulus has the form of CVE-2017-15361 (ROCA)"),
        (
            "smooth",
            "prime1 - 1 or prime1 + 1 has small prime factors only, so that the modulus is easy to factor",
        ),
    ] {
        let error = import(&format!("rsa2048-weak-{file}.pem")).unwrap_err();
        assert_eq!(error, KeyImportError::Weak(what));
        assert_eq!(error.to_string(), format!("the key is weak: {what}; make a new key"));
    }
}

#[test]
fn rsa_keys_of_any_size_and_exponent_are_read_and_sign() {
    let spec = crate::CsrSpec::builder().domain("example.com").build().unwrap();
    for (file, bits) in [
        ("rsa2049.pem", 2049),
        ("rsa2048-e3.pem", 2048),
        ("rsa2048-uneven-primes.pem", 2048),
        ("rsa3072-pkcs8.pem", 3072),
        ("rsa8192.pem", 8192),
    ] {
        let key = import(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(key.algorithm(), KeyAlgorithm::Rsa { bits });
        let csr = crate::Csr::sign(&spec, &key).unwrap().to_pem();
        assert!(crate::inspect(csr.as_bytes()).unwrap().signature_status().is_valid(), "{file}");
    }
}

#[test]
fn foreign_public_key_is_refused() {
    let other = import("p256-sec1.der").unwrap().to_der(KeyFormat::Sec1).unwrap();
    let mut der = KeyPair::generate(PrivateKeyAlgo::EcP256).unwrap().to_der(KeyFormat::Sec1).unwrap();
    let point = der.len() - 65;
    der[point..].copy_from_slice(&other[point..]);
    assert_eq!(
        KeyPair::import(&der, None).unwrap_err(),
        KeyImportError::Inconsistent("the public key must belong to the private one")
    );
}

#[test]
fn scalars_out_of_range_are_refused_and_short_ones_padded() {
    let order = |curve| match curve {
        Curve::P256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        Curve::P384 => {
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        }
        Curve::Sm2 => "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123",
    };
    for curve in [Curve::P256, Curve::P384, Curve::Sm2] {
        let n = hex::lower::decode_vec(order(curve)).unwrap();
        let minus = |k: u8| {
            let mut value = n.clone();
            *value.last_mut().unwrap() -= k;
            value
        };
        let accepts = |scalar: &[u8]| CurveKeyPair::from_scalar(curve, scalar, None).is_ok();
        assert!(accepts(&[1]) && accepts(&[0, 0, 1]), "{curve:?}: short scalars are padded");
        assert!(accepts(&[&[0][..], &minus(2)].concat()), "{curve:?}: one zero in front");
        assert!(accepts(&minus(2)), "{curve:?}: n-2");
        // GB/T 32918.1 §6.1: d is in [1, n-2], so that 1 + d has an inverse.
        assert_eq!(accepts(&minus(1)), curve != Curve::Sm2, "{curve:?}: n-1");
        for bad in [&[][..], &[0], &[0; 48], &minus(0), &[0xff; 48], &[&[1][..], &minus(2)].concat()] {
            assert!(!accepts(bad), "{curve:?}: {bad:02x?}");
        }
    }
}

/// Returns the same octet for ever, or fails.
struct Broken(Option<u8>);

impl TryRng for Broken {
    type Error = std::io::Error;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(self.0.ok_or_else(|| std::io::Error::other("no entropy"))?);
        Ok(())
    }
}
impl TryCryptoRng for Broken {}

#[test]
fn failing_source_gives_an_error_and_no_key_or_signature() {
    for algorithm in PrivateKeyAlgo::ALL {
        let error = KeyPair::generate_with_rng(*algorithm, &mut Broken(None)).unwrap_err();
        assert!(error.to_string().contains("no entropy"), "{algorithm}: {error}");
    }
    for file in ["rsa2048-pkcs1.pem", "p256-sec1.der", "p384-pkcs8.pem", "sm2-pkcs8.pem"] {
        let error =
            import(file).unwrap().sign(b"m", &SignatureParameters::default(), &mut Broken(None)).unwrap_err();
        assert!(matches!(error, Error::RandomSource(_)), "{file}: {error:?}");
    }
}

#[test]
fn stuck_source_still_gives_distinct_nonces_for_distinct_messages() {
    for file in ["p256-sec1.der", "p384-pkcs8.pem", "sm2-pkcs8.pem"] {
        let key = import(file).unwrap();
        let sign = |message: &[u8]| {
            key.sign(message, &SignatureParameters::default(), &mut Broken(Some(7))).unwrap()
        };
        // Under ECDSA r depends on the nonce alone; that of SM2 includes the message (the tests of
        // csr-keygen recover its nonces).
        if !matches!(key.algorithm(), KeyAlgorithm::Sm2) {
            assert_ne!(sign(b"one")[4..36], sign(b"two")[4..36], "{file}");
        }
        assert_eq!(sign(b"one"), sign(b"one"), "{file}");
        let hedged = |message: &[u8]| {
            key.sign(message, &SignatureParameters::default(), &mut crate::fresh_rng().unwrap()).unwrap()
        };
        assert_ne!(hedged(b"one"), hedged(b"one"), "{file}");
    }
}

#[test]
fn debug_shows_only_the_algorithm() {
    for file in ["rsa2048-pkcs1.pem", "sm2-pkcs8.pem"] {
        let key = import(file).unwrap();
        assert_eq!(format!("{key:?}"), format!("KeyPair({})", key.algorithm()));
    }
}

#[test]
fn ten_thousand_curve_keys_are_exported_with_fixed_width_and_read_back() {
    let mut rng = crate::fresh_rng().unwrap();
    for (algorithm, width, count) in [
        (PrivateKeyAlgo::EcP256, 32, 4_000),
        (PrivateKeyAlgo::EcP384, 48, 2_000),
        (PrivateKeyAlgo::Sm2, 32, 4_000),
    ] {
        let mut lengths = std::collections::BTreeSet::new();
        for _ in 0..count {
            let key = KeyPair::generate_with_rng(algorithm, &mut rng).unwrap();
            let der = key.to_der(KeyFormat::Pkcs8).unwrap();
            let info = pkcs8::PrivateKeyInfoRef::try_from(der.as_slice()).unwrap();
            let inner = sec1::EcPrivateKey::try_from(info.private_key.as_bytes()).unwrap();
            assert_eq!(inner.private_key.len(), width);
            assert_eq!(inner.public_key.unwrap().len(), 1 + 2 * width);
            lengths.insert(der.len());
            assert!(same(&key, &KeyPair::import(&der, None).unwrap()));
        }
        assert_eq!(lengths.len(), 1, "{algorithm}: every key has one length");
    }
}

#[test]
fn keys_of_csr_keygen_become_key_pairs() {
    let mut rng = crate::fresh_rng().unwrap();
    let made = csr_keygen::rsa::generate(ModulusSize::Bits2048, &mut rng).unwrap();
    let modulus = made.modulus().to_vec();
    let key = KeyPair::from(made);
    assert_eq!(key.algorithm(), KeyAlgorithm::Rsa { bits: 2048 });
    assert!(key.public_key().windows(256).any(|window| window == modulus));
    let again = KeyPair::import(key.to_pem(KeyFormat::Pkcs1).unwrap().as_bytes(), None).unwrap();
    assert!(same(&key, &again));

    let made = csr_keygen::curve::generate(Curve::Sm2, &mut rng).unwrap();
    let point = made.public_point().to_vec();
    assert_eq!(KeyPair::from(made).public_key(), point);
}

#[test]
fn keys_of_a_batch_differ_and_sign() {
    let spec = crate::CsrSpec::builder().domain("example.com").build().unwrap();
    for algorithm in PrivateKeyAlgo::ALL.iter().filter(|algorithm| **algorithm != PrivateKeyAlgo::Rsa4096) {
        let keys = KeyPair::generate_batch(*algorithm, 3).unwrap();
        let fingerprints: std::collections::HashSet<_> = keys
            .iter()
            .map(|key| {
                assert_eq!(key.algorithm(), KeyAlgorithm::from(*algorithm));
                let csr = crate::Csr::sign(&spec, key).unwrap();
                assert!(crate::inspect(csr.as_der()).unwrap().signature_status().is_valid(), "{algorithm}");
                csr.public_key_sha256()
            })
            .collect();
        assert_eq!(fingerprints.len(), 3, "{algorithm}");
        assert!(KeyPair::generate_batch(*algorithm, 0).unwrap().is_empty());
    }
}
