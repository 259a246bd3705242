//! Numbers of a key as words on the heap, wiped on drop.

use chacha20::ChaCha20Rng;
use rand_core::TryRng;
use zeroize::{Zeroize, Zeroizing};

use crate::int;

/// A number, words of 64 bits little-endian, wiped on drop.
pub(crate) type Words = Zeroizing<Vec<u64>>;

pub(crate) fn zero(words: usize) -> Words {
    Zeroizing::new(vec![0; words])
}

pub(crate) fn copy(words: &[u64]) -> Words {
    Zeroizing::new(words.to_vec())
}

/// (n − 1)/2 of an odd n.
pub(crate) fn half(n: &[u64]) -> Words {
    let mut half = copy(n);
    int::shift_right(&mut half, 1);
    half
}

/// Reads big-endian bytes.
pub(crate) fn read(bytes: &[u8], words: usize) -> Words {
    let mut out = zero(words);
    int::from_be_bytes(&mut out, bytes);
    out
}

/// A number in at most so many bytes. Leading zeros are looked for only where there are more: else the time says nothing
/// of them.
pub(crate) fn at_most(len: usize, bytes: &[u8]) -> Option<&[u8]> {
    let bytes = if bytes.len() > len { trimmed(bytes) } else { bytes };
    (bytes.len() <= len).then_some(bytes)
}

/// Without leading zeros.
pub(crate) fn trimmed(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

/// Writes big-endian bytes.
pub(crate) fn write(words: &[u64]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; 8 * words.len()]);
    int::to_be_bytes(&mut bytes, words);
    bytes
}

/// Fills words from a generator that cannot fail.
pub(crate) fn fill(rng: &mut ChaCha20Rng, words: &mut [u64]) {
    let mut bytes = [0; 8 * int::MAX_PRIME_WORDS];
    for chunk in words.chunks_mut(int::MAX_PRIME_WORDS) {
        let bytes = &mut bytes[..8 * chunk.len()];
        let Ok(()) = rng.try_fill_bytes(bytes);
        int::from_be_bytes(chunk, bytes);
    }
    bytes.zeroize();
}
