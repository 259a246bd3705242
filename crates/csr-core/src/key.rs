//! Private keys of the six algorithms: generate, import, export, sign.

mod cipher;
mod ec;
mod export;
mod import;
mod rsa;

use core::fmt;

use csr_model::PrivateKeyAlgo;
use rand_core::TryCryptoRng;

pub use ec::EcKeyPair;
pub use export::KeyFormat;
pub use import::{KeyImportError, OtherFile};
pub use rsa::RsaKeyPair;

use crate::Error;
use crate::encoder::Encoder;
use crate::sm2_id::{self, Sm2Identity};
use crate::tag;
use csr_keygen::curve::Curve;

/// A private key with its public half. Wiped on drop; `Debug` shows the algorithm only.
///
/// ```
/// use csr_core::{KeyFormat, KeyPair, PrivateKeyAlgo};
///
/// let key = KeyPair::generate(PrivateKeyAlgo::EcP384)?;
/// let pem = key.to_pem(KeyFormat::Pkcs8)?;
/// let again = KeyPair::import(pem.as_bytes(), None)?;
/// assert_eq!(key.public_key_info()?, again.public_key_info()?);
/// # Ok::<(), csr_core::Error>(())
/// ```
#[derive(Clone)]
pub enum KeyPair {
    /// RSA.
    Rsa(RsaKeyPair),
    /// ECDSA on NIST P-256.
    EcP256(EcKeyPair),
    /// ECDSA on NIST P-384.
    EcP384(EcKeyPair),
    /// SM2.
    Sm2(EcKeyPair),
}

/// The algorithm of a key, with the modulus size for RSA. Prints as the API names it, e.g. `RSA_2048`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// RSA with a modulus of so many bits; an imported key may have 2048 to 8192.
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
    /// Generates a key: RSA from a fresh generator of its own ([`crate::fresh_rng`]), the curves' scalar straight from
    /// the operating system.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`] and [`Error::KeyGeneration`]; there is no key then.
    pub fn generate(algorithm: PrivateKeyAlgo) -> Result<Self, Error> {
        use PrivateKeyAlgo::{EcP256, EcP384, Rsa2048, Rsa3072, Rsa4096, Sm2};
        match algorithm {
            Rsa2048 | Rsa3072 | Rsa4096 => Self::generate_with_rng(algorithm, &mut crate::fresh_rng()?),
            // One draw is enough; seeding a generator would add a thirtieth.
            EcP256 | EcP384 | Sm2 => Self::generate_with_rng(algorithm, &mut getrandom::SysRng),
        }
    }

    /// Generates a key from the caller's random source.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`] and [`Error::KeyGeneration`]; there is no key then.
    pub fn generate_with_rng<R>(algorithm: PrivateKeyAlgo, rng: &mut R) -> Result<Self, Error>
    where
        R: TryCryptoRng + ?Sized,
    {
        use csr_keygen::rsa::ModulusSize;
        match algorithm {
            PrivateKeyAlgo::Rsa2048 => RsaKeyPair::generate(ModulusSize::Bits2048, rng).map(Self::Rsa),
            PrivateKeyAlgo::Rsa3072 => RsaKeyPair::generate(ModulusSize::Bits3072, rng).map(Self::Rsa),
            PrivateKeyAlgo::Rsa4096 => RsaKeyPair::generate(ModulusSize::Bits4096, rng).map(Self::Rsa),
            PrivateKeyAlgo::EcP256 => EcKeyPair::generate(Curve::P256, rng).map(Self::EcP256),
            PrivateKeyAlgo::EcP384 => EcKeyPair::generate(Curve::P384, rng).map(Self::EcP384),
            PrivateKeyAlgo::Sm2 => EcKeyPair::generate(Curve::Sm2, rng).map(Self::Sm2),
        }
    }

    /// The key's algorithm and size.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::Rsa(key) => KeyAlgorithm::Rsa { bits: key.modulus_bits() },
            Self::EcP256(_) => KeyAlgorithm::EcP256,
            Self::EcP384(_) => KeyAlgorithm::EcP384,
            Self::Sm2(_) => KeyAlgorithm::Sm2,
        }
    }

    /// The public key as a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7; RFC 3279 §2.3.1 for RSA, with NULL
    /// parameters; RFC 5480 §2.1 for the curves, with a named curve; GB/T 35276 for SM2), DER.
    ///
    /// # Errors
    ///
    /// None today: what a key holds can be encoded.
    pub fn public_key_info(&self) -> Result<Vec<u8>, Error> {
        Ok(Encoder::encode(|encoder| {
            encoder.sequence(|info| {
                match self {
                    Self::Rsa(_) => {
                        info.algorithm(pkcs1::ALGORITHM_OID, |parameters| {
                            parameters.primitive(tag::NULL, &[])
                        });
                    }
                    Self::EcP256(key) | Self::EcP384(key) | Self::Sm2(key) => {
                        info.algorithm(ec::EC_PUBLIC_KEY, |parameters| {
                            parameters.oid(ec::curve_oid(key.curve()))
                        });
                    }
                }
                info.bit_string(self.public_key());
            });
        }))
    }

    /// What a SubjectPublicKeyInfo has in its BIT STRING: an RSAPublicKey or an uncompressed point.
    pub(crate) fn public_key(&self) -> &[u8] {
        match self {
            Self::Rsa(key) => key.public_key(),
            Self::EcP256(key) | Self::EcP384(key) | Self::Sm2(key) => key.public_point(),
        }
    }

    /// The signature algorithm that goes with the key: SHA-256, SHA-384 for P-384, SM3 for SM2. Parameters are
    /// NULL for RSA (RFC 4055 §5) and absent for the others (RFC 5758 §3.2, GM/T 0009).
    pub(crate) fn signature_algorithm(&self, encoder: &mut Encoder) {
        use const_oid::db::rfc5912::{ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, SHA_256_WITH_RSA_ENCRYPTION};
        match self {
            Self::Rsa(_) => encoder
                .algorithm(SHA_256_WITH_RSA_ENCRYPTION, |parameters| parameters.primitive(tag::NULL, &[])),
            Self::EcP256(_) => encoder.algorithm(ECDSA_WITH_SHA_256, |_| ()),
            Self::EcP384(_) => encoder.algorithm(ECDSA_WITH_SHA_384, |_| ()),
            Self::Sm2(_) => encoder.algorithm(SM2_WITH_SM3, |_| ()),
        }
    }

    /// Signs a message as [`signature_algorithm`](Self::signature_algorithm) says, blinded (RSA) or hedged (the curves)
    /// with `rng`. An RSA signature is verified before it is released: a fault in one half would give the primes away.
    /// The result is the content of a CSR's BIT STRING.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`], [`Error::FaultySignature`].
    pub(crate) fn sign<R>(
        &self,
        message: &[u8],
        identity: &Sm2Identity,
        rng: &mut R,
    ) -> Result<Vec<u8>, Error>
    where
        R: TryCryptoRng + ?Sized,
    {
        match self {
            Self::Rsa(key) => key.sign(message, rng),
            Self::EcP256(key) | Self::EcP384(key) | Self::Sm2(key) => key.sign(message, identity, rng),
        }
    }
}

const SM2_WITH_SM3: der::asn1::ObjectIdentifier =
    der::asn1::ObjectIdentifier::new_unwrap(sm2_id::SM2_WITH_SM3);

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({})", self.algorithm())
    }
}

#[cfg(test)]
mod tests;
