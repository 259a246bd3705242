//! The kernels against an independent big-integer library, and against each other.

use num_bigint::BigUint;
use rand_core::{Rng, SeedableRng};

use super::to_big;
#[cfg(target_arch = "x86_64")]
use crate::Ifma;
use crate::rsa::kernel::zeros::zeros;
use crate::rsa::kernel::{Kernel, Moduli, Portable};

type Prng = chacha20::ChaCha20Rng;

/// The batches of a differential test, of eight products in each lane: at least
/// `CSR_KERNEL_PRODUCTS` products for each kernel and size, by default a few.
fn batches(lanes: usize) -> usize {
    let products: Option<usize> =
        std::env::var("CSR_KERNEL_PRODUCTS").ok().and_then(|value| value.parse().ok());
    products.map_or(300, |products| products.div_ceil(8 * lanes))
}

/// The limbs of one lane as a number. Each must be below its radix.
fn value<K: Kernel>(num: &K::Num, lane: usize) -> BigUint {
    let mut words = vec![0; K::position(K::LIMBS).div_ceil(64)];
    for i in 0..K::LIMBS {
        let (limb, start) = (K::limb(num, lane, i), K::position(i));
        assert!(limb.checked_shr((K::position(i + 1) - start) as u32).unwrap_or(0) == 0, "limb {i}");
        let shifted = u128::from(limb) << (start % 64);
        words[start / 64] |= shifted as u64;
        if let Some(word) = words.get_mut(start / 64 + 1) {
            *word |= (shifted >> 64) as u64;
        }
    }
    to_big(&words)
}

/// Whether a ≡ b·2^bits (mod n).
fn congruent(a: BigUint, b: &BigUint, bits: u32, n: &BigUint) -> bool {
    let b = b << bits;
    let difference = if a < b { b - a } else { a - b };
    difference % n == BigUint::ZERO
}

/// A number for a factor or a modulus: random, or with long runs of ones or zeros, through which
/// carries propagate.
fn words(rng: &mut Prng, len: usize) -> Vec<u64> {
    let mut words: Vec<u64> = (0..len).map(|_| rng.next_u64()).collect();
    match rng.next_u32() % 8 {
        0 => words.fill(u64::MAX),
        1 => words[1..].fill(u64::MAX),
        2 => words[..len - 1].fill(u64::MAX),
        3 => words[1..len - 1].fill(0),
        4 => {
            let at = rng.next_u32() as usize % len;
            words[at..].fill(u64::MAX);
        }
        _ => {}
    }
    words
}

/// Squarings with and without doubling, and products, in lanes of different moduli, values and edge
/// cases. They are chained, so that unreduced results are inputs, too. Every result is checked
/// modulo n and against its bound.
fn multiplications<K: Kernel>(kernel: K, len: usize, seed: u64) {
    let mut rng = Prng::seed_from_u64(seed);
    let mut scratch = zeros::<K::Scratch>();
    for _ in 0..batches(K::LANES) {
        let mut modulus = zeros::<Moduli<K>>();
        let (mut x, mut y) = (zeros::<K::Num>(), zeros::<K::Num>());
        let (mut moduli, mut big) = (Vec::new(), Vec::new());
        for lane in 0..K::LANES {
            let mut n = words(&mut rng, len);
            n[len - 1] |= 0b11 << 62;
            n[0] |= 1;
            let n_big = to_big(&n);
            // n − 1, n + 1, 5n − 1 if the limbs can hold it, or anything below n.
            for num in [&mut x, &mut y] {
                let chosen = match rng.next_u32() % 4 {
                    0 => &n_big - 1u32,
                    1 if K::bits() > 64 * len as u32 => &n_big + 1u32,
                    2 if K::bits() > 64 * len as u32 => &n_big * 5u32 - 1u32,
                    _ => to_big(&words(&mut rng, len)) % &n_big,
                };
                set_big::<K>(num, lane, &chosen);
            }
            moduli.push(n);
            big.push(n_big);
        }
        modulus.set(kernel, moduli.iter().map(Vec::as_slice));
        for _ in 0..4 {
            let double = rng.next_u32() as u8;
            let before: Vec<_> = (0..K::LANES).map(|lane| value::<K>(&x, lane)).collect();
            kernel.square(&mut x, &modulus, double, &mut scratch);
            for (lane, n) in big.iter().enumerate() {
                let after = value::<K>(&x, lane);
                let expected = (&before[lane] * &before[lane]) << (double >> lane & 1);
                assert!(congruent(expected, &after, K::bits(), n), "square, lane {lane}");
                assert!(after * 100u32 < n * 402u32, "bound of a square, lane {lane}");
            }
            let before: Vec<_> = (0..K::LANES).map(|lane| value::<K>(&x, lane)).collect();
            kernel.multiply(&mut x, &y, &modulus, &mut scratch);
            for (lane, n) in big.iter().enumerate() {
                let after = value::<K>(&x, lane);
                let expected = &before[lane] * value::<K>(&y, lane);
                assert!(congruent(expected, &after, K::bits(), n), "product, lane {lane}");
                assert!(after * 100u32 < n * 201u32, "bound of a product, lane {lane}");
            }
        }
    }
}

