//! Assembles, encodes and signs the CSR (RFC 2986).

mod request;

use core::fmt;

use rand_core::TryCryptoRng;
use sha2::{Digest, Sha256};

use crate::asn1::Writer;
use crate::signing::SignatureParameters;
use crate::{CsrSpec, Error, KeyPair, pem};

/// A signed PKCS#10 certification request.
///
/// ```
/// use csr_core::{Csr, CsrSpec, KeyPair, PrivateKeyAlgo};
///
/// let spec = CsrSpec::builder().domain("example.com").build()?;
/// let key = KeyPair::generate(PrivateKeyAlgo::Sm2)?;
/// let csr = Csr::sign(&spec, &key)?;
/// assert!(csr.to_pem().starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
/// # Ok::<(), csr_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Csr {
    der: Vec<u8>,
    public_key_sha256: [u8; 32],
}

impl Csr {
    /// Signs a CSR for a key, with randomness from the operating system for blinding and nonces.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the specification asks for a signature that the key cannot make
    /// ([`KeyAlgorithm::check_signature`](crate::KeyAlgorithm::check_signature)), [`Error::RandomSource`],
    /// [`Error::FaultySignature`], [`Error::Encoding`]. No CSR is returned then.
    pub fn sign(spec: &CsrSpec, key: &KeyPair) -> Result<Self, Error> {
        Self::sign_with_rng(spec, key, &mut getrandom::SysRng)
    }

    /// Signs a CSR for a key; `rng` salts (PSS) and blinds an RSA signature, and hedges the nonce of the others.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the specification asks for a signature that the key cannot make
    /// ([`KeyAlgorithm::check_signature`](crate::KeyAlgorithm::check_signature)), [`Error::RandomSource`],
    /// [`Error::FaultySignature`], [`Error::Encoding`]. No CSR is returned then.
    pub fn sign_with_rng<R>(spec: &CsrSpec, key: &KeyPair, rng: &mut R) -> Result<Self, Error>
    where
        R: TryCryptoRng + ?Sized,
    {
        let public_key_info = key.public_key_info();
        let SignatureParameters { digest, pss, .. } = spec.signature;
        key.algorithm().check_signature(digest, pss)?;
        let mut writer = Writer::for_csr();
        // CertificationRequest (RFC 2986 §4.2).
        writer.sequence(|request| {
            let info =
                request.written(|info| request::certification_request_info(info, spec, &public_key_info));
            let signature = key.sign(info, &spec.signature, rng)?;
            key.write_signature_algorithm(request, &spec.signature);
            request.bit_string(&signature);
            Ok::<_, Error>(())
        })?;
        Ok(Self { der: writer.finish(), public_key_sha256: Sha256::digest(&public_key_info).into() })
    }

    /// The CSR as DER.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The CSR as PEM (RFC 7468 §7), with LF line ends.
    #[must_use]
    pub fn to_pem(&self) -> String {
        core::mem::take(&mut pem::encode("CERTIFICATE REQUEST", &self.der))
    }

    /// The SHA-256 fingerprint of the SubjectPublicKeyInfo, which identifies the key of the CSR.
    #[must_use]
    pub fn public_key_sha256(&self) -> [u8; 32] {
        self.public_key_sha256
    }
}

/// The PEM.
impl fmt::Display for Csr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_pem())
    }
}

#[cfg(test)]
mod tests;
