//! `csr batch --verify`: whether a batch is whole, by its manifests and all files that they name.

mod faults;
mod item;
mod once;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use self::faults::Faults;
use self::item::{Counts, ItemCheck};
use self::once::Once;
use super::disk;
use super::item::hash_of;
use super::manifest::{Complete, Entry, Header, Line, Reader, ShardNumbers, shard_of_name};
use super::output::{STAGING, folder_of};
use crate::args::Passphrase;
use crate::failure::FOUND_FAULTS;
use crate::output::{self, Page};
use crate::passphrase;

/// A thread takes so many entries at once.
const CHUNK: usize = 32;

pub(super) struct VerifyArgs<'a> {
    /// Folders with manifests, or manifests.
    pub(super) paths: &'a [PathBuf],
    /// Opens encrypted keys; without one they are not opened.
    pub(super) passphrase: &'a Passphrase,
    /// An SM2 signature may hold with this identity, too.
    pub(super) sm2_id: Option<&'a str>,
    pub(super) json: bool,
    pub(super) threads: NonZeroUsize,
    /// Whether the item with this id belongs to the shard.
    pub(super) is_in_shard: fn(&str, ShardNumbers) -> bool,
}

/// Reads everything, and prints what is wrong and how much is right.
pub(super) fn run(args: &VerifyArgs<'_>) -> Result<ExitCode> {
    let report = verify(args)?;
    if args.json {
        output::json(&report)?;
    } else {
        report.page().print()?;
    }
    Ok(if report.whole { ExitCode::SUCCESS } else { ExitCode::from(FOUND_FAULTS) })
}

/// The JSON form; the help of `batch` documents its fields.
#[derive(Debug, Serialize)]
struct Report {
    whole: bool,
    manifests: usize,
    items: u64,
    /// Keys that opened their CSR.
    opened: u64,
    /// Keys that are encrypted to age recipients, and were not opened.
    sealed: u64,
    /// Keys that are encrypted under a pass phrase that was not given.
    encrypted: u64,
    faults: Vec<String>,
    /// The faults that are not listed.
    further_faults: u64,
}

impl Report {
    fn page(&self) -> Page {
        let mut page = Page::default();
        self.faults.iter().for_each(|fault| page.line(fault));
        if self.further_faults > 0 {
            page.line(&format!("… and {} more", self.further_faults));
        }
        let items = match self.items {
            1 => "1 item".to_owned(),
            items => format!("{items} items"),
        };
        let manifests = match self.manifests {
            1 => "1 manifest".to_owned(),
            manifests => format!("{manifests} manifests"),
        };
        let verdict = match self.faults.len() as u64 + self.further_faults {
            0 => "whole".to_owned(),
            1 => "NOT whole, 1 fault".to_owned(),
            faults => format!("NOT whole, {faults} faults"),
        };
        let mut not_opened = String::new();
        if self.sealed > 0 {
            not_opened += &format!(", {} are sealed and were not opened", self.sealed);
        }
        if self.encrypted > 0 {
            let hint = "--passphrase-file opens them";
            not_opened += &format!(", {} are encrypted and were not opened ({hint})", self.encrypted);
        }
        page.line(&format!(
            "{items} in {manifests}: {verdict}; {} keys open their CSR{not_opened}",
            self.opened
        ));
        page
    }
}

fn verify(args: &VerifyArgs<'_>) -> Result<Report> {
    let passphrase = passphrase::without_prompt(args.passphrase)?;
    let paths = manifests(args.paths)?;
    let (mut faults, mut counts) = (Faults::default(), Counts::default());
    let (mut ids, mut keys) = (Once::default(), Once::default());
    let mut read = Vec::new();
    for (number, path) in paths.iter().enumerate() {
        faults.set_manifest(number);
        let Some(mut manifest) = ManifestCheck::open(path, &mut faults)? else { continue };
        manifest.check(args, passphrase.as_deref(), &mut faults, &mut counts, &mut ids, &mut keys)?;
        read.push(manifest.summary);
    }
    faults.set_manifest(paths.len());
    check_shards(&read, &mut faults);
    for (once, what) in [(&mut ids, "its id"), (&mut keys, "its public key")] {
        let repeated = once.repeated();
        if repeated > 0 {
            name_repeated(&paths, once, what, repeated, &mut faults)?;
        }
    }
    check_staging(&paths, &mut faults)?;
    let (faults, further_faults) = faults.into_texts();
    Ok(Report {
        whole: faults.is_empty(),
        manifests: paths.len(),
        items: read.iter().map(|manifest| manifest.entries).sum(),
        opened: counts.opened,
        sealed: counts.sealed,
        encrypted: counts.encrypted,
        faults,
        further_faults,
    })
}

