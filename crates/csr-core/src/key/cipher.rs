//! The primitives of encrypted keys: block ciphers in CBC mode with the padding of RFC 8018 §6.1.1,
//! and PBKDF2 (§5.2) with its hash functions.
//!
//! Key schedules and hash states are wiped on drop (the feature `zeroize` of each crate).

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{
    BlockCipherDecrypt, BlockModeDecrypt, BlockModeEncrypt, InvalidLength, KeyInit, KeyIvInit,
};
use pbkdf2::pbkdf2_hmac;
use zeroize::Zeroizing;

/// More bytes of the stack than the ciphers use.
const STACK: usize = 8192;

/// A block cipher in CBC mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    Sm4,
    /// Triple DES with two keys.
    DesEde2,
    /// Triple DES with three keys.
    DesEde3,
}

impl Cipher {
    /// The length, in bytes.
    pub(super) const fn key_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Sm4 | Self::DesEde2 => 16,
            Self::Aes192 | Self::DesEde3 => 24,
            Self::Aes256 => 32,
        }
    }

    /// The length of a block and of the initialisation vector, in bytes.
    pub(super) const fn block_length(self) -> usize {
        match self {
            Self::DesEde2 | Self::DesEde3 => 8,
            _ => 16,
        }
    }

    /// The plaintext without its padding; `None` if the padding or a length is wrong.
    pub(super) fn decrypt(self, key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let plain = self.decrypt_unwiped(key, iv, ciphertext);
        // Key schedules begin with the key, and moves of a cipher leave unwiped copies of them.
        zeroize::zeroize_stack::<STACK>();
        plain
    }

    #[inline(never)]
    fn decrypt_unwiped(self, key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let length = match self {
            Self::Aes128 => decrypt_in_place::<aes::Aes128Dec>(key, iv, &mut buffer),
            Self::Aes192 => decrypt_in_place::<aes::Aes192Dec>(key, iv, &mut buffer),
            Self::Aes256 => decrypt_in_place::<aes::Aes256Dec>(key, iv, &mut buffer),
            Self::Sm4 => decrypt_in_place::<sm4::Sm4>(key, iv, &mut buffer),
            Self::DesEde2 => decrypt_in_place::<des::TdesEde2>(key, iv, &mut buffer),
            Self::DesEde3 => decrypt_in_place::<des::TdesEde3>(key, iv, &mut buffer),
        }?;
        buffer.truncate(length);
        Some(buffer)
    }
}

fn decrypt_in_place<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    buffer: &mut [u8],
) -> Option<usize> {
    let decryptor = cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?;
    Some(decryptor.decrypt_padded::<Pkcs7>(buffer).ok()?.len())
}

/// AES-256 in CBC mode. Encrypts the buffer with the plaintext in place.
pub(super) fn encrypt_aes256(key: &[u8], iv: &[u8], plain: &[u8]) -> Result<Vec<u8>, InvalidLength> {
    let encrypted = encrypt_aes256_unwiped(key, iv, plain);
    zeroize::zeroize_stack::<STACK>();
    encrypted
}

#[inline(never)]
fn encrypt_aes256_unwiped(key: &[u8], iv: &[u8], plain: &[u8]) -> Result<Vec<u8>, InvalidLength> {
    let encryptor = cbc::Encryptor::<aes::Aes256Enc>::new_from_slices(key, iv)?;
    let block = Cipher::Aes256.block_length();
    let mut buffer = vec![0; plain.len() / block * block + block];
    buffer[..plain.len()].copy_from_slice(plain);
    encryptor.encrypt_padded::<Pkcs7>(&mut buffer, plain.len()).map_err(|_| InvalidLength)?;
    Ok(buffer)
}

/// The hash function of the HMAC that PBKDF2 repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prf {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512_224,
    Sha512_256,
    Sm3,
}

impl Prf {
    /// The length, in bytes.
    pub(super) const fn output_length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 | Self::Sha512_224 => 28,
            Self::Sha256 | Self::Sha512_256 | Self::Sm3 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// PBKDF2 (RFC 8018 §5.2).
    pub(super) fn pbkdf2(
        self,
        passphrase: &[u8],
        salt: &[u8],
        iterations: u32,
        length: usize,
    ) -> Zeroizing<Vec<u8>> {
        let mut key = Zeroizing::new(vec![0; length]);
        let derive = match self {
            Self::Md5 => pbkdf2_hmac::<md5::Md5>,
            Self::Sha1 => pbkdf2_hmac::<sha1::Sha1>,
            Self::Sha224 => pbkdf2_hmac::<sha2::Sha224>,
            Self::Sha256 => pbkdf2_hmac::<sha2::Sha256>,
            Self::Sha384 => pbkdf2_hmac::<sha2::Sha384>,
            Self::Sha512 => pbkdf2_hmac::<sha2::Sha512>,
            Self::Sha512_224 => pbkdf2_hmac::<sha2::Sha512_224>,
            Self::Sha512_256 => pbkdf2_hmac::<sha2::Sha512_256>,
            Self::Sm3 => pbkdf2_hmac::<sm3::Sm3>,
        };
        derive(passphrase, salt, iterations, &mut key);
        key
    }
}
