//! The names of unsupported algorithms in errors.

use der::asn1::ObjectIdentifier;

use crate::oid::{self, Encryption, KeyType};

/// Where OpenSSL 3 has an algorithm.
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
/// And only below the arcs under which algorithms stand: those of ISO's members, of organizations, of companies, and
/// NIST's.
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
pub(super) fn key(oid: ObjectIdentifier) -> Option<String> {
    let Some(known) = KeyType::of(oid) else {
        let dotted = oid.to_string();
        let slh_dsa = dotted.strip_prefix("2.16.840.1.101.3.4.3.").and_then(|last| last.parse::<u32>().ok());
        // FIPS 205's sets of parameters, plain and with a hash before them.
        return matches!(slh_dsa, Some(20..=31 | 35..=46)).then(|| "an SLH-DSA key".to_owned());
    };
    // Letters whose names begin with a vowel, as most names are spelled out.
    let is_an = known.as_str().starts_with(['A', 'E', 'F', 'H', 'M', 'R', 'S', 'X']);
    let article = if is_an { "an" } else { "a" };
    let remark = if known.cannot_sign() { ", which cannot sign" } else { "" };
    Some(format!("{article} {known} key{remark}"))
}

/// The curve that the identifier names, or the family of curves that it stands below.
pub(super) fn curve(oid: ObjectIdentifier) -> Option<&'static str> {
    match oid {
        oid::P521 => return Some("P-521"),
        other => {
            if let Some((name, _)) = oid::other_curve(other) {
                return Some(name);
            }
        }
    }
    let dotted = oid.to_string();
    Some(match dotted.rsplit_once('.')?.0 {
        "1.2.840.10045.3.0" => "a binary curve of X9.62",
        "1.2.643.2.2.35" | "1.2.643.2.2.36" | "1.2.643.7.1.2.1.1" | "1.2.643.7.1.2.1.2" => {
            "a curve of GOST R 34.10"
        }
        "1.2.156.11235.1.1.2" => "the curve of WAPI",
        _ => return None,
    })
}

/// An encryption scheme, cipher, key derivation or PRF of an encrypted PKCS#8 that isn't supported, by OpenSSL's name, and
/// where OpenSSL 3 has it, if it has.
pub(super) fn encryption(oid: ObjectIdentifier) -> Option<(&'static str, Option<Provider>)> {
    use Encryption::{
        Aes128Cfb, Aes128Ofb, Aes192Cfb, Aes192Ofb, Aes256Cfb, Aes256Ofb, Aria128Cbc, Aria192Cbc, Aria256Cbc,
        BlowfishCbc, Camellia128Cbc, Camellia192Cbc, Camellia256Cbc, Cast5Cbc, DesCbc, IdeaCbc, PbeMd5Des,
        PbeMd5Rc2, PbeSha1Des, PbeSha1Rc2, PbeSha1Rc2_40, PbeSha1Rc2_128, PbeSha1Rc4_40, PbeSha1Rc4_128,
        Rc2Cbc, Rc4, SeedCbc, Sm4Cfb, Sm4Ctr, Sm4Ofb,
    };
    let Some(known) = Encryption::of(oid) else {
        let is_bouncy_castle = oid.to_string().starts_with("1.3.6.1.4.1.22554.1.");
        return is_bouncy_castle.then_some(("AES under a scheme of Bouncy Castle's", None));
    };
    let provider =
        match known {
            Aes128Ofb | Aes192Ofb | Aes256Ofb | Aes128Cfb | Aes192Cfb | Aes256Cfb | Sm4Ofb | Sm4Cfb
            | Sm4Ctr | Aria128Cbc | Aria192Cbc | Aria256Cbc | Camellia128Cbc | Camellia192Cbc
            | Camellia256Cbc => Some(Provider::Default),
            PbeMd5Des | PbeMd5Rc2 | PbeSha1Des | PbeSha1Rc2 | PbeSha1Rc4_128 | PbeSha1Rc4_40
            | PbeSha1Rc2_128 | PbeSha1Rc2_40 | DesCbc | Rc2Cbc | Rc4 | BlowfishCbc | Cast5Cbc | IdeaCbc
            | SeedCbc => Some(Provider::Legacy),
            // OpenSSL is built without MD2 and RC5, and has the others for other uses.
            _ => None,
        };
    Some((known.as_str(), provider))
}

/// Where OpenSSL 3 has a cipher that a `DEK-Info` header names.
pub(super) fn pem_cipher_provider(name: &str) -> Provider {
    let is_default = ["AES-", "ARIA-", "CAMELLIA-"].iter().any(|family| name.starts_with(family));
    if is_default { Provider::Default } else { Provider::Legacy }
}
