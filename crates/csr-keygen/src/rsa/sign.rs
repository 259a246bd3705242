//! Signatures and the private-key operation behind them (RFC 8017 §8.1.1, §8.2.1 and §5.2.1).
//!
//! The exponentiations modulo both primes run side by side, on blinded bases. The signature is
//! verified with n and e before it is released: a fault in one half would otherwise reveal the
//! primes (Boneh, DeMillo, Lipton; Lenstra).

use crate::random::seeded_from;
use crate::rsa::crt::{KeyNumbers, blinded_powers};
use crate::rsa::engine::{self, Engine};
use crate::rsa::int::{self, Words, at_most};
use crate::rsa::key::RsaKey;
use crate::rsa::padding::Scheme;
use crate::rsa::size::ModulusSize;
use crate::{Backend, Digest, Error, ct, stack};
use chacha20::ChaCha20Rng;
use rand_core::TryCryptoRng;

/// What `sign_digest` makes.
pub(crate) const DEFAULT_SCHEME: Scheme = Scheme::Pkcs1v15(Digest::Sha256);

/// A generated private key prepared for signing; an imported one is an
/// [`ImportedKey`](crate::rsa::ImportedKey). Wiped on drop.
///
/// ```
/// use csr_keygen::rsa::{self, ModulusSize};
/// use sha2::{Digest, Sha256};
///
/// let key = rsa::generate(ModulusSize::Bits2048, &mut getrandom::SysRng)?;
/// let signer = key.signer();
/// let signature = signer.sign_digest(&Sha256::digest(b"message"), &mut getrandom::SysRng)?;
/// assert_eq!(signature.len(), 256);
/// # Ok::<(), csr_keygen::Error>(())
/// ```
pub struct RsaSigner {
    pub(crate) size: ModulusSize,
    pub(crate) numbers: KeyNumbers,
}

impl core::fmt::Debug for RsaSigner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RsaSigner").field("size", &self.size).finish_non_exhaustive()
    }
}

impl RsaSigner {
    /// The length of a signature in bytes.
    #[must_use]
    pub fn signature_len(&self) -> usize {
        self.size.bits() as usize / 8
    }

    /// The RSASSA-PKCS1-v1_5 signature (RFC 8017 §8.2.1) of a SHA-256 digest. `rng` gives 32 bytes
    /// for the blinding.
    ///
    /// # Errors
    ///
    /// [`Error::DigestLength`] if the digest does not have 32 octets, [`Error::RandomSource`] if
    /// `rng` fails, [`Error::SignatureFault`] if the signature does not verify; it is wiped then.
    pub fn sign_digest<R: TryCryptoRng + ?Sized>(
        &self,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        self.sign_digest_with(Backend::default(), digest, rng)
    }

    /// [`sign_digest`](Self::sign_digest) on a chosen backend: the same signature.
    ///
    /// # Errors
    ///
    /// As [`sign_digest`](Self::sign_digest).
    pub fn sign_digest_with<R: TryCryptoRng + ?Sized>(
        &self,
        backend: Backend,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        self.sign_with(backend, DEFAULT_SCHEME, digest, rng)
    }

    /// The signature of a digest with this scheme. `rng` gives the salt of PSS, and 32 bytes for
    /// the blinding.
    ///
    /// ```
    /// use csr_keygen::Digest;
    /// use csr_keygen::rsa::{self, ModulusSize, Scheme};
    ///
    /// let signer = rsa::generate(ModulusSize::Bits2048, &mut getrandom::SysRng)?.signer();
    /// let signature = Digest::Sha384.of(b"message", |digest| {
    ///     signer.sign(Scheme::Pss(Digest::Sha384), digest, &mut getrandom::SysRng)
    /// })?;
    /// assert_eq!(signature.len(), 256);
    /// # Ok::<(), csr_keygen::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::DigestLength`] if the digest is not as long as those of the scheme's hash function,
    /// [`Error::RandomSource`] if `rng` fails, [`Error::SignatureFault`] if the signature does not
    /// verify; it is wiped then.
    pub fn sign<R: TryCryptoRng + ?Sized>(
        &self,
        scheme: Scheme,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        self.sign_with(Backend::default(), scheme, digest, rng)
    }

