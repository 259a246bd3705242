use core::fmt;

use der::Encode;
use der::asn1::OctetStringRef;
use pkcs8::pkcs5::pbes2;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use super::cipher::{self, Cipher, Prf};
use super::{KeyAlgorithm, KeyPair, Kind, RsaKeyPair};
use crate::{Error, pem};

/// The formats of an unencrypted private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum KeyFormat {
    /// PKCS#8 PrivateKeyInfo (RFC 5958), for every algorithm. PEM label `PRIVATE KEY`.
    #[default]
    Pkcs8,
    /// PKCS#1 RSAPrivateKey (RFC 8017 A.1.2), for RSA. PEM label `RSA PRIVATE KEY`.
    Pkcs1,
    /// SEC1 ECPrivateKey (RFC 5915), for the curves. PEM label `EC PRIVATE KEY`.
    Sec1,
}

impl KeyFormat {
    /// Whether the format can hold a key of this kind.
    #[must_use]
    pub const fn can_hold(self, algorithm: KeyAlgorithm) -> bool {
        match self {
            Self::Pkcs8 => true,
            Self::Pkcs1 => matches!(algorithm, KeyAlgorithm::Rsa { .. }),
            Self::Sec1 => !matches!(algorithm, KeyAlgorithm::Rsa { .. }),
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Pkcs8 => "PRIVATE KEY",
            Self::Pkcs1 => "RSA PRIVATE KEY",
            Self::Sec1 => "EC PRIVATE KEY",
        }
    }
}

impl fmt::Display for KeyFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pkcs8 => "PKCS#8",
            Self::Pkcs1 => "PKCS#1",
            Self::Sec1 => "SEC1",
        })
    }
}

/// PBKDF2 iterations for an encrypted key.
const PBKDF2_ITERATIONS: u32 = 600_000;

impl KeyPair {
    /// The private key as DER.
    ///
    /// # Errors
    ///
    /// [`Error::KeyFormat`] if the format cannot hold such a key.
    pub fn to_der(&self, format: KeyFormat) -> Result<Zeroizing<Vec<u8>>, Error> {
        let algorithm = self.algorithm();
        if !format.can_hold(algorithm) {
            return Err(Error::KeyFormat { format, algorithm });
        }
        match (format, &self.0) {
            (KeyFormat::Pkcs8, Kind::Rsa(key)) => {
                private_key_info(RsaKeyPair::algorithm_identifier(), &key.to_pkcs1_der()?)
            }
            (KeyFormat::Pkcs8, Kind::Curve(key)) => Ok(key.to_pkcs8_der()),
            (_, Kind::Rsa(key)) => key.to_pkcs1_der(),
            (_, Kind::Curve(key)) => Ok(key.to_sec1_der()),
        }
    }

    /// The private key as PEM, with LF line ends.
    ///
    /// # Errors
    ///
    /// [`Error::KeyFormat`] if the format cannot hold such a key.
    pub fn to_pem(&self, format: KeyFormat) -> Result<Zeroizing<String>, Error> {
        Ok(pem::encode(format.label(), &self.to_der(format)?))
    }

    /// The private key as an encrypted PKCS#8 EncryptedPrivateKeyInfo (RFC 5958 §3), DER: PBES2 (RFC 8018 §6.2)
    /// with PBKDF2-HMAC-SHA-256 of 600,000 iterations and AES-256-CBC.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyPassphrase`], [`Error::RandomSource`].
    pub fn to_encrypted_der(&self, passphrase: impl AsRef<[u8]>) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.to_encrypted_der_with_rng(passphrase, &mut getrandom::SysRng)
    }

    /// [`to_encrypted_der`](Self::to_encrypted_der) with salt and IV from the caller's random source.
    ///
    /// # Errors
    ///
    /// As [`to_encrypted_der`](Self::to_encrypted_der).
    pub fn to_encrypted_der_with_rng<R>(
        &self,
        passphrase: impl AsRef<[u8]>,
        rng: &mut R,
    ) -> Result<Zeroizing<Vec<u8>>, Error>
    where
        R: TryCryptoRng + ?Sized,
    {
        let passphrase = passphrase.as_ref();
        if passphrase.is_empty() {
            return Err(Error::EmptyPassphrase);
        }
        let (mut salt, mut iv) = ([0; 16], [0; 16]);
        rng.try_fill_bytes(&mut salt).map_err(Error::random_source)?;
        rng.try_fill_bytes(&mut iv).map_err(Error::random_source)?;
        let failed = || Error::Encoding(der::ErrorKind::Failed);
        let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(PBKDF2_ITERATIONS, &salt, iv)
            .map_err(|_| failed())?;
        let key = Prf::Sha256.pbkdf2(passphrase, &salt, PBKDF2_ITERATIONS, Cipher::Aes256.key_length());
        let plain = self.to_der(KeyFormat::Pkcs8)?;
        let encrypted = cipher::encrypt_aes256(&key, &iv, &plain).map_err(|_| failed())?;
        let info = pkcs8::EncryptedPrivateKeyInfoRef {
            encryption_algorithm: parameters.into(),
            encrypted_data: OctetStringRef::new(&encrypted)?,
        };
        Ok(Zeroizing::new(info.to_der()?))
    }

    /// [`to_encrypted_der`](Self::to_encrypted_der) as PEM, label `ENCRYPTED PRIVATE KEY`.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyPassphrase`], [`Error::RandomSource`].
    ///
    /// ```
    /// use csr_core::{KeyPair, PrivateKeyAlgo};
    ///
    /// let key = KeyPair::generate(PrivateKeyAlgo::EcP256)?;
    /// let pem = key.to_encrypted_pem("pass phrase")?;
    /// assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    /// # Ok::<(), csr_core::Error>(())
    /// ```
    pub fn to_encrypted_pem(&self, passphrase: impl AsRef<[u8]>) -> Result<Zeroizing<String>, Error> {
        self.to_encrypted_pem_with_rng(passphrase, &mut getrandom::SysRng)
    }

    /// [`to_encrypted_der_with_rng`](Self::to_encrypted_der_with_rng) as PEM.
    ///
    /// # Errors
    ///
    /// As [`to_encrypted_pem`](Self::to_encrypted_pem).
    pub fn to_encrypted_pem_with_rng<R>(
        &self,
        passphrase: impl AsRef<[u8]>,
        rng: &mut R,
    ) -> Result<Zeroizing<String>, Error>
    where
        R: TryCryptoRng + ?Sized,
    {
        Ok(pem::encode("ENCRYPTED PRIVATE KEY", &self.to_encrypted_der_with_rng(passphrase, rng)?))
    }
}

fn private_key_info(
    algorithm: pkcs8::spki::AlgorithmIdentifierOwned,
    private_key: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let info: pkcs8::PrivateKeyInfo<der::asn1::Any, &OctetStringRef, der::asn1::BitStringRef<'_>> =
        pkcs8::PrivateKeyInfo { algorithm, private_key: OctetStringRef::new(private_key)?, public_key: None };
    Ok(Zeroizing::new(info.to_der()?))
}