/// The manifests at the paths, each once.
fn manifests(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut real = Vec::new();
    let mut add = |path: PathBuf| -> Result<()> {
        let its = path.canonicalize().with_context(|| format!("cannot read {}", path.display()))?;
        if !real.contains(&its) {
            real.push(its);
            found.push(path);
        }
        Ok(())
    };
    for path in paths {
        let cannot = || format!("cannot read {}", path.display());
        if !fs::metadata(path).with_context(cannot)?.is_dir() {
            add(path.clone())?;
            continue;
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(path).with_context(cannot)? {
            let name = entry.with_context(cannot)?.file_name();
            let text = name.to_string_lossy();
            if shard_of_name(&text).is_some() || text.ends_with(".manifest.jsonl") {
                names.push(name);
            }
        }
        if names.is_empty() {
            bail!(
                "{} holds no manifest of `csr batch`: name its folder or the manifest itself",
                path.display()
            );
        }
        names.sort();
        names.into_iter().try_for_each(|name| add(path.join(name)))?;
    }
    Ok(found)
}

/// What the checks of all manifests together need of one.
struct Summary {
    path: PathBuf,
    shard: Option<ShardNumbers>,
    entries: u64,
    /// The last line, if it says that the run made all of its input.
    complete: Option<Complete>,
}

/// A manifest that is checked.
struct ManifestCheck {
    reader: Reader,
    /// Holds the lock: nothing is written meanwhile.
    _lock: File,
    header: Header,
    summary: Summary,
    /// Where the last JSON line ends.
    end: u64,
}

impl ManifestCheck {
    fn open(path: &Path, faults: &mut Faults) -> Result<Option<Self>> {
        let cannot = || format!("cannot read {}", path.display());
        let file = disk::open(path, OpenOptions::new().read(true)).with_context(cannot)?;
        match file.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("{} is in use by `csr batch`: wait until that has ended", path.display())
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
        }
        let lock = file.try_clone().with_context(cannot)?;
        let reader = match Reader::new(file, path) {
            Ok(Some(reader)) => reader,
            Ok(None) => {
                faults.push(0, format!("{}: is empty: run the same command again", path.display()));
                return Ok(None);
            }
            Err(error) => return unless_unreadable(error, 0, faults).map(|()| None),
        };
        let header = reader.header().clone();
        let shard = header.shard().flatten();
        let summary = Summary { path: path.to_owned(), shard, entries: 0, complete: None };
        Ok(Some(Self { reader, _lock: lock, header, summary, end: 0 }))
    }

    fn check(
        &mut self,
        args: &VerifyArgs<'_>,
        passphrase: Option<&Vec<u8>>,
        faults: &mut Faults,
        counts: &mut Counts,
        ids: &mut Once,
        keys: &mut Once,
    ) -> Result<()> {
        let folder = folder_of(&self.summary.path).to_owned();
        let jsonl = self.header.jsonl().map(|name| folder.join(name));
        let check = ItemCheck {
            folder: &folder,
            jsonl: jsonl.as_deref(),
            passphrase: passphrase.map(Vec::as_slice),
            sm2_id: args.sm2_id,
        };
        let shared = Mutex::new((&mut *self, faults, counts, ids, keys, Ok(())));
        let work = || {
            let mut worker = check.worker();
            loop {
                let chunk = {
                    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    let (manifest, faults, _, ids, keys, outcome) = &mut *shared;
                    if outcome.is_err() {
                        return;
                    }
                    match manifest.chunk(args, faults, ids, keys) {
                        Ok(chunk) if chunk.is_empty() => return,
                        Ok(chunk) => chunk,
                        Err(error) => {
                            *outcome = Err(error);
                            return;
                        }
                    }
                };
                let found: Vec<_> = chunk.iter().map(|(line, entry)| (*line, worker.check(entry))).collect();
                let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                for ((line, found), (_, entry)) in found.into_iter().zip(&chunk) {
                    match found {
                        Ok(key) => shared.2.add(key),
                        Err(fault) => shared.1.push(line, format!("{}: {fault}", entry.id)),
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..args.threads.get() {
                scope.spawn(work);
            }
            work();
        });
        let (_, faults, .., outcome) = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcome?;
        self.check_end(jsonl.as_deref(), faults);
        Ok(())
    }

    /// The next entries with their lines. What is wrong with their order is a fault; after damage there are none.
    fn chunk(
        &mut self,
        args: &VerifyArgs<'_>,
        faults: &mut Faults,
        ids: &mut Once,
        keys: &mut Once,
    ) -> Result<Vec<(u64, Entry<'static>)>> {
        let mut chunk = Vec::with_capacity(CHUNK);
        let path = self.summary.path.display();
        while chunk.len() < CHUNK {
            let line = match self.reader.next() {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(error) => {
                    unless_unreadable(error, self.reader.number(), faults)?;
                    self.reader.give_up();
                    break;
                }
            };
            let number = self.reader.number();
            let entry = match line {
                Line::Entry(entry) => entry,
                Line::Complete { complete, is_intact } => {
                    if complete.entries != self.summary.entries {
                        faults.push(number, format!(
                            "{path} line {number}: {} items must be above it, but {} are: restore the manifest from a copy",
                            complete.entries, self.summary.entries
                        ));
                    } else if !is_intact {
                        faults.push(number, self.reader.altered());
                    }
                    self.summary.complete = Some(complete);
                    continue;
                }
            };
            self.summary.entries += 1;
            self.summary.complete = None;
            if self.summary.shard.is_some_and(|shard| !(args.is_in_shard)(&entry.id, shard)) {
                faults.push(number, format!("{}: does not belong to the shard of {path}", entry.id));
            }
            if let (Some(offset), Some(length)) = (entry.offset, entry.length) {
                if offset != self.end {
                    faults.push(number, format!("{path} line {number}: must follow the line above: restore the manifest from a copy"));
                }
                self.end = offset + length;
            }
            ids.push(hash_of(&entry.id));
            keys.push(once::half(&entry.public_key_sha256.0));
            chunk.push((number, entry));
        }
        Ok(chunk)
    }

    fn check_end(&self, jsonl: Option<&Path>, faults: &mut Faults) {
        let path = self.summary.path.display();
        let after = u64::MAX;
        if self.reader.is_torn() {
            faults.push(after, format!("{path}: its last line is cut off: run the same command again"));
        }
        if let Some(file) = jsonl {
            match fs::metadata(file) {
                Ok(found) if found.len() > self.end => faults.push(
                    after,
                    format!(
                        "{}: {} bytes are not in its manifest: run the same command again",
                        file.display(),
                        found.len() - self.end
                    ),
                ),
                // A shorter one lacks an item, which was told.
                Ok(_) => {}
                Err(error) => faults.push(after, format!("{}: {error}", file.display())),
            }
        }
        let Some(complete) = self.summary.complete else {
            faults
                .push(after, format!("{path}: no run has ended with all items: run the same command again"));
            return;
        };
        let is_alone = self.summary.shard.is_none();
        if complete.items > complete.entries || (is_alone && complete.items != complete.input_items) {
            faults.push(after, format!("{path}: its last line is wrong: restore the manifest from a copy"));
        }
    }
}

/// An error that is damage becomes a fault. One of the disk stays an error.
fn unless_unreadable(error: anyhow::Error, line: u64, faults: &mut Faults) -> Result<()> {
    if error.chain().any(|cause| cause.is::<std::io::Error>()) {
        return Err(error);
    }
    faults.push(line, format!("{error:#}"));
    Ok(())
}

/// Checks that the shards are all there, and of one input.
fn check_shards(manifests: &[Summary], faults: &mut Faults) {
    let shards: Vec<_> = manifests.iter().filter_map(|manifest| Some((manifest, manifest.shard?))).collect();
    let Some(&(first, (_, count))) = shards.first() else { return };
    for (manifest, (_, other)) in &shards[1..] {
        if *other != count {
            faults.push(
                0,
                format!(
                    "{}: is of {other} shards, but {} is of {count}: verify one batch at a time",
                    manifest.path.display(),
                    first.path.display()
                ),
            );
            return;
        }
    }
    let mut indexes: Vec<u32> = shards.iter().map(|(_, (index, _))| *index).collect();
    indexes.sort_unstable();
    if let Some(twice) = indexes.windows(2).find(|pair| pair[0] == pair[1]) {
        faults.push(0, format!("shard {}/{count}: has two manifests", twice[0]));
    }
    indexes.dedup();
    let mut missing = (0..count).filter(|index| indexes.binary_search(index).is_err()).peekable();
    if missing.peek().is_some() {
        let listed: Vec<_> = missing.by_ref().take(100).map(|index| index.to_string()).collect();
        let more = missing.count();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let s = if listed.len() > 1 { "s" } else { "" };
        faults.push(0, format!(
            "of {count} shards, the manifest{s} of {}{more} must be there, too: give all folders, or run these shards",
            listed.join(", ")
        ));
        return;
    }
    let complete: Vec<_> =
        shards.iter().filter_map(|(manifest, _)| Some((manifest, manifest.complete?))).collect();
    let Some((of, first)) = complete.first() else { return };
    for (manifest, other) in &complete[1..] {
        if (other.input_items, other.input_sha256) != (first.input_items, first.input_sha256) {
            faults.push(
                0,
                format!(
                    "{}: is of another input than {}: run all shards with one input",
                    manifest.path.display(),
                    of.path.display()
                ),
            );
            return;
        }
    }
    let sum: u64 = complete.iter().map(|(_, complete)| complete.items).sum();
    if complete.len() == shards.len() && sum != first.input_items {
        faults.push(
            0,
            format!("the shards have {sum} items together, but their input has {}", first.input_items),
        );
    }
}

/// Reads the manifests again for the items whose id, or key, an item before them has.
fn name_repeated(
    paths: &[PathBuf],
    once: &Once,
    what: &str,
    repeated: u64,
    faults: &mut Faults,
) -> Result<()> {
    let mut seen = once.seen();
    let mut named = 0;
    for path in paths {
        let file = disk::open(path, OpenOptions::new().read(true))
            .with_context(|| format!("cannot read {}", path.display()))?;
        let Ok(Some(mut reader)) = Reader::new(file, path) else { continue };
        while let Ok(Some(line)) = reader.next() {
            let Line::Entry(entry) = line else { continue };
            let hash = match what {
                "its id" => hash_of(&entry.id),
                _ => once::half(&entry.public_key_sha256.0),
            };
            if let Some(first) = seen.again(hash, || format!("{} ({})", entry.id, reader.place())) {
                named += 1;
                faults.push(
                    0,
                    format!("{}: {what} is there twice, in {} and {first}", entry.id, reader.place()),
                );
            }
        }
    }
    faults.count_further(repeated.saturating_sub(named));
    Ok(())
}

/// Checks that no group is left half moved.
fn check_staging(manifests: &[PathBuf], faults: &mut Faults) -> Result<()> {
    let mut folders: Vec<&Path> = manifests.iter().map(|path| folder_of(path)).collect();
    folders.sort_unstable();
    folders.dedup();
    for folder in folders {
        let cannot = || format!("cannot list {}", folder.display());
        for entry in fs::read_dir(folder).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            if entry.file_name().to_string_lossy().starts_with(STAGING) {
                let path = entry.path();
                let files =
                    fs::read_dir(&path).with_context(|| format!("cannot list {}", path.display()))?.count();
                if files > 0 {
                    faults.push(
                        0,
                        format!(
                            "{}: holds {files} files of a run that was cut off: run the same command again",
                            path.display()
                        ),
                    );
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
