//! Encrypted PKCS#8 (RFC 5958 §3): PBES2 (RFC 8018 §6.2) with PBKDF2 or scrypt (RFC 7914), and PKCS#12's encryption
//! with triple DES (RFC 7292 Appendix C).

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Choice, Decode, DecodeValue, Sequence};
use pkcs8::AlgorithmIdentifierRef;
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::KeyImportError;
use super::names;
use crate::key::cipher::{Cipher, Prf};
use crate::oid::Encryption;

/// EncryptedPrivateKeyInfo (RFC 5958 §3).
#[derive(Sequence)]
struct EncryptedPrivateKeyInfo<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    data: &'a OctetStringRef,
}

/// PBES2-params (RFC 8018 A.4).
#[derive(Sequence)]
struct Pbes2Params<'a> {
    kdf: AlgorithmIdentifierRef<'a>,
    cipher: AlgorithmIdentifierRef<'a>,
}

/// PBKDF2-params (RFC 8018 A.2), with a specified salt.
#[derive(Sequence)]
struct Pbkdf2Params<'a> {
    salt: &'a OctetStringRef,
    iterations: u64,
    key_length: Option<u64>,
    prf: Option<AlgorithmIdentifierRef<'a>>,
}

/// scrypt-params (RFC 7914 §7.1).
#[derive(Sequence)]
struct ScryptParams<'a> {
    salt: &'a OctetStringRef,
    n: u64,
    r: u32,
    p: u32,
    key_length: Option<u64>,
}

/// pkcs-12PbeParams (RFC 7292 Appendix C).
#[derive(Sequence)]
struct Pkcs12Params<'a> {
    salt: &'a OctetStringRef,
    iterations: u64,
}

/// The decrypted content, unchecked. Its reader must not distinguish a fault in it from a wrong
/// pass phrase.
pub(super) fn decrypt(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, KeyImportError> {
    let info = EncryptedPrivateKeyInfo::from_der(bytes)
        .map_err(|_| KeyImportError::Malformed("EncryptedPrivateKeyInfo"))?;
    let decryption = Decryption::read(info.algorithm)?;
    decryption.check_cost()?;
    let passphrase = passphrase.ok_or(KeyImportError::PassphraseNeeded)?;
    decryption.decrypt(passphrase, info.data.as_bytes()).ok_or(KeyImportError::WrongPassphrase)
}

pub(super) const UNKNOWN_CIPHER: &str = "an unknown cipher";

/// The name of the cipher in an EncryptedPrivateKeyInfo, or of the scheme that implies it.
pub(super) fn name(bytes: &[u8]) -> String {
    let Ok(info) = EncryptedPrivateKeyInfo::from_der(bytes) else { return UNKNOWN_CIPHER.to_owned() };
    let scheme = info.algorithm.oid;
    let oid = match Encryption::of(scheme) {
        Some(Encryption::Pbes2) => {
            parameters::<Pbes2Params<'_>>(info.algorithm).map_or(scheme, |parts| parts.cipher.oid)
        }
        _ => scheme,
    };
    match Encryption::of(oid) {
        Some(known) => known.as_str().to_owned(),
        None => names::unknown("an algorithm", oid),
    }
}

/// An algorithm of EncryptedPrivateKeyInfo, with its parameters.
struct Decryption<'a> {
    kdf: Kdf<'a>,
    cipher: Cipher,
    /// `None` if it is derived from the pass phrase, like the key.
    iv: Option<&'a [u8]>,
}

enum Kdf<'a> {
    Pbkdf2 {
        prf: Prf,
        salt: &'a [u8],
        iterations: u32,
    },
    Scrypt {
        salt: &'a [u8],
        parameters: scrypt::Params,
    },
    /// RFC 7292 Appendix B, with SHA-1.
    Pkcs12 {
        salt: &'a [u8],
        iterations: u32,
    },
}

