//! The CRT arithmetic of a private-key operation (RFC 8017 §5.1.2 step 2.b), apart from the exponentiations.

use super::RsaKey;
use super::words::{Words, copy, read, zero};
use crate::ct;
use crate::engine::Engine;
use crate::int::context::{Context, power_of_two};
use crate::int::{self, mont, safegcd};

/// A private key's numbers as words.
pub(super) struct Numbers {
    pub(super) n: Words,
    pub(super) p: Words,
    pub(super) q: Words,
    pub(super) dp: Words,
    pub(super) dq: Words,
    pub(super) qinv: Words,
}

/// One prime and its exponent.
pub(super) struct Half<'n> {
    pub(super) prime: &'n [u64],
    pub(super) exponent: &'n [u64],
    modulo: Context,
}

impl Numbers {
    pub(super) fn of(key: &RsaKey) -> Self {
        let len = key.p().len() / 8;
        Self {
            n: read(key.modulus(), 2 * len),
            p: read(key.p(), len),
            q: read(key.q(), len),
            dp: read(key.dp(), len),
            dq: read(key.dq(), len),
            qinv: read(key.q_inverse(), len),
        }
    }

    pub(super) fn halves(&self) -> [Half<'_>; 2] {
        let half = |prime, exponent| Half { prime, exponent, modulo: Context::new(prime) };
        [half(&self.p, &self.dp), half(&self.q, &self.dq)]
    }

    /// s = s_q + q·(qInv·(s_p − s_q) mod p), from the two halves, each at most its prime.
    pub(super) fn combine(&self, modulo_p: &mut Half<'_>, s_p: &[u64], s_q: &[u64]) -> Words {
        let len = self.p.len();
        let (mut h, mut s_q_mod_p) = (copy(s_p), copy(s_q));
        mont::subtract_once(&mut h, 0, &self.p);
        // q < 2p, both having their top bit set.
        mont::subtract_once(&mut s_q_mod_p, 0, &self.p);
        mont::sub_mod(&mut h, &s_q_mod_p, &self.p);
        let quotient = modulo_p.product(&self.qinv, &h);
        let mut s = zero(2 * len);
        int::mul(&mut s, &quotient, &self.q);
        let mut addend = zero(2 * len);
        addend[..len].copy_from_slice(s_q);
        int::add(&mut s, &addend);
        s
    }

    /// Whether s is below n and s^e mod n is the message representative.
    pub(super) fn verifies(&self, engine: &mut dyn Engine, s: &[u64], message: &[u64]) -> bool {
        let mut recovered = zero(self.n.len());
        engine.public_power(&mut recovered, s, &self.n);
        // Holds for every signature that leaves.
        ct::public(int::equal(&recovered, message) & int::less(s, &self.n)) == 1
    }
}

impl Half<'_> {
    /// a·b mod prime, for a below the modulus and b below the prime.
    pub(super) fn product(&mut self, a: &[u64], b: &[u64]) -> Words {
        let mut out = zero(self.prime.len());
        self.modulo.product(&mut out, a, b);
        out
    }

    /// value·2^`form_bits` mod prime, for a value below the modulus: the Montgomery form of an engine.
    pub(super) fn in_form(&mut self, value: &[u64], form_bits: u32) -> Words {
        let mut r = zero(self.prime.len());
        power_of_two(&mut r, form_bits as usize, self.prime);
        self.product(value, &r)
    }

    /// r^e and r⁻¹ mod prime.
    pub(super) fn power_e_and_inverse(&mut self, r: &[u64]) -> (Words, Words) {
        let (mut power, mut inverse) = (zero(r.len()), zero(r.len()));
        self.modulo.power_e(&mut power, r);
        safegcd::invert(&mut inverse, r, self.prime);
        (power, inverse)
    }
}
