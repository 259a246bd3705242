use core::fmt;

use base64ct::{Base64, Base64Unpadded, Encoding};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::mac::{self, Altered, Authenticated, Mac};
use super::sealed::{KeyId, Owner, SealError, Sealed};

const KEY: usize = 32;
const NONCE: usize = 24;
const TAG: usize = 16;

/// The key that seals every secret of a store: 32 bytes. Wiped on drop; `Debug` shows only its id.
#[derive(Clone)]
pub struct MasterKey {
    bytes: Zeroizing<[u8; KEY]>,
    /// The key for the MACs of rows.
    mac_key: Zeroizing<[u8; KEY]>,
    id: KeyId,
}

/// The text is no master key. The error doesn't show the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key must be 32 bytes, as 64 hexadecimal digits or as base64")]
pub struct MalformedMasterKey;

impl MasterKey {
    /// Draws a new key from the operating system's random source.
    ///
    /// # Errors
    ///
    /// [`SealError::RandomSource`].
    pub fn random() -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; KEY]);
        getrandom::fill(&mut *bytes)?;
        Ok(Self::new(bytes))
    }

    /// Reads a key: 64 hexadecimal digits, or base64 with or without padding. White space around it
    /// is ignored.
    ///
    /// # Errors
    ///
    /// [`MalformedMasterKey`].
    pub fn parse(text: &str) -> Result<Self, MalformedMasterKey> {
        let text = text.trim().as_bytes();
        let mut bytes = Zeroizing::new([0; KEY]);
        // `base16ct` and `base64ct` decode in constant time.
        let decoded = match text.len() {
            64 => hex::mixed::decode(text, &mut *bytes).map(<[u8]>::len).ok(),
            44 => Base64::decode(text, &mut *bytes).map(<[u8]>::len).ok(),
            43 => Base64Unpadded::decode(text, &mut *bytes).map(<[u8]>::len).ok(),
            _ => None,
        };
        if decoded == Some(KEY) { Ok(Self::new(bytes)) } else { Err(MalformedMasterKey) }
    }

    fn new(bytes: Zeroizing<[u8; KEY]>) -> Self {
        let id = id(&bytes, b"csr-facade/2 master key id");
        let mac_key = derived(&bytes, b"csr-facade/2 row mac");
        Self { bytes, mac_key, id }
    }

    /// The key's id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The id of the key in stores whose rows had no MACs. Newer stores never hold it, so that an
    /// attacker who can write to the database cannot turn one into such a store.
    pub(crate) fn id_before_macs(&self) -> KeyId {
        id(&self.bytes, b"csr-facade/1 master key id")
    }

    /// Computes the MAC of a row.
    pub(crate) fn mac<T: Authenticated>(&self, row: &T) -> Mac {
        mac::compute(row, &self.mac_key, self.id)
    }

    /// Checks the MAC of a row, in constant time.
    ///
    /// # Errors
    ///
    /// [`Altered`].
    pub(crate) fn check<T: Authenticated>(&self, row: &T) -> Result<(), Altered> {
        mac::check(row, &self.mac_key, self.id)
    }

    /// The key as 64 hexadecimal digits, the form of a key file.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::lower::encode_string(&*self.bytes))
    }

    /// Seals a secret for its owner.
    ///
    /// # Errors
    ///
    /// [`SealError::RandomSource`].
    pub fn seal(&self, secret: &[u8], owner: &Owner<'_>) -> Result<Sealed, SealError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce)?;
        // Encrypted in place, in a buffer that doesn't grow, so that no plaintext stays behind.
        let mut bytes = Vec::with_capacity(NONCE + secret.len() + TAG);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(secret);
        let tag = self
            .cipher()
            .encrypt_inout_detached(
                &XNonce::from(nonce),
                &owner.associated_data(),
                (&mut bytes[NONCE..]).into(),
            )
            // Fails only above the cipher's limit of 256 GiB, which no secret reaches.
            .map_err(|_| SealError::Tampered)?;
        bytes.extend_from_slice(&tag);
        Ok(Sealed { key_id: self.id, bytes })
    }

    /// Opens a secret that was sealed for this owner.
    ///
    /// # Errors
    ///
    /// [`SealError::OtherMasterKey`], [`SealError::Tampered`].
    pub fn open(&self, sealed: &Sealed, owner: &Owner<'_>) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if sealed.key_id != self.id {
            return Err(SealError::OtherMasterKey { sealed: sealed.key_id, given: self.id });
        }
        self.open_bytes(&sealed.bytes, owner)
    }

    /// Opens a secret that was sealed for this owner under this key, whatever its id was.
    pub(crate) fn open_bytes(
        &self,
        bytes: &[u8],
        owner: &Owner<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, rest) = bytes.split_first_chunk::<NONCE>().ok_or(SealError::Tampered)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG>().ok_or(SealError::Tampered)?;
        let mut secret = Zeroizing::new(ciphertext.to_vec());
        self.cipher()
            .decrypt_inout_detached(
                &XNonce::from(*nonce),
                &owner.associated_data(),
                secret.as_mut_slice().into(),
                &(*tag).into(),
            )
            .map_err(|_| SealError::Tampered)?;
        Ok(secret)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*derived(&self.bytes, b"csr-facade/1 seal")).into())
    }
}

/// Eight bytes that identify the key, and reveal nothing about it.
fn id(key: &[u8; KEY], label: &[u8]) -> KeyId {
    let mut id = [0; 8];
    id.copy_from_slice(&derived(key, label)[..8]);
    KeyId(id)
}

/// A separate key for each use: HMAC-SHA-256 over the name of the use.
fn derived(key: &[u8; KEY], label: &[u8]) -> Zeroizing<[u8; KEY]> {
    // RFC 2104 section 2: a key shorter than the hash's block is padded with zeros.
    let mut block = Zeroizing::new([0; 64]);
    block[..KEY].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
    mac.update(label);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}
