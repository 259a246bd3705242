//! Reading keys made elsewhere: PKCS#8, encrypted PKCS#8, PKCS#1, SEC1; PEM or DER.

use der::asn1::ObjectIdentifier;
use der::{Decode, Reader, SliceReader, Tag};
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use zeroize::Zeroizing;

use csr_keygen::curve::Curve;

use super::ec::{EC_PUBLIC_KEY, curve_named};
use super::{EcKeyPair, KeyPair, RsaKeyPair};
use crate::pem::{self, PemError};

/// Why a private key could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyImportError {
    /// Neither PEM nor DER with a private key in it.
    #[error("no private key found: expected PKCS#8, PKCS#1 or SEC1, as PEM or DER")]
    NoKey,
    /// The PEM itself is damaged.
    #[error(transparent)]
    Pem(PemError),
    /// OpenSSL's old PEM encryption (`Proc-Type: 4,ENCRYPTED`), which derives its key by MD5.
    #[error(
        "the key is encrypted in OpenSSL's old PEM format; convert it to PKCS#8, e.g. with `openssl pkcs8 -topk8`"
    )]
    LegacyEncryption,
    /// The key is encrypted, and no pass phrase was given.
    #[error("the key is encrypted: a pass phrase is needed")]
    PassphraseNeeded,
    /// Decryption failed.
    #[error("the pass phrase is wrong, or the encrypted key is damaged")]
    WrongPassphrase,
    /// An algorithm, curve, encryption scheme or key form that this library does not take; the text names it.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// An RSA modulus outside 2048 to 8192 bits.
    #[error("an RSA modulus of {0} bits: 2048 to 8192 are supported")]
    RsaModulusSize(u32),
    /// The structure is not as its standard writes it; the text names it.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// Every part is well formed, but they don't belong together.
    #[error("inconsistent key: {0}")]
    Inconsistent(&'static str),
}

impl KeyPair {
    /// Reads a private key: PKCS#8 (RFC 5958), plain or encrypted (PBES2), PKCS#1 (RFC 8017) or SEC1 (RFC 5915),
    /// as PEM or DER. RSA moduli of 2048 to 8192 bits and the three curves are taken; the parts of the key are
    /// checked against each other.
    ///
    /// `passphrase` is used only if the key is encrypted.
    ///
    /// # Errors
    ///
    /// [`KeyImportError`], which shows nothing of the key.
    pub fn import(input: &[u8], passphrase: Option<&[u8]>) -> Result<Self, KeyImportError> {
        match from_der(input, passphrase) {
            // 0x30 begins a SEQUENCE, and is the digit 0.
            Err(KeyImportError::NoKey) => from_pem(input, passphrase),
            der => der,
        }
    }
}

/// The first private key in the text; other blocks (`EC PARAMETERS`, certificates) are passed over.
fn from_pem(text: &[u8], passphrase: Option<&[u8]>) -> Result<KeyPair, KeyImportError> {
    let block = match pem::find(text, |label| label.ends_with("PRIVATE KEY")) {
        Ok(Some(block)) => block,
        Ok(None) | Err(PemError::NoBlock) => return Err(KeyImportError::NoKey),
        Err(error) => return Err(KeyImportError::Pem(error)),
    };
    let der = block.decode().map_err(|error| match error {
        PemError::LegacyEncrypted { .. } => KeyImportError::LegacyEncryption,
        other => KeyImportError::Pem(other),
    })?;
    match block.label() {
        "PRIVATE KEY" => from_pkcs8(&der),
        "ENCRYPTED PRIVATE KEY" => from_encrypted_pkcs8(&der, passphrase),
        "RSA PRIVATE KEY" => RsaKeyPair::from_pkcs1_der(&der).map(KeyPair::Rsa),
        "EC PRIVATE KEY" => from_sec1(&der, None),
        label => Err(KeyImportError::Unsupported(format!("a PEM block {label:?}"))),
    }
}

