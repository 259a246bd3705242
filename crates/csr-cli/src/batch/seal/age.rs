//! Encrypts to age recipients (c2sp.org/age).
//!
//! The `age` crate makes the header, which wraps a new file key for each recipient. The payload is encrypted here, because
//! that crate would leave the private key in memory that it frees.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use age::armor::{ArmoredWriter, Format};
use age::secrecy::ExposeSecret;
use age::x25519::Recipient;
use age::{EncryptError, Encryptor};
use age_core::format::{FileKey, Stanza};
use anyhow::{Result, anyhow, bail};
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit, Nonce};
use csr_model::Excerpt;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::failure::Refusals;
use crate::input;

/// The most recipients: the manifest names them in every line.
const RECIPIENTS_MAX: usize = 1_000;
/// The bytes of plaintext in a chunk of the payload. A key takes one.
const CHUNK: usize = 64 << 10;

/// Who can open the keys.
pub(super) struct Recipients(Vec<Recipient>);

impl Recipients {
    /// Each recipient once, in the order in which they are given.
    pub(super) fn new(given: &[String], file: Option<&Path>, faults: &mut Refusals) -> Option<Self> {
        let mut recipients = Vec::new();
        let mut is_whole = true;
        let mut add = |text: &str, place: &dyn Fn() -> String, faults: &mut Refusals| match parse(text) {
            Ok(recipient) if recipients.contains(&recipient) => {}
            Ok(recipient) => recipients.push(recipient),
            Err(why) => {
                is_whole = false;
                faults.push(format_args!("{}: {why}", place()));
            }
        };
        for text in given {
            add(text.trim(), &|| "--recipient".to_owned(), faults);
        }
        if let Some(path) = file {
            for (number, line) in lines(path, faults)?.iter().enumerate() {
                let line = line.trim();
                if !line.is_empty() && !line.starts_with('#') {
                    let place = || format!("--recipients-file: {} line {}", input::name(path), number + 1);
                    add(line, &place, faults);
                }
            }
        }
        let flag = if file.is_some() { "--recipients-file" } else { "--recipient" };
        if recipients.is_empty() && is_whole {
            faults.push(format_args!("{flag}: must name at least one recipient (age1…)"));
        }
        if recipients.len() > RECIPIENTS_MAX {
            faults.push(format_args!(
                "{flag}: there may be at most {RECIPIENTS_MAX} recipients, but there are {}",
                recipients.len()
            ));
        }
        (is_whole && (1..=RECIPIENTS_MAX).contains(&recipients.len())).then_some(Self(recipients))
    }

    pub(super) fn names(&self) -> Arc<[String]> {
        self.0.iter().map(ToString::to_string).collect()
    }

    /// The plaintext as an age file, in ASCII armor unless it is to be binary.
    pub(super) fn encrypt(&self, plaintext: &[u8], binary: bool) -> Result<Vec<u8>> {
        let file = self.encrypt_binary(plaintext)?;
        if binary {
            return Ok(file);
        }
        let armor = Vec::with_capacity(file.len() / 3 * 4 + file.len() / 48 + 128);
        let mut armor = ArmoredWriter::wrap_output(armor, Format::AsciiArmor)?;
        armor.write_all(&file)?;
        Ok(armor.finish()?)
    }

    fn encrypt_binary(&self, plaintext: &[u8]) -> Result<Vec<u8>> {
        if plaintext.len() > CHUNK {
            bail!("a private key of {} bytes is too long to be encrypted", plaintext.len());
        }
        let wrap = Wrap { recipients: &self.0, file_key: RefCell::default() };
        let encryptor = Encryptor::with_recipients(std::iter::once(&wrap as _))
            .map_err(|error| anyhow!("cannot encrypt to the recipients: {error}"))?;
        let mut file = Vec::with_capacity(256 + 128 * self.0.len() + plaintext.len());
        // The header, and the nonce of 16 bytes. The payload is not written by the crate.
        drop(encryptor.wrap_output(&mut file)?);
        let failed = || anyhow!("cannot encrypt a private key; please report this");
        let (file_key, nonce) = wrap.file_key.take().zip(file.last_chunk::<16>()).ok_or_else(failed)?;
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(nonce), &*file_key).expand(b"payload", &mut *key).map_err(|_| failed())?;
        // STREAM with one chunk: the counter is 0, and the last byte says that it is the last chunk.
        let nonce = Nonce::from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        let start = file.len();
        // There is room for it, so that no copy is left behind.
        file.reserve_exact(plaintext.len() + 16);
        file.extend_from_slice(plaintext);
        let tag = ChaCha20Poly1305::new((&*key).into())
            .encrypt_inout_detached(&nonce, b"", (&mut file[start..]).into())
            .map_err(|_| failed())?;
        file.extend_from_slice(&tag);
        Ok(file)
    }
}

fn lines(path: &Path, faults: &mut Refusals) -> Option<Vec<String>> {
    let mut bytes =
        faults.take_chain(input::read(path).map_err(|error| error.context("--recipients-file")))?;
    let text = input::expect_utf8(&mut bytes)
        .and_then(|()| std::str::from_utf8(&bytes).map_err(|_| anyhow!("must be UTF-8")));
    let text = text.map_err(|error| format!("--recipients-file: {}: {error}", input::name(path)));
    Some(faults.take(text)?.lines().map(str::to_owned).collect())
}

fn parse(text: &str) -> Result<Recipient, String> {
    if text.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("AGE-SECRET-KEY-")) {
        return Err("is a secret key of age, which opens the keys: give its recipient (age1…), \
                    which `age-keygen -y` prints"
            .to_owned());
    }
    text.parse().map_err(|_| {
        format!("must be a recipient as `age-keygen` makes it (age1…), but is {}", Excerpt::of(text))
    })
}

/// Wraps the file key for all recipients, and keeps it for the payload.
struct Wrap<'a> {
    recipients: &'a [Recipient],
    file_key: RefCell<Option<Zeroizing<[u8; 16]>>>,
}

impl age::Recipient for Wrap<'_> {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let mut stanzas = Vec::with_capacity(self.recipients.len());
        for recipient in self.recipients {
            stanzas.append(&mut recipient.wrap_file_key(file_key)?.0);
        }
        self.file_key.replace(Some(Zeroizing::new(*file_key.expose_secret())));
        Ok((stanzas, HashSet::new()))
    }
}
