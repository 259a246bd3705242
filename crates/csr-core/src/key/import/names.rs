//! The names of unsupported algorithms in errors.

use der::asn1::ObjectIdentifier;

/// The provider of OpenSSL 3 that has an algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    Default,
    /// The legacy provider, which is loaded on demand only.
    Legacy,
}

impl Provider {
    /// The command that converts a key encrypted with such an algorithm to a supported form.
    pub(super) const fn command(self) -> &'static str {
        match self {
            Self::Default => "`openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW_FILE`",
            Self::Legacy => {
                "`openssl pkcs8 -topk8 -v2 aes-256-cbc -provider legacy -provider default -in FILE -out NEW_FILE`"
            }
        }
    }
}

/// Identifiers are shown up to this length only, because each arc may be a piece of a damaged key.
const OID_SHOWN_MAX: usize = 40;
/// They are also shown only below the arcs of algorithms: those of ISO's members, of organisations,
/// of companies, and of NIST.
const OID_ARCS: &[&str] = &[
    "1.0.",
    "1.2.156.10197.",
    "1.2.250.1.",
    "1.2.410.",
    "1.2.643.",
    "1.2.804.",
    "1.2.840.",
    "1.3.",
    "2.16.840.1.",
];

/// `kind` with its identifier, if that may be shown.
pub(super) fn unknown(kind: &str, oid: ObjectIdentifier) -> String {
    let text = oid.to_string();
    if text.len() <= OID_SHOWN_MAX && OID_ARCS.iter().any(|arc| text.starts_with(arc)) {
        format!("{kind} with the object identifier {text}")
    } else {
        format!("{kind} that has no known object identifier")
    }
}

/// A key of this algorithm.
pub(super) fn key(oid: ObjectIdentifier) -> Option<&'static str> {
    Some(match oid.to_string().as_str() {
        "1.2.840.10040.4.1" => "a DSA key",
        "1.2.840.113549.1.3.1" | "1.2.840.10046.2.1" => "a Diffie-Hellman key, which cannot sign",
        "1.2.840.113549.1.1.7" => "an RSA key for RSAES-OAEP, which cannot sign",
        "1.3.101.110" => "an X25519 key, which cannot sign",
        "1.3.101.111" => "an X448 key, which cannot sign",
        "1.3.101.112" => "an Ed25519 key",
        "1.3.101.113" => "an Ed448 key",
        "1.3.132.1.12" => "an ECDH key, which cannot sign",
        "1.3.132.1.13" => "an ECMQV key, which cannot sign",
        "1.3.14.7.2.1.1" => "an ElGamal key",
        "1.2.643.2.2.19" => "a GOST R 34.10-2001 key",
        "1.2.643.2.2.20" => "a GOST R 34.10-94 key",
        "1.2.643.7.1.1.1.1" | "1.2.643.7.1.1.1.2" => "a GOST R 34.10-2012 key",
        "1.2.804.2.1.1.1.1.3.1" | "1.2.804.2.1.1.1.1.3.1.1" => "a DSTU 4145 key",
        "1.2.410.200004.1.1" => "a KCDSA key",
        "1.2.156.10197.1.302"
        | "1.2.156.10197.1.302.1"
        | "1.2.156.10197.1.302.2"
        | "1.2.156.10197.1.302.3" => "an SM9 key",
        "2.16.840.1.101.3.4.3.17" => "an ML-DSA-44 key",
        "2.16.840.1.101.3.4.3.18" => "an ML-DSA-65 key",
        "2.16.840.1.101.3.4.3.19" => "an ML-DSA-87 key",
        "2.16.840.1.101.3.4.4.1" => "an ML-KEM-512 key, which cannot sign",
        "2.16.840.1.101.3.4.4.2" => "an ML-KEM-768 key, which cannot sign",
        "2.16.840.1.101.3.4.4.3" => "an ML-KEM-1024 key, which cannot sign",
        "1.2.840.113549.1.9.16.3.17" => "an HSS/LMS key",
        "1.3.6.1.5.5.7.6.34" => "an XMSS key",
        "1.3.6.1.5.5.7.6.35" => "an XMSS^MT key",
        oid => {
            let slh_dsa = oid.strip_prefix("2.16.840.1.101.3.4.3.").and_then(|last| last.parse::<u32>().ok());
            // The parameter sets of FIPS 205, pure and pre-hash.
            return matches!(slh_dsa, Some(20..=31 | 35..=46)).then_some("an SLH-DSA key");
        }
    })
}