impl<'a> Decryption<'a> {
    fn read(algorithm: AlgorithmIdentifierRef<'a>) -> Result<Self, KeyImportError> {
        let cipher = match Encryption::of(algorithm.oid) {
            Some(Encryption::Pbes2) => return Self::pbes2(&parameters(algorithm)?),
            Some(Encryption::PbeSha1DesEde3) => Cipher::DesEde3,
            Some(Encryption::PbeSha1DesEde2) => Cipher::DesEde2,
            _ => return Err(Scheme::named(algorithm.oid).unsupported()),
        };
        let Pkcs12Params { salt, iterations } = parameters(algorithm)?;
        let kdf = Kdf::Pkcs12 { salt: salt.as_bytes(), iterations: iteration_count(iterations)? };
        Ok(Self { kdf, cipher, iv: None })
    }

    fn pbes2(parts: &Pbes2Params<'a>) -> Result<Self, KeyImportError> {
        let cipher = cipher(parts.cipher.oid)?;
        let iv = parts.cipher.parameters.and_then(|iv| iv.decode_as::<&OctetStringRef>().ok());
        let iv = iv.map(OctetStringRef::as_bytes).filter(|iv| iv.len() == cipher.block_length());
        let (kdf, key_length) = match Encryption::of(parts.kdf.oid) {
            Some(Encryption::Pbkdf2) => {
                let Pbkdf2Params { salt, iterations, key_length, prf: prf_algorithm } =
                    parameters(parts.kdf)?;
                let prf = prf_algorithm.map_or(Ok(Prf::Sha1), prf)?;
                let iterations = iteration_count(iterations)?;
                (Kdf::Pbkdf2 { prf, salt: salt.as_bytes(), iterations }, key_length)
            }
            Some(Encryption::Scrypt) => {
                let ScryptParams { salt, n, r, p, key_length } = parameters(parts.kdf)?;
                (Kdf::Scrypt { salt: salt.as_bytes(), parameters: scrypt_parameters(n, r, p)? }, key_length)
            }
            _ => return Err(Scheme::named(parts.kdf.oid).unsupported()),
        };
        if key_length.is_some_and(|length| length != cipher.key_length() as u64) {
            return Err(MALFORMED_PARAMETERS);
        }
        Ok(Self { kdf, cipher, iv: Some(iv.ok_or(MALFORMED_PARAMETERS)?) })
    }

    fn decrypt(&self, passphrase: &[u8], data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let length = self.cipher.key_length();
        match (&self.kdf, self.iv) {
            (Kdf::Pbkdf2 { prf, salt, iterations }, Some(iv)) => {
                self.cipher.decrypt(&prf.pbkdf2(passphrase, salt, *iterations, length), iv, data)
            }
            (Kdf::Scrypt { salt, parameters }, Some(iv)) => {
                let mut key = Zeroizing::new(vec![0; length]);
                scrypt::scrypt(passphrase, salt, parameters, &mut key).ok()?;
                self.cipher.decrypt(&key, iv, data)
            }
            (Kdf::Pkcs12 { salt, iterations }, _) => {
                let passphrase = bmp_string(passphrase);
                let derive = |purpose, length| pkcs12_derive(purpose, &passphrase, salt, *iterations, length);
                let (key, iv) = (derive(PURPOSE_KEY, length), derive(PURPOSE_IV, self.cipher.block_length()));
                self.cipher.decrypt(&key, &iv, data)
            }
            (Kdf::Pbkdf2 { .. } | Kdf::Scrypt { .. }, None) => None,
        }
    }
}

const MALFORMED_PARAMETERS: KeyImportError =
    KeyImportError::Malformed("the parameters of the key's encryption");

fn parameters<'a, T>(algorithm: AlgorithmIdentifierRef<'a>) -> Result<T, KeyImportError>
where
    T: Choice<'a> + DecodeValue<'a>,
{
    let parameters: AnyRef<'a> = algorithm.parameters.ok_or(MALFORMED_PARAMETERS)?;
    parameters.decode_as().map_err(|_| MALFORMED_PARAMETERS)
}

fn cipher(oid: ObjectIdentifier) -> Result<Cipher, KeyImportError> {
    Ok(match Encryption::of(oid) {
        Some(Encryption::Aes128Cbc) => Cipher::Aes128,
        Some(Encryption::Aes192Cbc) => Cipher::Aes192,
        Some(Encryption::Aes256Cbc) => Cipher::Aes256,
        Some(Encryption::Sm4Cbc) => Cipher::Sm4,
        Some(Encryption::DesEde3Cbc) => Cipher::DesEde3,
        _ => return Err(Scheme::named(oid).unsupported()),
    })
}

