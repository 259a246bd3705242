//! The hash functions of RSA and ECDSA signatures.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// The hash function of an RSA or ECDSA signature (FIPS 180-4). SM2 has its own, SM3.
///
/// ```
/// use csr_keygen::Digest;
/// use csr_keygen::curve::{self, Curve};
///
/// let key = curve::generate(Curve::P256, &mut getrandom::SysRng)?;
/// let signature = Digest::Sha512.of(b"message", |digest| key.sign_digest(digest, &mut getrandom::SysRng))?;
/// assert_eq!(signature.r().len(), 32);
/// # Ok::<(), csr_keygen::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Digest {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Digest {
    /// Every hash function.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// Its name in FIPS 180-4, such as `SHA-256`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The length of a digest in octets.
    #[must_use]
    pub const fn octets(self) -> usize {
        self.lengths()[0]
    }

    /// The length of a digest, as [`Error::DigestLength`](crate::Error::DigestLength) reports it.
    pub(crate) const fn lengths(self) -> &'static [usize] {
        match self {
            Self::Sha256 => &[32],
            Self::Sha384 => &[48],
            Self::Sha512 => &[64],
        }
    }

    /// Hashes a message, and gives the digest to `f`.
    pub fn of<T>(self, message: &[u8], f: impl FnOnce(&[u8]) -> T) -> T {
        match self {
            Self::Sha256 => f(&Sha256::digest(message)),
            Self::Sha384 => f(&Sha384::digest(message)),
            Self::Sha512 => f(&Sha512::digest(message)),
        }
    }
}

/// The name.
impl core::fmt::Display for Digest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}
