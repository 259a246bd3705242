//! Constant-time inversion by Bernstein and Yang's divsteps ("Fast constant-time gcd computation and modular
//! inversion", TCHES 2019), in the half-delta variant.
//!
//! A divstep takes (δ, f, g), f odd, to (1−δ, g, (g−f)/2) where δ > 0 and g is odd, and otherwise to
//! (1+δ, f, (g + (g mod 2)·f)/2); it starts at δ = 1/2 with f = M, g = x. Enough of them leave g = 0 and
//! f = ±gcd = ±1. Beside them run d and e with f ≡ d·x and g ≡ e·x (mod M), so that at the end x⁻¹ = ±d.
//! The convex hulls of the divstep (Wuille and Maxwell's analysis, github.com/sipa/safegcd-bounds) bound their
//! number for inputs of b bits by (45907·b + 26313)/19929: 591 for 256 bits, 885 for 384.
//!
//! The steps depend on the low bits only, so 60 at a time run on one word and give a 2×2 matrix, which is then
//! applied to the whole numbers. A batch is three runs of 20, and a run holds f's low bits and its matrix row
//! in one 64-bit word (likewise g), so that a step costs one addition where six registers would cost three.
//!
//! The RSA engine has a safegcd of its own, over slices whose length is known at run time: there an inversion is a
//! millionth of the work, here it is a third, and every constant of this one is folded into the code.

use core::hint::black_box;
use core::marker::PhantomData;

use zeroize::Zeroize;

use super::mont::{Modulus, Residue};

/// The bits of a limb, and the divsteps of a batch.
const BITS: u32 = 60;
const MASK: i64 = (1 << BITS) - 1;
/// Limbs for 384 bits and the sign; 256 bits use five of them.
const MAX_LIMBS: usize = 7;

/// −(δ + 1/2) at the start, where δ = 1/2.
const START: i64 = -1;

/// A signed number Σ limb_i·2^(60·i): every limb but the used top one lies in [0, 2^60).
type Signed = [i64; MAX_LIMBS];

/// 2^60·(f', g') = ((u, v), (q, r))·(f, g). By the paper's bounds |u| + |v| ≤ 2^60, |q| + |r| ≤ 2^60.
struct Matrix {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// An inversion under way.
struct Inversion<M, const N: usize> {
    f: Signed,
    g: Signed,
    d: Signed,
    e: Signed,
    modulus: PhantomData<M>,
}

impl<M: Modulus<N>, const N: usize> Residue<M, N> {
    /// x⁻¹, and 0 for x = 0.
    #[inline(never)]
    pub(super) fn invert<S: Divstep>(self) -> Self {
        let mut inversion = Inversion::new(self);
        let mut zeta = [START];
        for _ in 0..Inversion::<M, N>::BATCHES {
            let [matrix] = divsteps::<S, _>(&mut zeta, [inversion.f[0]], [inversion.g[0]]);
            inversion.apply(&matrix);
        }
        inversion.finish()
    }

    /// The inverses of this and of a residue modulo another prime. A divstep waits for the one before it, so two
    /// inversions side by side take little longer than one.
    #[inline(never)]
    pub(super) fn invert_both<S: Divstep, O: Modulus<N>>(
        self,
        other: Residue<O, N>,
    ) -> (Self, Residue<O, N>) {
        let (mut first, mut second) = (Inversion::new(self), Inversion::new(other));
        let mut zeta = [START; 2];
        for _ in 0..Inversion::<M, N>::BATCHES {
            let matrices = divsteps::<S, _>(&mut zeta, [first.f[0], second.f[0]], [first.g[0], second.g[0]]);
            first.apply(&matrices[0]);
            second.apply(&matrices[1]);
        }
        (first.finish(), second.finish())
    }
}

impl<M: Modulus<N>, const N: usize> Inversion<M, N> {
    /// The limbs in use: 64·N bits, a sign and room for |d|, |e| < 2·M.
    const USED: usize = (64 * N + 2).div_ceil(BITS as usize);
    const BATCHES: usize = ((45_907 * 64 * N + 26_313) / 19_929 + 1).div_ceil(BITS as usize);
    const SIGNED_M: Signed = to_signed(&M::LIMBS);
    /// M⁻¹ mod 2^60.
    #[allow(clippy::cast_possible_wrap)] // masked to 60 bits
    const INVERSE: i64 = (Residue::<M, N>::NEG_INV.wrapping_neg() as i64) & MASK;

