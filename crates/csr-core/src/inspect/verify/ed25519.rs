use ed25519_dalek::{Signature, VerifyingKey};

/// RFC 8032 section 5.1.7, refusing keys and points of small order, with which one signature fits many messages.
pub(super) fn holds(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Some(key), Ok(signature)) = (read(key), Signature::from_slice(signature)) else { return false };
    key.verify_strict(message, &signature).is_ok()
}

pub(super) fn is_valid_key(key: &[u8]) -> bool {
    read(key).is_some_and(|key| !key.is_weak())
}

fn read(key: &[u8]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(key.try_into().ok()?).ok()
}
