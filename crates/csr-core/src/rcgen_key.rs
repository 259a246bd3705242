//! Lets `rcgen` sign with our keys, for test CAs and self-signed certificates.

use rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey};

use crate::signing::SignatureParameters;
use crate::{Error, KeyAlgorithm, KeyPair};

/// A [`KeyPair`] that `rcgen` can sign with.
///
/// ```
/// use csr_core::{KeyPair, PrivateKeyAlgo, RcgenKey};
///
/// let key = RcgenKey::try_from(KeyPair::generate(PrivateKeyAlgo::EcP256)?)?;
/// let certificate = rcgen::CertificateParams::new(["localhost".to_owned()])?.self_signed(&key)?;
/// assert!(!certificate.der().is_empty());
///
/// let sm2 = KeyPair::generate(PrivateKeyAlgo::Sm2)?;
/// assert!(matches!(RcgenKey::try_from(sm2), Err(csr_core::Error::NotInRcgen(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct RcgenKey {
    key: KeyPair,
    algorithm: &'static SignatureAlgorithm,
    public_key: Vec<u8>,
}

impl RcgenKey {
    /// The key itself.
    #[must_use]
    pub fn key_pair(&self) -> &KeyPair {
        &self.key
    }
}

impl TryFrom<KeyPair> for RcgenKey {
    type Error = Error;

    /// # Errors
    ///
    /// [`Error::NotInRcgen`] for SM2: `rcgen` has a closed list of algorithms, which lacks SM2.
    fn try_from(key: KeyPair) -> Result<Self, Error> {
        let algorithm = match key.algorithm() {
            KeyAlgorithm::Rsa { .. } => &rcgen::PKCS_RSA_SHA256,
            KeyAlgorithm::EcP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            KeyAlgorithm::EcP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            other @ KeyAlgorithm::Sm2 => return Err(Error::NotInRcgen(other)),
        };
        let public_key = key.public_key().to_vec();
        Ok(Self { key, algorithm, public_key })
    }
}

impl PublicKeyData for RcgenKey {
    fn der_bytes(&self) -> &[u8] {
        &self.public_key
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

impl SigningKey for RcgenKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature = self.key.sign(message, &SignatureParameters::default(), &mut getrandom::SysRng);
        signature.map_err(|_| rcgen::Error::RemoteKeyError)
    }
}
