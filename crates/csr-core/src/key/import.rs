//! Reads keys that were made elsewhere: PKCS#8, encrypted PKCS#8, PKCS#1 or SEC1, in PEM or DER.
//!
//! The structure decides what a file holds. The label of a PEM block only says that it is a private
//! key, because tools write every structure under every label.

mod encrypted;
mod hidden;
mod legacy;
mod names;
mod other;
mod public_half;

use der::asn1::ObjectIdentifier;
use der::{Decode, Reader, SliceReader, Tag, Tagged};

use csr_keygen::curve::Curve;

pub(crate) use hidden::{der_holds_private_key, text_holds_private_key};
pub use other::OtherFile;

use super::curve::{EC_PUBLIC_KEY, curve_named, curve_oid};
use super::{CurveKeyPair, KeyPair, Kind, RsaKeyPair};
use crate::asn1::without_line_ends;
use crate::oid::KeyType;
use crate::pem::{self, Block, Label, PemError};

/// Why a private key could not be read. Of the file, it shows only sizes, counts and the
/// identifiers of algorithms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyImportError {
    /// The file is neither PEM nor DER with a private key in it.
    #[error("no private key found: expected PKCS#8, PKCS#1 or SEC1, as PEM or DER")]
    NoKey,
    /// The file is of another kind.
    #[error("this is {0}")]
    NotAKey(OtherFile),
    /// The PEM itself is damaged.
    #[error(transparent)]
    Pem(PemError),
    /// The key is encrypted, and no pass phrase was given.
    #[error(
        "the key is encrypted: a pass phrase is needed (or decrypt it, for example with \
         `openssl pkey -in FILE -out NEW_FILE`)"
    )]
    PassphraseNeeded,
    /// Decryption failed, or its result is malformed. The error doesn't say which, because the
    /// answer could help to decrypt the key without its pass phrase.
    #[error("the pass phrase is wrong, or the encrypted key is damaged")]
    WrongPassphrase,
    /// The algorithm, curve, encryption scheme or form of the key is not supported. The text names
    /// it and what is supported, and how to convert the key if that is possible.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// An RSA modulus outside 2048 to 8192 bits.
    #[error("the RSA modulus must have 2048 to 8192 bits, not {0}; make a new key")]
    RsaModulusSize(u32),
    /// The structure violates its standard. The text names it.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// Every part is well formed, but the parts don't belong together.
    #[error("inconsistent key: {0}")]
    Inconsistent(&'static str),
    /// The parts belong together, but the private key can be found from the public one. The text
    /// says how.
    #[error("the key is weak: {0}; make a new key")]
    Weak(&'static str),
    /// The random source failed, which the primality test of an RSA key needs.
    #[error("the random source failed: {0}")]
    RandomSource(String),
}

pub(super) const OTHER_PUBLIC_KEY: KeyImportError =
    KeyImportError::Inconsistent("the public key must belong to the private one");

impl KeyPair {
    /// Reads a private key: PKCS#8 (RFC 5958), plain or encrypted, PKCS#1 (RFC 8017) or SEC1 (RFC 5915), as PEM or DER.
    /// RSA moduli of 2048 to 8192 bits and the three curves are accepted. The parts of the key are
    /// checked against each other.
    ///
    /// Keys may be encrypted with AES, SM4 or triple DES in CBC mode: in PKCS#8 by PBES2 with PBKDF2 or scrypt (RFC
    /// 8018, RFC 7914) or by PKCS#12's PBE-SHA1-3DES (RFC 7292), in PEM by OpenSSL's `DEK-Info`. A
    /// derivation that would take more than about five seconds is refused.
    ///
    /// `passphrase` is used only if the key is encrypted.
    ///
    /// # Errors
    ///
    /// [`KeyImportError`], which shows nothing of the key.
    pub fn import(input: &[u8], passphrase: Option<&[u8]>) -> Result<Self, KeyImportError> {
        let input = &*csr_model::utf8(input);
        match from_der(without_line_ends(input), passphrase, key_pair) {
            // 0x30 begins a SEQUENCE, but is also the digit 0.
            Err(KeyImportError::NoKey) => from_text(input, passphrase),
            der => der,
        }
    }
}

/// The SubjectPublicKeyInfo of a private key in DER. Keys of unsupported algorithms and sizes, and weak ones, have one, too.
pub(crate) fn public_key_info(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<Vec<u8>, KeyImportError> {
    from_der(bytes, passphrase, public_key)
}

/// As [`public_key_info`], of the private key in a PEM block.
pub(crate) fn public_key_info_of_block(
    block: &Block<'_>,
    passphrase: Option<&[u8]>,
) -> Result<Vec<u8>, KeyImportError> {
    from_block(block, passphrase, public_key)
}

/// Reads a private key that is not encrypted.
type Read<T> = fn(&[u8]) -> Result<T, KeyImportError>;

fn public_key(bytes: &[u8]) -> Result<Vec<u8>, KeyImportError> {
    use KeyImportError::{RsaModulusSize, Unsupported, Weak};
    match key_pair(bytes) {
        Ok(key) => Ok(key.public_key_info()),
        Err(error @ (Unsupported(_) | RsaModulusSize(_) | Weak(_))) => public_half::info(bytes).ok_or(error),
        Err(error) => Err(error),
    }
}

/// The first private key in the text. Other blocks (`EC PARAMETERS`, certificates) are skipped.
fn from_text(text: &[u8], passphrase: Option<&[u8]>) -> Result<KeyPair, KeyImportError> {
    let block = match pem::find(text, Label::is_private_key) {
        Ok(Some(block)) => block,
        Ok(None) => {
            let other =
                pem::blocks(text).flatten().find_map(|block| other::labelled(block.label().as_str()?));
            return Err(other.map_or(KeyImportError::NoKey, KeyImportError::NotAKey));
        }
        Err(PemError::NoBlock) => return Err(another_form(text).unwrap_or(KeyImportError::NoKey)),
        Err(error) => return Err(KeyImportError::Pem(error)),
    };
    from_block(&block, passphrase, key_pair)
}

/// The private key in a block whose label says that it holds one.
fn from_block<T>(block: &Block<'_>, passphrase: Option<&[u8]>, read: Read<T>) -> Result<T, KeyImportError> {
    let body = block.decode().map_err(KeyImportError::Pem)?;
    let label = block.label().as_str().unwrap_or_default();
    if label == "RSA-PSS PRIVATE KEY" {
        return Err(unsupported_key(RSA_PSS_KEY));
    }
    if let Some(error) = another_form(&body) {
        return Err(error);
    }
    if let Some(other) = other::labelled(label) {
        return Err(KeyImportError::NotAKey(other));
    }
    if block.headers().encrypted {
        return from_decrypted(&legacy::decrypt(block.headers(), &body, passphrase)?, read);
    }
    match from_der(&body, passphrase, read) {
        Err(KeyImportError::NoKey) => {
            Err(KeyImportError::Malformed("the PEM block, which must hold PKCS#8, PKCS#1 or SEC1"))
        }
        der => der,
    }
}

/// The kind of a file that starts like another program's key.
fn another_form(file: &[u8]) -> Option<KeyImportError> {
    match other::unsupported_ssh_key(file) {
        Some(key) => Some(unsupported_key(key)),
        None => other::started(file).map(KeyImportError::NotAKey),
    }
}

/// Reads any of the four structures, or names another file in DER.
fn from_der<T>(bytes: &[u8], passphrase: Option<&[u8]>, read: Read<T>) -> Result<T, KeyImportError> {
    if is_encrypted(bytes) {
        return from_decrypted(&encrypted::decrypt(bytes, passphrase)?, read);
    }
    read(bytes)
}

/// Reads the decrypted content. A wrong pass phrase passes the padding once in 256 times and leaves
/// noise. And an attacker who can change the file could learn the plaintext from a difference
/// between wrong padding and wrong content.
fn from_decrypted<T>(bytes: &[u8], read: Read<T>) -> Result<T, KeyImportError> {
    use KeyImportError::{Inconsistent, Malformed, NoKey, NotAKey, WrongPassphrase};
    read(bytes).map_err(|error| match error {
        NoKey | NotAKey(_) | Malformed(_) | Inconsistent(_) => WrongPassphrase,
        other => other,
    })
}

/// Distinguishes the structures by their first two elements.
fn key_pair(bytes: &[u8]) -> Result<KeyPair, KeyImportError> {
    if let Some(other) = other::recognised(bytes) {
        return Err(KeyImportError::NotAKey(other));
    }
    match first_tags(bytes) {
        Some((Tag::Integer, Tag::Sequence)) => from_pkcs8(bytes),
        Some((Tag::Integer, Tag::OctetString)) => from_sec1(bytes, None),
        Some((Tag::Integer, Tag::Integer)) if is_dsa(bytes) => Err(unsupported_key("a DSA key")),
        Some((Tag::Integer, Tag::Integer)) => {
            RsaKeyPair::from_pkcs1_der(bytes).map(|key| KeyPair(Kind::Rsa(key)))
        }
        _ => Err(KeyImportError::NoKey),
    }
}

/// What a file is that is neither PEM nor a private key, if that is known.
pub(crate) fn other_file(file: &[u8]) -> Option<OtherFile> {
    other::recognised(file).or_else(|| other::started(file))
}

/// The kind of a PEM block that is not a readable private key, if that is known.
pub(crate) fn labelled(label: &Label) -> Option<OtherFile> {
    other::labelled(label.as_str()?)
}

/// The kind of a file that [`other_file`] does not name.
pub(crate) const PRIVATE_KEY: &str = "a private key";

/// The cipher or scheme that encrypts a private key in DER; `None` if it is not encrypted.
pub(crate) fn encryption(bytes: &[u8]) -> Option<String> {
    is_encrypted(bytes).then(|| encrypted::name(bytes))
}

/// As [`encryption`], of a key in a PEM block with this body.
pub(crate) fn encryption_of_block(block: &Block<'_>, body: &[u8]) -> Option<String> {
    if !block.headers().encrypted {
        return encryption(body);
    }
    let cipher = block.headers().dek_info.as_ref().and_then(|info| info.cipher);
    Some(cipher.unwrap_or(encrypted::UNKNOWN_CIPHER).to_owned())
}

/// Whether a DER file is one of the four structures.
pub(crate) fn is_private_key(bytes: &[u8]) -> bool {
    let tags = first_tags(bytes);
    is_encrypted(bytes)
        || matches!(tags, Some((Tag::Integer, Tag::Sequence | Tag::OctetString | Tag::Integer)))
}

/// Only EncryptedPrivateKeyInfo (RFC 5958 §3) starts like this.
fn is_encrypted(bytes: &[u8]) -> bool {
    first_tags(bytes) == Some((Tag::Sequence, Tag::OctetString))
}

/// The tags of the first two elements of a SEQUENCE.
fn first_tags(bytes: &[u8]) -> Option<(Tag, Tag)> {
    let tags = || -> der::Result<(Tag, Tag)> {
        let mut reader = SliceReader::new(bytes)?;
        der::Header::decode(&mut reader)?.tag().assert_eq(Tag::Sequence)?;
        let first = reader.tlv_bytes()?;
        Ok((Tag::decode(&mut SliceReader::new(first)?)?, Tag::peek(&reader)?))
    };
    tags().ok()
}

/// OpenSSL's form of a DSA key: version, p, q, g, y, x.
fn is_dsa(bytes: &[u8]) -> bool {
    let fields = || match other::elements(bytes)?[..] {
        [(Tag::Sequence, content)] => other::elements(content),
        _ => None,
    };
    fields().is_some_and(|fields| fields.len() == 6 && fields.iter().all(|(tag, _)| *tag == Tag::Integer))
}

const RSA_PSS_KEY: &str = "an RSA key for PSS signatures only (RSA-PSS)";

pub(super) fn unsupported_key(key: &str) -> KeyImportError {
    KeyImportError::Unsupported(format!(
        "{key}; make a new RSA key of 2048 to 8192 bits, or a key on P-256, P-384 or SM2"
    ))
}

const RSA: ObjectIdentifier = KeyType::Rsa.oid();
const RSA_PSS: ObjectIdentifier = KeyType::RsaPss.oid();

fn from_pkcs8(bytes: &[u8]) -> Result<KeyPair, KeyImportError> {
    let info = pkcs8::PrivateKeyInfoRef::try_from(bytes)
        .map_err(|_| KeyImportError::Malformed("PKCS#8 PrivateKeyInfo"))?;
    let octets = info.private_key.as_bytes();
    let key = match info.algorithm.oid {
        RSA => KeyPair(Kind::Rsa(RsaKeyPair::from_pkcs1_der(octets)?)),
        EC_PUBLIC_KEY => from_sec1(octets, Some(curve_parameter(&info.algorithm)?))?,
        // OpenSSL 3.0 and 3.1 also name the curve here.
        oid if oid == curve_oid(Curve::Sm2) => {
            let named = match info.algorithm.parameters {
                Some(parameters) if !parameters.is_null() => curve_parameter(&info.algorithm)?,
                _ => oid,
            };
            if named != oid {
                return Err(TWO_CURVES);
            }
            from_sec1(octets, Some(oid))?
        }
        RSA_PSS => return Err(unsupported_key(RSA_PSS_KEY)),
        other => {
            let key = names::key(other).unwrap_or_else(|| names::unknown("a key", other));
            return Err(unsupported_key(&key));
        }
    };
    // Version 2 (RFC 5958 §2) holds the public key in the form of a SubjectPublicKeyInfo.
    let belongs = |public: &[u8]| match &key.0 {
        Kind::Rsa(key) => key.public_key() == public,
        Kind::Curve(key) => key.has_public_point(public),
    };
    match info.public_key {
        Some(public) if !public.as_bytes().is_some_and(belongs) => Err(OTHER_PUBLIC_KEY),
        _ => Ok(key),
    }
}

/// The named curve in an AlgorithmIdentifier (RFC 5480 §2.1.1).
fn curve_parameter(
    algorithm: &pkcs8::AlgorithmIdentifierRef<'_>,
) -> Result<ObjectIdentifier, KeyImportError> {
    let parameters = algorithm.parameters;
    if parameters.is_some_and(|parameters| parameters.tag() == Tag::Sequence) {
        return Err(explicit_parameters());
    }
    let named = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    named.ok_or(KeyImportError::Malformed("the curve must be a named one"))
}

const TWO_CURVES: KeyImportError = KeyImportError::Inconsistent("two different curves are named");

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
        (Some(outer), Some(inner)) if outer != inner => return Err(TWO_CURVES),
        (outer, inner) => outer.or(inner).ok_or(KeyImportError::Malformed("no curve is named"))?,
    };
    let curve = curve_named(oid).ok_or_else(|| match names::curve(oid) {
        Some(name) => unsupported_key(&format!("a key on the curve {name}")),
        None => unsupported_key(&names::unknown("a key on a curve", oid)),
    })?;
    let pair = CurveKeyPair::from_scalar(curve, key.private_key, key.public_key)?;
    Ok(KeyPair(Kind::Curve(pair)))
}

fn explicit_parameters() -> KeyImportError {
    KeyImportError::Unsupported(
        "a curve given by its parameters; name it, if it is P-256, P-384 or SM2, with \
         `openssl ec -in FILE -param_enc named_curve -out NEW_FILE`"
            .into(),
    )
}

/// Whether an ECPrivateKey (RFC 5915 §3) has a SEQUENCE for its curve instead of a name.
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

#[cfg(test)]
mod tests;
