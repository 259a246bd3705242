//! The lanes against `num-bigint`, with limbs at the stated bounds.

#![allow(unsafe_code)]

use chacha20::ChaCha20Rng;
use num_bigint::{BigInt, BigUint};
use rand_core::{Rng, SeedableRng};

use super::*;
use crate::Ifma;
use crate::curve::ifma::{P256Prime, P384Prime, Sm2Prime};
use crate::vector::load_512 as load;

/// Eight residues as limbs.
type Lanes<const L: usize> = [[u64; L]; 8];

const ONES: u64 = MASK;

/// All limbs full, one limb full, all but one full, a lowest or highest bit, or random limbs.
fn sample<const L: usize>(rng: &mut ChaCha20Rng) -> [u64; L] {
    let place = rng.next_u32() as usize % L;
    match rng.next_u32() % 8 {
        0 => [ONES; L],
        1 => core::array::from_fn(|i| if i == place { ONES } else { 0 }),
        2 => core::array::from_fn(|i| if i == place { 0 } else { ONES }),
        3 => core::array::from_fn(|i| u64::from(i == place)),
        4 => core::array::from_fn(|i| if i == place { 1 << 51 } else { 0 }),
        _ => core::array::from_fn(|_| rng.next_u64() & MASK),
    }
}

fn lanes<const L: usize>(rng: &mut ChaCha20Rng) -> Lanes<L> {
    core::array::from_fn(|_| sample(rng))
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn factor<F, const L: usize>(lanes: &Lanes<L>) -> Factor<F, L> {
    Factor(core::array::from_fn(|limb| load(&lanes.each_ref().map(|lane| lane[limb]))), PhantomData)
}

/// The value of signed limbs.
fn value(limbs: impl DoubleEndedIterator<Item = i64>) -> BigInt {
    limbs.rev().fold(BigInt::ZERO, |sum, limb| (sum << BITS) + limb)
}

fn limbs_value<const L: usize>(limbs: &[u64; L]) -> BigInt {
    value(limbs.iter().map(|limb| limb.cast_signed()))
}

/// A sum's limbs, lane by lane.
#[target_feature(enable = "avx512f,avx512ifma")]
fn sum_limbs<F: LaneField<L>, const L: usize>(sum: Sum<F, L>) -> Lanes<L> {
    sum.as_factor().to_lanes()
}

fn prime<F: LaneField<L>, const L: usize>() -> BigInt {
    value((0..L).map(prime_limb::<F, L>))
}

fn modulo(a: &BigInt, p: &BigInt) -> BigInt {
    ((a % p) + p) % p
}

/// Asserts that a reduced product is `wide`/R modulo p, below `wide`/R + p, with limbs below 2^60.
fn assert_product<const L: usize>(product: &[u64; L], wide: &BigInt, p: &BigInt) {
    let got = limbs_value(product);
    let r = BigInt::from(1) << (BITS as usize * L);
    assert_eq!(modulo(&(&got * &r), p), modulo(wide, p));
    assert!(got >= BigInt::ZERO && got <= wide / &r + p, "out of bounds: {product:x?}");
    assert!(product.iter().all(|limb| limb.cast_signed().unsigned_abs() < 1 << 60), "{product:x?}");
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn check<F: LaneField<L>, const L: usize>(rounds: usize) {
    let mut rng = ChaCha20Rng::seed_from_u64(L as u64);
    let p = prime::<F, L>();
    let r = BigInt::from(1) << (BITS as usize * L);
    for _ in 0..rounds {
        let [a, b, c, d]: [Lanes<L>; 4] = core::array::from_fn(|_| lanes(&mut rng));
        let [x, y, z, w] = [&a, &b, &c, &d].map(|lanes| factor::<F, L>(lanes));
        let product = sum_limbs(x.mul(&y));
        let [first, second] = Factor::mul_two([&x, &y], [&z, &w]).map(|sum| sum_limbs(sum));
        let [square_1, square_2] = Factor::square_two(&x, &w).map(|sum| sum_limbs(sum));
        let both = sum_limbs(x.mul_add(&y, &z, &w));
        for lane in 0..8 {
            let [a, b, c, d] = [&a, &b, &c, &d].map(|lanes| limbs_value(&lanes[lane]));
            assert_product(&product[lane], &(&a * &b), &p);
            assert_product(&first[lane], &(&a * &b), &p);
            assert_product(&second[lane], &(&c * &d), &p);
            assert_product(&square_1[lane], &(&a * &a), &p);
            assert_product(&square_2[lane], &(&d * &d), &p);
            assert_product(&both[lane], &(&a * &b + &c * &d), &p);
        }
        check_sums::<F, L>(&mut rng, &p, &r);
    }
}

/// Carries and the fold, on limbs of up to ±2^60 whose value lies in [0, R).
#[target_feature(enable = "avx512f,avx512ifma")]
fn check_sums<F: LaneField<L>, const L: usize>(rng: &mut ChaCha20Rng, p: &BigInt, r: &BigInt) {
    let plain: Lanes<L> = lanes(rng);
    let mut lazy = plain;
    for lane in &mut lazy {
        for limb in 0..L - 1 {
            let moved = i64::from(rng.next_u32() % 255) - 127;
            lane[limb] = (lane[limb].cast_signed() + (moved << BITS)).cast_unsigned();
            lane[limb + 1] = (lane[limb + 1].cast_signed() - moved).cast_unsigned();
        }
    }
    let sum = factor::<F, L>(&lazy).to_sum();
    assert_eq!(sum.carry().to_lanes(), plain);

    let folded = sum.fold().to_lanes();
    for (lane, folded) in plain.iter().zip(folded) {
        assert!(folded.iter().all(|limb| *limb <= MASK));
        let got = limbs_value(&folded);
        assert_eq!(modulo(&got, p), modulo(&limbs_value(lane), p));
        if !F::FOLD.is_empty() {
            assert!(got < (BigInt::from(1) << 256) + (BigInt::from(1) << 230), "{folded:x?}");
        }
    }

    let other: Lanes<L> = lanes(rng);
    let (x, y) = (factor::<F, L>(&plain), factor::<F, L>(&other));
    let added = sum_limbs(x.to_sum().add(y.to_sum()));
    let subtracted = sum_limbs(x.to_sum().sub(y.to_sum()).plus_p(6));
    let negated = sum_limbs(x.to_sum().negate(0b0101_0101));
    for lane in 0..8 {
        let (a, b) = (limbs_value(&plain[lane]), limbs_value(&other[lane]));
        assert_eq!(limbs_value(&added[lane]), &a + &b);
        assert_eq!(limbs_value(&subtracted[lane]), &a - &b + p * 6);
        assert_eq!(limbs_value(&negated[lane]), if lane % 2 == 0 { -&a } else { a.clone() });
        assert!(&a < r);
    }
}

fn check_all(rounds: usize) {
    if Ifma::new().is_none() {
        eprintln!("the lanes were NOT checked: this processor lacks AVX-512 IFMA");
        return;
    }
    // SAFETY: the processor has the features, as `Ifma::new` found.
    unsafe {
        check::<P256Prime, 5>(rounds);
        check::<Sm2Prime, 5>(rounds);
        check::<P384Prime, 8>(rounds);
    }
}

#[test]
fn lanes_agree_with_num_bigint_at_the_bounds() {
    check_all(2_000);
}

#[test]
#[ignore = "a long run: set CSR_ROUNDS"]
fn lanes_agree_with_num_bigint_many_times() {
    check_all(std::env::var("CSR_ROUNDS").map_or(1_000_000, |count| count.parse().unwrap()));
}

#[test]
fn primes_are_those_of_the_standards() {
    let hex = |text: &[u8]| BigInt::from(BigUint::parse_bytes(text, 16).unwrap());
    let p256 = hex(b"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let sm2 = hex(b"fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff");
    let p384 = hex(
        b"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
    );
    assert_eq!(prime::<P256Prime, 5>(), p256);
    assert_eq!(prime::<Sm2Prime, 5>(), sm2);
    assert_eq!(prime::<P384Prime, 8>(), p384);
}
