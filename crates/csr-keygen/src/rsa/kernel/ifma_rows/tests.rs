//! The carries at the end of a product, which with random factors hardly ever pass more than one
//! limb. The products are tested with those of the other kernels, in `rsa/tests/kernels.rs`.

use num_bigint::BigUint;
use rand_core::{Rng, SeedableRng};

use super::*;

#[target_feature(enable = "avx512f")]
fn passed<const V: usize, const C: usize>(columns: &RowNumbers<V, C>) -> RowNumbers<V, C> {
    let mut vectors = columns.0.each_ref().map(|words| load(words));
    pass_carries::<V, C>(&mut vectors);
    let mut limbs = *columns;
    for j in 0..V {
        store(&mut limbs.0[j], vectors[j]);
    }
    limbs
}

fn value<const V: usize, const C: usize>(num: &RowNumbers<V, C>, number: usize) -> BigUint {
    let limbs = num.0.as_flattened().iter().skip(number).step_by(C);
    limbs.rev().fold(BigUint::ZERO, |value, &limb| (value << 52u32) + limb)
}

/// Columns that generate, propagate or absorb a carry, or hold as much as a product leaves. The
/// highest is empty.
fn check<const V: usize, const C: usize>(_: Ifma, limbs: usize) {
    let mut rng = chacha20::ChaCha20Rng::seed_from_u64(V as u64);
    for _ in 0..2000 {
        let mut columns = RowNumbers::<V, C>([[0; 8]; V]);
        let propagating = rng.next_u32() % 8;
        for word in &mut columns.0.as_flattened_mut()[..C * (limbs - 1)] {
            *word = match rng.next_u32() % 8 {
                kind if kind < propagating => (1 << 52) - 1,
                0 | 1 => 1 << 52,
                2 | 3 => rng.next_u64() >> 12,
                4 | 5 => (rng.next_u64() >> 3) | ((1 << 52) - 1),
                _ => rng.next_u64() >> 3,
            };
        }
        // SAFETY: an `Ifma` exists only if the processor has the features.
        let after = unsafe { passed(&columns) };
        for number in 0..C {
            assert_eq!(value(&after, number), value(&columns, number), "{V} vectors, number {number} of {C}");
        }
        assert!(after.0.as_flattened().iter().all(|limb| limb >> 52 == 0));
    }
}

#[test]
fn carries_reach_the_highest_limb() {
    let Some(token) = Ifma::new() else {
        eprintln!("NOT RUN: carries_reach_the_highest_limb: this processor has no AVX-512 IFMA");
        return;
    };
    check::<5, 2>(token, 20);
    check::<8, 2>(token, 30);
    check::<10, 2>(token, 40);
    check::<5, 1>(token, 40);
    check::<8, 1>(token, 60);
    check::<10, 1>(token, 80);
}
