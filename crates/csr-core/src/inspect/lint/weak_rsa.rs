//! RSA moduli that others can factor at once. All numbers are public.

use std::cmp::Ordering;

use rsa::BoxedUint;

use super::RsaWeakness;

/// The largest modulus that is examined, so that the time is bounded.
pub(super) const BITS_MAX: u32 = 16_384;
/// Primes below this are tried as factors.
const FACTOR_MAX: u32 = 1 << 16;
/// How many rounds of Fermat's method are tried.
const FERMAT_ROUNDS: usize = 100;

/// Why a modulus of at most [`BITS_MAX`] bits is weak, if it is.
pub(super) fn weakness(modulus: &[u8]) -> Option<RsaWeakness> {
    if let Some(factor) = small_factor(modulus) {
        return Some(RsaWeakness::SmallFactor(factor));
    }
    if csr_keygen::rsa::has_roca_fingerprint(modulus) {
        return Some(RsaWeakness::Roca);
    }
    fermat_factors(modulus).then_some(RsaWeakness::ClosePrimes)
}

/// The smallest prime factor below [`FACTOR_MAX`].
fn small_factor(modulus: &[u8]) -> Option<u32> {
    let mut primes = primes();
    while let Some(first) = primes.next() {
        // Two primes of 16 bits have a product of 32, so one pass over the modulus is for both.
        let second = primes.next().unwrap_or(first);
        let rest = residue(modulus, u64::from(first) * u64::from(second));
        let factor = [first, second].into_iter().find(|prime| rest.is_multiple_of(u64::from(*prime)));
        if factor.is_some() {
            return factor;
        }
    }
    None
}

/// The modulus modulo a number below 2³².
fn residue(modulus: &[u8], divisor: u64) -> u64 {
    modulus.rchunks(4).rev().fold(0, |rest, chunk| {
        let word = chunk.iter().fold(0, |word, octet| word << 8 | u64::from(*octet));
        (rest << (8 * chunk.len()) | word) % divisor
    })
}

/// The primes below [`FACTOR_MAX`], by the sieve of Eratosthenes.
fn primes() -> impl Iterator<Item = u32> {
    let mut is_composite = vec![false; FACTOR_MAX as usize];
    (2..FACTOR_MAX).filter(move |candidate| {
        let candidate = *candidate as usize;
        let is_prime = !is_composite[candidate];
        if is_prime {
            is_composite.iter_mut().skip(candidate * candidate).step_by(candidate).for_each(|c| *c = true);
        }
        is_prime
    })
}

/// Whether Fermat's method factors an odd modulus: whether a² − n is a square for one of the first a from √n on.
fn fermat_factors(modulus: &[u8]) -> bool {
    // Room for the squares, which are a little larger than n.
    let Ok(bits) = u32::try_from(8 * modulus.len() + 128) else { return false };
    let precision = bits.next_multiple_of(64);
    let Ok(n) = BoxedUint::from_be_slice(&[&[0; 16][..], modulus].concat(), precision) else { return false };
    let one = BoxedUint::one_with_precision(precision);
    let mut a = n.floor_sqrt_vartime();
    if a.wrapping_square().cmp_vartime(&n) == Ordering::Less {
        a = a.wrapping_add(&one);
    }
    let mut difference = a.wrapping_square().wrapping_sub(&n);
    for _ in 0..FERMAT_ROUNDS {
        if is_square(&difference) {
            return true;
        }
        // (a + 1)² = a² + a + (a + 1)
        difference = difference.wrapping_add(&a);
        a = a.wrapping_add(&one);
        difference = difference.wrapping_add(&a);
    }
    false
}

fn is_square(number: &BoxedUint) -> bool {
    // One in five numbers has the last six bits of a square.
    let low = number.to_le_bytes().first().copied().unwrap_or_default() & 63;
    if !(0..32_u16).any(|root| root * root % 64 == u16::from(low)) {
        return false;
    }
    number.floor_sqrt_vartime().wrapping_square().cmp_vartime(number) == Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_all_of_16_bits() {
        assert_eq!(primes().take(6).collect::<Vec<_>>(), [2, 3, 5, 7, 11, 13]);
        assert_eq!((primes().count(), primes().last()), (6542, Some(65_521)));
    }

    #[test]
    fn smallest_factor_is_found() {
        for (number, factor) in [
            ("", Some(2)),
            ("01", None),
            ("04", Some(2)),
            ("0f", Some(3)),
            ("fff1", Some(65_521)),
            ("ffe200e1", Some(65_521)),
            ("010001", None),
            ("0100020001", None),
        ] {
            assert_eq!(small_factor(&hex::lower::decode_vec(number).unwrap()), factor, "{number}");
        }
    }

    #[test]
    fn largest_modulus_is_examined_whole() {
        let mut modulus = vec![0xC5; BITS_MAX as usize / 8];
        let last = modulus.len() - 1;
        while small_factor(&modulus).is_some() {
            modulus[last - 1] = modulus[last - 1].wrapping_add(1);
        }
        assert_eq!(weakness(&modulus), None);
    }

    /// a² − b² for an odd number a of 128 bits.
    #[test]
    fn fermat_finds_factors_within_100_rounds_only() {
        let a = BoxedUint::from_be_slice(&[&[0; 16][..], &[0xc0; 15], &[1]].concat(), 256).unwrap();
        // b²/2a rounds: 11 for b = 2^66, 170 for 2^68.
        let product = |bit: u32| {
            let b = BoxedUint::one_with_precision(256).shl(bit);
            a.wrapping_square().wrapping_sub(b.wrapping_square()).to_be_bytes_trimmed_vartime()
        };
        assert!(fermat_factors(&a.wrapping_square().to_be_bytes_trimmed_vartime()));
        assert!(fermat_factors(&product(30)));
        assert!(fermat_factors(&product(66)));
        assert!(!fermat_factors(&product(68)));
    }
}
