//! Inverses of residues by [`safegcd`](crate::safegcd). Lengths and moduli are constants folded
//! into the code, because an inversion is a third of a key or a signature.

use core::marker::PhantomData;

use zeroize::Zeroize;

use crate::curve::residue::{Modulus, Residue};
use crate::safegcd::signed::{self, join, limbs_for, split};
use crate::safegcd::{self, BITS, Divstep, Matrix, divsteps};

/// The limbs for 384 bits; 256 bits use five of them.
const MAX_LIMBS: usize = limbs_for(384);

type InversionLimbs = [i64; MAX_LIMBS];

/// The state of an inversion.
struct Inversion<M, const N: usize> {
    f: InversionLimbs,
    g: InversionLimbs,
    d: InversionLimbs,
    e: InversionLimbs,
    mask: i64,
    modulus: PhantomData<M>,
}

impl<M: Modulus<N>, const N: usize> Residue<M, N> {
    /// x⁻¹, and 0 for x = 0.
    #[inline(never)]
    pub(crate) fn invert<S: Divstep>(self) -> Self {
        let mut inversion = Inversion::new(self);
        let mut state = [S::START];
        for _ in 0..Inversion::<M, N>::BATCHES {
            let [matrix] = divsteps::<S, _>(&mut state, [inversion.f[0]], [inversion.g[0]]);
            inversion.apply(&matrix);
        }
        inversion.finish()
    }

    /// The inverses of this and of a residue modulo another prime.
    #[inline(never)]
    pub(crate) fn invert_both<S: Divstep, O: Modulus<N>>(
        self,
        other: Residue<O, N>,
    ) -> (Self, Residue<O, N>) {
        let (mut first, mut second) = (Inversion::new(self), Inversion::new(other));
        let mut state = [S::START; 2];
        for _ in 0..Inversion::<M, N>::BATCHES {
            let [one, two] =
                divsteps::<S, _>(&mut state, [first.f[0], second.f[0]], [first.g[0], second.g[0]]);
            first.apply(&one);
            second.apply(&two);
        }
        (first.finish(), second.finish())
    }
}

impl<M: Modulus<N>, const N: usize> Inversion<M, N> {
    /// The limbs in use.
    const USED: usize = limbs_for(64 * N);
    const BATCHES: usize = safegcd::batches(64 * N, true);
    const SIGNED_M: InversionLimbs = split(&M::LIMBS);
    /// M⁻¹ mod 2^60.
    #[allow(clippy::cast_possible_wrap)] // masked to 60 bits
    const INVERSE: i64 = (Residue::<M, N>::NEG_INV.wrapping_neg() & ((1 << BITS) - 1)) as i64;

    /// e starts at R² instead of 1, because the input is x·R and (x·R)⁻¹·R² = x⁻¹·R.
    fn new(x: Residue<M, N>) -> Self {
        Self {
            f: Self::SIGNED_M,
            g: split(&x.to_montgomery()),
            d: [0; MAX_LIMBS],
            e: const { split(&Residue::<M, N>::r_squared()) },
            mask: signed::mask(),
            modulus: PhantomData,
        }
    }

    #[inline(always)]
    fn apply(&mut self, matrix: &Matrix) {
        let (d, e) = (&mut self.d[..Self::USED], &mut self.e[..Self::USED]);
        signed::update_fg(&mut self.f[..Self::USED], &mut self.g[..Self::USED], matrix, self.mask);
        signed::update_de(d, e, matrix, &Self::SIGNED_M[..Self::USED], Self::INVERSE, self.mask);
    }

    fn finish(mut self) -> Residue<M, N> {
        debug_assert_eq!(self.g, [0; MAX_LIMBS]);
        let d = &mut self.d[..Self::USED];
        signed::normalize(d, signed::sign(&self.f[..Self::USED]), &Self::SIGNED_M[..Self::USED]);
        let mut words = [0; N];
        join(&mut words, d);
        self.d.zeroize();
        self.e.zeroize();
        Residue::from_montgomery(words)
    }
}