/// Sets a lane to a number of any size that the limbs can hold.
fn set_big<K: Kernel>(num: &mut K::Num, lane: usize, value: &BigUint) {
    for index in 0..K::LIMBS {
        let (start, end) = (K::position(index), K::position(index + 1));
        let limb = (value >> start) & BigUint::from(u64::MAX >> (64 - (end - start)));
        K::set_limb(num, lane, index, limb.iter_u64_digits().next().unwrap_or(0));
    }
}

#[test]
fn portable_multiplications_agree_with_num_bigint() {
    multiplications(Portable::<16>, 16, 1);
    if cfg!(miri) {
        return; // the longer ones take a minute and run the same code
    }
    multiplications(Portable::<24>, 24, 2);
    multiplications(Portable::<32>, 32, 3);
    multiplications(Portable::<48>, 48, 13);
    multiplications(Portable::<64>, 64, 14);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn ifma_multiplications_agree_with_num_bigint() {
    use crate::rsa::kernel::ifma_lanes::IfmaKernel;
    use crate::rsa::kernel::ifma_rows::RowKernel;
    let Some(token) = Ifma::new() else {
        eprintln!("NOT RUN: ifma_multiplications_agree_with_num_bigint: this processor has no AVX-512 IFMA");
        return;
    };
    multiplications(IfmaKernel::<20, 8>(token), 16, 4);
    multiplications(IfmaKernel::<30, 8>(token), 24, 5);
    multiplications(IfmaKernel::<40, 8>(token), 32, 6);
    multiplications(IfmaKernel::<20, 4>(token), 16, 7);
    multiplications(IfmaKernel::<30, 4>(token), 24, 8);
    multiplications(IfmaKernel::<40, 4>(token), 32, 9);
    multiplications(IfmaKernel::<60, 4>(token), 48, 11);
    multiplications(IfmaKernel::<80, 4>(token), 64, 12);
    multiplications(RowKernel::<20, 5, 2>(token), 16, 18);
    multiplications(RowKernel::<30, 8, 2>(token), 24, 19);
    multiplications(RowKernel::<40, 10, 2>(token), 32, 20);
    multiplications(RowKernel::<40, 5, 1>(token), 32, 21);
    multiplications(RowKernel::<60, 8, 1>(token), 48, 22);
    multiplications(RowKernel::<80, 10, 1>(token), 64, 23);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn avx2_multiplications_agree_with_num_bigint() {
    use crate::rsa::kernel::avx2::Avx2Kernel;
    let Some(token) = crate::Avx2::new() else {
        eprintln!("NOT RUN: avx2_multiplications_agree_with_num_bigint: this processor has no AVX2");
        return;
    };
    multiplications(Avx2Kernel::<40>(token), 16, 15);
    multiplications(Avx2Kernel::<56>(token), 24, 16);
    multiplications(Avx2Kernel::<76>(token), 32, 17);
}

/// Prints nanoseconds per call, the least of many, and the time of a whole filter divided by its
/// squarings: `cargo test --release -- --ignored --nocapture report`.
#[test]
#[ignore = "a report, not a test"]
fn report_times() {
    fn least(mut f: impl FnMut()) -> f64 {
        (0..2000)
            .map(|_| {
                let start = std::time::Instant::now();
                (0..8).for_each(|_| f());
                start.elapsed().as_nanos() as f64 / 8.0
            })
            .fold(f64::MAX, f64::min)
    }
    fn kernel<K: Kernel>(name: &str, kernel: K, len: usize) {
        let mut rng = Prng::seed_from_u64(1);
        let mut modulus = zeros::<Moduli<K>>();
        let (mut x, mut y) = (zeros::<K::Num>(), zeros::<K::Num>());
        let mut moduli = Vec::new();
        for lane in 0..K::LANES {
            let mut n: Vec<u64> = (0..len).map(|_| rng.next_u64()).collect();
            n[len - 1] |= 0b11 << 62;
            n[0] |= 1;
            moduli.push(n.clone());
            n[len - 1] >>= 2;
            K::set_words(&mut x, lane, &n);
            K::set_words(&mut y, lane, &n);
        }
        modulus.set(kernel, moduli.iter().map(Vec::as_slice));
        let mut scratch = zeros::<K::Scratch>();
        let square = least(|| kernel.square(&mut x, &modulus, 0x55, &mut scratch));
        let multiply = least(|| kernel.multiply(&mut x, &y, &modulus, &mut scratch));
        let candidates: Vec<Vec<u64>> = (0..K::LANES)
            .map(|_| {
                let mut n: Vec<u64> = (0..len).map(|_| rng.next_u64()).collect();
                n[len - 1] |= 0b11 << 62;
                n[0] |= 7;
                n
            })
            .collect();
        let candidates: Vec<&[u64]> = candidates.iter().map(|n| &n[..]).collect();
        let mut lanes = crate::rsa::kernel::exponentiation::Exponentiator::new(kernel);
        let mut filter = f64::MAX;
        for _ in 0..30 {
            let start = std::time::Instant::now();
            std::hint::black_box(lanes.filter(&candidates));
            filter = filter.min(start.elapsed().as_nanos() as f64);
        }
        let filter = filter / f64::from(64 * len as u32 - 1 - crate::rsa::kernel::exponentiation::START_BITS);
        println!(
            "{name} {:4}: square {square:.1} ns, in a filter {filter:.1}, multiply {multiply:.1} ns",
            64 * len
        );
    }
    kernel("portable", Portable::<16>, 16);
    kernel("portable", Portable::<24>, 24);
    kernel("portable", Portable::<32>, 32);
    #[cfg(target_arch = "x86_64")]
    if let Some(token) = crate::Avx2::new() {
        use crate::rsa::kernel::avx2::Avx2Kernel;
        kernel("avx2", Avx2Kernel::<40>(token), 16);
        kernel("avx2", Avx2Kernel::<56>(token), 24);
        kernel("avx2", Avx2Kernel::<76>(token), 32);
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(token) = Ifma::new() {
        use crate::rsa::kernel::ifma_lanes::IfmaKernel;
        use crate::rsa::kernel::ifma_rows::RowKernel;
        kernel("zmm", IfmaKernel::<20, 8>(token), 16);
        kernel("zmm", IfmaKernel::<30, 8>(token), 24);
        kernel("zmm", IfmaKernel::<40, 8>(token), 32);
        kernel("ymm", IfmaKernel::<20, 4>(token), 16);
        kernel("ymm", IfmaKernel::<30, 4>(token), 24);
        kernel("ymm", IfmaKernel::<40, 4>(token), 32);
        kernel("two rows", RowKernel::<20, 5, 2>(token), 16);
        kernel("two rows", RowKernel::<30, 8, 2>(token), 24);
        kernel("two rows", RowKernel::<40, 10, 2>(token), 32);
        kernel("one row", RowKernel::<40, 5, 1>(token), 32);
        kernel("one row", RowKernel::<60, 8, 1>(token), 48);
        kernel("one row", RowKernel::<80, 10, 1>(token), 64);
        let number = [u64::MAX - 2; 16];
        println!(
            "ifma sieve, one group or more: {:.1} ns",
            least(|| {
                std::hint::black_box(crate::rsa::sieve::ifma_sieve::has_small_factor(token, &number));
            })
        );
    }
}
