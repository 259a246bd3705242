//! Residues and inverses against `crypto-bigint`, an independent implementation.

use crypto_bigint::{BoxedUint, ConcatenatingMul, NonZero, Odd};

use super::*;
use crate::curve::params::*;
use crate::curve::residue::{Modulus, Residue};
use crate::safegcd::Masks;

/// Extreme and random integers: 0, 1, m−1, powers of two, one-limb patterns.
fn samples<const N: usize>(modulus: &[u64; N], count: usize) -> Vec<[u64; N]> {
    let mut samples = vec![[0; N], [u64::MAX; N], *modulus];
    for i in 0..N {
        for word in [1, 2, 0xffff_ffff, 1 << 63, u64::MAX - 1, u64::MAX] {
            let mut sample = [0; N];
            sample[i] = word;
            samples.push(sample);
            samples.push(core::array::from_fn(|j| modulus[j] ^ sample[j]));
        }
    }
    let mut rng = rng(7);
    samples.extend((0..count).map(|_| core::array::from_fn(|_| rng.next_u64())));
    samples
}

fn big<const N: usize>(words: &[u64; N]) -> BoxedUint {
    BoxedUint::from_words(*words)
}

fn check<M: Modulus<N>, const N: usize>(count: usize) {
    let modulus = NonZero::new(big(&M::LIMBS)).unwrap();
    let reduce = |x: &BoxedUint| x.rem_vartime(&modulus);
    let samples = samples(&M::LIMBS, count);
    let residue = Residue::<M, N>::from_integer;
    for (a, b) in samples.iter().zip(samples.iter().cycle().skip(11)) {
        let (x, y) = (residue(a), residue(b));
        let (p, q) = (reduce(&big(a)), reduce(&big(b)));
        assert_eq!(big(&x.to_integer()), p);
        assert_eq!(big(&x.mul(y).to_integer()), reduce(&p.concatenating_mul(&q)));
        assert_eq!(big(&x.square().to_integer()), reduce(&p.concatenating_mul(&p)));
        let difference = |a, b, c, d| big(&Residue::difference_of_products(a, b, c, d).to_integer());
        let (square, product) = (reduce(&p.concatenating_mul(&p)), reduce(&p.concatenating_mul(&q)));
        assert_eq!(difference(x, x, x, y), square.sub_mod(&product, &modulus));
        assert_eq!(difference(x, y, x, x), product.sub_mod(&square, &modulus));
        assert_eq!(big(&x.add(y).to_integer()), p.add_mod(&q, &modulus));
        assert_eq!(big(&x.sub(y).to_integer()), p.sub_mod(&q, &modulus));
        assert_eq!(big(&x.double().to_integer()), p.add_mod(&p, &modulus));
        assert_eq!(big(&x.negate().to_integer()), p.neg_mod(&modulus));
        assert_eq!(x.zero_mask() == u64::MAX, bool::from(p.is_zero()));
        assert_eq!(x.select(y, 0).to_integer(), x.to_integer());
        assert_eq!(x.select(y, u64::MAX).to_integer(), y.to_integer());
        for value in [x.mul(y), x.add(y), x.sub(y), x.square(), x.negate()] {
            assert!(big(&value.to_montgomery()) < *modulus, "not reduced");
        }
    }
}

fn check_inverse<M: Modulus<N>, const N: usize>(count: usize) {
    let odd = Odd::new(big(&M::LIMBS)).unwrap();
    let modulus = NonZero::new(big(&M::LIMBS)).unwrap();
    for a in samples(&M::LIMBS, count) {
        let x = Residue::<M, N>::from_integer(&a);
        let reduced = big(&a).rem_vartime(&modulus);
        let expected = reduced.invert_odd_mod(&odd).into_option().unwrap_or_else(|| reduced.clone());
        for backend in Backend::available() {
            assert_eq!(big(&backend.invert(x).to_integer()), expected, "{backend:?} {a:x?}");
        }
    }
}

/// Two inverses at once, modulo different primes, equal the single ones.
fn check_both<M: Modulus<N>, O: Modulus<N>, const N: usize>(count: usize) {
    let samples = samples(&M::LIMBS, count);
    for (a, b) in samples.iter().zip(samples.iter().cycle().skip(17)) {
        let (x, y) = (Residue::<M, N>::from_integer(a), Residue::<O, N>::from_integer(b));
        for backend in Backend::available() {
            let (p, q) = backend.invert_both(x, y);
            assert_eq!(p.to_integer(), x.invert::<Masks>().to_integer(), "{backend:?} {a:x?}");
            assert_eq!(q.to_integer(), y.invert::<Masks>().to_integer(), "{backend:?} {b:x?}");
        }
    }
}

macro_rules! every_modulus {
    ($check:ident, $count:expr) => {
        $check::<P256Field, 4>($count);
        $check::<P256Order, 4>($count);
        $check::<Sm2Field, 4>($count);
        $check::<Sm2Order, 4>($count);
        $check::<P384Field, 6>($count);
        $check::<P384Order, 6>($count);
    };
}

#[test]
fn residues_agree_with_crypto_bigint() {
    every_modulus!(check, 10_000);
}

#[test]
fn inverses_agree_with_crypto_bigint() {
    every_modulus!(check_inverse, 3_000);
}

#[test]
fn two_inverses_at_once_equal_the_single_ones() {
    check_both::<P256Field, P256Order, 4>(3_000);
    check_both::<Sm2Field, Sm2Order, 4>(3_000);
    check_both::<P384Field, P384Order, 6>(3_000);
    check_both::<Sm2Order, P256Field, 4>(3_000);
}

#[test]
#[ignore = "a long run: set CSR_ROUNDS"]
fn many_inverses_agree_with_crypto_bigint() {
    every_modulus!(check_inverse, rounds(1_000_000));
}
