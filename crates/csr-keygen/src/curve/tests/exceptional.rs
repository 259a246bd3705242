//! The exceptional scalars of the lanes' comb, by search. `ifma/one_scalar.rs` has the argument.

use crypto_bigint::{BoxedUint, Resize};

use super::*;
use crate::curve::params::{Accelerated, P256, P384, Sm2};
use crate::curve::scalar;

/// The blocks of the lanes, in the order of the tables.
const P256_BLOCKS: [usize; 8] = [0, 2, 6, 4, 1, 3, 7, 5];
const P384_BLOCKS: [usize; 8] = [0, 2, 6, 4, 1, 3, 7, 5];
const SM2_BLOCKS: [usize; 8] = [0, 3, 2, 4, 1, 5, 7, 6];

/// The sets of blocks that meet in the tree of additions: lanes a and a + 4, then a and a + 2, then
/// 0 and 1.
fn meetings(blocks: [usize; 8]) -> Vec<[Vec<usize>; 2]> {
    let mut sets: Vec<Vec<usize>> = blocks.iter().map(|block| vec![*block]).collect();
    let mut meetings = vec![];
    while sets.len() > 1 {
        let (low, high) = sets.split_at(sets.len() / 2);
        meetings.extend(low.iter().zip(high).map(|(a, b)| [a.clone(), b.clone()]));
        sets = low.iter().zip(high).map(|(a, b)| [a.clone(), b.clone()].concat()).collect();
    }
    meetings
}

/// All ways to write n as Σ e_b·2^(bits·b) over the blocks b of `set`, e_b odd and |e_b| < 2^bits.
fn digits(n: &[i64; 8], bits: u32, set: &[usize]) -> Vec<[i64; 8]> {
    let mut ways = vec![([0i64; 8], 0i64)];
    for block in 0..8 {
        let mut longer = vec![];
        for (digits, carry) in ways {
            let rest = n[block] + carry;
            // The digit is the rest, or the rest − 2^bits with a carry.
            for (digit, carry) in [(rest, 0), (rest - (1 << bits), 1)] {
                let fits =
                    if set.contains(&block) { digit & 1 == 1 && digit < 1 << bits } else { digit == 0 };
                if fits {
                    let mut digits = digits;
                    digits[block] = digit;
                    longer.push((digits, carry));
                }
            }
        }
        ways = longer;
    }
    ways.into_iter().filter(|(_, carry)| *carry == 0).map(|(digits, _)| digits).collect()
}

/// The odd scalars below n for which two sets meet with equal or opposite sums.
fn exceptional(curve: Curve, blocks: [usize; 8]) -> Vec<Vec<u8>> {
    let bits = u32::try_from(curve.octets()).unwrap();
    let order = order(curve);
    let n: [i64; 8] = core::array::from_fn(|block| {
        let octets = &order[order.len() * (7 - block) / 8..order.len() * (8 - block) / 8];
        octets.iter().fold(0, |word, octet| word << 8 | i64::from(*octet))
    });
    let modulus = BoxedUint::from_be_slice(&order, 8 * bits).unwrap();
    let mut found = vec![];
    for [a, b] in meetings(blocks) {
        let both = [a, b.clone()].concat();
        for n_digits in digits(&n, bits, &both) {
            assert_eq!(both.len(), 8, "only the last addition can fail");
            // v_A − v_B = ±n; v_A + v_B = n would be k = n.
            let top = if b.contains(&7) { -1 } else { 1 };
            let k_digits: Vec<i64> =
                (0..8).map(|i| if b.contains(&i) { -top * n_digits[i] } else { top * n_digits[i] }).collect();
            if k_digits[7] < 0 {
                continue; // the recoding's highest digit is positive
            }
            let part = |sign: i64| {
                let parts = k_digits.iter().zip(0..).filter(|(digit, _)| **digit * sign > 0);
                parts.fold(BoxedUint::zero_with_precision(8 * bits + 64), |sum, (digit, i)| {
                    let digit = BoxedUint::from(digit.unsigned_abs()).resize(8 * bits + 64);
                    sum.wrapping_add(digit.shl_vartime(i * bits).unwrap())
                })
            };
            let (positive, negative) = (part(1), part(-1));
            let k = positive.wrapping_sub(&negative);
            if positive > negative && k < modulus {
                found.push(k.resize_unchecked(8 * bits).to_be_bytes().to_vec());
            }
        }
    }
    found
}

#[test]
fn order_of_the_blocks_leaves_one_exceptional_scalar_on_p384_alone() {
    assert_eq!(exceptional(Curve::P256, P256_BLOCKS), Vec::<Vec<u8>>::new());
    assert_eq!(exceptional(Curve::Sm2, SM2_BLOCKS), Vec::<Vec<u8>>::new());
    assert_eq!(exceptional(Curve::P384, P384_BLOCKS).len(), 1);
    // In the natural order P-256 has one, too, which shows that the search finds them.
    assert_eq!(exceptional(Curve::P256, [0, 1, 2, 3, 4, 5, 6, 7]).len(), 1);
}

#[test]
fn exceptional_scalar_of_p384_gives_the_right_point() {
    let k = exceptional(Curve::P384, P384_BLOCKS).remove(0);
    let words: [u64; 6] = scalar::from_octets(&k);
    let complement = {
        let n = BoxedUint::from_be_slice(&order(Curve::P384), 384).unwrap();
        n.wrapping_sub(BoxedUint::from_be_slice(&k, 384).unwrap()).to_be_bytes().to_vec()
    };
    for k in [&k, &complement] {
        for backend in Backend::available() {
            let key = from_scalar_with(backend, Curve::P384, k).unwrap();
            assert_eq!(key.public_point(), oracle_point(Curve::P384, k).unwrap());
        }
    }
    let Some(ifma) = crate::Ifma::new() else { return };
    assert_eq!(P384::base_multiple(ifma, &words).zz.zero_mask(), u64::MAX, "the lanes meet it");
    assert_eq!(P256::base_multiple(ifma, &[1, 2, 3, 4]).zz.zero_mask(), 0);
    assert_eq!(Sm2::base_multiple(ifma, &[1, 2, 3, 4]).zz.zero_mask(), 0);
}
