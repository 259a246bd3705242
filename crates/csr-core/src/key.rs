//! Private keys of the six algorithms: generation, import, export and signatures.

mod cipher;
mod curve;
mod export;
mod import;
mod rsa;

use core::fmt;

use csr_keygen::curve::{Curve, CurveKey};
use csr_keygen::rsa::{ModulusSize, RsaKey};
use csr_model::PrivateKeyAlgo;
use rand_core::TryCryptoRng;

pub use export::KeyFormat;
pub use import::{KeyImportError, OtherFile};
pub(crate) use import::{
    PRIVATE_KEY, der_holds_private_key, encryption, encryption_of_block, is_private_key, labelled,
    other_file, public_key_info, public_key_info_of_block, text_holds_private_key,
};

use self::curve::CurveKeyPair;
use self::rsa::RsaKeyPair;
use crate::Error;
use crate::asn1::Writer;
use crate::signing::SignatureParameters;

/// A private key with its public half. Wiped on drop; `Debug` shows only the algorithm.
///
/// A key from `csr-keygen` becomes a key pair by `KeyPair::from(key)`, without being encoded.
///
/// ```
/// use csr_core::{KeyFormat, KeyPair, PrivateKeyAlgo};
///
/// let key = KeyPair::generate(PrivateKeyAlgo::EcP384)?;
/// let pem = key.to_pem(KeyFormat::Pkcs8)?;
/// let again = KeyPair::import(pem.as_bytes(), None)?;
/// assert_eq!(key.public_key_info(), again.public_key_info());
/// # Ok::<(), csr_core::Error>(())
/// ```
#[derive(Clone)]
pub struct KeyPair(Kind);

/// The families of algorithms, one file each.
#[derive(Clone)]
enum Kind {
    Rsa(RsaKeyPair),
    Curve(CurveKeyPair),
}

/// The algorithm of a key, with the modulus size for RSA. Prints as the API names it, for example
/// `RSA_2048`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// RSA with a modulus of this many bits. An imported key may have 2048 to 8192.
    Rsa {
        /// The length of the modulus.
        bits: u32,
    },
    /// ECDSA on NIST P-256.
    EcP256,
    /// ECDSA on NIST P-384.
    EcP384,
    /// SM2.
    Sm2,
}

impl From<PrivateKeyAlgo> for KeyAlgorithm {
    fn from(algorithm: PrivateKeyAlgo) -> Self {
        match algorithm {
            PrivateKeyAlgo::Rsa2048 => Self::Rsa { bits: 2048 },
            PrivateKeyAlgo::Rsa3072 => Self::Rsa { bits: 3072 },
            PrivateKeyAlgo::Rsa4096 => Self::Rsa { bits: 4096 },
            PrivateKeyAlgo::EcP256 => Self::EcP256,
            PrivateKeyAlgo::EcP384 => Self::EcP384,
            PrivateKeyAlgo::Sm2 => Self::Sm2,
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA_{bits}"),
            Self::EcP256 => f.pad(PrivateKeyAlgo::EcP256.as_str()),
            Self::EcP384 => f.pad(PrivateKeyAlgo::EcP384.as_str()),
            Self::Sm2 => f.pad(PrivateKeyAlgo::Sm2.as_str()),
        }
    }
}

impl KeyPair {
    /// Generates a key. An RSA key comes from its own new generator ([`crate::fresh_rng`]), the
    /// scalar of a curve directly from the operating system.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`] and [`Error::KeyGeneration`]. No key is returned then.
    pub fn generate(algorithm: PrivateKeyAlgo) -> Result<Self, Error> {
        match Generator::new(algorithm) {
            Generator::Rsa(_) => Self::generate_with_rng(algorithm, &mut crate::fresh_rng()?),
            // A single draw is enough. Seeding a generator would take 3 % longer.
            Generator::Curve(_) => Self::generate_with_rng(algorithm, &mut getrandom::SysRng),
        }
    }

    /// Generates a key from the caller's random source.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`] and [`Error::KeyGeneration`]. No key is returned then.
    pub fn generate_with_rng<R>(algorithm: PrivateKeyAlgo, rng: &mut R) -> Result<Self, Error>
    where
        R: TryCryptoRng + ?Sized,
    {
        Ok(match Generator::new(algorithm) {
            Generator::Rsa(size) => csr_keygen::rsa::generate(size, rng)?.into(),
            Generator::Curve(curve) => csr_keygen::curve::generate(curve, rng)?.into(),
        })
    }

    /// Generates `count` keys, on one thread. For `RSA_2048` that takes less time than as many calls of
    /// [`generate`](Self::generate), as the searches share the processor's vector units.
    ///
    /// ```
    /// use csr_core::{KeyPair, PrivateKeyAlgo};
    ///
    /// let keys = KeyPair::generate_batch(PrivateKeyAlgo::Sm2, 16)?;
    /// assert_eq!(keys.len(), 16);
    /// # Ok::<(), csr_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`generate`](Self::generate). After one failure no key is returned.
    pub fn generate_batch(algorithm: PrivateKeyAlgo, count: usize) -> Result<Vec<Self>, Error> {
        Self::generate_batch_with_rng(algorithm, count, &mut getrandom::SysRng)
    }

