//! The key: the user's own, or a new one.

use std::path::Path;

use anyhow::{Context, Result};
use csr_core::private_file::NotPrivate;
use csr_core::{Field, KeyAlgorithm, KeyFormat, KeyImportError, KeyPair, PrivateKeyAlgo};
use zeroize::Zeroizing;

use super::content::Content;
use crate::args::{self, CreateArgs};
use crate::failure::{self, Refusals};
use crate::key_form::{self, KeyForm};
use crate::{input, passphrase};

/// Where the key comes from, checked.
pub(super) enum KeySource {
    Existing(KeyPair),
    New(NewKey),
}

/// A key to generate, and how it is written.
pub(super) struct NewKey {
    algorithm: PrivateKeyAlgo,
    form: KeyForm,
}

impl KeySource {
    pub(super) fn check(args: &CreateArgs, content: &Content, faults: &mut Refusals) -> Option<Self> {
        match &args.key {
            Some(path) => existing(path, args, content, faults).map(Self::Existing),
            None => NewKey::check(args, content, faults).map(Self::New),
        }
    }

    /// The key, and a new one as it is written.
    pub(super) fn into_key(self) -> Result<(KeyPair, Option<Zeroizing<Vec<u8>>>)> {
        match self {
            Self::Existing(key) => Ok((key, None)),
            Self::New(new) => {
                let key = KeyPair::generate(new.algorithm)?;
                let exported = new.form.export(&key)?;
                Ok((key, Some(exported)))
            }
        }
    }
}

fn existing(path: &Path, args: &CreateArgs, content: &Content, faults: &mut Refusals) -> Option<KeyPair> {
    let bytes = faults.take_chain(input::read(path).context("--key"))?;
    // No refusal: other programs write such files, and take them.
    if let Err(exposed @ NotPrivate::File { .. }) = input::check_private(path) {
        failure::note(&format!("--key: {exposed}"));
    }
    let key = match KeyPair::import(&bytes, None) {
        Err(KeyImportError::PassphraseNeeded) => {
            if is_pointless_to_ask(args, faults) {
                return None;
            }
            let open = |passphrase: &[u8]| KeyPair::import(&bytes, Some(passphrase));
            let is_wrong = |error: &KeyImportError| *error == KeyImportError::WrongPassphrase;
            faults.take_chain(passphrase::to_decrypt(&args.passphrase, "the key", open, is_wrong))?
        }
        read => {
            if let (Ok(_), Some(flag)) = (&read, args.passphrase.flag()) {
                failure::note(&format!("{flag}: the key is not encrypted"));
            }
            read
        }
    };
    let key = faults.take_chain(key.with_context(|| format!("--key: {}", input::name(path))))?;
    let (asked, is) = (content.algorithm.filter(|_| args.request.is_some()), key.algorithm().to_string());
    if let Some(asked) = asked.filter(|asked| asked.as_str() != is) {
        faults.push(format_args!("private_key_algo: is {asked}, but the key is one of {is}"));
    }
    check_signature(args, key.algorithm(), faults);
    Some(key)
}

/// Checks that keys of this algorithm can make the signature that is asked for.
fn check_signature(args: &CreateArgs, algorithm: KeyAlgorithm, faults: &mut Refusals) {
    let Err(found) = algorithm.check_signature(args.digest, args.pss) else { return };
    faults.extend(found.iter().map(|fault| {
        let flag = args::flag(fault.field).unwrap_or_else(|| fault.field.as_str());
        let is_new_for_pss = fault.field == Field::Pss && args.key.is_none();
        let hint = if is_new_for_pss { "; --algorithm RSA_3072 makes one" } else { "" };
        format!("{flag}: {}{hint}", fault.message())
    }));
}

/// Whether the user would be asked for what will not be used.
fn is_pointless_to_ask(args: &CreateArgs, faults: &Refusals) -> bool {
    args.passphrase.flag().is_none() && !faults.is_empty()
}

impl NewKey {
    /// Checks that the format can hold the key, and gets the pass phrase.
    fn check(args: &CreateArgs, content: &Content, faults: &mut Refusals) -> Option<Self> {
        if args.encrypt {
            faults.take(key_form::check_encrypted(args.key_format));
        }
        let format = KeyFormat::from(args.key_format);
        if let Some(algorithm) = content.algorithm {
            faults.take(key_form::check_format(format, algorithm));
        }
        if let Some(algorithm) = content.algorithm {
            check_signature(args, algorithm.into(), faults);
        }
        let passphrase = match args.encrypt {
            false => None,
            true if is_pointless_to_ask(args, faults) => return None,
            true => Some(faults.take_chain(passphrase::to_encrypt(&args.passphrase))?),
        };
        let form = KeyForm { format, passphrase, der: args.der };
        Some(Self { algorithm: content.algorithm?, form })
    }
}
