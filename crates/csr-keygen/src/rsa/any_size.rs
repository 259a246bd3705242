//! The private-key operation (RFC 8017 §5.1.2 step 2.b) of keys that the engines have no kernel for: any size, any public
//! exponent. Blinded, constant in time, verified before release, as the lanes' is; only slower.

use chacha20::ChaCha20Rng;
use zeroize::Zeroizing;

use super::words::{self, Words};
use crate::int;
use crate::int::context::power_of_two;
use crate::int::mont::{self, Wide};
use crate::{Error, ct};

/// The bits of an exponent that one table look-up takes.
const WINDOW: usize = 4;

/// An odd modulus with what Montgomery arithmetic needs, R = 2^(64·len). Its length is a multiple of four words, its
/// top word may be zero. Numbers in "form" are multiplied by R. Wiped on drop.
pub(super) struct Modulus {
    pub(super) n: Words,
    /// The length of n in bits, which is public.
    bits: usize,
    n0: Zeroizing<u64>,
    /// 1 in form.
    pub(super) one: Words,
    /// R² mod n.
    r2: Words,
}

impl Modulus {
    /// An odd n > 1 of so many bits.
    pub(super) fn new(n: &[u64], bits: usize) -> Self {
        let [mut one, mut r2] = [(); 2].map(|()| words::zero(n.len()));
        power_of_two(&mut one, 64 * n.len(), n);
        power_of_two(&mut r2, 2 * 64 * n.len(), n);
        let n0 = Zeroizing::new(mont::negated_inverse(n));
        Self { n: words::copy(n), bits, n0, one, r2 }
    }

    fn mul(&self, out: &mut [u64], a: &[u64], b: &[u64], wide: &mut Wide) {
        mont::mul(out, a, b, &self.n, *self.n0, wide);
    }

    /// The square of a number in form.
    pub(super) fn square(&self, out: &mut [u64], a: &[u64], wide: &mut Wide) {
        mont::square(out, a, &self.n, *self.n0, wide);
    }

    /// a·b/R: the product in form of two numbers in form.
    fn product(&self, a: &[u64], b: &[u64]) -> Words {
        let mut out = words::zero(self.n.len());
        self.mul(&mut out, a, b, &mut Wide::new());
        out
    }

    /// A value below R·n, of at most twice the modulus's length, in form.
    pub(super) fn form_of(&self, value: &[u64]) -> Words {
        let mut wide = words::zero(2 * self.n.len());
        wide[..value.len()].copy_from_slice(value);
        let mut reduced = words::zero(self.n.len());
        mont::reduce(&mut reduced, &mut wide, &self.n, *self.n0);
        // value/R, value, value·R.
        self.product(&self.product(&reduced, &self.r2), &self.r2)
    }

    /// A number in form as itself.
    fn plain(&self, form: &[u64]) -> Words {
        let mut wide = words::zero(2 * self.n.len());
        wide[..form.len()].copy_from_slice(form);
        let mut out = words::zero(self.n.len());
        mont::reduce(&mut out, &mut wide, &self.n, *self.n0);
        out
    }

    /// The product of base^exponent, all in form but the exponents, which have the modulus's length: the squarings
    /// are shared, every table entry is read for every window.
    pub(super) fn powers(&self, factors: &[(&[u64], &[u64])]) -> Words {
        let len = self.n.len();
        let mut wide = Wide::new();
        let tables: Vec<Vec<Words>> = factors
            .iter()
            .map(|(base, _)| {
                let mut table = vec![words::copy(&self.one), words::copy(base)];
                for i in 2..1 << WINDOW {
                    table.push(self.product(&table[i - 1], base));
                }
                table
            })
            .collect();
        let mut x = words::copy(&self.one);
        let [mut y, mut entry] = [(); 2].map(|()| words::zero(len));
        let windows = 64 * len / WINDOW;
        for window in (0..windows).rev() {
            if window + 1 != windows {
                for _ in 0..WINDOW {
                    self.square(&mut y, &x, &mut wide);
                    core::mem::swap(&mut x, &mut y);
                }
            }
            let bit = window * WINDOW;
            for (table, (_, exponent)) in tables.iter().zip(factors) {
                let digit = exponent[bit / 64] >> (bit % 64) & ((1 << WINDOW) - 1);
                for (power, index) in table.iter().zip(0..) {
                    int::copy_masked(&mut entry, power, int::mask(int::is_zero_word(digit ^ index)));
                }
                self.mul(&mut y, &x, &entry, &mut wide);
                core::mem::swap(&mut x, &mut y);
            }
        }
        x
    }