/// RFC 8018 B.1.2.
fn prf(algorithm: AlgorithmIdentifierRef<'_>) -> Result<Prf, KeyImportError> {
    Ok(match Encryption::of(algorithm.oid) {
        Some(Encryption::HmacMd5) => Prf::Md5,
        Some(Encryption::HmacSha1) => Prf::Sha1,
        Some(Encryption::HmacSha224) => Prf::Sha224,
        Some(Encryption::HmacSha256) => Prf::Sha256,
        Some(Encryption::HmacSha384) => Prf::Sha384,
        Some(Encryption::HmacSha512) => Prf::Sha512,
        Some(Encryption::HmacSha512_224) => Prf::Sha512_224,
        Some(Encryption::HmacSha512_256) => Prf::Sha512_256,
        Some(Encryption::HmacSm3 | Encryption::HmacSm3OfOpenssl) => Prf::Sm3,
        _ => return Err(Scheme::named(algorithm.oid).unsupported()),
    })
}

impl Decryption<'_> {
    /// Refuses a key derivation that would keep the machine busy, before it is run.
    fn check_cost(&self) -> Result<(), KeyImportError> {
        let key_length = self.cipher.key_length();
        let (iterations, blocks) = match self.kdf {
            Kdf::Pbkdf2 { prf, iterations, .. } => (iterations, key_length.div_ceil(prf.output_length())),
            // One more for the initialisation vector.
            Kdf::Pkcs12 { iterations, .. } => {
                (iterations, key_length.div_ceil(Prf::Sha1.output_length()) + 1)
            }
            Kdf::Scrypt { .. } => return Ok(()),
        };
        let (iterations, limit) = (u64::from(iterations), ITERATIONS_MAX / blocks as u64);
        if iterations > limit { Err(too_many_iterations(iterations, limit)) } else { Ok(()) }
    }
}

/// The name of an unsupported encryption in an error, and the command that converts it.
pub(super) struct Scheme {
    name: String,
    conversion: Option<names::Provider>,
}

impl Scheme {
    fn named(oid: ObjectIdentifier) -> Self {
        match names::encryption(oid) {
            Some((name, conversion)) => Self { name: name.to_owned(), conversion },
            None => Self { name: names::unknown("an algorithm", oid), conversion: None },
        }
    }

    /// Found by the name in a `DEK-Info` header.
    pub(super) fn of_pem_cipher(name: &'static str) -> Self {
        Self { name: name.to_owned(), conversion: Some(names::pem_cipher_provider(name)) }
    }

    pub(super) fn unknown(name: &'static str) -> Self {
        Self { name: name.to_owned(), conversion: None }
    }

    pub(super) fn unsupported(&self) -> KeyImportError {
        let command = match self.conversion {
            None => String::new(),
            Some(provider) => format!("; convert the key with {}", provider.command()),
        };
        KeyImportError::Unsupported(format!(
            "encryption with {}; AES, SM4 and triple DES in CBC mode are supported, under a key from PBKDF2 or \
             scrypt{command}",
            self.name
        ))
    }
}

/// The most work that is done to derive a key, because the file may come from an attacker: about
/// five seconds on one core. On an AMD EPYC (Zen 4), an iteration of PBKDF2 takes 0.12 µs (SHA-256)
/// to 0.8 µs (SHA-512/256, SM3) per block of the key, and scrypt 0.6 to 1.6 µs per unit of N·r·p.
const ITERATIONS_MAX: u64 = 5_000_000;
const SCRYPT_WORK_MAX: u64 = 1 << 22;
/// The most memory for scrypt: 128·r·(N + p) octets (RFC 7914 §2).
const SCRYPT_MEMORY_MAX: u64 = 256 << 20;

fn iteration_count(iterations: u64) -> Result<u32, KeyImportError> {
    if iterations == 0 {
        return Err(MALFORMED_PARAMETERS);
    }
    u32::try_from(iterations).map_err(|_| too_many_iterations(iterations, ITERATIONS_MAX))
}

