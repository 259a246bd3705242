//! The search for the two primes of each key: draws, trial division, the base-2 filter in batches,
//! and the schedule of several keys that share the lanes.
//!
//! A [`KeySearch`] is one key's stream of candidates, and [`find_keys`] runs searches until each
//! has its key.

use std::collections::VecDeque;

use chacha20::ChaCha20Rng;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::drbg::DetKeygen;
use crate::random::{ensure_differs, fill};
use crate::rsa::engine::Engine;
use crate::rsa::int::{self, Words};
use crate::rsa::kernel::MAX_LANES;
use crate::rsa::key::RsaKey;
use crate::rsa::miller_rabin::{self, Pair, Verdict};
use crate::rsa::size::ModulusSize;
use crate::{Error, ct};

/// How often FIPS 186-5's limit of candidates may restart a search before the random source is
/// blamed. A working source reaches the limit for p once in 2^41 searches.
const MAX_STARTS: u64 = 16;

/// How often a pair that passed the filter may be rejected before the random source is blamed. One
/// rejection has a probability of 2^−15 (e divides a totient); pseudoprimes are far rarer.
const MAX_RESTARTS: u32 = 16;

/// A source of draws. Every candidate is one draw (FIPS 186-5 A.1.3 steps 4.2 and 5.2).
pub(crate) trait Source {
    /// Fills a whole draw.
    fn draw(&mut self, bytes: &mut [u8]) -> Result<(), Error>;
}

impl Source for DetKeygen {
    fn draw(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.generate(bytes);
        Ok(())
    }
}

/// Draws from a generator, [`BULK`] per call and used in order: the call costs more than the bytes.
pub(crate) struct BulkSource<R> {
    rng: R,
    buffer: Zeroizing<Vec<u8>>,
    used: usize,
    /// The first draw of the previous call.
    first: Zeroizing<Vec<u8>>,
}

/// The draws per call of the generator.
const BULK: usize = 32;

impl<R: TryCryptoRng> BulkSource<R> {
    pub(crate) fn new(rng: R, size: ModulusSize) -> Self {
        let buffer = Zeroizing::new(vec![0; BULK * size.prime_bytes()]);
        Self { rng, used: buffer.len(), buffer, first: Zeroizing::new(vec![0; size.prime_bytes()]) }
    }
}

impl<R: TryCryptoRng> Source for BulkSource<R> {
    fn draw(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        if self.used == self.buffer.len() {
            // A generator that starts anew at every call repeats the first draw.
            self.first.copy_from_slice(&self.buffer[..bytes.len()]);
            fill(&mut self.rng, &mut self.buffer)?;
            ensure_differs(&self.buffer[..bytes.len()], &self.first)?;
            self.used = 0;
        }
        let end = self.used + bytes.len();
        bytes.copy_from_slice(&self.buffer[self.used..end]);
        self.used = end;
        Ok(())
    }
}

/// A candidate, and the number of its draw.
pub(crate) struct Candidate {
    /// Boxed, so that moves leave no unwiped copies on the stack.
    words: Words,
    draw: u64,
}

impl Candidate {
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }
}

/// The search for one key's primes. It may read ahead of what the key needs: verdicts are taken in
/// draw order, so the primes are those that a search one candidate at a time would find.
pub(crate) struct KeySearch<'s> {
    /// The place of the key among the results.
    index: usize,
    source: Box<dyn Source + 's>,
    /// The source of the Miller–Rabin bases and of the pairwise test's message. It is separate from
    /// the candidates' source so that the candidates are exactly det-keygen's.
    bases: ChaCha20Rng,
    size: ModulusSize,
    draw: Zeroizing<Vec<u8>>,
    previous: Zeroizing<Vec<u8>>,
    /// The candidate of the last draw.
    words: Words,
    draws: u64,
    /// The draw after which the candidates for the current prime are counted.
    counted_from: u64,
    /// Candidates that passed the filter, in draw order.
    found: VecDeque<Candidate>,
    restarts: u32,
}

impl<'s> KeySearch<'s> {
    pub(crate) fn new(
        index: usize,
        size: ModulusSize,
        source: Box<dyn Source + 's>,
        bases: ChaCha20Rng,
    ) -> Self {
        let bytes = size.prime_bytes();
        Self {
            index,
            source,
            bases,
            size,
            draw: Zeroizing::new(vec![0; bytes]),
            previous: Zeroizing::new(vec![0; bytes]),
            words: int::zero(size.prime_words()),
            draws: 0,
            counted_from: 0,
            found: VecDeque::with_capacity(8),
            restarts: 0,
        }
    }

    /// The number of candidates drawn.
    #[cfg(test)]
    pub(crate) fn draws(&self) -> u64 {
        self.draws
    }

    /// The next candidate without a small factor.
    ///
    /// A source that never yields a prime is stopped after as many draws as [`MAX_STARTS`] failed
    /// searches for p and q take.
    pub(crate) fn next_survivor(&mut self, engine: &dyn Engine) -> Result<Candidate, Error> {
        let limit = self.counted_from + MAX_STARTS * 15 * u64::from(self.size.bits());
        while self.draws < limit {
            self.draw_candidate()?;
            if !engine.has_small_factor(&self.words) {
                return Ok(Candidate { words: int::copy(&self.words), draw: self.draws });
            }
        }
        Err(Error::CandidateLimit)
    }

