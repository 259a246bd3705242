//! RSASSA-PKCS1-v1_5 signatures and the private-key operation behind them (RFC 8017 §8.2 and
//! §5.2.1).
//!
//! The exponentiations modulo both primes run side by side, on blinded bases. The signature is
//! verified with n and e before it is released: a fault in one half would otherwise reveal the
//! primes (Boneh, DeMillo, Lipton; Lenstra).

use chacha20::ChaCha20Rng;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::random::seeded_from;
use crate::rsa::crt::{KeyNumbers, blinded_powers};
use crate::rsa::engine::{self, Engine};
use crate::rsa::int::{self, Words, at_most};
use crate::rsa::key::RsaKey;
use crate::rsa::size::ModulusSize;
use crate::{Backend, Error, ct, stack};

/// The length of a SHA-256 digest in octets.
const DIGEST_OCTETS: usize = 32;

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
        let encoded = encode_pkcs1v15_sha256(digest, self.signature_len())?;
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

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2) with a SHA-256 digest: 00 01 FF … FF 00 DigestInfo.
pub(crate) fn encode_pkcs1v15_sha256(digest: &[u8], len: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    /// DER of the DigestInfo up to the digest: SEQUENCE { SEQUENCE { OID 2.16.840.1.101.3.4.2.1,
    /// NULL }, OCTET STRING of 32 }.
    const DIGEST_INFO: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        0x04, 0x20,
    ];
    if digest.len() != DIGEST_OCTETS {
        return Err(Error::DigestLength { expected: DIGEST_OCTETS, actual: digest.len() });
    }
    let mut encoded = Zeroizing::new(vec![0xff; len]);
    let end = len - DIGEST_INFO.len() - DIGEST_OCTETS;
    encoded[..2].copy_from_slice(&[0, 1]);
    encoded[end - 1] = 0;
    encoded[end..len - DIGEST_OCTETS].copy_from_slice(&DIGEST_INFO);
    encoded[len - DIGEST_OCTETS..].copy_from_slice(digest);
    Ok(encoded)
}