/// The curve that the identifier names (RFC 5480 §2.1.1.1, SEC 2, X9.62, RFC 5639, RFC 7836).
pub(super) fn curve(oid: ObjectIdentifier) -> Option<&'static str> {
    const SECG: &[(u32, &str)] = &[
        (1, "sect163k1"),
        (2, "sect163r1"),
        (3, "sect239k1"),
        (4, "sect113r1"),
        (5, "sect113r2"),
        (6, "secp112r1"),
        (7, "secp112r2"),
        (8, "secp160r1"),
        (9, "secp160k1"),
        (10, "secp256k1"),
        (15, "sect163r2"),
        (16, "sect283k1"),
        (17, "sect283r1"),
        (22, "sect131r1"),
        (23, "sect131r2"),
        (24, "sect193r1"),
        (25, "sect193r2"),
        (26, "sect233k1"),
        (27, "sect233r1"),
        (28, "secp128r1"),
        (29, "secp128r2"),
        (30, "secp160r2"),
        (31, "secp192k1"),
        (32, "secp224k1"),
        (33, "P-224"),
        (35, "P-521"),
        (36, "sect409k1"),
        (37, "sect409r1"),
        (38, "sect571k1"),
        (39, "sect571r1"),
    ];
    const X962: &[(u32, &str)] = &[
        (1, "P-192"),
        (2, "prime192v2"),
        (3, "prime192v3"),
        (4, "prime239v1"),
        (5, "prime239v2"),
        (6, "prime239v3"),
    ];
    const BRAINPOOL: &[(u32, &str)] = &[
        (1, "brainpoolP160r1"),
        (2, "brainpoolP160t1"),
        (3, "brainpoolP192r1"),
        (4, "brainpoolP192t1"),
        (5, "brainpoolP224r1"),
        (6, "brainpoolP224t1"),
        (7, "brainpoolP256r1"),
        (8, "brainpoolP256t1"),
        (9, "brainpoolP320r1"),
        (10, "brainpoolP320t1"),
        (11, "brainpoolP384r1"),
        (12, "brainpoolP384t1"),
        (13, "brainpoolP512r1"),
        (14, "brainpoolP512t1"),
    ];
    let oid = oid.to_string();
    let (arc, last) = oid.rsplit_once('.')?;
    let table = match arc {
        "1.3.132.0" => SECG,
        "1.2.840.10045.3.1" => X962,
        "1.3.36.3.3.2.8.1.1" => BRAINPOOL,
        "1.2.840.10045.3.0" => return Some("a binary curve of X9.62"),
        "1.2.643.2.2.35" | "1.2.643.2.2.36" | "1.2.643.7.1.2.1.1" | "1.2.643.7.1.2.1.2" => {
            return Some("a curve of GOST R 34.10");
        }
        "1.2.250.1.223.101.256" => return Some("FRP256v1"),
        "1.2.156.11235.1.1.2" => return Some("the curve of WAPI"),
        _ => return None,
    };
    let last = last.parse::<u32>().ok()?;
    table.iter().find(|(number, _)| *number == last).map(|(_, name)| *name)
}

