//! RSA keys (RFC 8017). `csr-keygen` generates them, checks imported ones, and signs. It wipes its
//! arithmetic, so that no number of a key stays in memory outside the key itself.

use std::sync::Arc;

use csr_keygen::Digest;
use csr_keygen::rsa::{Components, ImportedKey, PUBLIC_EXPONENT, RsaKey, RsaSigner, Scheme};
use der::Encode;
use der::asn1::{Any, UintRef};
use pkcs1::RsaPrivateKeyRef;
use pkcs8::spki::AlgorithmIdentifierOwned;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use super::KeyImportError;
use super::import::unsupported_key;
use crate::Error;
use crate::algorithm::Pss;
use crate::asn1::{Writer, bit_length, tag};
use crate::oid::{KeyType, SignatureType};

/// The moduli that an imported key may have, in bits.
const MODULUS_BITS: core::ops::RangeInclusive<u32> = 2048..=8192;
/// The longest public exponent, in bits. Verifiers of a CSR, here and elsewhere, accept no longer
/// one.
const EXPONENT_BITS_MAX: u32 = 33;

/// An RSA private key with two primes. Clones share it, and the last one wipes it.
#[derive(Clone)]
pub(super) struct RsaKeyPair(Arc<Inner>);

struct Inner {
    bits: u32,
    /// RSAPublicKey (RFC 8017 A.1.1), DER.
    public_key: Vec<u8>,
    private_key: PrivateKey,
}

enum PrivateKey {
    Generated {
        key: RsaKey,
        signer: RsaSigner,
    },
    Imported {
        /// RSAPrivateKey (RFC 8017 A.1.2), DER.
        der: Zeroizing<Vec<u8>>,
        signer: ImportedKey,
    },
}

impl From<RsaKey> for RsaKeyPair {
    fn from(key: RsaKey) -> Self {
        let public_key = public_key(key.modulus(), &PUBLIC_EXPONENT.to_be_bytes());
        let (bits, signer) = (key.size().bits(), key.signer());
        let private_key = PrivateKey::Generated { key, signer };
        Self(Arc::new(Inner { bits, public_key, private_key }))
    }
}

impl RsaKeyPair {
    /// Reads a PKCS#1 RSAPrivateKey (RFC 8017 A.1.2) and checks it whole, as [`ImportedKey`]
    /// describes: its numbers belong together, its primes are prime (FIPS 186-5 B.3.1) and far
    /// apart (A.1.3), and it is no key of a known weak kind.
    pub(super) fn from_pkcs1_der(bytes: &[u8]) -> Result<Self, KeyImportError> {
        let malformed = |_| KeyImportError::Malformed("RSAPrivateKey");
        let parts = RsaPrivateKeyRef::try_from(bytes).map_err(malformed)?;
        let bits = bit_length(parts.modulus.as_bytes());
        if !MODULUS_BITS.contains(&bits) {
            return Err(KeyImportError::RsaModulusSize(bits));
        }
        if parts.version() != pkcs1::Version::TwoPrime {
            return Err(unsupported_key("an RSA key of more than two primes"));
        }
        let mut rng = crate::fresh_rng().map_err(|error| KeyImportError::RandomSource(error.to_string()))?;
        let long_exponent = || {
            let exponent_bits = bit_length(parts.public_exponent.as_bytes());
            (exponent_bits > EXPONENT_BITS_MAX).then(|| {
                KeyImportError::Unsupported(format!(
                    "a public exponent of {exponent_bits} bits in an RSA key, at most {EXPONENT_BITS_MAX} are supported; \
                     make a new key"
                ))
            })
        };
        let key = ImportedKey::new(
            &Components {
                n: parts.modulus.as_bytes(),
                e: parts.public_exponent.as_bytes(),
                d: parts.private_exponent.as_bytes(),
                p: parts.prime1.as_bytes(),
                q: parts.prime2.as_bytes(),
                dp: parts.exponent1.as_bytes(),
                dq: parts.exponent2.as_bytes(),
                qinv: parts.coefficient.as_bytes(),
            },
            &mut rng,
        );
        let signer = match (key, long_exponent()) {
            (Ok(_) | Err(csr_keygen::Error::UnsuitableKey(_)), Some(error)) => return Err(error),
            (key, _) => key.map_err(refusal)?,
        };
        let public_key = public_key(parts.modulus.as_bytes(), parts.public_exponent.as_bytes());
        let der = Zeroizing::new(parts.to_der().map_err(|error| malformed(error.into()))?);
        let private_key = PrivateKey::Imported { der, signer };
        Ok(Self(Arc::new(Inner { bits, public_key, private_key })))
    }

