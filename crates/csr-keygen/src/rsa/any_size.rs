//! The private-key operation (RFC 8017 §5.1.2 step 2.b) of imported keys that the engines have no
//! kernel for: any size, any public exponent. It is blinded, constant in time and verified before
//! release like that of `sign`, only slower.

use chacha20::ChaCha20Rng;

use crate::rsa::int::{self, Words};
use crate::rsa::montgomery::{AnySizeModulus, sub_mod};
use crate::{Error, ct};

/// A prime and its exponent.
pub(crate) struct AnySizePrime {
    pub(crate) modulus: AnySizeModulus,
    pub(crate) exponent: Words,
}

impl AnySizePrime {
    /// m^exponent mod prime, in form: (m·r)^exponent · r^(p−1−exponent), whose product is
    /// m^exponent·r^(p−1).
    fn blinded_power(&self, message: &[u64], rng: &mut ChaCha20Rng) -> Words {
        let modulus = &self.modulus;
        let r = blinding_form(modulus, rng);
        let mut complement = int::less_one(&modulus.n);
        int::sub(&mut complement, &self.exponent);
        let blinded = modulus.product(&modulus.form_of(message), &r);
        modulus.powers(&[(&blinded, &self.exponent), (&r, &complement)])
    }
}

/// A blinding value in form: uniform, with one bit less than the modulus.
fn blinding_form(modulus: &AnySizeModulus, rng: &mut ChaCha20Rng) -> Words {
    let mut value = int::zero(modulus.n.len());
    int::fill(rng, &mut value);
    int::keep_bits(&mut value, modulus.bits - 1);
    value
}

/// A private key of any size. All numbers of both primes have one length, and n is at most twice as
/// long.
pub(crate) struct AnySizeKey {
    pub(crate) n: AnySizeModulus,
    /// Big-endian.
    pub(crate) e: Vec<u8>,
    pub(crate) primes: [AnySizePrime; 2],
    pub(crate) qinv: Words,
}

impl AnySizeKey {
    /// m^d mod n of a message representative below n.
    pub(crate) fn private_op(&self, message: &[u64], rng: &mut ChaCha20Rng) -> Result<Vec<u8>, Error> {
        let signature = self.power_d(message, rng);
        self.release(&signature, message)
    }

    /// m^d mod n as it was computed, not yet verified.
    pub(crate) fn power_d(&self, message: &[u64], rng: &mut ChaCha20Rng) -> Words {
        let [p, q] = &self.primes;
        let [mut h, s_q] = [p, q].map(|prime| prime.blinded_power(message, rng));
        let s_q = q.modulus.plain(&s_q);
        sub_mod(&mut h, &p.modulus.form_of(&s_q), &p.modulus.n);
        // One factor is in form and the other plain, so that the product is plain.
        let quotient = p.modulus.product(&h, &self.qinv);
        let mut s = int::product(&quotient, &q.modulus.n);
        let mut addend = int::zero(s.len());
        addend[..s_q.len()].copy_from_slice(&s_q);
        int::add(&mut s, &addend);
        // The sum is below n, so the words above n's length are zero.
        s.truncate(self.n.n.len());
        s
    }

    /// The signature's bytes if it verifies with n and e. There is no other way to release one.
    pub(crate) fn release(&self, signature: &[u64], message: &[u64]) -> Result<Vec<u8>, Error> {
        let n = &self.n;
        let in_range = int::less(signature, &n.n);
        let recovered = n.plain(&n.public_power(&n.form_of(signature), &self.e));
        // True for every signature that is released.
        if ct::public(int::equal(&recovered, message) & in_range) == 1 {
            ct::publish(signature);
            let bytes = int::write(signature);
            Ok(bytes[bytes.len() - n.bits.div_ceil(8)..].to_vec())
        } else {
            Err(Error::SignatureFault)
        }
    }
}
