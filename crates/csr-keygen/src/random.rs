//! The caller's random source: its failures as errors, and the check that it does not repeat
//! itself.
//!
//! A source that is stuck, or that starts anew at every call, is caught by [`ensure_differs`]
//! wherever its output is taken: seeds of generators here, and each draw and each call of RSA's
//! search. The curves need no such check: a scalar is a single draw, and a nonce depends on the key
//! and the message, too.

use chacha20::ChaCha20Rng;
use rand_core::{SeedableRng, TryCryptoRng};
use zeroize::Zeroizing;

use crate::{Error, ct};

/// The seed of a generator.
type Seed = Zeroizing<[u8; 32]>;

/// Fills bytes from a generator, with its failure as an [`Error`].
pub(crate) fn fill<R: TryCryptoRng + ?Sized>(rng: &mut R, bytes: &mut [u8]) -> Result<(), Error> {
    rng.try_fill_bytes(bytes).map_err(|e| Error::RandomSource(e.to_string()))
}

/// [`Error::StuckSource`] if an output equals the one before it.
pub(crate) fn ensure_differs(output: &[u8], previous: &[u8]) -> Result<(), Error> {
    let differing = output.iter().zip(previous).fold(0, |bits, (x, y)| bits | (x ^ y));
    // Never zero with a working source.
    if ct::public(differing) == 0 { Err(Error::StuckSource) } else { Ok(()) }
}

/// A separate generator, seeded with 32 bytes of the caller's.
pub(crate) fn seeded_from<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<ChaCha20Rng, Error> {
    Ok(ChaCha20Rng::from_seed(*draw_seed(rng)?))
}

fn draw_seed<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Seed, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    fill(rng, &mut *seed)?;
    Ok(seed)
}

/// Generators of their own, each seeded with 32 bytes of the caller's that differ from the 32 bytes
/// before them. The first 32 bytes are drawn for that comparison only, so that a stuck source is
/// noticed even with one generator.
pub(crate) struct SeededGenerators<'r, R: ?Sized> {
    rng: &'r mut R,
    previous: Option<Seed>,
}

impl<'r, R: TryCryptoRng + ?Sized> SeededGenerators<'r, R> {
    pub(crate) fn new(rng: &'r mut R) -> Self {
        Self { rng, previous: None }
    }

    /// The next generator.
    pub(crate) fn next_generator(&mut self) -> Result<ChaCha20Rng, Error> {
        let before = self.previous.take().map_or_else(|| draw_seed(self.rng), Ok)?;
        let seed = draw_seed(self.rng)?;
        ensure_differs(&*seed, &*before)?;
        let generator = ChaCha20Rng::from_seed(*seed);
        self.previous = Some(seed);
        Ok(generator)
    }
}
