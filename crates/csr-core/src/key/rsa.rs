//! RSA keys (RFC 8017) over the `rsa` crate; the primes come from `csr-keygen`.

use csr_keygen::rsa::{ModulusSize, PUBLIC_EXPONENT, RsaKey};
use der::asn1::{Any, BitString};
use pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey};
use rand_core::TryCryptoRng;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Pkcs1v15Sign};
use sha2::{Digest, Sha256};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use zeroize::Zeroizing;

use super::KeyImportError;
use crate::Error;

/// The moduli that an imported key may have, in bits.
const MODULUS_BITS: core::ops::RangeInclusive<u32> = 2048..=8192;

/// An RSA private key with two primes.
#[derive(Clone)]
pub struct RsaKeyPair {
    key: Box<rsa::PrivateKey>,
}

impl RsaKeyPair {
    pub(super) fn generate<R: TryCryptoRng + ?Sized>(size: ModulusSize, rng: &mut R) -> Result<Self, Error> {
        let key = csr_keygen::rsa::generate(size, rng)?;
        Self::from_generated(&key).ok_or(Error::FaultySignature)
    }

    fn from_generated(key: &RsaKey) -> Option<Self> {
        let bits = key.size().bits();
        let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, bits).ok();
        let e = BoxedUint::from(PUBLIC_EXPONENT);
        // The crate takes ownership of these and wipes them.
        let (d, p, q) = (number(key.private_exponent())?, number(key.p())?, number(key.q())?);
        let key = rsa::PrivateKey::from_components(number(key.modulus())?, e, d, vec![p, q]).ok()?;
        Some(Self { key: Box::new(key) })
    }

    /// Reads a PKCS#1 RSAPrivateKey (RFC 8017 A.1.2) and checks it whole: p·q = n, e·d ≡ 1 modulo p−1 and q−1,
    /// and the CRT values, which must be what they claim.
    pub(super) fn from_pkcs1_der(bytes: &[u8]) -> Result<Self, KeyImportError> {
        let malformed = |_| KeyImportError::Malformed("RSAPrivateKey");
        let parts = pkcs1::RsaPrivateKeyRef::try_from(bytes).map_err(malformed)?;
        let bits = modulus_bits(parts.modulus.as_bytes());
        if !MODULUS_BITS.contains(&bits) {
            return Err(KeyImportError::RsaModulusSize(bits));
        }
        if parts.version() != pkcs1::Version::TwoPrime {
            return Err(KeyImportError::Unsupported("an RSA key of more than two primes".into()));
        }
        let inconsistent = KeyImportError::Inconsistent("the parts of the RSA key don't belong together");
        let crt = [parts.exponent1, parts.exponent2, parts.coefficient]
            .map(|u| Zeroizing::new(u.as_bytes().to_vec()));
        let key = rsa::PrivateKey::try_from(parts).map_err(|_| inconsistent.clone())?;
        let own = key.to_pkcs1_der().map_err(|_| inconsistent.clone())?;
        let own = pkcs1::RsaPrivateKeyRef::try_from(own.as_bytes()).map_err(malformed)?;
        let computed = [own.exponent1, own.exponent2, own.coefficient];
        let same = crt.iter().zip(computed).fold(subtle::Choice::from(1), |same, (given, computed)| {
            same & subtle::ConstantTimeEq::ct_eq(given.as_slice(), computed.as_bytes())
        });
        if same.into() { Ok(Self { key: Box::new(key) }) } else { Err(inconsistent) }
    }

    pub(super) fn modulus_bits(&self) -> u32 {
        self.key.n().as_ref().bit_width_vartime()
    }

    pub(super) fn to_pkcs1_der(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let document = self.key.to_pkcs1_der().map_err(|_| Error::Encoding(der::ErrorKind::Failed))?;
        Ok(document.to_bytes())
    }

    pub(super) fn algorithm_identifier() -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned { oid: pkcs1::ALGORITHM_OID, parameters: Some(Any::null()) }
    }

    pub(super) fn subject_public_key_info(&self) -> Result<SubjectPublicKeyInfoOwned, Error> {
        let public =
            self.key.as_public_key().to_pkcs1_der().map_err(|_| Error::Encoding(der::ErrorKind::Failed))?;
        Ok(SubjectPublicKeyInfoOwned {
            algorithm: Self::algorithm_identifier(),
            subject_public_key: BitString::from_bytes(public.as_bytes())?,
        })
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.1).
    pub(super) fn sign<R: TryCryptoRng + ?Sized>(
        &self,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        let digest = Sha256::digest(message);
        let scheme = Pkcs1v15Sign::new::<Sha256>();
        let signature =
            self.key.sign_with_rng(rng, scheme.clone(), &digest).map_err(|error| match error {
                rsa::Error::Rng => Error::random_source(error),
                _ => Error::FaultySignature,
            })?;
        self.key.as_public_key().verify(scheme, &digest, &signature).map_err(|_| Error::FaultySignature)?;
        Ok(signature)
    }
}

fn modulus_bits(big_endian: &[u8]) -> u32 {
    let significant = big_endian.iter().position(|b| *b != 0).map_or(&[][..], |first| &big_endian[first..]);
    let bits = significant.len() * 8 - significant.first().map_or(0, |b| b.leading_zeros() as usize);
    u32::try_from(bits).unwrap_or(u32::MAX)
}
