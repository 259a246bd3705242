//! How a new private key is written.

use anyhow::Result;
use csr_core::{KeyFormat, KeyPair, PrivateKeyAlgo};
use zeroize::Zeroizing;

use crate::args::KeyFormatName;

/// The format of a new key, and the pass phrase that it is encrypted under.
pub(crate) struct KeyForm {
    pub(crate) format: KeyFormat,
    pub(crate) passphrase: Option<Zeroizing<Vec<u8>>>,
    pub(crate) der: bool,
}

impl KeyForm {
    /// The key as its file holds it.
    pub(crate) fn export(&self, key: &KeyPair) -> Result<Zeroizing<Vec<u8>>> {
        let bytes = |mut pem: Zeroizing<String>| Zeroizing::new(std::mem::take(&mut *pem).into_bytes());
        Ok(match (&self.passphrase, self.der) {
            (Some(passphrase), true) => key.to_encrypted_der(passphrase)?,
            (Some(passphrase), false) => bytes(key.to_encrypted_pem(passphrase)?),
            (None, true) => key.to_der(self.format)?,
            (None, false) => bytes(key.to_pem(self.format)?),
        })
    }
}

/// Checks that an encrypted key can be written in the format.
pub(crate) fn check_encrypted(format: KeyFormatName) -> Result<(), &'static str> {
    match format {
        KeyFormatName::Pkcs8 => Ok(()),
        _ => Err("--key-format: an encrypted key is written as PKCS#8 only: leave the flag out"),
    }
}

/// Checks that the format can hold a key of the algorithm.
pub(crate) fn check_format(format: KeyFormat, algorithm: PrivateKeyAlgo) -> Result<(), String> {
    why_unfit(format, algorithm).map_or(Ok(()), |why| Err(format!("--key-format: {why}")))
}

/// Why the format cannot hold a key of the algorithm; `None` if it can.
pub(crate) fn why_unfit(format: KeyFormat, algorithm: PrivateKeyAlgo) -> Option<String> {
    let is_fit = format.can_hold(algorithm.into());
    (!is_fit).then(|| format!("{format} cannot hold a key of {algorithm}: give pkcs8"))
}
