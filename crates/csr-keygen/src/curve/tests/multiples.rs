//! k·G against RustCrypto: random scalars and edge cases.

use crypto_bigint::{BoxedUint, NonZero, Resize};

use super::*;
use crate::curve::params::{CurveParams, P256, P256Order, P384, Sm2};
use crate::curve::point::Xyzz;
use crate::curve::residue::Modulus;
use crate::curve::{comb, scalar};
use crate::limbs;

/// 10^4 scalars; set CSR_ROUNDS and run the ignored test for more.
const SCALARS: usize = 10_000;

/// Compares every backend's point with RustCrypto's.
fn compare(curve: Curve, scalar: &[u8]) {
    let expected = oracle_point(curve, scalar).unwrap();
    for backend in Backend::available() {
        let key = from_scalar_with(backend, curve, scalar).unwrap();
        assert_eq!(key.public_point(), expected, "{backend:?} {curve:?} {scalar:02x?}");
        assert_eq!(key.scalar(), scalar);
    }
}

fn random_scalars(seed: u64, count: usize) {
    for curve in CURVES {
        let mut rng = rng(seed);
        for _ in 0..count {
            compare(curve, generate(curve, &mut rng).unwrap().scalar());
        }
    }
}

#[test]
fn random_scalars_agree_with_rustcrypto() {
    random_scalars(1, SCALARS);
}

#[test]
#[ignore = "a long run: set CSR_ROUNDS"]
fn many_random_scalars_agree_with_rustcrypto() {
    random_scalars(2, rounds(1_000_000));
}

/// 1, 2, 3, n−1, n−2, 2^i, 2^i − 1, n − 2^i, windows of all ones and all zeros for every width in
/// use, and the scalars for which the combs add equal points.
fn edges(curve: Curve) -> Vec<Vec<u8>> {
    let bits = 8 * u32::try_from(curve.octets()).unwrap();
    let n = BoxedUint::from_be_slice(&order(curve), bits).unwrap();
    let number = |value: u64| BoxedUint::from(value).resize_unchecked(bits);
    let power = |exponent: u32| number(1).shl_vartime(exponent).unwrap();
    let mut edges = vec![number(1), number(2), number(3)];
    for i in 0..bits {
        let power = power(i);
        edges.push(power.clone());
        edges.push(power.wrapping_sub(number(1)));
        edges.push(power.wrapping_add(number(1)));
        edges.push(n.wrapping_sub(&power));
        edges.push(n.wrapping_sub(&power).wrapping_sub(number(1)));
        edges.push(n.wrapping_sub(&power).wrapping_add(number(1)));
    }
    for width in [4, 5, 6, 32, 48] {
        let window = power(width).wrapping_sub(number(1));
        for i in 0..bits / width {
            let ones = window.shl_vartime(i * width).unwrap();
            edges.push(ones.clone());
            edges.push(n.wrapping_sub(&ones));
            edges.push(ones.not());
        }
    }
    // The portable comb: d·2^e − v = n, where d·2^e is the last window's point and v the sum before
    // it, for every d. Then k = 2·d·2^e − n; also n − k.
    let last = (bits - 1) / 6 * 6;
    for digit in (1..64).step_by(2) {
        let k = number(digit).concatenating_shl(last + 1, bits).wrapping_sub(&n);
        edges.push(n.wrapping_sub(&k));
        edges.push(k);
    }
    let n = NonZero::new(n).unwrap();
    let excluded = u64::from(curve == Curve::Sm2);
    edges.retain(|k| !bool::from(k.is_zero()) && *k < n.wrapping_sub(number(excluded)));
    edges.into_iter().map(|k| k.to_be_bytes().to_vec()).collect()
}

trait ConcatenatingShl {
    fn concatenating_shl(&self, shift: u32, bits: u32) -> BoxedUint;
}
impl ConcatenatingShl for BoxedUint {
    /// The low `bits` bits of a shift that may exceed them.
    fn concatenating_shl(&self, shift: u32, bits: u32) -> BoxedUint {
        self.resize(2 * bits).shl_vartime(shift).unwrap().resize_unchecked(bits)
    }
}

#[test]
fn edge_scalars_agree_with_rustcrypto() {
    for curve in CURVES {
        let edges = edges(curve);
        assert!(edges.len() > 1500);
        edges.iter().for_each(|k| compare(curve, k));
    }
}

/// The points of a batch, as octets.
fn batch<C: CurveParams<N>, const N: usize>(backend: Backend, scalars: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let words = core::array::from_fn(|i| scalar::from_octets(&scalars[i]));
    let points = Xyzz::to_affine_all(&backend.base_multiples::<C, N>(&words), |zzz| backend.invert(zzz));
    let octets = points.map(|point| {
        let mut octets = vec![4; 1 + 16 * N];
        scalar::to_octets(&point.x.to_integer(), &mut octets[1..]);
        scalar::to_octets(&point.y.to_integer(), &mut octets[1 + 8 * N..]);
        octets
    });
    octets.to_vec()
}

#[test]
fn edge_scalars_in_batches_agree_with_single_ones() {
    for curve in CURVES {
        let edges = edges(curve);
        for backend in Backend::available() {
            for eight in edges.chunks_exact(8) {
                let points = match curve {
                    Curve::P256 => batch::<P256, 4>(backend, eight),
                    Curve::P384 => batch::<P384, 6>(backend, eight),
                    Curve::Sm2 => batch::<Sm2, 4>(backend, eight),
                };
                for (k, point) in eight.iter().zip(points) {
                    let single = from_scalar_with(Backend::Portable, curve, k).unwrap();
                    assert_eq!(point, single.public_point(), "{backend:?} {curve:?} {k:02x?}");
                }
            }
        }
    }
}

#[test]
fn portable_comb_meets_equal_points() {
    // The scalars named in the argument in `comb`, so that the tests above reach the doubling in
    // its last addition.
    let n = P256Order::LIMBS;
    // k = 2·15·2^252 − n modulo 2^256; 2·15·2^252 = 0xe·2^252 + 2^256.
    let (k, _) = limbs::subtract(&[0, 0, 0, 0xe000_0000_0000_0000], &n);
    assert!(comb::meets_equal_points::<P256, 4>(&k));
    assert!(!comb::meets_equal_points::<P256, 4>(&[5, 0, 0, 0]));
}
