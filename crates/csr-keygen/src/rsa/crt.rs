//! The CRT arithmetic of a private-key operation (RFC 8017 §5.1.2 step 2.b), apart from the exponentiations.

use super::RsaKey;
use super::words::{Words, copy, read, zero};
use crate::int::{self, mont};

/// A private key's numbers as words.
pub(super) struct Numbers {
    pub(super) n: Words,
    pub(super) p: Words,
    pub(super) q: Words,
    pub(super) qinv: Words,
}

impl Numbers {
    pub(super) fn of(key: &RsaKey) -> Self {
        let words = key.p().len() / 8;
        Self {
            n: read(key.modulus(), 2 * words),
            p: read(key.p(), words),
            q: read(key.q(), words),
            qinv: read(key.q_inverse(), words),
        }
    }

    /// s = s_q + q·(qInv·(s_p − s_q) mod p), from the two halves, each at most its prime.
    pub(super) fn combine(&self, s_p: &[u64], s_q: &[u64]) -> Words {
        let words = self.p.len();
        let n0 = mont::negated_inverse(&self.p);
        let mut wide = mont::Wide::new();
        let (mut h, mut s_q_mod_p, mut form) = (copy(s_p), copy(s_q), zero(words));
        mont::subtract_once(&mut h, 0, &self.p);
        // q < 2p, both having their top bit set.
        mont::subtract_once(&mut s_q_mod_p, 0, &self.p);
        mont::sub_mod(&mut h, &s_q_mod_p, &self.p);
        mont::to_form(&mut form, &self.qinv, &self.p, n0, &mut wide);
        let mut quotient = zero(words);
        mont::mul(&mut quotient, &h, &form, &self.p, n0, &mut wide);
        let mut s = zero(2 * words);
        int::mul(&mut s, &quotient, &self.q);
        let mut addend = zero(2 * words);
        addend[..words].copy_from_slice(s_q);
        int::add(&mut s, &addend);
        s
    }

    /// Whether s^e mod n is the message representative.
    pub(super) fn verifies(&self, s: &[u64], message: &[u64]) -> bool {
        let mut wide = mont::Wide::new();
        let mut recovered = zero(self.n.len());
        mont::power_e(&mut recovered, s, &self.n, &mut wide);
        int::equal(&recovered, message) & int::less(s, &self.n) == 1
    }
}

/// The message modulo a prime, in the Montgomery form with R = 2^`form_bits`.
pub(super) fn message_in_form(message: &[u64], prime: &[u64], form_bits: u32) -> Words {
    let mut r = zero(prime.len());
    mont::power_of_two(&mut r, form_bits, prime, mont::negated_inverse(prime), &mut mont::Wide::new());
    let mut out = zero(prime.len());
    mont::product(&mut out, message, &r, prime);
    out
}
