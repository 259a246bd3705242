//! Greatest common divisor and modular inverse by constant-time division steps (Bernstein and Yang, "Fast
//! constant-time gcd computation and modular inversion", 2019; the variant that starts at δ = 1/2).
//!
//! Numbers are signed, in limbs of 62 bits with the sign in the top limb. Sixty-two steps at a time depend on
//! the lowest limbs only and make a 2×2 matrix with entries of at most 2^62; applying it costs four products a
//! limb. With |u| + |v| ≤ 2^62 and limbs below 2^62, a sum of two products and a carry stays below 2^126.
//!
//! The number of steps is the bound ⌊(45907·bits + 30179)/19929⌋ for δ = 1/2 (Wuille, "Bounds on divsteps
//! iterations in safegcd", 2021, with the slack that its authors' implementations use); it depends on the public
//! length only.

use zeroize::{Zeroize, Zeroizing};

use super::mask;

const LIMB_BITS: usize = 62;
const LIMB: u64 = (1 << LIMB_BITS) - 1;
/// 2048 bits, a sign and room for values below twice the modulus: ⌈2051/62⌉.
const MAX_LIMBS: usize = 34;

type Signed = Zeroizing<[i64; MAX_LIMBS]>;

fn limbs_for(bits: usize) -> usize {
    (bits + 3).div_ceil(LIMB_BITS)
}

fn batches_for(bits: usize) -> usize {
    ((45907 * bits + 30179) / 19929).div_ceil(LIMB_BITS)
}

fn split(words: &[u64]) -> Signed {
    let mut limbs = Zeroizing::new([0; MAX_LIMBS]);
    for (i, limb) in limbs.iter_mut().enumerate() {
        let (word, bit) = (i * LIMB_BITS / 64, i * LIMB_BITS % 64);
        let at = |index: usize| words.get(index).copied().unwrap_or(0);
        let low = at(word) >> bit;
        let high = if bit == 0 { 0 } else { at(word + 1) << (64 - bit) };
        *limb = ((low | high) & LIMB).cast_signed();
    }
    limbs
}

fn join(out: &mut [u64], limbs: &[i64]) {
    out.fill(0);
    for (i, limb) in limbs.iter().enumerate() {
        let (word, bit) = (i * LIMB_BITS / 64, i * LIMB_BITS % 64);
        let limb = limb.cast_unsigned();
        if let Some(x) = out.get_mut(word) {
            *x |= limb << bit;
        }
        if let Some(x) = out.get_mut(word + 1).filter(|_| bit > 2) {
            *x |= limb >> (64 - bit);
        }
    }
}