/// OpenSSL's name for an encryption scheme, cipher, key derivation or PRF of an encrypted PKCS#8,
/// and the provider of OpenSSL 3 that has it, if any.
pub(super) fn encryption(oid: ObjectIdentifier) -> Option<(&'static str, Option<Provider>)> {
    const DEFAULT: Option<Provider> = Some(Provider::Default);
    const LEGACY: Option<Provider> = Some(Provider::Legacy);
    Some(match oid.to_string().as_str() {
        // RFC 8018 A.3 and RFC 7292 Appendix C. OpenSSL is built without MD2.
        "1.2.840.113549.1.5.1" => ("PBE-MD2-DES", None),
        "1.2.840.113549.1.5.3" => ("PBE-MD5-DES", LEGACY),
        "1.2.840.113549.1.5.4" => ("PBE-MD2-RC2-64", None),
        "1.2.840.113549.1.5.6" => ("PBE-MD5-RC2-64", LEGACY),
        "1.2.840.113549.1.5.10" => ("PBE-SHA1-DES", LEGACY),
        "1.2.840.113549.1.5.11" => ("PBE-SHA1-RC2-64", LEGACY),
        "1.2.840.113549.1.12.1.1" => ("PBE-SHA1-RC4-128", LEGACY),
        "1.2.840.113549.1.12.1.2" => ("PBE-SHA1-RC4-40", LEGACY),
        "1.2.840.113549.1.12.1.5" => ("PBE-SHA1-RC2-128", LEGACY),
        "1.2.840.113549.1.12.1.6" => ("PBE-SHA1-RC2-40", LEGACY),
        "1.2.840.113549.1.5.14" => ("PBMAC1", None),
        "1.3.6.1.4.1.42.2.17.1.1" => ("Java's own key protector", None),
        oid if oid.starts_with("1.3.6.1.4.1.22554.1.") => ("AES under a scheme of Bouncy Castle's", None),
        // Ciphers of PBES2.
        "2.16.840.1.101.3.4.1.3" | "2.16.840.1.101.3.4.1.23" | "2.16.840.1.101.3.4.1.43" => {
            ("AES in OFB mode", DEFAULT)
        }
        "2.16.840.1.101.3.4.1.4" | "2.16.840.1.101.3.4.1.24" | "2.16.840.1.101.3.4.1.44" => {
            ("AES in CFB mode", DEFAULT)
        }
        "2.16.840.1.101.3.4.1.6" | "2.16.840.1.101.3.4.1.26" | "2.16.840.1.101.3.4.1.46" => {
            ("AES in GCM mode", None)
        }
        "1.2.156.10197.1.104.3" | "1.2.156.10197.1.104.4" | "1.2.156.10197.1.104.7" => {
            ("SM4 in a mode other than CBC", DEFAULT)
        }
        "1.2.156.10197.1.104.8" => ("SM4 in GCM mode", None),
        "1.3.14.3.2.7" => ("DES-CBC", LEGACY),
        "1.2.840.113549.3.2" => ("RC2-CBC", LEGACY),
        "1.2.840.113549.3.4" => ("RC4", LEGACY),
        "1.2.840.113549.3.9" => ("RC5-CBC", None),
        "1.3.6.1.4.1.3029.1.2" => ("BF-CBC", LEGACY),
        "1.2.840.113533.7.66.10" => ("CAST5-CBC", LEGACY),
        "1.3.6.1.4.1.188.7.1.1.2" => ("IDEA-CBC", LEGACY),
        "1.2.410.200004.1.4" => ("SEED-CBC", LEGACY),
        "1.2.410.200046.1.1.2" => ("ARIA-128-CBC", DEFAULT),
        "1.2.410.200046.1.1.7" => ("ARIA-192-CBC", DEFAULT),
        "1.2.410.200046.1.1.12" => ("ARIA-256-CBC", DEFAULT),
        "1.2.392.200011.61.1.1.1.2" => ("CAMELLIA-128-CBC", DEFAULT),
        "1.2.392.200011.61.1.1.1.3" => ("CAMELLIA-192-CBC", DEFAULT),
        "1.2.392.200011.61.1.1.1.4" => ("CAMELLIA-256-CBC", DEFAULT),
        "1.2.643.2.2.21" => ("GOST 28147-89", None),
        "1.2.643.7.1.1.5.1.1" | "1.2.643.7.1.1.5.1.2" => ("Magma", None),
        "1.2.643.7.1.1.5.2.1" | "1.2.643.7.1.1.5.2.2" => ("Kuznyechik", None),
        // PRFs of PBKDF2.
        "2.16.840.1.101.3.4.2.13" => ("hmacWithSHA3-224", None),
        "2.16.840.1.101.3.4.2.14" => ("hmacWithSHA3-256", None),
        "2.16.840.1.101.3.4.2.15" => ("hmacWithSHA3-384", None),
        "2.16.840.1.101.3.4.2.16" => ("hmacWithSHA3-512", None),
        "1.2.643.2.2.10" => ("hmacWithGostR3411-94", None),
        "1.2.643.7.1.1.4.1" | "1.2.643.7.1.1.4.2" => ("hmacWithGostR3411-2012", None),
        _ => return None,
    })
}

/// The provider of OpenSSL 3 that has the cipher of a `DEK-Info` header.
pub(super) fn pem_cipher_provider(name: &str) -> Provider {
    let is_default = ["AES-", "ARIA-", "CAMELLIA-"].iter().any(|family| name.starts_with(family));
    if is_default { Provider::Default } else { Provider::Legacy }
}