    /// [`sign`](Self::sign) on a chosen backend: the same signature from the same `rng`.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub fn sign_with<R: TryCryptoRng + ?Sized>(
        &self,
        backend: Backend,
        scheme: Scheme,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        let encoded = scheme.encode(digest, self.size.bits() as usize, rng)?;
        self.private_op_with(backend, &encoded, rng)
    }

    /// m^d mod n of a big-endian message representative m < n (RSASP1, RFC 8017 §5.2.1), as long as
    /// the modulus. `rng` gives 32 bytes for the blinding. For benches and tests.
    ///
    /// # Errors
    ///
    /// [`Error::MessageRange`] for m ≥ n, [`Error::RandomSource`] if `rng` fails,
    /// [`Error::SignatureFault`] if the result does not verify; it is wiped then.
    #[doc(hidden)]
    pub fn private_op_with<R: TryCryptoRng + ?Sized>(
        &self,
        backend: Backend,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        stack::wiped::<{ stack::DEEP }, _>(|| self.private_op_unwiped(backend, message, rng))
    }

    fn private_op_unwiped<R: TryCryptoRng + ?Sized>(
        &self,
        backend: Backend,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        let len = self.numbers.n.len();
        let message = int::read(at_most(8 * len, message).ok_or(Error::MessageRange)?, len);
        if int::less(&message, &self.numbers.n) == 0 {
            return Err(Error::MessageRange);
        }
        let mut blinding = seeded_from(rng)?;
        let mut engine = engine::for_signing(backend, self.size);
        let signature = self.power_d(&mut *engine, &message, &mut blinding);
        self.release(&mut *engine, &signature, &message)
    }

    /// m^d mod n as the engine computed it, not yet verified.
    pub(crate) fn power_d(
        &self,
        engine: &mut dyn Engine,
        message: &[u64],
        blinding: &mut ChaCha20Rng,
    ) -> Words {
        let [mut half_p, mut half_q] = self.numbers.halves();
        let [s_p, s_q] = blinded_powers(engine, message, [&mut half_p, &mut half_q], blinding);
        self.numbers.combine(&mut half_p, &s_p, &s_q)
    }

    /// The signature's bytes if it verifies. There is no other way to release one.
    pub(crate) fn release(
        &self,
        engine: &mut dyn Engine,
        signature: &[u64],
        message: &[u64],
    ) -> Result<Vec<u8>, Error> {
        if self.numbers.verifies(engine, signature, message) {
            ct::publish(signature);
            Ok(int::write(signature).to_vec())
        } else {
            Err(Error::SignatureFault)
        }
    }
}

impl RsaKey {
    /// The key prepared for several signatures.
    #[must_use]
    pub fn signer(&self) -> RsaSigner {
        RsaSigner { size: self.size(), numbers: KeyNumbers::from_key(self) }
    }

    /// The RSASSA-PKCS1-v1_5 signature of a SHA-256 digest; see [`RsaSigner::sign_digest`].
    ///
    /// # Errors
    ///
    /// As [`RsaSigner::sign_digest`].
    pub fn sign_digest<R: TryCryptoRng + ?Sized>(
        &self,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        self.signer().sign_digest(digest, rng)
    }

    /// [`sign_digest`](Self::sign_digest) on a chosen backend: the same signature.
    ///
    /// # Errors
    ///
    /// As [`RsaSigner::sign_digest`].
    pub fn sign_digest_with<R: TryCryptoRng + ?Sized>(
        &self,
        backend: Backend,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        self.signer().sign_digest_with(backend, digest, rng)
    }
}
