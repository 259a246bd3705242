//! The search for the two primes of one key: draws, trial division, and the order of verdicts.

use std::collections::VecDeque;

use zeroize::Zeroizing;

use super::ModulusSize;
use super::source::{self, Source};
use super::words::{self, Words};
use crate::engine::Engine;
use crate::{Error, ct, int};

/// How often FIPS 186-5's candidate bound may send a search back to its start before the random source is
/// blamed. A working source reaches the bound for p once in 2^41 searches.
const MAX_STARTS: u64 = 16;

/// A candidate, and which draw it was.
pub(crate) struct Candidate {
    /// On the heap: a candidate moves about, and leaves no copy behind.
    words: Words,
    draw: u64,
}

impl Candidate {
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }
}

/// One key's stream of candidates. It may read ahead of what the key needs: verdicts are taken in draw order,
/// so the primes are the ones that a search one candidate at a time would find.
pub(crate) struct Search<'s> {
    source: Box<dyn Source + 's>,
    size: ModulusSize,
    draw: Zeroizing<Vec<u8>>,
    previous: Zeroizing<Vec<u8>>,
    /// The candidate of the last draw.
    words: Words,
    draws: u64,
    /// The draw that the count of candidates for the current prime starts after.
    counted_from: u64,
    /// Candidates that passed the filter, in draw order.
    found: VecDeque<Candidate>,
}

impl<'s> Search<'s> {
    pub(crate) fn new(size: ModulusSize, source: Box<dyn Source + 's>) -> Self {
        let bytes = size.prime_bits() as usize / 8;
        Self {
            source,
            size,
            draw: Zeroizing::new(vec![0; bytes]),
            previous: Zeroizing::new(vec![0; bytes]),
            words: words::zero(bytes / 8),
            draws: 0,
            counted_from: 0,
            found: VecDeque::with_capacity(8),
        }
    }

    /// How many candidates were drawn.
    #[cfg(test)]
    pub(super) fn draws(&self) -> u64 {
        self.draws
    }

    /// The next candidate without a small factor.
    ///
    /// A source that never yields a prime is stopped after as many draws as [`MAX_STARTS`] failed searches for p
    /// and q take.
    pub(crate) fn next_survivor(&mut self, engine: &dyn Engine) -> Result<Candidate, Error> {
        let limit = self.counted_from + MAX_STARTS * 15 * u64::from(self.size.bits());
        while self.draws < limit {
            self.draw_candidate()?;
            if !engine.has_small_factor(&self.words) {
                return Ok(Candidate { words: words::copy(&self.words), draw: self.draws });
            }
        }
        Err(Error::CandidateLimit)
    }

    /// One fresh draw with the top two and the low three bits set (det-keygen steps 10 and 11).
    ///
    /// The top bits make p, q ≥ 1.5·2^(k−1) > √2·2^(k−1), so that the modulus has its full length (A.1.3 steps
    /// 4.4 and 5.4); the low bits are the choice a = b = 7 of steps 4.3 and 5.3.
    fn draw_candidate(&mut self) -> Result<(), Error> {
        core::mem::swap(&mut self.draw, &mut self.previous);
        self.source.draw(&mut self.draw)?;
        ct::secret(&self.draw[..]);
        source::ensure_new(&self.draw, &self.previous)?;
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
    /// More than 10·nlen candidates for q mean a new start (A.1.3 step 5.8): the prime found too late is the new p.
    /// For p a new start after 5·nlen candidates (step 4.7) is just the next draw.
    pub(crate) fn accept(&mut self, candidate: Candidate) {
        let count = candidate.draw - self.counted_from;
        if self.found.len() % 2 == 1 && count > 10 * u64::from(self.size.bits()) {
            self.found.pop_back();
        }
        self.counted_from = candidate.draw;
        self.found.push_back(candidate);
    }

    /// The pair that may become p and q, once both passed the filter.
    pub(crate) fn pair(&self) -> Option<(&Candidate, &Candidate)> {
        Some((self.found.front()?, self.found.get(1)?))
    }

    /// Throws away the candidate of the pair that proved composite (0 or 1).
    pub(crate) fn drop_composite(&mut self, index: usize) {
        self.found.remove(index);
    }

    /// Throws the pair away: both primes are drawn anew.
    pub(crate) fn drop_pair(&mut self) {
        self.found.drain(..2);
    }
}
