//! Whether hashes are there once, of any number, in 16 bytes each.

use std::collections::HashMap;

/// So many of the repeated hashes are named.
const NAMED: usize = 1_000;

pub(super) fn half(sha256: &[u8; 32]) -> [u8; 16] {
    std::array::from_fn(|at| sha256[at])
}

#[derive(Default)]
pub(super) struct Once(Vec<[u8; 16]>);

impl Once {
    pub(super) fn push(&mut self, hash: [u8; 16]) {
        self.0.push(hash);
    }

    /// How many hashes were there before.
    pub(super) fn repeated(&mut self) -> u64 {
        self.0.sort_unstable();
        self.pairs().count() as u64
    }

    /// Neighbours that are equal, once sorted.
    fn pairs(&self) -> impl Iterator<Item = [u8; 16]> {
        self.0.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    }

    /// The hashes that are there several times, to be found again.
    pub(super) fn seen(&self) -> Seen {
        let mut seen = HashMap::new();
        for hash in self.pairs() {
            if seen.len() == NAMED {
                break;
            }
            seen.insert(hash, None);
        }
        Seen(seen)
    }
}

/// Hashes, and where they were first.
pub(super) struct Seen(HashMap<[u8; 16], Option<String>>);

impl Seen {
    /// Where the hash was before, if it is one of these.
    pub(super) fn again(&mut self, hash: [u8; 16], place: impl FnOnce() -> String) -> Option<&str> {
        let first = self.0.get_mut(&hash)?;
        if first.is_none() {
            *first = Some(place());
            return None;
        }
        first.as_deref()
    }
}
