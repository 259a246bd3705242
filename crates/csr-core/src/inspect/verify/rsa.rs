use ::rsa::traits::SignatureScheme;
use ::rsa::{BoxedUint, Pkcs1v15Sign, PublicKey, errors::Error};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::SignatureStatus;
use crate::inspect::algorithm::{Hash, Pss};
use crate::inspect::public_key::{KeyKind, SubjectPublicKey};
use crate::key::bit_length;

/// RFC 8017 section 8.2.2.
pub(super) fn verify_pkcs1(
    key: &SubjectPublicKey,
    hash: Hash,
    message: &[u8],
    signature: &[u8],
) -> SignatureStatus {
    let key = match read(key) {
        Ok(key) => key,
        Err(status) => return status,
    };
    let verified = match hash {
        Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>().verify(&key, &Sha1::digest(message), signature),
        Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>().verify(&key, &Sha256::digest(message), signature),
        Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>().verify(&key, &Sha384::digest(message), signature),
        Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>().verify(&key, &Sha512::digest(message), signature),
    };
    SignatureStatus::from_holds(verified.is_ok())
}

/// RFC 8017 section 8.1.2. A key of id-RSASSA-PSS may restrict the parameters (RFC 4055 section 3.3).
pub(super) fn verify_pss(
    key: &SubjectPublicKey,
    pss: Pss,
    message: &[u8],
    signature: &[u8],
) -> SignatureStatus {
    if key.kind == KeyKind::RsaPss && key.algorithm.parameters.is_some() {
        let allowed =
            key.algorithm.pss().is_some_and(|key| key.hash == pss.hash && key.salt_len <= pss.salt_len);
        if !allowed {
            return SignatureStatus::INVALID;
        }
    }
    let key = match read(key) {
        Ok(key) => key,
        Err(status) => return status,
    };
    let salt_len = pss.salt_len;
    let verified = match pss.hash {
        Hash::Sha1 => Err(Error::Verification),
        Hash::Sha256 => {
            ::rsa::Pss::<Sha256>::new_with_salt(salt_len).verify(&key, &Sha256::digest(message), signature)
        }
        Hash::Sha384 => {
            ::rsa::Pss::<Sha384>::new_with_salt(salt_len).verify(&key, &Sha384::digest(message), signature)
        }
        Hash::Sha512 => {
            ::rsa::Pss::<Sha512>::new_with_salt(salt_len).verify(&key, &Sha512::digest(message), signature)
        }
    };
    SignatureStatus::from_holds(verified.is_ok())
}

/// Sizes that are not supported are no fault of the key.
pub(super) fn is_valid_key(key: &SubjectPublicKey) -> bool {
    !matches!(read(key), Err(SignatureStatus::Invalid { .. }))
}

/// A modulus of 1024 to 8192 bits and a public exponent of at most 33, so that verifying takes a bounded time.
fn read(key: &SubjectPublicKey) -> Result<PublicKey, SignatureStatus> {
    let unsupported = |what: String| SignatureStatus::Unsupported { algorithm: format!("RSA with {what}") };
    let numbers = key.rsa().map_err(|_| SignatureStatus::INVALID)?;
    let bits = bit_length(numbers.modulus);
    if !(1024..=8192).contains(&bits) {
        return Err(unsupported(format!("a modulus of {bits} bits")));
    }
    let exponent_bits = bit_length(numbers.exponent);
    if exponent_bits > 33 {
        return Err(unsupported(format!("a public exponent of {exponent_bits} bits")));
    }
    let exponent = numbers.exponent.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    let modulus = BoxedUint::from_be_slice_vartime(numbers.modulus);
    PublicKey::new(modulus, BoxedUint::from(exponent)).map_err(|_| SignatureStatus::INVALID)
}
