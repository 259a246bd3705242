//! RSA keys (RFC 8017). `csr-keygen` generates them and signs with those of its sizes; the `rsa` crate checks what is
//! imported and signs with the other sizes.

use std::sync::Arc;

use csr_keygen::rsa::{Components, ModulusSize, PUBLIC_EXPONENT, RsaKey, SigningKey};
use der::Encode;
use der::asn1::{Any, UintRef};
use pkcs1::{EncodeRsaPrivateKey, RsaPrivateKeyRef};
use rand_core::TryCryptoRng;
use rsa::Pkcs1v15Sign;
use sha2::{Digest, Sha256};
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::KeyImportError;
use crate::Error;
use crate::inspect::bit_length;

/// The moduli that an imported key may have, in bits.
const MODULUS_BITS: core::ops::RangeInclusive<u32> = 2048..=8192;
/// The longest public exponent that the crate `rsa` takes, in bits.
const EXPONENT_BITS_MAX: u32 = 33;

/// An RSA private key with two primes. Clones share it; the last one to go wipes it.
#[derive(Clone)]
pub struct RsaKeyPair(Arc<Inner>);

struct Inner {
    bits: u32,
    /// RSAPrivateKey (RFC 8017 A.1.2), DER.
    private_key: Zeroizing<Vec<u8>>,
    /// RSAPublicKey (RFC 8017 A.1.1), DER.
    public_key: Vec<u8>,
    signer: Signer,
}

enum Signer {
    Lanes(SigningKey),
    AnySize(Box<rsa::PrivateKey>),
}

impl RsaKeyPair {
    pub(super) fn generate<R: TryCryptoRng + ?Sized>(size: ModulusSize, rng: &mut R) -> Result<Self, Error> {
        let key = csr_keygen::rsa::generate(size, rng)?;
        Ok(Self::of(size.bits(), &generated_parts(&key)?, Signer::Lanes(SigningKey::new(&key)))?)
    }

    /// Reads a PKCS#1 RSAPrivateKey (RFC 8017 A.1.2) and checks it whole: p·q = n, e·d ≡ 1 modulo p−1 and q−1,
    /// and the CRT values, which must be what they claim.
    pub(super) fn from_pkcs1_der(bytes: &[u8]) -> Result<Self, KeyImportError> {
        let malformed = |_| KeyImportError::Malformed("RSAPrivateKey");
        let parts = RsaPrivateKeyRef::try_from(bytes).map_err(malformed)?;
        let bits = bit_length(parts.modulus.as_bytes());
        if !MODULUS_BITS.contains(&bits) {
            return Err(KeyImportError::RsaModulusSize(bits));
        }
        if parts.version() != pkcs1::Version::TwoPrime {
            return Err(KeyImportError::Unsupported("an RSA key of more than two primes".into()));
        }
        let exponent_bits = bit_length(parts.public_exponent.as_bytes());
        if exponent_bits > EXPONENT_BITS_MAX {
            return Err(KeyImportError::Unsupported(format!(
                "a public exponent of {exponent_bits} bits in an RSA key, at most {EXPONENT_BITS_MAX} are; \
                 make a new key"
            )));
        }
        let inconsistent = || KeyImportError::Inconsistent("the parts of the RSA key don't belong together");
        let checked = rsa::PrivateKey::try_from(parts.clone()).map_err(|_| inconsistent())?;
        let own = checked.to_pkcs1_der().map_err(|_| inconsistent())?;
        let own = RsaPrivateKeyRef::try_from(own.as_bytes()).map_err(malformed)?;
        let same = [
            (parts.exponent1, own.exponent1),
            (parts.exponent2, own.exponent2),
            (parts.coefficient, own.coefficient),
        ]
        .iter()
        .fold(subtle::Choice::from(1), |same, (given, computed)| {
            same & subtle::ConstantTimeEq::ct_eq(given.as_bytes(), computed.as_bytes())
        });
        if !bool::from(same) {
            return Err(inconsistent());
        }
        let lanes = SigningKey::from_components(&Components {
            n: parts.modulus.as_bytes(),
            e: parts.public_exponent.as_bytes(),
            p: parts.prime1.as_bytes(),
            q: parts.prime2.as_bytes(),
            dp: parts.exponent1.as_bytes(),
            dq: parts.exponent2.as_bytes(),
            qinv: parts.coefficient.as_bytes(),
        });
        let signer = lanes.map_or_else(|_| Signer::AnySize(Box::new(checked)), Signer::Lanes);
        Self::of(bits, &parts, signer).map_err(|e| malformed(e.into()))
    }

    fn of(bits: u32, parts: &RsaPrivateKeyRef<'_>, signer: Signer) -> der::Result<Self> {
        let private_key = Zeroizing::new(parts.to_der()?);
        Ok(Self(Arc::new(Inner { bits, private_key, public_key: parts.public_key().to_der()?, signer })))
    }

    pub(super) fn modulus_bits(&self) -> u32 {
        self.0.bits
    }

    pub(super) fn to_pkcs1_der(&self) -> Zeroizing<Vec<u8>> {
        self.0.private_key.clone()
    }

    pub(super) fn algorithm_identifier() -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned { oid: pkcs1::ALGORITHM_OID, parameters: Some(Any::null()) }
    }

    /// RSAPublicKey (RFC 8017 A.1.1), DER.
    pub(super) fn public_key(&self) -> &[u8] {
        &self.0.public_key
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.1), blinded, verified before it is released.
    pub(super) fn sign<R: TryCryptoRng + ?Sized>(
        &self,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        match &self.0.signer {
            Signer::Lanes(key) => Ok(key.sign_pkcs1v15_sha256(message, rng)?),
            Signer::AnySize(key) => {
                let digest = Sha256::digest(message);
                let scheme = Pkcs1v15Sign::new::<Sha256>();
                let signature =
                    key.sign_with_rng(rng, scheme.clone(), &digest).map_err(|error| match error {
                        rsa::Error::Rng => Error::random_source(error),
                        _ => Error::FaultySignature,
                    })?;
                let verdict = key.as_public_key().verify(scheme, &digest, &signature);
                verdict.map(|()| signature).map_err(|_| Error::FaultySignature)
            }
        }
    }
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