    pub(super) fn modulus_bits(&self) -> u32 {
        self.0.bits
    }

    /// RSAPrivateKey (RFC 8017 A.1.2), DER.
    pub(super) fn to_pkcs1_der(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(match &self.0.private_key {
            PrivateKey::Generated { key, .. } => Zeroizing::new(generated_parts(key)?.to_der()?),
            PrivateKey::Imported { der, .. } => der.clone(),
        })
    }

    pub(super) fn algorithm_identifier() -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned { oid: KeyType::Rsa.oid(), parameters: Some(Any::null()) }
    }

    /// The AlgorithmIdentifier of a SubjectPublicKeyInfo.
    pub(super) fn write_algorithm(writer: &mut Writer) {
        writer.algorithm(KeyType::Rsa.oid(), |parameters| parameters.primitive(tag::NULL, &[]));
    }

    pub(super) fn write_signature_algorithm(writer: &mut Writer, scheme: Scheme) {
        let algorithm = match scheme {
            Scheme::Pss(hash) => return Pss { hash, salt_len: hash.octets() }.write(writer),
            Scheme::Pkcs1v15(Digest::Sha256) => SignatureType::Sha256WithRsa,
            Scheme::Pkcs1v15(Digest::Sha384) => SignatureType::Sha384WithRsa,
            Scheme::Pkcs1v15(Digest::Sha512) => SignatureType::Sha512WithRsa,
        };
        writer.algorithm(algorithm.oid(), |parameters| parameters.primitive(tag::NULL, &[]));
    }

    /// RSAPublicKey (RFC 8017 A.1.1), DER.
    pub(super) fn public_key(&self) -> &[u8] {
        &self.0.public_key
    }

    /// RSASSA-PKCS1-v1_5 or RSASSA-PSS (RFC 8017 §8.2.1, §8.1.1), blinded, verified before it is released.
    pub(super) fn sign<R: TryCryptoRng + ?Sized>(
        &self,
        message: &[u8],
        scheme: Scheme,
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        Ok(scheme.digest().of(message, |digest| match &self.0.private_key {
            PrivateKey::Generated { signer, .. } => signer.sign(scheme, digest, rng),
            PrivateKey::Imported { signer, .. } => signer.sign(scheme, digest, rng),
        })?)
    }
}

/// Why a key was refused.
fn refusal(error: csr_keygen::Error) -> KeyImportError {
    match error {
        csr_keygen::Error::InconsistentKey(what) => KeyImportError::Inconsistent(what),
        csr_keygen::Error::WeakKey(what) => KeyImportError::Weak(what),
        csr_keygen::Error::RandomSource(what) => KeyImportError::RandomSource(what),
        other => KeyImportError::Unsupported(other.to_string()),
    }
}

/// RSAPublicKey (RFC 8017 A.1.1), DER.
fn public_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    Writer::der(|writer| {
        writer.sequence(|key| {
            key.unsigned(modulus);
            key.unsigned(exponent);
        });
    })
}

fn generated_parts(key: &RsaKey) -> der::Result<RsaPrivateKeyRef<'_>> {
    const EXPONENT: [u8; 4] = PUBLIC_EXPONENT.to_be_bytes();
    Ok(RsaPrivateKeyRef {
        modulus: UintRef::new(key.modulus())?,
        public_exponent: UintRef::new(&EXPONENT)?,
        private_exponent: UintRef::new(key.private_exponent())?,
        prime1: UintRef::new(key.p())?,
        prime2: UintRef::new(key.q())?,
        exponent1: UintRef::new(key.dp())?,
        exponent2: UintRef::new(key.dq())?,
        coefficient: UintRef::new(key.q_inverse())?,
        other_prime_infos: None,
    })
}
