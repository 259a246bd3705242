//! Batches against divsteps one by one. Inverses and gcds are tested where lengths are known:
//! `rsa/tests/words.rs` and `curve/tests/arithmetic.rs`.

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use super::*;

/// 60 divsteps as the paper writes them, on whole numbers, with twice δ.
fn one_by_one(delta: &mut i64, f: &mut i128, g: &mut i128) -> [i128; 4] {
    let [mut u, mut v, mut q, mut r] = [1, 0, 0, 1];
    for _ in 0..BITS {
        if *delta > 0 && *g & 1 == 1 {
            *delta = 2 - *delta;
            (*f, *g) = (*g, (*g - *f) / 2);
            (u, v, q, r) = (2 * q, 2 * r, q - u, r - v);
        } else {
            *delta += 2;
            let odd = *g & 1;
            *g = (*g + odd * *f) / 2;
            (u, v, q, r) = (2 * u, 2 * v, q + odd * u, r + odd * v);
        }
    }
    [u, v, q, r]
}

#[expect(clippy::cast_possible_truncation, reason = "the low words are what a batch takes")]
fn check_batches<S: Divstep>(mut pairs: [(i128, i128); 2]) {
    let (mut deltas, mut state) = ([1; 2], [S::START; 2]);
    for _ in 0..3 {
        let batch = divsteps::<S, 2>(&mut state, pairs.map(|(f, _)| f as i64), pairs.map(|(_, g)| g as i64));
        for (i, (f, g)) in pairs.iter_mut().enumerate() {
            let expected = one_by_one(&mut deltas[i], f, g);
            let Matrix { u, v, q, r } = batch[i];
            assert_eq!([u, v, q, r].map(i128::from), expected);
        }
    }
}

#[test]
fn batches_equal_divsteps_one_by_one() {
    let mut rng = ChaCha20Rng::seed_from_u64(60);
    let mut number = |odd| {
        let words = u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
        words.cast_signed() >> (2 + rng.next_u64() % 120) | odd
    };
    let ends = [(1, 0), (-1, 0), (1, 1 << 120), (-1, -1), (3, -(1 << 59)), (i128::MAX >> 2, i128::MIN >> 2)];
    for i in 0..20_000 {
        let random = (number(1), number(0));
        let other = *ends.get(i).unwrap_or(&(number(1), number(0)));
        check_batches::<Masks>([random, other]);
        check_batches::<Moves>([other, random]);
    }
}