    /// e starts at R² rather than 1: the input is x·R, and (x·R)⁻¹·R² = x⁻¹·R.
    fn new(x: Residue<M, N>) -> Self {
        Self {
            f: Self::SIGNED_M,
            g: to_signed(&x.to_montgomery()),
            d: [0; MAX_LIMBS],
            e: const { to_signed(&Residue::<M, N>::r_squared()) },
            modulus: PhantomData,
        }
    }

    #[inline(always)]
    fn apply(&mut self, matrix: &Matrix) {
        apply(&mut self.f, &mut self.g, matrix, Self::USED);
        Self::apply_modulo(&mut self.d, &mut self.e, matrix);
    }

    fn finish(mut self) -> Residue<M, N> {
        debug_assert_eq!(self.g, [0; MAX_LIMBS]);
        let result = Residue::from_montgomery(Self::normalize(self.d, self.f[Self::USED - 1] >> 63));
        self.d.zeroize();
        self.e.zeroize();
        result
    }

    /// (d, e) ← matrix·(d, e)/2^60 mod M, kept in (−2·M, M).
    ///
    /// Negative inputs get M added first (through the multiple of M that is added anyway), then the multiple
    /// of M that makes the low 60 bits zero.
    #[inline(always)]
    fn apply_modulo(d: &mut Signed, e: &mut Signed, matrix: &Matrix) {
        let &Matrix { u, v, q, r } = matrix;
        let (d_sign, e_sign) = (d[Self::USED - 1] >> 63, e[Self::USED - 1] >> 63);
        let clear = |a: i64, b: i64| {
            let multiple = (a & d_sign) + (b & e_sign);
            let low = a.wrapping_mul(d[0]).wrapping_add(b.wrapping_mul(e[0]));
            multiple - (Self::INVERSE.wrapping_mul(low).wrapping_add(multiple) & MASK)
        };
        let (md, me) = (clear(u, v), clear(q, r));

        let m = &Self::SIGNED_M;
        let mut carry_d = (mul(u, d[0]) + mul(v, e[0]) + mul(md, m[0])) >> BITS;
        let mut carry_e = (mul(q, d[0]) + mul(r, e[0]) + mul(me, m[0])) >> BITS;
        for i in 1..Self::USED {
            carry_d += mul(u, d[i]) + mul(v, e[i]) + mul(md, m[i]);
            carry_e += mul(q, d[i]) + mul(r, e[i]) + mul(me, m[i]);
            (d[i - 1], e[i - 1]) = (low(carry_d) & MASK, low(carry_e) & MASK);
            (carry_d, carry_e) = (carry_d >> BITS, carry_e >> BITS);
        }
        (d[Self::USED - 1], e[Self::USED - 1]) = (low(carry_d), low(carry_e));
    }

