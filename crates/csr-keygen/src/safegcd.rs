//! Greatest common divisors and inverses in constant time by Bernstein and Yang's divsteps ("Fast
//! constant-time gcd computation and modular inversion", TCHES 2019), in the half-delta variant.
//!
//! A divstep takes (δ, f, g), f odd, to (1−δ, g, (g−f)/2) if δ > 0 and g is odd, and otherwise to
//! (1+δ, f, (g + (g mod 2)·f)/2). It starts at δ = 1/2. Enough of them leave g = 0 and f = ±gcd. If
//! f starts at a modulus M and g at x, numbers d and e with f ≡ d·x and g ≡ e·x (mod M) are updated
//! beside them, and at the end x⁻¹ = ±d.
//!
//! For 0 ≤ f, g ≤ 2^b there are at most (45907·b + 30179)/19929 divsteps, with g ≤ f at most
//! (45907·b + 26313)/19929 (Wuille, "Generic formula for hddivsteps",
//! github.com/sipa/safegcd-bounds, a proof for every b): 591 for the inverses of 256 bits, 885 of
//! 384, and 2360, 3539 and 4719 for any two numbers of 1024, 1536 and 2048 bits.
//!
//! The steps depend on the low bits only, so a batch of 60 runs on one word ([`divsteps`]) and
//! gives a 2×2 matrix, which is then applied to the whole numbers ([`signed`]). A batch is three
//! runs of 20. A run holds f's low bits and its matrix row in one 64-bit word (likewise g), so that
//! a step costs one addition where six registers would cost three.
//!
//! RSA (`rsa::int`, with lengths known at run time) and the curves (`curve::inversion`, with
//! constant lengths and moduli) share all of it: the code is inlined into both.

pub(crate) mod signed;
mod step;

use core::array;

pub(crate) use step::{Divstep, Masks, Moves};

/// The bits of a limb, and the divsteps of a batch.
pub(crate) const BITS: usize = 60;
const MASK: i64 = (1 << BITS) - 1;
/// The divsteps of a run, and the runs of a batch.
const RUN: usize = 20;
pub(crate) const RUNS: usize = BITS / RUN;

/// The number of batches for f and g of that many bits; `ordered` if 0 ≤ g ≤ f.
pub(crate) const fn batches(bits: usize, ordered: bool) -> usize {
    let slack = if ordered { 26_313 } else { 30_179 };
    ((45_907 * bits + slack) / 19_929).div_ceil(BITS)
}

/// The effect of n divsteps: 2^n·(f', g') = ((u, v), (q, r))·(f, g). By the paper's bounds |u| +
/// |v| ≤ 2^n and |q| + |r| ≤ 2^n.
#[derive(Clone, Copy)]
pub(crate) struct Matrix {
    pub(crate) u: i64,
    pub(crate) v: i64,
    pub(crate) q: i64,
    pub(crate) r: i64,
}

impl Matrix {
    /// A multiple of the identity.
    pub(crate) const fn multiple(times: i64) -> Self {
        Self { u: times, v: 0, q: 0, r: times }
    }

    /// The low words of f and g after a run.
    #[inline(always)]
    fn run_on(&self, f: i64, g: i64) -> (i64, i64) {
        let row = |a: i64, b: i64| a.wrapping_mul(f).wrapping_add(b.wrapping_mul(g)) >> RUN;
        (row(self.u, self.v), row(self.q, self.r))
    }

    /// The effect of `before` followed by this one.
    #[inline(always)]
    fn after<S: Divstep>(&self, before: &Self) -> Self {
        let &Self { u, v, q, r } = self;
        Self {
            u: S::optimization_barrier(u * before.u + v * before.q),
            v: S::optimization_barrier(u * before.v + v * before.r),
            q: S::optimization_barrier(q * before.u + r * before.q),
            r: S::optimization_barrier(q * before.v + r * before.r),
        }
    }
}

/// A batch of divsteps on the low words of f and g, side by side for K pairs: each divstep depends
/// on the one before it, so two pairs take less than twice the time of one. `state` starts at
/// [`Divstep::START`].
#[inline(always)]
pub(crate) fn divsteps<S: Divstep, const K: usize>(
    state: &mut [i64; K],
    f: [i64; K],
    g: [i64; K],
) -> [Matrix; K] {
    let mut batch = Batch::new(f, g);
    for i in 0..RUNS {
        batch.run::<S>(i, state);
    }
    batch.matrices
}

/// A batch, run by run.
pub(crate) struct Batch<const K: usize> {
    /// The low words after the runs so far. Each run leaves 20 fewer correct bits.
    f: [i64; K],
    g: [i64; K],
    /// The effect of the runs so far.
    pub(crate) matrices: [Matrix; K],
}

impl<const K: usize> Batch<K> {
    #[inline(always)]
    pub(crate) fn new(f: [i64; K], g: [i64; K]) -> Self {
        Self { f, g, matrices: [Matrix::multiple(1); K] }
    }

    /// Run `i`.
    #[inline(always)]
    pub(crate) fn run<S: Divstep>(&mut self, i: usize, state: &mut [i64; K]) {
        let runs = run::<S, K>(state, &self.f, &self.g);
        for (k, run) in runs.iter().enumerate() {
            (self.f[k], self.g[k]) = run.run_on(self.f[k], self.g[k]);
            self.matrices[k] = if i == 0 { *run } else { run.after::<S>(&self.matrices[k]) };
        }
    }
}

/// A run, on words packed as f + u·2^20 + v·2^42 and g + q·2^20 + r·2^42, where f and g are the low
/// 20 bits as signed numbers.
///
/// The matrix starts at 2^20 times the identity, so every halving is exact. |f|, |g| ≤ 2^19 and
/// |u| + |v| ≤ 2^20 hold throughout, so a field changes the next one by a borrow at most, which
/// rounding removes at the end. Before a halving,
/// |v ± r| ≤ 2^21 − 1 keeps the sum below 2^63.
#[inline(always)]
fn run<S: Divstep, const K: usize>(state: &mut [i64; K], f: &[i64; K], g: &[i64; K]) -> [Matrix; K] {
    let pack = |word: i64, one: i64| ((word << 44) >> 44) + (one - S::LESS);
    let mut f = f.map(|f| pack(f, 1 << 40));
    let mut g = g.map(|g| pack(g, 1 << 62));
    for _ in 0..4 {
        // Straight-line code for five steps.
        for _ in 0..5 {
            for i in 0..K {
                S::divstep(&mut state[i], &mut f[i], &mut g[i]);
            }
        }
    }
    let unpack = |packed: i64| {
        let both = (packed + ((1 << 19) + S::LESS)) >> 20;
        let second = (both + (1 << 21)) >> 22;
        (both - (second << 22), second)
    };
    array::from_fn(|i| {
        let ((u, v), (q, r)) = (unpack(f[i]), unpack(g[i]));
        Matrix {
            u: S::optimization_barrier(u),
            v: S::optimization_barrier(v),
            q: S::optimization_barrier(q),
            r: S::optimization_barrier(r),
        }
    })
}

#[cfg(test)]
mod tests;
