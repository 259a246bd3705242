//! The CRT arithmetic of a private-key operation (RFC 8017 §5.1.2 step 2.b), apart from the exponentiations.

use super::RsaKey;
use super::words::{Words, copy, read, zero};
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
        [Half { prime: &self.p, exponent: &self.dp }, Half { prime: &self.q, exponent: &self.dq }]
    }

    /// s = s_q + q·(qInv·(s_p − s_q) mod p), from the two halves, each at most its prime.
    pub(super) fn combine(&self, s_p: &[u64], s_q: &[u64]) -> Words {
        let len = self.p.len();
        let (mut h, mut s_q_mod_p) = (copy(s_p), copy(s_q));
        mont::subtract_once(&mut h, 0, &self.p);
        // q < 2p, both having their top bit set.
        mont::subtract_once(&mut s_q_mod_p, 0, &self.p);
        mont::sub_mod(&mut h, &s_q_mod_p, &self.p);
        let mut quotient = zero(len);
        mont::product(&mut quotient, &self.qinv, &h, &self.p);
        let mut s = zero(2 * len);
        int::mul(&mut s, &quotient, &self.q);
        let mut addend = zero(2 * len);
        addend[..len].copy_from_slice(s_q);
        int::add(&mut s, &addend);
        s
    }

    /// Whether s is below n and s^e mod n is the message representative.
    pub(super) fn verifies(&self, s: &[u64], message: &[u64]) -> bool {
        let mut wide = mont::Wide::new();
        let mut recovered = zero(self.n.len());
        mont::power_e(&mut recovered, s, &self.n, &mut wide);
        int::equal(&recovered, message) & int::less(s, &self.n) == 1
    }
}

impl Half<'_> {
    /// a·b mod prime, for a below the modulus and b below the prime.
    pub(super) fn product(&self, a: &[u64], b: &[u64]) -> Words {
        let mut out = zero(self.prime.len());
        mont::product(&mut out, a, b, self.prime);
        out
    }

    /// The Montgomery form of an engine; see [`in_form`].
    pub(super) fn in_form(&self, value: &[u64], form_bits: u32) -> Words {
        in_form(value, self.prime, form_bits)
    }

    /// r^e and r⁻¹ mod prime.
    pub(super) fn power_e_and_inverse(&self, r: &[u64]) -> (Words, Words) {
        let (mut power, mut inverse) = (zero(r.len()), zero(r.len()));
        mont::power_e(&mut power, r, self.prime, &mut mont::Wide::new());
        safegcd::invert(&mut inverse, r, self.prime);
        (power, inverse)
    }
}

/// value·2^`form_bits` mod prime, for a value below the modulus: the Montgomery form of an engine.
pub(super) fn in_form(value: &[u64], prime: &[u64], form_bits: u32) -> Words {
    let (mut r, mut out) = (zero(prime.len()), zero(prime.len()));
    mont::power_of_two(&mut r, form_bits, prime, mont::negated_inverse(prime), &mut mont::Wide::new());
    mont::product(&mut out, value, &r, prime);
    out
}