    /// d·sign for −2·M < d < M, as an integer in [0, M).
    fn normalize(mut d: Signed, sign: i64) -> [u64; N] {
        let add_if_negative = |d: &mut Signed| {
            // Opaque, or the compiler makes a branch of it.
            let negative = black_box(d[Self::USED - 1] >> 63);
            for (limb, m) in d.iter_mut().zip(&Self::SIGNED_M) {
                *limb += m & negative;
            }
            carry(d, Self::USED);
        };
        add_if_negative(&mut d);
        let sign = black_box(sign);
        for limb in &mut d {
            *limb = (*limb ^ sign) - sign;
        }
        carry(&mut d, Self::USED);
        add_if_negative(&mut d);
        from_signed(&d)
    }
}

/// The low 64 bits.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
fn low(x: i128) -> i64 {
    x as i64
}

#[inline(always)]
fn mul(a: i64, b: i64) -> i128 {
    i128::from(a) * i128::from(b)
}

/// 60 divsteps on the low words of K inversions.
#[inline(always)]
fn divsteps<S: Divstep, const K: usize>(
    zeta: &mut [i64; K],
    mut f: [i64; K],
    mut g: [i64; K],
) -> [Matrix; K] {
    let mut whole = [const { Matrix { u: 1, v: 0, q: 0, r: 1 } }; K];
    for _ in 0..3 {
        let runs = divsteps_20::<S, K>(zeta, &f, &g);
        for (i, run) in runs.iter().enumerate() {
            (f[i], g[i]) = (
                run.u.wrapping_mul(f[i]).wrapping_add(run.v.wrapping_mul(g[i])) >> 20,
                run.q.wrapping_mul(f[i]).wrapping_add(run.r.wrapping_mul(g[i])) >> 20,
            );
            let before = &whole[i];
            whole[i] = Matrix {
                u: run.u * before.u + run.v * before.q,
                v: run.u * before.v + run.v * before.r,
                q: run.q * before.u + run.r * before.q,
                r: run.q * before.v + run.r * before.r,
            };
        }
    }
    whole
}

/// 20 divsteps on words packed as f + u·2^20 + v·2^42 and g + q·2^20 + r·2^42, f and g being the low 20 bits
/// as signed numbers.
///
/// The matrix starts at 2^20 times the identity, so every halving is exact. |f|, |g| ≤ 2^19 and
/// |u| + |v| ≤ 2^20 hold throughout, so no field touches the next by more than a borrow, which rounding
/// removes at the end; and before a halving |v ± r| ≤ 2^21 − 1 keeps the sum below 2^63.
#[inline(always)]
fn divsteps_20<S: Divstep, const K: usize>(zeta: &mut [i64; K], f: &[i64; K], g: &[i64; K]) -> [Matrix; K] {
    let mut f = f.map(|f| ((f << 44) >> 44) + (1 << 40));
    let mut g = g.map(|g| ((g << 44) >> 44) + (1 << 62));
    for _ in 0..4 {
        // Straight-line code for five steps.
        for _ in 0..5 {
            for i in 0..K {
                S::divstep(&mut zeta[i], &mut f[i], &mut g[i]);
            }
        }
    }
    core::array::from_fn(|i| {
        let unpack = |packed: i64| {
            let both = (packed + (1 << 19)) >> 20;
            let second = (both + (1 << 21)) >> 22;
            (both - (second << 22), second)
        };
        let ((u, v), (q, r)) = (unpack(f[i]), unpack(g[i]));
        Matrix { u, v, q, r }
    })
}

/// A way to make a divstep on packed words.
pub(super) trait Divstep {
    /// ζ = −(δ + 1/2) and the packed f and g.
    fn divstep(zeta: &mut i64, f: &mut i64, g: &mut i64);
}

/// By masks, in safe Rust.
pub(super) struct Masks;

impl Divstep for Masks {
    #[inline(always)]
    fn divstep(zeta: &mut i64, f: &mut i64, g: &mut i64) {
        let odd = -(*g & 1);
        let positive = *zeta >> 63; // δ > 0
        let addend = (*f ^ positive) - positive;
        let swap = positive & odd;
        // Neither waits for the other: g's sum, and g where it takes f's place.
        (*f, *g) = (*f ^ ((*f ^ *g) & swap), g.wrapping_add(addend & odd) >> 1);
        *zeta = (*zeta ^ swap) - 1;
    }
}

/// By conditional moves: five cycles a step instead of six on Zen 4. Assembly, because a compiler may make branches
/// of what is meant to be one of these. [`Masks`] on other architectures than x86-64.
pub(super) struct Moves;

impl Divstep for Moves {
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    #[allow(unsafe_code)]
    fn divstep(zeta: &mut i64, f: &mut i64, g: &mut i64) {
        if cfg!(feature = "ct-msan") {
            // The sanitizer takes what assembly writes for defined: its run would see no secret behind it.
            return Masks::divstep(zeta, f, g);
        }
        // SAFETY: the instructions touch the registers named here, and the flags, only.
        unsafe {
            core::arch::asm!(
                "mov {sum}, {f}",
                "neg {sum}",
                "mov {turned}, {zeta}",
                "not {turned}",
                "mov {next}, {f}",
                "test {zeta}, {zeta}",
                "cmovns {sum}, {f}",       // −f where δ > 0, else f
                "cmovs {next}, {g}",       // g where δ > 0, else f
                "cmovns {turned}, {zeta}", // −ζ − 1 where δ > 0, else ζ
                "add {sum}, {g}",
                "test {g:l}, 1",
                "cmovne {f}, {next}",
                "cmovne {zeta}, {turned}",
                "cmovne {g}, {sum}",
                "dec {zeta}",
                "sar {g}, 1",
                f = inout(reg) *f, g = inout(reg) *g, zeta = inout(reg) *zeta,
                sum = out(reg) _, next = out(reg) _, turned = out(reg) _,
                options(pure, nomem, nostack),
            );
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    #[inline(always)]
    fn divstep(zeta: &mut i64, f: &mut i64, g: &mut i64) {
        Masks::divstep(zeta, f, g);
    }
}

/// (f, g) ← matrix·(f, g)/2^60, an exact division.
#[inline(always)]
fn apply(f: &mut Signed, g: &mut Signed, matrix: &Matrix, used: usize) {
    let &Matrix { u, v, q, r } = matrix;
    let mut carry_f = (mul(u, f[0]) + mul(v, g[0])) >> BITS;
    let mut carry_g = (mul(q, f[0]) + mul(r, g[0])) >> BITS;
    for i in 1..used {
        carry_f += mul(u, f[i]) + mul(v, g[i]);
        carry_g += mul(q, f[i]) + mul(r, g[i]);
        (f[i - 1], g[i - 1]) = (low(carry_f) & MASK, low(carry_g) & MASK);
        (carry_f, carry_g) = (carry_f >> BITS, carry_g >> BITS);
    }
    (f[used - 1], g[used - 1]) = (low(carry_f), low(carry_g));
}

/// Brings all limbs but the top one back into [0, 2^60).
#[inline(always)]
fn carry(d: &mut Signed, used: usize) {
    for i in 0..used - 1 {
        d[i + 1] += d[i] >> BITS;
        d[i] &= MASK;
    }
}

#[allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)] // masked to 60 bits
const fn to_signed<const N: usize>(limbs: &[u64; N]) -> Signed {
    let mut result = [0; MAX_LIMBS];
    let mut i = 0;
    while i < MAX_LIMBS {
        let (word, shift) = (i * 60 / 64, i * 60 % 64);
        if word < N {
            let high = if word + 1 < N { limbs[word + 1] } else { 0 };
            let both = limbs[word] as u128 | (high as u128) << 64;
            result[i] = (both >> shift) as i64 & MASK;
        }
        i += 1;
    }
    result
}

#[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // limbs in [0, 2^60)
fn from_signed<const N: usize>(signed: &Signed) -> [u64; N] {
    let mut limbs = [0; N];
    for (i, limb) in limbs.iter_mut().enumerate() {
        let (first, shift) = (i * 64 / 60, i * 64 % 60);
        let high = signed.get(first + 1).map_or(0, |&high| high as u128);
        *limb = ((signed[first] as u128 | high << BITS) >> shift) as u64;
    }
    limbs
}
