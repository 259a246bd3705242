//! The first pass over the input: everything is checked before the first key is made.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::thread;

use anyhow::{Result, bail};
use sha2::{Digest, Sha256};

use super::defaults::{BadRecord, Defaults, RecordFault};
use super::input::{Input, Place, Record};
use super::item::Item;
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
    /// SHA-256 over `ID`, a line feed and the request's SHA-256 of all good items, in the order of the input.
    pub(super) input_sha256: [u8; 32],
    faults: Faults,
}

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

    /// What is wrong with the bad records: a line for each fault, at most [`LINES_MAX`] and then how many more there are.
    pub(super) fn faults(&self) -> impl Iterator<Item = String> {
        self.faults.lines()
    }

    fn set(&mut self, index: u64, wanted: bool) {
        let Ok(at) = usize::try_from(index / 64) else { return };
        if wanted && self.wanted.len() <= at {
            self.wanted.resize(at + 1, 0);
        }
        if let Some(word) = self.wanted.get_mut(at) {
            *word &= !(1 << (index % 64));
            *word |= u64::from(wanted) << (index % 64);
        }
    }
}

/// The most lines of faults that are told.
const LINES_MAX: usize = 1000;

/// The first of all faults, by the places of their records in the input.
#[derive(Default)]
struct Faults {
    shown: Vec<(u64, String)>,
    all: u64,
}

impl Faults {
    fn add(&mut self, index: u64, bad: &BadRecord) {
        for line in bad.lines() {
            self.all += 1;
            if self.shown.len() < LINES_MAX {
                self.shown.push((index, line));
            }
        }
    }

    /// Adds what a later pass found.
    fn merge(&mut self, later: Self) {
        self.all += later.all;
        self.shown.extend(later.shown);
        self.shown.sort_by_key(|(index, _)| *index);
        self.shown.truncate(LINES_MAX);
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let more = self.all - self.shown.len() as u64;
        let rest = match more {
            0 => None,
            1 => Some("1 more fault is not shown".to_owned()),
            _ => Some(format!("{more} more faults are not shown")),
        };
        self.shown.iter().map(|(_, line)| line.clone()).chain(rest)
    }
}

/// What one record turned out to be.
enum Checked {
    Good { id: String, hash: [u8; 16], request_sha256: [u8; 32], standing: Option<Standing>, place: Place },
    Bad(BadRecord),
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
    let check = |record: &Record| check(record, defaults, options.shard, &standing);
    let mut plan = Plan {
        wanted: Vec::new(),
        items: 0,
        input_items: 0,
        done: 0,
        bad: 0,
        input_sha256: [0; 32],
        faults: Faults::default(),
    };
    let mut hashes = Vec::new();
    let mut digest = Sha256::new();
    for_each(input, options.threads, &check, |index, checked| match checked {
        Checked::Good { id, hash, request_sha256, standing, place } => {
            hashes.push(hash);
            plan.add(index, id, request_sha256, standing, place, &mut digest);
        }
        Checked::Bad(bad) => {
            plan.bad += 1;
            plan.faults.add(index, &bad);
        }
    })?;
    hashes.sort_unstable();
    let repeated: HashSet<_> = hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    drop(hashes);
    if !repeated.is_empty() {
        let before = std::mem::take(&mut plan.faults);
        plan = Plan { wanted: Vec::new(), items: 0, input_items: 0, done: 0, bad: plan.bad, ..plan };
        digest = Sha256::new();
        let mut first: HashMap<[u8; 16], (Place, String)> = HashMap::new();
        for_each(input, options.threads, &check, |index, checked| {
            let Checked::Good { id, hash, request_sha256, standing, place } = checked else { return };
            match first.get(&hash) {
                Some((there, with_id)) => {
                    let bad = repeated_id(place, id, there, with_id);
                    plan.bad += 1;
                    plan.faults.add(index, &bad);
                }
                None => {
                    if repeated.contains(&hash) {
                        first.insert(hash, (place.clone(), id.clone()));
                    }
                    plan.add(index, id, request_sha256, standing, place, &mut digest);
                }
            }
        })?;
        // What the output refuses was found again.
        let refused = plan.refused_again(&before);
        plan.bad -= refused;
        plan.faults.merge(before);
    }
    plan.input_sha256 = digest.finalize().into();
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
