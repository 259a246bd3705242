//! Private keys with their public points: drawn or imported, multiplied, checked.

use core::fmt;

use zeroize::Zeroizing;

use crate::curve::params::{Curve, CurveParams, Field};
use crate::curve::point::{Affine, Xyzz};
use crate::curve::scalar::{self, MAX_OCTETS};
use crate::{Backend, Error, ct};

/// The length of the longest uncompressed point in octets: 04 ‖ x ‖ y on P-384.
const MAX_POINT: usize = 1 + 2 * MAX_OCTETS;

/// A private key d and its public point d·G. The scalar is wiped on drop and never printed.
#[derive(Clone)]
pub struct CurveKey {
    curve: Curve,
    /// Boxed, so that moves leave no unwiped copies on the stack.
    scalar: Zeroizing<Box<[u8]>>,
    point: [u8; MAX_POINT],
}

impl fmt::Debug for CurveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurveKey").field("curve", &self.curve).finish_non_exhaustive()
    }
}

impl CurveKey {
    /// The curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// d in `curve().octets()` octets, most significant first. Secret.
    #[must_use]
    pub fn scalar(&self) -> &[u8] {
        &self.scalar
    }

    /// d·G as an uncompressed point (SEC 1 §2.3.3): 04 ‖ x ‖ y.
    #[must_use]
    pub fn public_point(&self) -> &[u8] {
        &self.point[..1 + 2 * self.curve.octets()]
    }

    /// d as words.
    pub(crate) fn words<const N: usize>(&self) -> Zeroizing<[u64; N]> {
        Zeroizing::new(scalar::from_octets(&self.scalar))
    }
}

/// A key from a drawn scalar.
pub(crate) fn draw<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    curve: Curve,
    fill: impl FnMut(&mut [u8]) -> Result<(), Error>,
) -> Result<CurveKey, Error> {
    assemble::<C, N>(backend, curve, &*scalar::draw::<C::Order, N>(C::EXCLUDED, fill)?)
}

/// Keys from drawn scalars: eight at a time with a shared inversion, the rest one by one.
pub(crate) fn draw_batch<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    curve: Curve,
    count: usize,
    mut fill: impl FnMut(&mut [u8]) -> Result<(), Error>,
) -> Result<Vec<CurveKey>, Error> {
    let mut keys = Vec::with_capacity(count);
    let mut scalars = Zeroizing::new([[0; N]; 8]);
    for _ in 0..count / 8 {
        for scalar in scalars.iter_mut() {
            *scalar = *scalar::draw::<C::Order, N>(C::EXCLUDED, &mut fill)?;
        }
        let points =
            Xyzz::to_affine_all(&backend.base_multiples::<C, N>(&scalars), |zzz| backend.invert(zzz));
        for (d, point) in scalars.iter().zip(points) {
            keys.push(finish::<C, N>(curve, d, &point)?);
        }
    }
    for _ in 0..count % 8 {
        keys.push(draw::<C, N>(backend, curve, &mut fill)?);
    }
    Ok(keys)
}

/// A key from an existing scalar, which must be in range.
pub(crate) fn import<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    curve: Curve,
    scalar: &[u8],
) -> Result<CurveKey, Error> {
    if scalar.len() != 8 * N {
        return Err(Error::InvalidScalar);
    }
    let words = Zeroizing::new(scalar::from_octets(scalar));
    ct::secret(&*words);
    if !scalar::in_range::<C::Order, N>(&words, C::EXCLUDED) {
        return Err(Error::InvalidScalar);
    }
    assemble::<C, N>(backend, curve, &words)
}

fn assemble<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    curve: Curve,
    d: &[u64; N],
) -> Result<CurveKey, Error> {
    finish::<C, N>(curve, d, &backend.base_multiple::<C, N>(d).to_affine(|zzz| backend.invert(zzz)))
}

/// Checks the point and builds the key.
fn finish<C: CurveParams<N>, const N: usize>(
    curve: Curve,
    d: &[u64; N],
    point: &Affine<C::Field, N>,
) -> Result<CurveKey, Error> {
    // A fault in the arithmetic is unlikely to leave the point on the curve.
    if ct::public(point.on_curve_mask(const { Field::<C, N>::constant(C::B) })) == 0 {
        return Err(Error::KeyCheck("the public point is not on the curve"));
    }
    let (x, y) = (ct::public(point.x.to_integer()), ct::public(point.y.to_integer()));

    let scalar = Zeroizing::new(vec![0; 8 * N].into_boxed_slice());
    let mut key = CurveKey { curve, scalar, point: [0; MAX_POINT] };
    scalar::to_octets(d, &mut key.scalar);
    key.point[0] = 0x04;
    scalar::to_octets(&x, &mut key.point[1..]);
    scalar::to_octets(&y, &mut key.point[1 + 8 * N..]);
    Ok(key)
}
