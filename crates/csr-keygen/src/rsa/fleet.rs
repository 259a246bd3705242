//! Several keys at once: their searches share the lanes of a batch.

use chacha20::ChaCha20Rng;

use super::ModulusSize;
use super::key::RsaKey;
use super::search::{Candidate, Search};
use super::source::Source;
use super::verdict::{self, Pair, Verdict};
use crate::Error;
use crate::engine::Engine;
use crate::kernel::MAX_LANES;

/// How often a pair that passed the filter may turn out to be none, before the random source is blamed. Once is a
/// matter of 2^−15 (e divides a totient); pseudoprimes are far rarer.
const MAX_RESTARTS: u32 = 16;

/// One key in the making.
pub(super) struct Work<'s> {
    /// Where the key goes among the results.
    index: usize,
    search: Search<'s>,
    /// The Miller–Rabin bases and the pairwise test's message; apart from the candidates' source, so that these
    /// are exactly det-keygen's.
    bases: ChaCha20Rng,
    restarts: u32,
}

impl<'s> Work<'s> {
    pub(super) fn new(
        index: usize,
        size: ModulusSize,
        source: Box<dyn Source + 's>,
        bases: ChaCha20Rng,
    ) -> Self {
        Self { index, search: Search::new(size, source), bases, restarts: 0 }
    }
}

/// Makes a key of every work, `lanes` of them at a time.
///
/// With one key every lane of a filter batch takes a candidate of that key; with eight keys each has a lane of
/// its own and none reads ahead. Keys whose two primes passed the filter wait until `group` of them fill whole
/// batches of Miller–Rabin rounds.
pub(super) fn run<'s>(
    engine: &mut dyn Engine,
    size: ModulusSize,
    works: impl IntoIterator<Item = Result<Work<'s>, Error>>,
) -> Result<Vec<RsaKey>, Error> {
    let mut works = works.into_iter();
    let group = size.pairs_to_a_whole_batch();
    let (mut searching, mut waiting) = (Vec::new(), Vec::new());
    let mut keys = Vec::new();
    loop {
        while searching.len() < engine.lanes() {
            let Some(work) = works.next() else { break };
            searching.push(work?);
        }
        if searching.is_empty() && waiting.is_empty() {
            break;
        }
        filter_batch(engine, &mut searching)?;
        waiting.extend(searching.extract_if(.., |work: &mut Work<'_>| work.search.pair().is_some()));
        if waiting.len() >= group || searching.is_empty() {
            judge(engine, size, &mut waiting, &mut searching, &mut keys)?;
        }
    }
    keys.sort_by_key(|(index, _)| *index);
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

/// One filter batch, its lanes dealt to the searches in turn; verdicts in draw order.
fn filter_batch(engine: &mut dyn Engine, works: &mut [Work<'_>]) -> Result<(), Error> {
    if works.is_empty() {
        return Ok(());
    }
    let mut candidates: [Option<Candidate>; MAX_LANES] = [const { None }; MAX_LANES];
    let lanes = engine.lanes();
    for lane in 0..lanes {
        let work = &mut works[lane % works.len()];
        candidates[lane] = Some(work.search.next_survivor(engine)?);
    }
    let numbers: [&[u64]; MAX_LANES] =
        core::array::from_fn(|lane| candidates[lane].as_ref().map_or(&[][..], Candidate::words));
    let passed = engine.filter(&numbers[..lanes]);
    for (lane, candidate) in candidates.into_iter().flatten().enumerate() {
        if passed >> lane & 1 == 1 {
            works[lane % works.len()].search.accept(candidate);
        }
    }
    Ok(())
}

/// Tests every waiting pair; what makes no key goes back to searching.
fn judge<'s>(
    engine: &mut dyn Engine,
    size: ModulusSize,
    waiting: &mut Vec<Work<'s>>,
    searching: &mut Vec<Work<'s>>,
    keys: &mut Vec<(usize, RsaKey)>,
) -> Result<(), Error> {
    let mut pairs: Vec<_> = waiting
        .iter_mut()
        .filter_map(|Work { search, bases, .. }| {
            let (p, q) = search.pair()?;
            Some(Pair { p: p.words(), q: q.words(), bases })
        })
        .collect();
    let verdicts = verdict::judge(engine, size, &mut pairs);
    for (mut work, verdict) in waiting.drain(..).zip(verdicts) {
        match verdict? {
            Verdict::Key(key) => {
                keys.push((work.index, key));
                continue;
            }
            Verdict::Restart => work.search.drop_pair(),
            Verdict::Composite(index) => work.search.drop_composite(index),
        }
        work.restarts += 1;
        if work.restarts == MAX_RESTARTS {
            return Err(Error::CandidateLimit);
        }
        searching.push(work);
    }
    Ok(())
}
