//! The first pass over the input: everything is checked before the first key is made.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::thread;

use anyhow::{Result, bail};
use csr_core::PrivateKeyAlgo;
use csr_model::Excerpt;
use sha2::{Digest, Sha256};

use super::defaults::{BadRecord, Defaults};
use super::input::{Input, Place, Record};
use super::item::{Id, Item};
use super::shard::Shard;
use crate::failure::Refusals;

/// What the output knows of an item.
pub(super) enum Standing {
    /// It is to be made.
    New,
    /// It was made before.
    Done,
    /// It cannot be made: why.
    Refused(String),
}

/// How the input is checked.
#[derive(Clone, Copy)]
pub(super) struct Options {
    /// The part of the items that is to be made.
    pub(super) shard: Option<Shard>,
    /// Whether faulty records are left out instead of refused.
    pub(super) keep_going: bool,
    pub(super) threads: NonZeroUsize,
}

/// What is to be made.
pub(super) struct Plan {
    /// A bit for each record.
    wanted: Vec<u64>,
    /// The good items of this shard.
    pub(super) items: u64,
    /// The good items of all shards.
    pub(super) input_items: u64,
    /// The items of this shard that were made before.
    pub(super) done: u64,
    /// The records that make no item.
    pub(super) bad: u64,
    /// Whether a good item of any shard has a key of SM2.
    pub(super) has_sm2: bool,
    /// SHA-256 over `ID`, a line feed and the request's SHA-256 of all good items, in the order of the input.
    pub(super) input_sha256: [u8; 32],
    /// The first lines of what is wrong, and how many more there are.
    faults: Vec<String>,
    unshown: u64,
}

/// The most lines of faults that are told.
const LINES_MAX: usize = 1000;