fn too_many_iterations(iterations: u64, limit: u64) -> KeyImportError {
    KeyImportError::Unsupported(format!(
        "a key derivation of {iterations} iterations, at most {limit} are allowed; convert the key with {}",
        names::Provider::Default.command()
    ))
}

/// Refuses parameters that would keep the machine busy, before scrypt runs.
fn scrypt_parameters(n: u64, r: u32, p: u32) -> Result<scrypt::Params, KeyImportError> {
    if n < 2 || !n.is_power_of_two() {
        return Err(MALFORMED_PARAMETERS);
    }
    let (wide_n, wide_r, wide_p) = (u128::from(n), u128::from(r), u128::from(p));
    let memory = 128 * wide_r * (wide_n + wide_p);
    let work = wide_n.saturating_mul(wide_r * wide_p);
    if memory > SCRYPT_MEMORY_MAX.into() || work > SCRYPT_WORK_MAX.into() {
        return Err(KeyImportError::Unsupported(format!(
            "scrypt with N = {n}, r = {r}, p = {p}; N·r·p may be at most {SCRYPT_WORK_MAX}, and the memory, \
             128·r·(N + p), at most {} MiB",
            SCRYPT_MEMORY_MAX >> 20
        )));
    }
    u8::try_from(n.ilog2())
        .ok()
        .and_then(|log_n| scrypt::Params::new(log_n, r, p).ok())
        .ok_or(MALFORMED_PARAMETERS)
}

/// The pass phrase in UTF-16, big-endian, followed by a NUL (RFC 7292 B.1). Text that isn't UTF-8
/// is read as Latin-1, as in OpenSSL.
fn bmp_string(passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
    // UTF-8 never has fewer bytes than UTF-16 has units.
    let mut string = Zeroizing::new(Vec::with_capacity(2 * passphrase.len() + 2));
    match core::str::from_utf8(passphrase) {
        Ok(text) => text.encode_utf16().for_each(|unit| string.extend(unit.to_be_bytes())),
        Err(_) => passphrase.iter().for_each(|byte| string.extend([0, *byte])),
    }
    string.extend([0, 0]);
    string
}

/// RFC 7292 B.3.
const PURPOSE_KEY: u8 = 1;
const PURPOSE_IV: u8 = 2;

/// RFC 7292 B.2, with SHA-1. In its own stack frame, which [`Cipher::decrypt`] wipes.
#[inline(never)]
fn pkcs12_derive(
    purpose: u8,
    passphrase: &[u8],
    salt: &[u8],
    iterations: u32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    const U: usize = 20;
    const V: usize = 64;
    let mut input =
        Zeroizing::new(Vec::with_capacity((salt.len() + passphrase.len()).next_multiple_of(V) + V));
    for part in [salt, passphrase] {
        input.extend(part.iter().cycle().take(part.len().next_multiple_of(V)));
    }
    let mut derived = Zeroizing::new(Vec::with_capacity(length.next_multiple_of(U)));
    // Each digest is a piece of the key, so digests and the hash function's state are written to
    // wiped memory only.
    let mut sha1 = Sha1::new();
    let mut digest = Zeroizing::new([0; U]);
    loop {
        sha1.update([purpose; V]);
        sha1.update(&input[..]);
        sha1.finalize_into_reset((&mut *digest).into());
        for _ in 1..iterations {
            sha1.update(digest.as_slice());
            sha1.finalize_into_reset((&mut *digest).into());
        }
        derived.extend_from_slice(&*digest);
        if derived.len() >= length {
            derived.truncate(length);
            return derived;
        }
        // Each block of the input becomes itself + the repeated digest + 1, modulo 2^(8·V).
        for block in input.chunks_mut(V) {
            let mut carry = 1;
            for (at, byte) in block.iter_mut().enumerate().rev() {
                let [high, low] = (u16::from(*byte) + u16::from(digest[at % U]) + carry).to_be_bytes();
                *byte = low;
                carry = u16::from(high);
            }
        }
    }
}