    /// base^exponent of a big-endian exponent above 0 that may be known.
    fn public_power(&self, base: &[u64], exponent: &[u8]) -> Words {
        let mut wide = Wide::new();
        let (mut x, mut y) = (words::copy(&self.one), words::zero(self.n.len()));
        for bit in exponent.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
            self.square(&mut y, &x, &mut wide);
            core::mem::swap(&mut x, &mut y);
            if bit == 1 {
                self.mul(&mut y, &x, base, &mut wide);
                core::mem::swap(&mut x, &mut y);
            }
        }
        x
    }

    /// A number in form for blinding: uniform with one bit less than the modulus has.
    fn blinding_value(&self, rng: &mut ChaCha20Rng) -> Words {
        let mut value = words::zero(self.n.len());
        words::fill(rng, &mut value);
        keep_bits(&mut value, self.bits - 1);
        value
    }
}

/// Clears all but the lowest bits.
pub(super) fn keep_bits(value: &mut [u64], bits: usize) {
    for (word, start) in value.iter_mut().zip((0..).step_by(64)) {
        let bits = bits.saturating_sub(start).min(64);
        *word &= if bits == 0 { 0 } else { u64::MAX >> (64 - bits) };
    }
}

/// A prime and its exponent.
pub(super) struct Half {
    pub(super) prime: Modulus,
    pub(super) exponent: Words,
}

impl Half {
    /// m^exponent mod prime, in form: (m·r)^exponent · r^(p−1−exponent), whose product is m^exponent·r^(p−1).
    fn power(&self, message: &[u64], rng: &mut ChaCha20Rng) -> Words {
        let prime = &self.prime;
        let r = prime.blinding_value(rng);
        let mut complement = words::copy(&prime.n);
        complement[0] -= 1;
        int::sub(&mut complement, &self.exponent);
        let blinded = prime.product(&prime.form_of(message), &r);
        prime.powers(&[(&blinded, &self.exponent), (&r, &complement)])
    }
}

/// A private key of any size. Both primes' numbers have one length, n at most twice that.
pub(super) struct Key {
    pub(super) n: Modulus,
    /// Big-endian.
    pub(super) e: Vec<u8>,
    pub(super) halves: [Half; 2],
    pub(super) qinv: Words,
}

impl Key {
    /// m^d mod n of a message representative below n.
    pub(super) fn private_op(&self, message: &[u64], rng: &mut ChaCha20Rng) -> Result<Vec<u8>, Error> {
        let signature = self.power_d(message, rng);
        self.release(&signature, message)
    }

    /// m^d mod n as it was computed.
    pub(super) fn power_d(&self, message: &[u64], rng: &mut ChaCha20Rng) -> Words {
        let [p, q] = &self.halves;
        let [mut h, s_q] = [p, q].map(|half| half.power(message, rng));
        let s_q = q.prime.plain(&s_q);
        mont::sub_mod(&mut h, &p.prime.form_of(&s_q), &p.prime.n);
        // One factor in form, the other not: the product is plain.
        let quotient = p.prime.product(&h, &self.qinv);
        let mut s = words::zero(2 * s_q.len());
        int::mul(&mut s, &quotient, &q.prime.n);
        let mut addend = words::zero(s.len());
        addend[..s_q.len()].copy_from_slice(&s_q);
        int::add(&mut s, &addend);
        // Below n: what is cut off is zero.
        s.truncate(self.n.n.len());
        s
    }

    /// The only way out for a signature: it verifies with n and e.
    pub(super) fn release(&self, signature: &[u64], message: &[u64]) -> Result<Vec<u8>, Error> {
        let n = &self.n;
        let in_range = int::less(signature, &n.n);
        let recovered = n.plain(&n.public_power(&n.form_of(signature), &self.e));
        // Holds for every signature that leaves.
        if ct::public(int::equal(&recovered, message) & in_range) == 1 {
            ct::publish(signature);
            let bytes = words::write(signature);
            Ok(bytes[bytes.len() - n.bits.div_ceil(8)..].to_vec())
        } else {
            Err(Error::SignatureFault)
        }
    }
}
