//! How a batch writes its private keys: as they are, encrypted under a pass phrase, or encrypted to age recipients.

#[cfg(feature = "age")]
mod age;
#[cfg(not(feature = "age"))]
#[path = "seal/without_age.rs"]
mod age;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use csr_core::{KeyFormat, KeyPair, PrivateKeyAlgo};
use zeroize::Zeroizing;

use self::age::Recipients;
use crate::args::{KeyFormatName, Passphrase};
use crate::failure::Refusals;
use crate::key_form::{self, KeyForm};
use crate::passphrase;

/// What the flags ask for.
pub(super) struct SealArgs<'a> {
    pub(super) key_format: KeyFormatName,
    pub(super) der: bool,
    pub(super) encrypt: bool,
    pub(super) passphrase: &'a Passphrase,
    /// `--recipient`
    pub(super) recipients: &'a [String],
    /// `--recipients-file`
    pub(super) recipients_file: Option<&'a Path>,
}

/// Writes private keys.
pub(super) struct Sealer {
    form: KeyForm,
    recipients: Option<Recipients>,
    sealed_to: Arc<[String]>,
}

impl Sealer {
    /// Checks the flags. The pass phrase is asked for only if nothing is wrong yet.
    pub(super) fn new(args: &SealArgs<'_>, faults: &mut Refusals) -> Option<Self> {
        let is_sealed = !args.recipients.is_empty() || args.recipients_file.is_some();
        if args.encrypt {
            faults.take(key_form::check_encrypted(args.key_format));
            if is_sealed {
                faults.push("--encrypt: the keys are encrypted to the recipients: leave the flag out");
            }
        }
        let recipients = match is_sealed {
            true => Some(Recipients::new(args.recipients, args.recipients_file, faults)?),
            false => None,
        };
        let passphrase = match args.encrypt {
            false => None,
            true if is_sealed || (args.passphrase.flag().is_none() && !faults.is_empty()) => return None,
            true => Some(faults.take_chain(passphrase::to_encrypt(args.passphrase))?),
        };
        let sealed_to = recipients.as_ref().map_or_else(|| Arc::new([]) as _, Recipients::names);
        let form = KeyForm { format: KeyFormat::from(args.key_format), passphrase, der: args.der };
        Some(Self { form, recipients, sealed_to })
    }

    /// The age recipients that every key is encrypted to; empty if there are none.
    pub(super) fn sealed_to(&self) -> &Arc<[String]> {
        &self.sealed_to
    }

    /// The time that one thread needs to encrypt one key under the pass phrase, which is slow by design; `None` if it
    /// doesn't do that. It takes that time.
    pub(super) fn time_per_key(&self) -> Result<Option<Duration>> {
        if self.form.passphrase.is_none() {
            return Ok(None);
        }
        let key = KeyPair::generate(PrivateKeyAlgo::EcP256)?;
        let start = Instant::now();
        self.export(&key)?;
        Ok(Some(start.elapsed()))
    }

    /// The key as its file holds it. What is encrypted is wiped.
    pub(super) fn export(&self, key: &KeyPair) -> Result<Zeroizing<Vec<u8>>> {
        let exported = self.form.export(key)?;
        match &self.recipients {
            Some(recipients) => recipients.encrypt(&exported, self.form.der).map(Zeroizing::new),
            None => Ok(exported),
        }
    }
}

#[cfg(test)]
mod tests;
