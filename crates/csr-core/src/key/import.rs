//! Reading keys made elsewhere: PKCS#8, encrypted PKCS#8, PKCS#1, SEC1; PEM or DER.

mod encrypted;
mod other;

use der::asn1::ObjectIdentifier;
use der::{Decode, Reader, SliceReader, Tag, Tagged};

use csr_keygen::curve::Curve;

pub use other::OtherFile;

use super::ec::{EC_PUBLIC_KEY, curve_named};
use super::{EcKeyPair, KeyPair, RsaKeyPair};
use crate::pem::{self, Label, PemError};

/// Why a private key could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyImportError {
    /// Neither PEM nor DER with a private key in it.
    #[error("no private key found: expected PKCS#8, PKCS#1 or SEC1, as PEM or DER")]
    NoKey,
    /// Another kind of file.
    #[error("this is {0}")]
    NotAKey(OtherFile),
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
        let input = &*csr_model::utf8(input);
        if let Some(other) = other::recognised(input) {
            return Err(KeyImportError::NotAKey(other));
        }
        match from_der(input, passphrase) {
            // 0x30 begins a SEQUENCE, and is the digit 0.
            Err(KeyImportError::NoKey) => from_pem(input, passphrase),
            der => der,
        }
    }
}

/// The first private key in the text; other blocks (`EC PARAMETERS`, certificates) are passed over.
fn from_pem(text: &[u8], passphrase: Option<&[u8]>) -> Result<KeyPair, KeyImportError> {
    let block = match pem::find(text, Label::is_private_key) {
        Ok(Some(block)) => block,
        Ok(None) => {
            let other = pem::blocks(text).flatten().find_map(|block| other::labelled(block.label().as_str()?));
            return Err(other.map_or(KeyImportError::NoKey, KeyImportError::NotAKey));
        }
        Err(PemError::NoBlock) => return Err(KeyImportError::NoKey),
        Err(error) => return Err(KeyImportError::Pem(error)),
    };
    if block.headers().encrypted {
        return Err(KeyImportError::LegacyEncryption);
    }
    let der = block.decode().map_err(KeyImportError::Pem)?;
    match block.label().as_str().unwrap_or_default() {
        "PRIVATE KEY" => from_pkcs8(&der),
        "ENCRYPTED PRIVATE KEY" => from_pkcs8(&encrypted::decrypt(&der, passphrase)?),
        "RSA PRIVATE KEY" => RsaKeyPair::from_pkcs1_der(&der).map(KeyPair::Rsa),
        "EC PRIVATE KEY" => from_sec1(&der, None),
        _ => Err(KeyImportError::Unsupported(format!("a PEM block {}", block.label()))),
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
        (Tag::Sequence, _) => from_pkcs8(&encrypted::decrypt(bytes, passphrase)?),
        (Tag::Integer, Tag::Sequence) => from_pkcs8(bytes),
        (Tag::Integer, Tag::Integer) => RsaKeyPair::from_pkcs1_der(bytes).map(KeyPair::Rsa),
        (Tag::Integer, Tag::OctetString) => from_sec1(bytes, None),
        _ => Err(KeyImportError::NoKey),
    }
}

fn from_pkcs8(bytes: &[u8]) -> Result<KeyPair, KeyImportError> {
    let info = pkcs8::PrivateKeyInfoRef::try_from(bytes)
        .map_err(|_| KeyImportError::Malformed("PKCS#8 PrivateKeyInfo"))?;
    let octets = info.private_key.as_bytes();
    match info.algorithm.oid {
        pkcs1::ALGORITHM_OID => RsaKeyPair::from_pkcs1_der(octets).map(KeyPair::Rsa),
        EC_PUBLIC_KEY => {
            let parameters = info.algorithm.parameters;
            if parameters.is_some_and(|parameters| parameters.tag() == Tag::Sequence) {
                return Err(explicit_parameters());
            }
            let named = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
            from_sec1(octets, Some(named.ok_or(KeyImportError::Malformed("the curve must be a named one"))?))
        }
        other => Err(KeyImportError::Unsupported(format!("the key algorithm {other}"))),
    }
}

/// `outer` is the curve that the surrounding PKCS#8 names.
fn from_sec1(bytes: &[u8], outer: Option<ObjectIdentifier>) -> Result<KeyPair, KeyImportError> {
    let key = sec1::EcPrivateKey::try_from(bytes).map_err(|_| {
        if has_explicit_parameters(bytes) {
            explicit_parameters()
        } else {
            KeyImportError::Malformed("SEC1 ECPrivateKey")
        }
    })?;
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

fn explicit_parameters() -> KeyImportError {
    KeyImportError::Unsupported(
        "a curve given by its parameters; name it with \
         `openssl ec -in FILE -param_enc named_curve -out NEW_FILE`"
            .into(),
    )
}

/// Whether an ECPrivateKey (RFC 5915 §3) has a SEQUENCE for its curve, where a name should be.
fn has_explicit_parameters(bytes: &[u8]) -> bool {
    let parameters = || -> der::Result<Tag> {
        let mut reader = SliceReader::new(bytes)?;
        der::Header::decode(&mut reader)?;
        reader.tlv_bytes()?; // version
        reader.tlv_bytes()?; // private key
        der::Header::decode(&mut reader)?; // [0]
        Tag::peek(&reader)
    };
    parameters() == Ok(Tag::Sequence)
}