/// Tells the four structures apart by their first two elements.
fn from_der(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<KeyPair, KeyImportError> {
    let tags = || -> der::Result<(Tag, Tag)> {
        let mut reader = SliceReader::new(bytes)?;
        der::Header::decode(&mut reader)?;
        let first = reader.tlv_bytes()?;
        Ok((Tag::decode(&mut SliceReader::new(first)?)?, Tag::peek(&reader)?))
    };
    match tags().map_err(|_| KeyImportError::NoKey)? {
        (Tag::Sequence, _) => from_encrypted_pkcs8(bytes, passphrase),
        (Tag::Integer, Tag::Sequence) => from_pkcs8(bytes),
        (Tag::Integer, Tag::Integer) => RsaKeyPair::from_pkcs1_der(bytes).map(KeyPair::Rsa),
        (Tag::Integer, Tag::OctetString) => from_sec1(bytes, None),
        _ => Err(KeyImportError::NoKey),
    }
}

fn from_encrypted_pkcs8(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<KeyPair, KeyImportError> {
    let info = pkcs8::EncryptedPrivateKeyInfoRef::try_from(bytes)
        .map_err(|_| KeyImportError::Unsupported("the key's encryption; PBES2 with AES is".into()))?;
    check_cost(&info.encryption_algorithm)?;
    let passphrase = passphrase.ok_or(KeyImportError::PassphraseNeeded)?;
    let plain = info
        .encryption_algorithm
        .decrypt(passphrase, info.encrypted_data.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| KeyImportError::WrongPassphrase)?;
    // A wrong pass phrase gets past the padding once in 256 times and leaves noise.
    if pkcs8::PrivateKeyInfoRef::try_from(plain.as_slice()).is_err() {
        return Err(KeyImportError::WrongPassphrase);
    }
    from_pkcs8(&plain)
}

/// The largest PBKDF2 iteration count that is tried: seconds, not minutes, for a file that somebody sent.
const PBKDF2_ITERATIONS_MAX: u32 = 10_000_000;
/// The most memory (128·N·r octets, RFC 7914 §2) and the most work (N·r·p) that scrypt is given: 256 MiB, and 256 times
/// what OpenSSL's own parameters take.
const SCRYPT_MEMORY_MAX: u64 = 256 << 20;
const SCRYPT_WORK_MAX: u64 = 1 << 25;

/// Refuses an encryption whose key derivation somebody made to exhaust the machine, before it is run.
fn check_cost(scheme: &EncryptionScheme) -> Result<(), KeyImportError> {
    let unsupported = |what: String| Err(KeyImportError::Unsupported(what));
    let EncryptionScheme::Pbes2(parameters) = scheme else {
        return unsupported("the key's encryption; PBES2 with AES is".into());
    };
    match &parameters.kdf {
        Kdf::Pbkdf2(kdf) if kdf.iteration_count <= PBKDF2_ITERATIONS_MAX => Ok(()),
        Kdf::Pbkdf2(kdf) => unsupported(format!(
            "{} PBKDF2 iterations; at most {PBKDF2_ITERATIONS_MAX} are tried",
            kdf.iteration_count
        )),
        Kdf::Scrypt(kdf) => {
            let (n, r, p) = (kdf.cost_parameter, u64::from(kdf.block_size), u64::from(kdf.parallelization));
            let memory = n.checked_mul(128 * r).filter(|octets| *octets <= SCRYPT_MEMORY_MAX);
            let work = memory.map(|octets| octets / 128 * p).filter(|work| *work <= SCRYPT_WORK_MAX);
            if n.is_power_of_two() && n > 1 && r > 0 && p > 0 && work.is_some() {
                Ok(())
            } else {
                unsupported(format!("scrypt with N = {n}, r = {r}, p = {p}"))
            }
        }
        _ => unsupported("the key derivation; PBKDF2 and scrypt are".into()),
    }
}

fn from_pkcs8(bytes: &[u8]) -> Result<KeyPair, KeyImportError> {
    let info = pkcs8::PrivateKeyInfoRef::try_from(bytes)
        .map_err(|_| KeyImportError::Malformed("PKCS#8 PrivateKeyInfo"))?;
    let octets = info.private_key.as_bytes();
    match info.algorithm.oid {
        pkcs1::ALGORITHM_OID => RsaKeyPair::from_pkcs1_der(octets).map(KeyPair::Rsa),
        EC_PUBLIC_KEY => {
            let named = info.algorithm.parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
            from_sec1(octets, Some(named.ok_or(KeyImportError::Malformed("the curve must be a named one"))?))
        }
        other => Err(KeyImportError::Unsupported(format!("the key algorithm {other}"))),
    }
}

/// `outer` is the curve that the surrounding PKCS#8 names.
fn from_sec1(bytes: &[u8], outer: Option<ObjectIdentifier>) -> Result<KeyPair, KeyImportError> {
    let key =
        sec1::EcPrivateKey::try_from(bytes).map_err(|_| KeyImportError::Malformed("SEC1 ECPrivateKey"))?;
    let inner = key.parameters.and_then(sec1::EcParameters::named_curve);
    let oid = match (outer, inner) {
        (Some(outer), Some(inner)) if outer != inner => {
            return Err(KeyImportError::Inconsistent("two different curves are named"));
        }
        (outer, inner) => outer.or(inner).ok_or(KeyImportError::Malformed("no curve is named"))?,
    };
    let curve = curve_named(oid).ok_or_else(|| KeyImportError::Unsupported(format!("the curve {oid}")))?;
    let pair = EcKeyPair::from_scalar(curve, key.private_key, key.public_key)?;
    Ok(match pair.curve() {
        Curve::P256 => KeyPair::EcP256(pair),
        Curve::P384 => KeyPair::EcP384(pair),
        Curve::Sm2 => KeyPair::Sm2(pair),
    })
}
