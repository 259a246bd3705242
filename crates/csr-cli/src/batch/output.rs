//! Where a batch's keys and CSRs go, and which are there already.
//!
//! Items become durable in groups: the data is written and synced, then the lines of the manifest are, which make the
//! items done, and then files move to their final names. Whatever stops the process, or the machine, the next run finds
//! each item whole and done, or not there at all.

mod files;
mod lines;
mod stream;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use sha2::{Digest, Sha256};

use self::files::Files;
use self::lines::Lines;
use self::stream::Stream;
use super::item::{Id, Made, hash_of};
use super::manifest::{Entry, Manifest, Sha256Hex, ShardNumbers};
use crate::failure;

pub(super) use self::files::{STAGING, has_names_of};

/// A group is committed when it has so many bytes,
const GROUP_BYTES: usize = 8 << 20;
/// or is so old.
const GROUP_TIME: Duration = Duration::from_secs(1);

/// Where the items go.
pub(super) struct Destination {
    /// The folder of the files.
    pub(super) out: PathBuf,
    /// JSON lines in this file instead; `-` is standard output.
    pub(super) jsonl: Option<PathBuf>,
    /// Files go to folders by the hash of their id.
    pub(super) nested: bool,
    /// The age recipients that the keys are encrypted to, if any.
    pub(super) sealed_to: Arc<[String]>,
}

/// What is known of an item before it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    New,
    Done,
    /// An item with this id is done, but it was another request.
    Changed,
}

/// The input of a run that made all items of it.
pub(super) struct Totals {
    /// The items that belong to this shard.
    pub(super) items: u64,
    /// The items of all shards.
    pub(super) input_items: u64,
    /// Over the id and request of every item, in the input's order.
    pub(super) input_sha256: [u8; 32],
}

/// Where the items go, held by this process alone.
pub(super) struct Output {
    kind: Kind,
    done: Done,
    /// The size of the group in hand, and when it began.
    bytes: usize,
    since: Option<Instant>,
    /// Items were lost by a failure, so that this run cannot go on.
    has_failed: bool,
}

enum Kind {
    Files(Files),
    Lines(Lines),
    Stream(Stream),
}

impl Output {
    /// Takes hold of the destination, and mends what an earlier run has left. Nothing may be made before this.
    pub(super) fn open(destination: &Destination, shard: Option<ShardNumbers>) -> Result<Self> {
        let mut done = Done::new(&destination.sealed_to);
        let kind = match &destination.jsonl {
            Some(path) if path.as_os_str() == "-" => Kind::Stream(Stream::to_standard_output()?),
            Some(path) => Kind::Lines(Lines::open(path, shard, &mut done)?),
            None => Kind::Files(Files::open(destination, shard, &mut done)?),
        };
        done.sort();
        done.check_recipients()?;
        Ok(Self { kind, done, bytes: 0, since: None, has_failed: false })
    }

    /// Takes back what [`open`](Self::open) made, since nothing is to be made.
    pub(super) fn retract(&self) {
        match &self.kind {
            Kind::Files(files) => files.retract(),
            Kind::Lines(lines) => lines.retract(),
            Kind::Stream(_) => {}
        }
    }

    /// Whether an item is done already.
    pub(super) fn state(&self, id: &Id, request_sha256: &[u8; 32]) -> State {
        self.done.state(id.hash(), request_sha256)
    }

    /// How many items are done and durable, by this run and those before it.
    pub(super) fn done(&self) -> u64 {
        self.manifest().map_or(0, Manifest::entries)
    }

    /// Checks that nothing is in the way of a new item.
    pub(super) fn check_vacant(&self, id: &Id) -> Result<()> {
        match &self.kind {
            Kind::Files(files) => files.check_vacant(id),
            Kind::Lines(_) | Kind::Stream(_) => Ok(()),
        }
    }

    /// Adds an item, and commits the group if it is large or old enough. After an error, no more can be added: the group
    /// in hand is taken back, and another run goes on from there.
    pub(super) fn add(&mut self, made: &Made) -> Result<()> {
        self.unless_failed(|output| {
            output.bytes += made.csr.len() + made.key.len();
            let since = *output.since.get_or_insert_with(Instant::now);
            match &mut output.kind {
                Kind::Files(files) => files.add(made)?,
                Kind::Lines(lines) => lines.add(made)?,
                Kind::Stream(stream) => stream.add(&made.csr)?,
            }
            if output.bytes >= GROUP_BYTES || since.elapsed() >= GROUP_TIME {
                output.commit_group()?;
            }
            Ok(())
        })
    }

    /// Makes the group in hand durable, and its items done.
    pub(super) fn commit(&mut self) -> Result<()> {
        self.unless_failed(Self::commit_group)
    }

