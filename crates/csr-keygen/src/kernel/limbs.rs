//! The numbers and the working space of the kernels that multiply by blocks: [`super::blocks`] says what is in them.

use zeroize::Zeroize;

/// One limb or column of L lanes.
pub(super) type Row<const L: usize> = [u64; L];

/// N limbs of L lanes.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Limbs<const N: usize, const L: usize>(pub(super) [Row<L>; N]);

/// B⁻¹ modulo n, and what is made of it once and needed in every multiplication.
#[repr(C, align(64))]
pub(crate) struct Inverse<const N: usize, const L: usize> {
    /// F.
    pub(super) f: Limbs<N, L>,
    /// F_I + F_J for I < J, as block J(J−1)/2 + I: (K−1)/2 ≤ 9 numbers of N limbs.
    pub(super) sums: [[Row<L>; N]; 9],
}

/// Working space of a multiplication with blocks of B limbs.
#[repr(C, align(64))]
pub(crate) struct Scratch<const N: usize, const L: usize, const B: usize> {
    /// M.
    pub(super) quotient: Limbs<N, L>,
    /// At most 2·B columns each: E_I in place 2I, D_I in place 2I + 1.
    pub(super) own: [[Row<L>; 4]; N],
    /// S_I.
    pub(super) entered: Limbs<N, L>,
    /// The sum of the S_I that count at a level.
    pub(super) running: [Row<L>; B],
    /// The upper half of the last E_I + D_(I−1).
    pub(super) upper: [Row<L>; B],
}

impl<const N: usize, const L: usize> Limbs<N, L> {
    pub(super) const ZERO: Self = Self([[0; L]; N]);
}

impl<const N: usize, const L: usize> Inverse<N, L> {
    pub(super) const ZERO: Self = Self { f: Limbs::ZERO, sums: [[[0; L]; N]; 9] };
}

impl<const N: usize, const L: usize, const B: usize> Scratch<N, L, B> {
    pub(super) const ZERO: Self = {
        assert!(N.is_multiple_of(B) && N / B > 1 && N / B <= 19);
        Self {
            quotient: Limbs::ZERO,
            own: [[[0; L]; 4]; N],
            entered: Limbs::ZERO,
            running: [[0; L]; B],
            upper: [[0; L]; B],
        }
    };
}

impl<const N: usize, const L: usize> Zeroize for Limbs<N, L> {
    fn zeroize(&mut self) {
        self.0.as_flattened_mut().zeroize();
    }
}

impl<const N: usize, const L: usize> Zeroize for Inverse<N, L> {
    fn zeroize(&mut self) {
        self.f.zeroize();
        self.sums.as_flattened_mut().as_flattened_mut().zeroize();
    }
}

impl<const N: usize, const L: usize, const B: usize> Zeroize for Scratch<N, L, B> {
    fn zeroize(&mut self) {
        self.quotient.zeroize();
        self.own.as_flattened_mut().as_flattened_mut().zeroize();
        self.entered.zeroize();
        self.running.as_flattened_mut().zeroize();
        self.upper.as_flattened_mut().zeroize();
    }
}
