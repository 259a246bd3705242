//! OpenSSL's encryption of PEM bodies (RFC 1421 §4.6 for the headers; the key comes from
//! `EVP_BytesToKey` with MD5 and one iteration).

use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::KeyImportError;
use super::encrypted::{Scheme, UNKNOWN_CIPHER};
use crate::key::cipher::Cipher;
use crate::pem::Headers;

/// Decrypts the body of a block whose headers say that it is encrypted.
pub(super) fn decrypt(
    headers: &Headers,
    body: &[u8],
    passphrase: Option<&[u8]>,
) -> Result<Zeroizing<Vec<u8>>, KeyImportError> {
    let info = headers
        .dek_info
        .as_ref()
        .ok_or(KeyImportError::Malformed("the header DEK-Info, which must name a cipher and its IV"))?;
    let cipher = match info.cipher {
        Some("AES-128-CBC") => Cipher::Aes128,
        Some("AES-192-CBC") => Cipher::Aes192,
        Some("AES-256-CBC") => Cipher::Aes256,
        Some("SM4-CBC") => Cipher::Sm4,
        Some("DES-EDE-CBC") => Cipher::DesEde2,
        Some("DES-EDE3-CBC") => Cipher::DesEde3,
        Some(name) => return Err(Scheme::of_pem_cipher(name).unsupported()),
        None => return Err(Scheme::unknown(UNKNOWN_CIPHER).unsupported()),
    };
    if info.iv.len() != cipher.block_length() {
        return Err(KeyImportError::Malformed(
            "the header DEK-Info, whose IV must be one block of the cipher",
        ));
    }
    let passphrase = passphrase.ok_or(KeyImportError::PassphraseNeeded)?;
    let salt = &info.iv[..8];
    let key = derive(passphrase, salt, cipher.key_length());
    cipher.decrypt(&key, &info.iv, body).ok_or(KeyImportError::WrongPassphrase)
}

/// D₁ = MD5(pass phrase, salt), Dₙ = MD5(Dₙ₋₁, pass phrase, salt), one after the other.
///
/// In its own stack frame, which [`Cipher::decrypt`] wipes.
#[inline(never)]
fn derive(passphrase: &[u8], salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    const DIGEST: usize = 16;
    let mut key = Zeroizing::new(Vec::with_capacity(length.next_multiple_of(DIGEST)));
    // Each digest is a piece of the key, so digests and the hash function's state are written to
    // wiped memory only.
    let mut md5 = Md5::new();
    let mut digest = Zeroizing::new([0; DIGEST]);
    while key.len() < length {
        let last = key.len().saturating_sub(DIGEST);
        [&key[last..], passphrase, salt].iter().for_each(|part| md5.update(part));
        md5.finalize_into_reset((&mut *digest).into());
        key.extend_from_slice(&*digest);
    }
    key.truncate(length);
    key
}
