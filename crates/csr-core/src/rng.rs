//! The random generator for one key.

use chacha20::ChaCha20Rng;
use rand_core::{CryptoRng, SeedableRng, TryCryptoRng};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::Error;

/// A generator for one key: ChaCha20, seeded with 32 bytes from the operating system, and wiped on
/// drop. Don't keep it after the key is made, because a fork or a snapshot of the machine would
/// repeat its output.
///
/// # Errors
///
/// [`Error::RandomSource`] if the operating system returns no randomness; [`Error::KeyGeneration`]
/// if it returns the same 32 bytes twice, because the output of a generator would hide a stuck
/// source.
pub fn fresh_rng() -> Result<impl CryptoRng, Error> {
    let rng = seeded_from(&mut getrandom::SysRng);
    // Wipes the seed, and the generator from before its move to the heap.
    zeroize::zeroize_stack::<4096>();
    rng
}

/// Boxed, so that moves leave no unwiped copies on the stack.
#[inline(never)]
fn seeded_from<R: TryCryptoRng>(source: &mut R) -> Result<Box<ChaCha20Rng>, Error> {
    let (mut seed, mut next) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
    for drawn in [&mut seed, &mut next] {
        source.try_fill_bytes(&mut **drawn).map_err(Error::random_source)?;
    }
    if bool::from(seed.ct_eq(&*next)) {
        return Err(Error::KeyGeneration(csr_keygen::Error::StuckSource));
    }
    Ok(Box::new(ChaCha20Rng::from_seed(*seed)))
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use rand_core::{Rng, TryRng};

    use super::*;

    /// Returns the same bytes at every call.
    struct Stuck;

    impl TryRng for Stuck {
        type Error = Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            unreachable!("seeds are drawn as bytes")
        }
        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            unreachable!("seeds are drawn as bytes")
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            bytes.iter_mut().zip((0..32).cycle()).for_each(|(byte, i)| *byte = i);
            Ok(())
        }
    }
    impl TryCryptoRng for Stuck {}

    #[test]
    fn stuck_source_gives_no_generator() {
        let error = seeded_from(&mut Stuck).err();
        assert!(matches!(error, Some(Error::KeyGeneration(csr_keygen::Error::StuckSource))));
    }

    #[test]
    fn two_generators_differ() {
        assert_ne!(fresh_rng().unwrap().next_u64(), fresh_rng().unwrap().next_u64());
    }
}
