//! Greatest common divisors and inverses of numbers whose length is known at run time, by [`crate::safegcd`]. It makes
//! its steps by masks: there is no choice of a backend here, and an inversion is a small part of what calls it.

use zeroize::Zeroizing;

use crate::safegcd::limbs::{self, join, limbs_for, split};
use crate::safegcd::{self, BITS, Divstep, Masks, divsteps};

/// Limbs for 2048 bits.
const MAX_LIMBS: usize = limbs_for(2048);

type Signed = Zeroizing<[i64; MAX_LIMBS]>;

/// out = gcd(a, b) of two odd numbers of the same length.
pub(crate) fn gcd(out: &mut [u64], a: &[u64], b: &[u64]) {
    let bits = 64 * a.len();
    let len = limbs_for(bits);
    let (mut f, mut g) = (Signed::new(split(a)), Signed::new(split(b)));
    let (f, g) = (&mut f[..len], &mut g[..len]);
    let (mask, mut state) = (limbs::mask(), [Masks::START]);
    for _ in 0..safegcd::batches(bits, false) {
        let [matrix] = divsteps::<Masks, _>(&mut state, [f[0]], [g[0]]);
        limbs::update_fg(f, g, &matrix, mask);
    }
    limbs::negate_if(f, limbs::sign(f));
    join(out, f);
}

/// out = a⁻¹ mod n for odd n, 0 < a < 2n. Returns 1 where the inverse exists, 0 elsewhere (out is then
/// meaningless).
pub(crate) fn invert(out: &mut [u64], a: &[u64], n: &[u64]) -> u64 {
    let bits = 64 * n.len();
    let len = limbs_for(bits);
    let n_limbs = Signed::new(split(n));
    let n_limbs = &n_limbs[..len];
    let inverse = (super::inverse_mod_2_64(n[0]) & ((1 << BITS) - 1)).cast_signed();
    let (mut f, mut g) = (Signed::new(split(n)), Signed::new(split(a)));
    let (f, g) = (&mut f[..len], &mut g[..len]);
    let (mut d, mut e) = (Signed::new([0; MAX_LIMBS]), Signed::new([0; MAX_LIMBS]));
    let (d, e) = (&mut d[..len], &mut e[..len]);
    e[0] = 1;
    let (mask, mut state) = (limbs::mask(), [Masks::START]);
    for _ in 0..safegcd::batches(bits, false) {
        let [matrix] = divsteps::<Masks, _>(&mut state, [f[0]], [g[0]]);
        limbs::update_fg(f, g, &matrix, mask);
        limbs::update_de(d, e, &matrix, n_limbs, inverse, mask);
    }
    // f = ±1, and d = ±a⁻¹ with f's sign, in (−2n, n).
    let negative = limbs::sign(f);
    limbs::negate_if(f, negative);
    limbs::normalize(d, negative, n_limbs);
    join(out, d);
    let rest = f[1..].iter().fold(f[0] ^ 1, |any, x| any | x);
    super::is_zero_word(rest.cast_unsigned())
}