    /// [`generate_batch`](Self::generate_batch) from the caller's random source. Each RSA key has
    /// its own generator, seeded with 32 bytes from that source.
    ///
    /// # Errors
    ///
    /// As [`generate_batch`](Self::generate_batch).
    pub fn generate_batch_with_rng<R>(
        algorithm: PrivateKeyAlgo,
        count: usize,
        rng: &mut R,
    ) -> Result<Vec<Self>, Error>
    where
        R: TryCryptoRng + ?Sized,
    {
        fn pairs<K: Into<KeyPair>>(keys: Vec<K>) -> Vec<KeyPair> {
            keys.into_iter().map(Into::into).collect()
        }
        Ok(match Generator::new(algorithm) {
            Generator::Rsa(size) => pairs(csr_keygen::rsa::generate_batch(size, count, rng)?),
            Generator::Curve(curve) => pairs(csr_keygen::curve::generate_batch(curve, count, rng)?),
        })
    }

    /// The key's algorithm and size.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        match &self.0 {
            Kind::Rsa(key) => KeyAlgorithm::Rsa { bits: key.modulus_bits() },
            Kind::Curve(key) => key.algorithm(),
        }
    }

    /// The public key as a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7; RFC 3279 §2.3.1 for RSA, with NULL
    /// parameters; RFC 5480 §2.1 for the curves, with a named curve; GB/T 35276 for SM2), DER.
    #[must_use]
    pub fn public_key_info(&self) -> Vec<u8> {
        Writer::der(|writer| {
            writer.sequence(|info| {
                match &self.0 {
                    Kind::Rsa(_) => RsaKeyPair::write_algorithm(info),
                    Kind::Curve(key) => key.write_algorithm(info),
                }
                info.bit_string(self.public_key());
            });
        })
    }

    /// The content of a SubjectPublicKeyInfo's BIT STRING: an RSAPublicKey or an uncompressed
    /// point.
    pub(crate) fn public_key(&self) -> &[u8] {
        match &self.0 {
            Kind::Rsa(key) => key.public_key(),
            Kind::Curve(key) => key.public_point(),
        }
    }

    /// Writes the algorithm of [`sign`](Self::sign). Parameters are NULL for PKCS#1 v1.5 (RFC 4055 §5), a structure for
    /// RSASSA-PSS (§3.1), and absent for the curves (RFC 5758 §3.2, GM/T 0009).
    pub(crate) fn write_signature_algorithm(&self, writer: &mut Writer, parameters: &SignatureParameters) {
        match &self.0 {
            Kind::Rsa(_) => RsaKeyPair::write_signature_algorithm(writer, parameters.rsa_scheme()),
            Kind::Curve(key) => key.write_signature_algorithm(writer, parameters.digest),
        }
    }

    /// Signs a message, salted (PSS), blinded (RSA) or hedged (the curves) with `rng`. What the key
    /// has no use for in `parameters` is ignored. An RSA signature is verified before it is
    /// released, because a fault in one half would reveal the primes. The result is the content of
    /// a CSR's BIT STRING.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`], [`Error::FaultySignature`].
    pub(crate) fn sign<R>(
        &self,
        message: &[u8],
        parameters: &SignatureParameters,
        rng: &mut R,
    ) -> Result<Vec<u8>, Error>
    where
        R: TryCryptoRng + ?Sized,
    {
        match &self.0 {
            Kind::Rsa(key) => key.sign(message, parameters.rsa_scheme(), rng),
            Kind::Curve(key) => key.sign(message, parameters, rng),
        }
    }
}

/// The SubjectPublicKeyInfo of an RSAPublicKey (RFC 3279 §2.3.1).
pub(crate) fn rsa_public_key_info(public_key: &[u8]) -> Vec<u8> {
    Writer::der(|writer| {
        writer.sequence(|info| {
            RsaKeyPair::write_algorithm(info);
            info.bit_string(public_key);
        });
    })
}

/// The part of `csr-keygen` that generates keys of an algorithm.
enum Generator {
    Rsa(ModulusSize),
    Curve(Curve),
}

impl Generator {
    const fn new(algorithm: PrivateKeyAlgo) -> Self {
        match algorithm {
            PrivateKeyAlgo::Rsa2048 => Self::Rsa(ModulusSize::Bits2048),
            PrivateKeyAlgo::Rsa3072 => Self::Rsa(ModulusSize::Bits3072),
            PrivateKeyAlgo::Rsa4096 => Self::Rsa(ModulusSize::Bits4096),
            PrivateKeyAlgo::EcP256 => Self::Curve(Curve::P256),
            PrivateKeyAlgo::EcP384 => Self::Curve(Curve::P384),
            PrivateKeyAlgo::Sm2 => Self::Curve(Curve::Sm2),
        }
    }
}

impl From<RsaKey> for KeyPair {
    fn from(key: RsaKey) -> Self {
        Self(Kind::Rsa(key.into()))
    }
}

impl From<CurveKey> for KeyPair {
    fn from(key: CurveKey) -> Self {
        Self(Kind::Curve(key.into()))
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({})", self.algorithm())
    }
}

#[cfg(test)]
mod tests;