/// A transition matrix: (f, g) ← (u·f + v·g, q·f + r·g) / 2^62.
#[derive(Zeroize)]
struct Matrix {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// Sixty-two division steps on the lowest limbs. `zeta` is −(δ + 1/2).
fn division_steps(zeta: &mut i64, f: u64, g: u64) -> Matrix {
    let (mut f, mut g) = (f, g);
    let (mut u, mut v, mut q, mut r) = (1u64, 0u64, 0u64, 1u64);
    for _ in 0..LIMB_BITS {
        // δ > 0 and g odd: swap, with f negated; g odd: add f; always halve g.
        let positive = core::hint::black_box((*zeta >> 63).cast_unsigned());
        let odd = mask(g & 1);
        let negate = |x: u64| (x ^ positive).wrapping_sub(positive);
        let (x, y, z) = (negate(f), negate(u), negate(v));
        g = g.wrapping_add(x & odd);
        q = q.wrapping_add(y & odd);
        r = r.wrapping_add(z & odd);
        let swap = positive & odd;
        *zeta = (*zeta ^ swap.cast_signed()).wrapping_sub(1);
        f = f.wrapping_add(g & swap);
        u = u.wrapping_add(q & swap);
        v = v.wrapping_add(r & swap);
        g >>= 1;
        u <<= 1;
        v <<= 1;
    }
    Matrix { u: u.cast_signed(), v: v.cast_signed(), q: q.cast_signed(), r: r.cast_signed() }
}

fn product(a: i64, b: i64) -> i128 {
    i128::from(a) * i128::from(b)
}

/// The lowest 62 bits of a sum, as a limb.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the low limb is what is wanted")]
fn low(x: i128) -> i64 {
    ((x as u64) & LIMB).cast_signed()
}

/// A carry that is known to fit.
#[expect(clippy::cast_possible_truncation, reason = "a sum below 2^126 shifted by 62")]
fn high(x: i128) -> i64 {
    x as i64
}

fn update_fg(f: &mut [i64], g: &mut [i64], m: &Matrix) {
    let mut cf = (product(m.u, f[0]) + product(m.v, g[0])) >> LIMB_BITS;
    let mut cg = (product(m.q, f[0]) + product(m.r, g[0])) >> LIMB_BITS;
    for i in 1..f.len() {
        cf += product(m.u, f[i]) + product(m.v, g[i]);
        cg += product(m.q, f[i]) + product(m.r, g[i]);
        f[i - 1] = low(cf);
        g[i - 1] = low(cg);
        cf >>= LIMB_BITS;
        cg >>= LIMB_BITS;
    }
    let top = f.len() - 1;
    f[top] = high(cf);
    g[top] = high(cg);
}

/// (d, e) ← (u·d + v·e, q·d + r·e)/2^62 modulo n: a multiple of n is added that clears the low limb. Both stay
/// in (−2n, n): a negative d or e first counts as d + n or e + n.
fn update_de(d: &mut [i64], e: &mut [i64], m: &Matrix, n: &[i64], inverse: u64) {
    let top = n.len() - 1;
    let (sd, se) = (d[top] >> 63, e[top] >> 63);
    let mut md = (m.u & sd) + (m.v & se);
    let mut me = (m.q & sd) + (m.r & se);
    let mut cd = product(m.u, d[0]) + product(m.v, e[0]);
    let mut ce = product(m.q, d[0]) + product(m.r, e[0]);
    let clear = |c: i128, m: i64| {
        let low = low(c).cast_unsigned();
        m.wrapping_sub((inverse.wrapping_mul(low).wrapping_add(m.cast_unsigned()) & LIMB).cast_signed())
    };
    md = clear(cd, md);
    me = clear(ce, me);
    cd = (cd + product(n[0], md)) >> LIMB_BITS;
    ce = (ce + product(n[0], me)) >> LIMB_BITS;
    for i in 1..n.len() {
        cd += product(m.u, d[i]) + product(m.v, e[i]) + product(n[i], md);
        ce += product(m.q, d[i]) + product(m.r, e[i]) + product(n[i], me);
        d[i - 1] = low(cd);
        e[i - 1] = low(ce);
        cd >>= LIMB_BITS;
        ce >>= LIMB_BITS;
    }
    d[top] = high(cd);
    e[top] = high(ce);
}

/// a ← −a where the mask is set, limbs back in [0, 2^62) with the sign in the top one.
fn negate_masked(a: &mut [i64], negative: i64) {
    let mut carry = 0;
    let top = a.len() - 1;
    for x in &mut a[..top] {
        let sum = ((*x ^ negative) - negative) + carry;
        *x = sum & LIMB.cast_signed();
        carry = sum >> LIMB_BITS;
    }
    a[top] = ((a[top] ^ negative) - negative) + carry;
}

/// a += n where the mask is set.
fn add_masked(a: &mut [i64], n: &[i64], when: i64) {
    let mut carry = 0;
    let top = a.len() - 1;
    for (x, y) in a[..top].iter_mut().zip(n) {
        let sum = *x + (*y & when) + carry;
        *x = sum & LIMB.cast_signed();
        carry = sum >> LIMB_BITS;
    }
    a[top] += (n[top] & when) + carry;
}

/// out = gcd(a, b) of two odd numbers of the same length.
pub(crate) fn gcd(out: &mut [u64], a: &[u64], b: &[u64]) {
    let bits = 64 * a.len();
    let len = limbs_for(bits);
    let (mut f, mut g) = (split(a), split(b));
    let (f, g) = (&mut f[..len], &mut g[..len]);
    let mut zeta = -1;
    for _ in 0..batches_for(bits) {
        let mut matrix = division_steps(&mut zeta, f[0].cast_unsigned(), g[0].cast_unsigned());
        update_fg(f, g, &matrix);
        matrix.zeroize();
    }
    let negative = core::hint::black_box(f[len - 1] >> 63);
    negate_masked(f, negative);
    join(out, f);
}

/// out = a⁻¹ mod n for odd n, 0 < a < 2n. Returns 1 where the inverse exists, 0 elsewhere (out is then
/// meaningless).
pub(crate) fn invert(out: &mut [u64], a: &[u64], n: &[u64]) -> u64 {
    let bits = 64 * n.len();
    let len = limbs_for(bits);
    let n_limbs = split(n);
    let n_limbs = &n_limbs[..len];
    let inverse = super::inverse_mod_2_64(n[0]) & LIMB;
    let (mut f, mut g) = (split(n), split(a));
    let (f, g) = (&mut f[..len], &mut g[..len]);
    let (mut d, mut e): (Signed, Signed) = (Zeroizing::new([0; MAX_LIMBS]), Zeroizing::new([0; MAX_LIMBS]));
    let (d, e) = (&mut d[..len], &mut e[..len]);
    e[0] = 1;
    let mut zeta = -1;
    for _ in 0..batches_for(bits) {
        let mut matrix = division_steps(&mut zeta, f[0].cast_unsigned(), g[0].cast_unsigned());
        update_de(d, e, &matrix, n_limbs, inverse);
        update_fg(f, g, &matrix);
        matrix.zeroize();
    }
    // f = ±1, and d = ±a⁻¹ with f's sign, in (−2n, n).
    let negative = core::hint::black_box(f[len - 1] >> 63);
    negate_masked(f, negative);
    add_masked(d, n_limbs, core::hint::black_box(d[len - 1] >> 63));
    negate_masked(d, negative);
    add_masked(d, n_limbs, core::hint::black_box(d[len - 1] >> 63));
    join(out, d);
    let rest = f[1..].iter().fold(f[0] ^ 1, |any, x| any | x);
    super::is_zero_word(rest.cast_unsigned())
}