    /// One fresh draw with the top two and the low three bits set (det-keygen steps 10 and 11).
    ///
    /// The top bits make p, q ≥ 1.5·2^(k−1) > √2·2^(k−1), so that the modulus has its full length
    /// (A.1.3 steps 4.4 and 5.4). The low bits are the choice a = b = 7 of steps 4.3 and 5.3.
    fn draw_candidate(&mut self) -> Result<(), Error> {
        core::mem::swap(&mut self.draw, &mut self.previous);
        self.source.draw(&mut self.draw)?;
        ct::secret(&self.draw[..]);
        ensure_differs(&self.draw, &self.previous)?;
        self.draws += 1;
        int::from_be_bytes(&mut self.words, &self.draw);
        self.words[0] |= 0b111;
        if let Some(top) = self.words.last_mut() {
            *top |= 0b11 << 62;
        }
        Ok(())
    }

    /// Takes a candidate that passed the filter. Candidates come in draw order.
    ///
    /// More than 10·nlen candidates for q mean a new start (A.1.3 step 5.8): the prime found too
    /// late becomes the new p. For p a new start after 5·nlen candidates (step 4.7) is just the
    /// next draw.
    pub(crate) fn accept(&mut self, candidate: Candidate) {
        let count = candidate.draw - self.counted_from;
        if self.found.len() % 2 == 1 && count > 10 * u64::from(self.size.bits()) {
            self.found.pop_back();
        }
        self.counted_from = candidate.draw;
        self.found.push_back(candidate);
    }

    /// Whether two candidates passed the filter, which may become p and q.
    pub(crate) fn has_pair(&self) -> bool {
        self.found.len() >= 2
    }

    /// The pair to test, with the source of its bases.
    fn pair(&mut self) -> Option<Pair<'_>> {
        let (p, q) = (self.found.front()?, self.found.get(1)?);
        Some(Pair { p: p.words(), q: q.words(), bases: &mut self.bases })
    }

    /// Discards the candidate of the pair that proved composite (0 or 1).
    fn drop_composite(&mut self, index: usize) {
        self.found.remove(index);
    }

    /// Discards the pair: both primes are drawn anew.
    pub(crate) fn drop_pair(&mut self) {
        self.found.drain(..2);
    }
}

/// Runs the searches until each has its key, as many at a time as the engine has lanes. The keys
/// are in the order of the searches' indices.
///
/// With one search every lane of a filter batch takes a candidate of that key. With eight, each has
/// a lane of its own and none reads ahead. Searches with a pair wait until enough of them fill
/// whole batches of Miller–Rabin rounds.
pub(crate) fn find_keys<'s>(
    engine: &mut dyn Engine,
    size: ModulusSize,
    searches: impl IntoIterator<Item = Result<KeySearch<'s>, Error>>,
) -> Result<Vec<RsaKey>, Error> {
    let mut searches = searches.into_iter();
    let group = size.pairs_per_whole_batch();
    let (mut searching, mut waiting) = (Vec::new(), Vec::new());
    let mut keys = Vec::new();
    loop {
        while searching.len() < engine.lanes() {
            let Some(search) = searches.next() else { break };
            searching.push(search?);
        }
        if searching.is_empty() && waiting.is_empty() {
            break;
        }
        filter_batch(engine, &mut searching)?;
        waiting.extend(searching.extract_if(.., |search: &mut KeySearch<'_>| search.has_pair()));
        if waiting.len() >= group || searching.is_empty() {
            test_pairs(engine, size, &mut waiting, &mut searching, &mut keys)?;
        }
    }
    keys.sort_by_key(|(index, _)| *index);
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

/// One filter batch. Its lanes are distributed over the searches in turn, and verdicts are taken in
/// draw order.
fn filter_batch(engine: &mut dyn Engine, searches: &mut [KeySearch<'_>]) -> Result<(), Error> {
    if searches.is_empty() {
        return Ok(());
    }
    let mut candidates: [Option<Candidate>; MAX_LANES] = [const { None }; MAX_LANES];
    let lanes = engine.lanes();
    for lane in 0..lanes {
        let search = &mut searches[lane % searches.len()];
        candidates[lane] = Some(search.next_survivor(engine)?);
    }
    let numbers: [&[u64]; MAX_LANES] =
        core::array::from_fn(|lane| candidates[lane].as_ref().map_or(&[][..], Candidate::words));
    let passed = engine.filter(&numbers[..lanes]);
    for (lane, candidate) in candidates.into_iter().flatten().enumerate() {
        if passed >> lane & 1 == 1 {
            searches[lane % searches.len()].accept(candidate);
        }
    }
    Ok(())
}

/// Tests every waiting pair. A search whose pair makes no key goes back to searching.
fn test_pairs<'s>(
    engine: &mut dyn Engine,
    size: ModulusSize,
    waiting: &mut Vec<KeySearch<'s>>,
    searching: &mut Vec<KeySearch<'s>>,
    keys: &mut Vec<(usize, RsaKey)>,
) -> Result<(), Error> {
    let mut pairs: Vec<_> = waiting.iter_mut().filter_map(KeySearch::pair).collect();
    let verdicts = miller_rabin::test_pairs(engine, size, &mut pairs);
    for (mut search, verdict) in waiting.drain(..).zip(verdicts) {
        match verdict? {
            Verdict::Key(key) => {
                keys.push((search.index, key));
                continue;
            }
            Verdict::Restart => search.drop_pair(),
            Verdict::Composite(index) => search.drop_composite(index),
        }
        search.restarts += 1;
        if search.restarts == MAX_RESTARTS {
            return Err(Error::CandidateLimit);
        }
        searching.push(search);
    }
    Ok(())
}
