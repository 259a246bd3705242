//! Encrypted PKCS#8 (RFC 5958 §3).

use der::asn1::ObjectIdentifier;
use der::{Decode, ErrorKind, Header, Reader, SliceReader};
use pkcs8::pkcs5::pbes2::{Kdf, PBES2_OID};
use pkcs8::pkcs5::{self, EncryptionScheme};
use zeroize::Zeroizing;

use super::KeyImportError;

/// The PrivateKeyInfo within.
pub(super) fn decrypt(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, KeyImportError> {
    let info =
        pkcs8::EncryptedPrivateKeyInfoRef::try_from(bytes).map_err(|error| unreadable(bytes, &error))?;
    check_cost(&info.encryption_algorithm)?;
    let passphrase = passphrase.ok_or(KeyImportError::PassphraseNeeded)?;
    let plain = info
        .encryption_algorithm
        .decrypt(passphrase, info.encrypted_data.as_bytes())
        .map(Zeroizing::new)
        .map_err(|error| match error {
            pkcs5::Error::UnsupportedAlgorithm { oid } => unsupported_algorithm(oid),
            pkcs5::Error::AlgorithmParametersInvalid { oid } => {
                unsupported(&format!("whose parameters for {} are wrong", name(oid)))
            }
            _ => KeyImportError::WrongPassphrase,
        })?;
    // A wrong pass phrase gets past the padding once in 256 times and leaves noise.
    if pkcs8::PrivateKeyInfoRef::try_from(plain.as_slice()).is_err() {
        return Err(KeyImportError::WrongPassphrase);
    }
    Ok(plain)
}

/// Which algorithm it is that keeps the structure from being read.
fn unreadable(bytes: &[u8], error: &pkcs8::Error) -> KeyImportError {
    let scheme = || -> der::Result<ObjectIdentifier> {
        let mut reader = SliceReader::new(bytes)?;
        Header::decode(&mut reader)?;
        Header::decode(&mut reader)?; // of the AlgorithmIdentifier
        reader.decode()
    };
    let kind = if let pkcs8::Error::Asn1(error) = error { Some(error.kind()) } else { None };
    match (scheme(), kind) {
        (Err(_), _) => KeyImportError::Malformed("EncryptedPrivateKeyInfo"),
        (Ok(oid), _) if oid != PBES2_OID => unsupported_algorithm(oid),
        // Of PBES2's parts.
        (Ok(_), Some(ErrorKind::OidUnknown { oid })) => unsupported_algorithm(oid),
        (Ok(_), _) => unsupported("whose parameters are malformed"),
    }
}

fn unsupported(which: &str) -> KeyImportError {
    KeyImportError::Unsupported(format!(
        "the key's encryption, {which}; convert the key with \
         `openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW_FILE`"
    ))
}

fn unsupported_algorithm(oid: ObjectIdentifier) -> KeyImportError {
    unsupported(&format!("which uses {}", name(oid)))
}

/// What OpenSSL calls the algorithms that it can be told to encrypt keys with and this library does not take.
fn name(oid: ObjectIdentifier) -> String {
    let oid = oid.to_string();
    let name = match oid.as_str() {
        "1.2.840.113549.1.5.1" => "PBE-MD2-DES",
        "1.2.840.113549.1.5.3" => "PBE-MD5-DES",
        "1.2.840.113549.1.5.4" => "PBE-MD2-RC2-64",
        "1.2.840.113549.1.5.6" => "PBE-MD5-RC2-64",
        "1.2.840.113549.1.5.10" => "PBE-SHA1-DES",
        "1.2.840.113549.1.5.11" => "PBE-SHA1-RC2-64",
        "1.2.840.113549.1.12.1.1" => "PBE-SHA1-RC4-128",
        "1.2.840.113549.1.12.1.2" => "PBE-SHA1-RC4-40",
        "1.2.840.113549.1.12.1.3" => "PBE-SHA1-3DES",
        "1.2.840.113549.1.12.1.4" => "PBE-SHA1-2DES",
        "1.2.840.113549.1.12.1.5" => "PBE-SHA1-RC2-128",
        "1.2.840.113549.1.12.1.6" => "PBE-SHA1-RC2-40",
        "1.2.840.113549.2.12" => "hmacWithSHA512-224",
        "1.2.840.113549.2.13" => "hmacWithSHA512-256",
        "1.2.840.113549.3.7" => "DES-EDE3-CBC",
        "1.3.14.3.2.7" => "DES-CBC",
        _ => return oid,
    };
    name.to_owned()
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
        return Err(unsupported_algorithm(scheme.oid()));
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
        other => Err(unsupported_algorithm(other.oid())),
    }
}
