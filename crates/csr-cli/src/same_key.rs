//! `csr match`: whether keys, CSRs and certificates belong together.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use csr_core::KeyImportError;
use csr_core::inspect::{Contents, ContentsError, Item, PublicKeyInfo, read_any};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::args::{MatchArgs, Passphrase};
use crate::failure::{FOUND_FAULTS, Refusals, note};
use crate::output::{self, Page};
use crate::{input, passphrase, report};

pub(crate) fn run(args: &MatchArgs) -> Result<ExitCode> {
    let items = read(args)?;
    let matches = items.iter().all(|item| item.key == 1);
    if args.json {
        output::json(&Json { matches, items: &items })?;
    } else {
        page(&items).print()?;
    }
    Ok(if matches { ExitCode::SUCCESS } else { ExitCode::from(FOUND_FAULTS) })
}

/// The JSON form; the help of `match` documents its fields.
#[derive(Serialize)]
struct Json<'a> {
    #[serde(rename = "match")]
    matches: bool,
    items: &'a [Compared],
}

/// One key, CSR or certificate.
#[derive(Serialize)]
pub(crate) struct Compared {
    file: String,
    kind: &'static str,
    /// Equal for equal keys, numbered from 1.
    key: usize,
    public_key: PublicKeyInfo,
    /// Of a certificate: how many follow it in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    further_certificates: Option<usize>,
    #[serde(skip)]
    line: String,
}

/// Reads and compares what all files hold.
pub(crate) fn read(args: &MatchArgs) -> Result<Vec<Compared>> {
    let files = input::files(&args.files, "match")?;
    let source = args.passphrase();
    let from_standard_input = |path: &&Path| input::is_standard_input(path);
    if source.file.as_deref().as_ref().is_some_and(from_standard_input)
        && files.iter().any(|path| input::is_standard_input(path))
    {
        bail!("FILE and --passphrase-file cannot be read from the same standard input");
    }
    let mut faults = Refusals::default();
    let mut read = Vec::new();
    for path in &files {
        let bytes = faults.take_chain(input::read(path));
        let contents = bytes.and_then(|bytes| {
            let contents = read_any(&bytes, None).with_context(|| input::name(path));
            Some((faults.take_chain(contents)?, bytes))
        });
        read.extend(contents.map(|(contents, bytes)| (input::name(path), contents, bytes)));
    }
    decrypt(&mut read, &source, &mut faults);
    faults.check()?;

    let mut items: Vec<(Item, Compared)> = Vec::new();
    for (name, contents, _) in read {
        let further = contents.further_certificates;
        for item in contents.items {
            let Some(public_key) = item.public_key().cloned() else {
                bail!("{name}: the key's public key is not known; please report this");
            };
            let same = items.iter().find(|(other, _)| other.has_same_key(&item));
            let key = match same {
                Some((_, same)) => same.key,
                None => items.iter().map(|(_, other)| other.key).max().unwrap_or(0) + 1,
            };
            let line = format!("{}  {name}: {}", public_key.sha256, described(&item, further));
            let is_certificate = matches!(item, Item::Certificate(_));
            let compared = Compared {
                file: name.clone(),
                kind: item.code(),
                key,
                public_key,
                further_certificates: is_certificate.then_some(further),
                line,
            };
            items.push((item, compared));
        }
    }
    if let [(item, only)] = &items[..] {
        bail!(
            "{}: holds {} only: give at least two keys, CSRs or certificates to compare; \
             `csr inspect` shows the public key of one",
            only.file,
            item.kind()
        );
    }
    Ok(items.into_iter().map(|(_, compared)| compared).collect())
}

/// Reads the encrypted keys again, with their pass phrases. Nobody is asked for one if something else is wrong already.
fn decrypt(read: &mut [(String, Contents, Zeroizing<Vec<u8>>)], source: &Passphrase, faults: &mut Refusals) {
    let is_locked = |contents: &Contents| contents.items.iter().any(|item| item.public_key().is_none());
    let locked = read.iter_mut().filter(|(_, contents, _)| is_locked(contents));
    let mut given = None;
    let mut any = false;
    for (name, contents, bytes) in locked {
        any = true;
        let open = |passphrase: &[u8]| read_any(bytes, Some(passphrase));
        let opened = if source.flag().is_some() {
            // Standard input cannot be read twice.
            if given.is_none() {
                given = faults.take_chain(passphrase::without_prompt(source)).flatten();
            }
            let Some(given) = &given else { return };
            open(given)
        } else {
            if !faults.is_empty() {
                return;
            }
            let is_wrong =
                |error: &ContentsError| *error == ContentsError::Key(KeyImportError::WrongPassphrase);
            let Some(opened) = faults.take_chain(passphrase::ask(name, open, is_wrong)) else { return };
            opened
        };
        if let Some(opened) = faults.take_chain(opened.with_context(|| name.clone())) {
            *contents = opened;
        }
    }
    if let Some(flag) = source.flag().filter(|_| !any && faults.is_empty()) {
        note(&format!("{flag}: no key is encrypted"));
    }
}

/// What an item is, for people.
fn described(item: &Item, further_certificates: usize) -> String {
    let more = match item {
        Item::Certificate(_) => report::chain(further_certificates),
        Item::PrivateKey(key) => report::encryption(key),
        _ => String::new(),
    };
    let key = item.public_key().map_or_else(String::new, report::algorithm);
    format!("{}{more}: {key}", item.kind())
}

fn page(items: &[Compared]) -> Page {
    let mut page = Page::default();
    items.iter().for_each(|item| page.line(&item.line));
    page.line("");
    match items.iter().map(|item| item.key).max().unwrap_or(0) {
        0 | 1 => page.line("These belong together: they have one public key"),
        keys => page.line(&format!("These do NOT belong together: they have {keys} different public keys")),
    }
    let differ = |item: &Compared| {
        let is_same_key = |other: &&Compared| other.key == item.key;
        items.iter().filter(is_same_key).any(|other| other.public_key.sha256 != item.public_key.sha256)
    };
    if items.iter().any(differ) {
        page.line("Fingerprints of one key differ, because it is encoded in different ways");
    }
    page
}