impl Plan {
    /// Whether the record of this place in the input, counted from 0, is to be made.
    pub(super) fn wants(&self, index: u64) -> bool {
        let word = usize::try_from(index / 64).ok().and_then(|at| self.wanted.get(at));
        word.is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// The number of items that are to be made.
    pub(super) fn to_make(&self) -> u64 {
        self.items - self.done
    }

    /// What is wrong with the bad records: a line for each fault, at most 1,000 of them, and how many more there are.
    pub(super) fn faults(&self) -> impl Iterator<Item = String> {
        let rest = match self.unshown {
            0 => None,
            1 => Some("1 more fault is not shown".to_owned()),
            more => Some(format!("{more} more faults are not shown")),
        };
        self.faults.iter().cloned().chain(rest)
    }

    fn add_faults(&mut self, bad: &BadRecord) {
        for line in bad.lines() {
            if self.faults.len() < LINES_MAX {
                self.faults.push(line);
            } else {
                self.unshown += 1;
            }
        }
    }

    /// Adds the bit of the next record.
    fn push(&mut self, index: u64, wanted: bool) {
        if index.is_multiple_of(64) {
            self.wanted.push(0);
        }
        if let Some(word) = self.wanted.last_mut() {
            *word |= u64::from(wanted) << (index % 64);
        }
    }
}

/// What one record turned out to be.
enum Checked {
    Good(Good),
    Bad(BadRecord),
}

/// What is kept of a good item. The rest is read again when it is made.
struct Good {
    place: Place,
    id: Id,
    algorithm: PrivateKeyAlgo,
    request_sha256: [u8; 32],
    /// `None` for an item of another shard.
    is_done: Option<bool>,
}

/// Checks every record. `standing` says what the output knows of an item of this shard, whose request has this SHA-256; it
/// is called by several threads.
///
/// # Errors
///
/// All faults of all records, unless `keep_going` is set; or what kept the input from being read.
pub(super) fn run(
    input: &Input,
    defaults: &Defaults,
    options: Options,
    standing: impl Fn(&Item, &[u8; 32]) -> Standing + Sync,
) -> Result<Plan> {
    let check = |record: &Record| match check(record, defaults, options.shard, &standing) {
        Ok(good) => Checked::Good(good),
        Err(bad) => Checked::Bad(bad),
    };
    let (mut plan, repeated) = scan(input, options.threads, &check, &HashSet::new())?;
    if !repeated.is_empty() {
        (plan, _) = scan(input, options.threads, &check, &repeated)?;
    }
    if plan.bad > 0 && !options.keep_going {
        let mut refusals = Refusals::default();
        plan.faults().for_each(|line| refusals.push(line));
        return Err(refusals.into());
    }
    if plan.input_items == 0 && plan.bad == 0 {
        bail!("FILE: must hold at least one request, but there is none");
    }
    Ok(plan)
}

/// Checks every record once. Of items whose identifiers are known to be repeated, all but the first are bad. Returns the
/// repeated identifiers, too, by their hashes: whole ones would need memory for all of them.
fn scan(
    input: &Input,
    threads: NonZeroUsize,
    check: &(impl Fn(&Record) -> Checked + Sync),
    known: &HashSet<[u8; 16]>,
) -> Result<(Plan, HashSet<[u8; 16]>)> {
    let mut plan = Plan {
        wanted: Vec::new(),
        items: 0,
        input_items: 0,
        done: 0,
        bad: 0,
        has_sm2: false,
        input_sha256: [0; 32],
        faults: Vec::new(),
        unshown: 0,
    };
    let mut hashes = Vec::new();
    // Of the repeated identifiers, all hashes are kept, and where the first ones are: more are not told.
    let mut seen = HashSet::new();
    let mut first: HashMap<[u8; 16], (Place, Id)> = HashMap::new();
    let mut digest = Sha256::new();
    let mut index = 0;
    for_each(input, threads, check, |checked| {
        let good = match checked {
            Checked::Good(good) => {
                let hash = good.id.hash();
                if known.contains(&hash) && !seen.insert(hash) {
                    Err(repeated(&good, first.get(&hash)))
                } else {
                    if known.contains(&hash) && first.len() < LINES_MAX {
                        first.insert(hash, (good.place.clone(), good.id.clone()));
                    }
                    if known.is_empty() {
                        hashes.push(hash);
                    }
                    Ok(good)
                }
            }
            Checked::Bad(bad) => Err(bad),
        };
        match good {
            Ok(good) => {
                digest.update(good.id.as_str());
                digest.update(b"\n");
                digest.update(good.request_sha256);
                plan.input_items += 1;
                plan.has_sm2 |= good.algorithm == PrivateKeyAlgo::Sm2;
                plan.items += u64::from(good.is_done.is_some());
                plan.done += u64::from(good.is_done == Some(true));
                plan.push(index, good.is_done == Some(false));
            }
            Err(bad) => {
                plan.bad += 1;
                plan.add_faults(&bad);
                plan.push(index, false);
            }
        }
        index += 1;
    })?;
    plan.input_sha256 = digest.finalize().into();
    hashes.sort_unstable();
    let repeated = hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    Ok((plan, repeated))
}

/// The fault of an item whose identifier another one has.
fn repeated(good: &Good, first: Option<&(Place, Id)>) -> BadRecord {
    let message = match first {
        None => "must be unique without regard to case, but an earlier request has it, too".to_owned(),
        Some((place, id)) if good.id == *id => {
            format!("must be unique, but {} has it, too", place.beside(&good.place))
        }
        Some((place, id)) => {
            let there = place.beside(&good.place);
            format!("must be unique without regard to case, but {there} has {}", Excerpt::of(id.as_str()))
        }
    };
    BadRecord::of_id(good.place.clone(), &good.id, message)
}

fn check(
    record: &Record,
    defaults: &Defaults,
    shard: Option<Shard>,
    standing: &impl Fn(&Item, &[u8; 32]) -> Standing,
) -> Result<Good, BadRecord> {
    let item = defaults.item(record)?;
    let request_sha256 = item.request_sha256();
    let mut is_done = None;
    if shard.is_none_or(|shard| shard.contains(&item.id)) {
        is_done = Some(match standing(&item, &request_sha256) {
            Standing::New => false,
            Standing::Done => true,
            Standing::Refused(message) => {
                return Err(BadRecord::of_id(record.place.clone(), &item.id, message));
            }
        });
    }
    let Item { id, algorithm, .. } = item;
    Ok(Good { place: record.place.clone(), id, algorithm, request_sha256, is_done })
}

/// The most records, and bytes of them, that are read before they are checked.
const RECORDS_MAX: usize = 8192;
const BYTES_MAX: usize = 4 << 20;

/// Checks the records on several threads, and calls `each` with the results in order.
fn for_each<T: Send>(
    input: &Input,
    threads: NonZeroUsize,
    check: &(impl Fn(&Record) -> T + Sync),
    mut each: impl FnMut(T),
) -> Result<()> {
    let mut records = input.records()?;
    let mut chunk = Vec::new();
    loop {
        chunk.clear();
        let mut bytes = 0;
        while chunk.len() < RECORDS_MAX && bytes < BYTES_MAX {
            let Some(record) = records.next().transpose()? else { break };
            bytes += record.len();
            chunk.push(record);
        }
        if chunk.is_empty() {
            return Ok(());
        }
        if threads.get() == 1 || chunk.len() < threads.get() {
            chunk.iter().map(check).for_each(&mut each);
            continue;
        }
        thread::scope(|scope| {
            let parts = chunk.chunks(chunk.len().div_ceil(threads.get()));
            let started: Vec<_> =
                parts.map(|part| scope.spawn(move || part.iter().map(check).collect::<Vec<_>>())).collect();
            for thread in started {
                match thread.join() {
                    Ok(results) => results.into_iter().for_each(&mut each),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
