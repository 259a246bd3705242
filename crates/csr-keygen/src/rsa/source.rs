//! Where candidates come from: an abstract source of draws, each of the length of a prime.

use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::drbg::DetKeygen;
use crate::{Error, ct};

/// A source of draws. Every candidate is one draw (FIPS 186-5 A.1.3 steps 4.2 and 5.2).
pub(crate) trait Source {
    /// Fills a whole draw.
    fn draw(&mut self, bytes: &mut [u8]) -> Result<(), Error>;
}

/// Draws taken by the few dozen from a generator, in order: a call of a generator costs more than its bytes.
pub(crate) struct Bulk<R> {
    rng: R,
    buffer: Zeroizing<Vec<u8>>,
    used: usize,
    /// The first draw of the call before.
    first: Zeroizing<Vec<u8>>,
}

/// Draws to a call of the generator.
const BULK: usize = 32;

impl<R: TryCryptoRng> Bulk<R> {
    pub(crate) fn new(rng: R, draw_bytes: usize) -> Self {
        let buffer = Zeroizing::new(vec![0; BULK * draw_bytes]);
        Self { rng, used: buffer.len(), buffer, first: Zeroizing::new(vec![0; draw_bytes]) }
    }
}

impl<R: TryCryptoRng> Source for Bulk<R> {
    fn draw(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        if self.used == self.buffer.len() {
            // A generator may repeat itself from call to call only.
            self.first.copy_from_slice(&self.buffer[..bytes.len()]);
            fill(&mut self.rng, &mut self.buffer)?;
            ensure_new(&self.buffer[..bytes.len()], &self.first)?;
            self.used = 0;
        }
        let end = self.used + bytes.len();
        bytes.copy_from_slice(&self.buffer[self.used..end]);
        self.used = end;
        Ok(())
    }
}

impl Source for DetKeygen {
    fn draw(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.generate(bytes);
        Ok(())
    }
}

/// An error where a draw is the one before it.
pub(crate) fn ensure_new(draw: &[u8], previous: &[u8]) -> Result<(), Error> {
    let differing = draw.iter().zip(previous).fold(0, |bits, (x, y)| bits | (x ^ y));
    // Zero for no source that works.
    if ct::public(differing) == 0 { Err(Error::StuckSource) } else { Ok(()) }
}

/// Fills bytes from a generator, with its failure as an [`Error`].
pub(crate) fn fill<R: TryCryptoRng + ?Sized>(rng: &mut R, bytes: &mut [u8]) -> Result<(), Error> {
    rng.try_fill_bytes(bytes).map_err(|e| Error::RandomSource(e.to_string()))
}