    /// Commits the last group. With totals, notes that every item of the input is done.
    pub(super) fn finish(&mut self, totals: Option<&Totals>) -> Result<()> {
        self.unless_failed(|output| {
            output.commit_group()?;
            if let Kind::Files(files) = &mut output.kind {
                files.sync_moved()?;
            }
            if let (Some(totals), Some(manifest)) = (totals, output.manifest_mut()) {
                manifest.complete(totals.items, totals.input_items, totals.input_sha256)?;
            }
            Ok(())
        })
    }

    fn unless_failed(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if self.has_failed {
            bail!("the batch cannot go on after a failure: run the same command again");
        }
        work(self).inspect_err(|_| self.has_failed = true)
    }

    fn commit_group(&mut self) -> Result<()> {
        (self.bytes, self.since) = (0, None);
        match &mut self.kind {
            Kind::Files(files) => files.commit(),
            Kind::Lines(lines) => lines.commit(),
            Kind::Stream(stream) => stream.commit(),
        }
    }

    /// The path of the manifest; none if nothing goes on from it.
    pub(super) fn manifest_path(&self) -> Option<&Path> {
        self.manifest().map(Manifest::path)
    }

    fn manifest(&self) -> Option<&Manifest> {
        match &self.kind {
            Kind::Files(files) => Some(files.manifest()),
            Kind::Lines(lines) => Some(lines.manifest()),
            Kind::Stream(_) => None,
        }
    }

    fn manifest_mut(&mut self) -> Option<&mut Manifest> {
        match &mut self.kind {
            Kind::Files(files) => Some(files.manifest_mut()),
            Kind::Lines(lines) => Some(lines.manifest_mut()),
            Kind::Stream(_) => None,
        }
    }
}

/// The items that are done.
struct Done {
    /// Hashes of id and request, sorted. A million take 24 MB.
    items: Vec<([u8; 16], [u8; 8])>,
    /// The recipients of this run.
    sealed_to: Arc<[String]>,
    /// The items whose keys are encrypted to none, and to others than those.
    in_clear: u64,
    to_others: u64,
}

impl Done {
    fn new(sealed_to: &Arc<[String]>) -> Self {
        Self { items: Vec::new(), sealed_to: Arc::clone(sealed_to), in_clear: 0, to_others: 0 }
    }

    fn push(&mut self, entry: &Entry<'_>) {
        self.items.push((hash_of(&entry.id), half(&entry.request_sha256.0)));
        self.in_clear += u64::from(entry.sealed_to.is_empty());
        self.to_others += u64::from(!entry.sealed_to.is_empty() && *entry.sealed_to != *self.sealed_to);
    }

    /// Refuses to write some keys in the clear and others encrypted.
    fn check_recipients(&self) -> Result<()> {
        if self.sealed_to.is_empty() && self.to_others > 0 {
            bail!(
                "--recipient: {} keys made before are encrypted to recipients: give them again, or another folder or file",
                self.to_others
            );
        }
        if !self.sealed_to.is_empty() && self.in_clear > 0 {
            bail!(
                "--recipient: {} keys made before are in the clear: leave the flag out, or give another folder or file",
                self.in_clear
            );
        }
        if self.to_others > 0 {
            let made = self.to_others;
            failure::note(&format!(
                "--recipient: {made} keys made before stay encrypted to other recipients"
            ));
        }
        Ok(())
    }

    fn sort(&mut self) {
        self.items.sort_unstable();
    }

    fn state(&self, id: [u8; 16], request_sha256: &[u8; 32]) -> State {
        match self.items.binary_search_by_key(&id, |(id, _)| *id) {
            Err(_) => State::New,
            Ok(at) if self.items[at].1 == half(request_sha256) => State::Done,
            Ok(_) => State::Changed,
        }
    }
}

fn half(request_sha256: &[u8; 32]) -> [u8; 8] {
    std::array::from_fn(|at| request_sha256[at])
}

/// The manifest's line of an item whose bytes have this digest, without its place.
fn entry_of(made: &Made, data: Sha256) -> Entry<'_> {
    Entry {
        id: made.id.as_str().into(),
        request_sha256: Sha256Hex(made.request_sha256),
        algorithm: made.algorithm,
        public_key_sha256: Sha256Hex(made.public_key_sha256),
        csr_sha256: Sha256Hex(made.csr_sha256),
        data_sha256: Sha256Hex(data.finalize().into()),
        files: None,
        offset: None,
        length: None,
        sealed_to: made.sealed_to[..].into(),
    }
}

/// The folder of a file, in a form that can be opened.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests;
