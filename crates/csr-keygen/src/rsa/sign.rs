//! The private-key operation and RSASSA-PKCS1-v1_5 signatures (RFC 8017 §5.2.1 and §8.2), in lanes.
//!
//! Both primes' exponentiations run side by side, on blinded bases, and the signature is verified with n and e
//! before it leaves: a fault in one half would otherwise give the primes away (Boneh, DeMillo, Lipton; Lenstra).

use chacha20::ChaCha20Rng;
use rand_core::TryCryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::crt::Numbers;
use super::words::{self, Words, at_most};
use super::{ModulusSize, RsaKey, blinding, seeded_from};
use crate::engine::{self, Engine};
use crate::{Backend, Error, ct, int, stack};

/// A generated private key made ready to sign. Wiped on drop. One from elsewhere is an [`ImportedKey`](super::ImportedKey).
///
/// ```
/// use csr_keygen::rsa::{self, ModulusSize, SigningKey};
///
/// let key = rsa::generate(ModulusSize::Bits2048, &mut getrandom::SysRng)?;
/// let signature = SigningKey::new(&key).sign_pkcs1v15_sha256(b"message", &mut getrandom::SysRng)?;
/// assert_eq!(signature.len(), 256);
/// # Ok::<(), csr_keygen::Error>(())
/// ```
pub struct SigningKey {
    pub(super) backend: Backend,
    pub(super) size: ModulusSize,
    pub(super) numbers: Numbers,
}

impl core::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SigningKey").field("size", &self.size).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A generated key, on the default backend.
    #[must_use]
    pub fn new(key: &RsaKey) -> Self {
        Self { backend: Backend::default(), size: key.size(), numbers: Numbers::of(key) }
    }

    /// The same key on a backend of the caller's choice.
    #[must_use]
    pub fn on(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// The length of a signature in bytes.
    #[must_use]
    pub fn signature_len(&self) -> usize {
        self.size.bits() as usize / 8
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.1) of a message. `rng` gives 32 bytes for the blinding.
    ///
    /// # Errors
    ///
    /// As [`private_op`](Self::private_op).
    pub fn sign_pkcs1v15_sha256<R: TryCryptoRng + ?Sized>(
        &self,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        self.private_op(&encode_pkcs1v15_sha256(message, self.signature_len()), rng)
    }

    /// m^d mod n of a big-endian message representative m < n (RSASP1, RFC 8017 §5.2.1), as long as the modulus.
    /// `rng` gives 32 bytes for the blinding.
    ///
    /// # Errors
    ///
    /// [`Error::MessageRange`] for m ≥ n, [`Error::RandomSource`] where `rng` fails, [`Error::SignatureFault`]
    /// where the result does not verify; it is wiped then.
    pub fn private_op<R: TryCryptoRng + ?Sized>(
        &self,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        stack::wiped::<{ stack::DEEP }, _>(|| self.private_op_unwiped(message, rng))
    }

    fn private_op_unwiped<R: TryCryptoRng + ?Sized>(
        &self,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        let len = self.numbers.n.len();
        let message = words::read(at_most(8 * len, message).ok_or(Error::MessageRange)?, len);
        if int::less(&message, &self.numbers.n) == 0 {
            return Err(Error::MessageRange);
        }
        let mut blinding = seeded_from(rng)?;
        let mut engine = engine::for_signing(self.backend, self.size);
        let signature = self.power_d(&mut *engine, &message, &mut blinding);
        self.release(&mut *engine, &signature, &message)
    }

    /// m^d mod n, as the engine has computed it.
    pub(super) fn power_d(
        &self,
        engine: &mut dyn Engine,
        message: &[u64],
        blinding: &mut ChaCha20Rng,
    ) -> Words {
        let [mut half_p, mut half_q] = self.numbers.halves();
        let [s_p, s_q] = blinding::powers(engine, message, [&mut half_p, &mut half_q], blinding);
        self.numbers.combine(&mut half_p, &s_p, &s_q)
    }

    /// The only way out for a signature: it verifies.
    pub(super) fn release(
        &self,
        engine: &mut dyn Engine,
        signature: &[u64],
        message: &[u64],
    ) -> Result<Vec<u8>, Error> {
        if self.numbers.verifies(engine, signature, message) {
            ct::publish(signature);
            Ok(words::write(signature).to_vec())
        } else {
            Err(Error::SignatureFault)
        }
    }
}

impl RsaKey {
    /// RSASSA-PKCS1-v1_5 with SHA-256 of a message; see [`SigningKey::sign_pkcs1v15_sha256`].
    ///
    /// # Errors
    ///
    /// As [`SigningKey::private_op`].
    pub fn sign_pkcs1v15_sha256<R: TryCryptoRng + ?Sized>(
        &self,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        SigningKey::new(self).sign_pkcs1v15_sha256(message, rng)
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2) with SHA-256: 00 01 FF … FF 00 DigestInfo.
pub(super) fn encode_pkcs1v15_sha256(message: &[u8], len: usize) -> Zeroizing<Vec<u8>> {
    /// DER of the DigestInfo up to the digest: SEQUENCE { SEQUENCE { OID 2.16.840.1.101.3.4.2.1, NULL }, OCTET
    /// STRING of 32 }.
    const DIGEST_INFO: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        0x04, 0x20,
    ];
    let mut encoded = Zeroizing::new(vec![0xff; len]);
    let end = len - DIGEST_INFO.len() - 32;
    encoded[..2].copy_from_slice(&[0, 1]);
    encoded[end - 1] = 0;
    encoded[end..len - 32].copy_from_slice(&DIGEST_INFO);
    encoded[len - 32..].copy_from_slice(&Sha256::digest(message));
    encoded
}
