//! The private-key operation m^d mod n by the Chinese remainder theorem (RFC 8017 §5.1.2 step 2.b):
//! blinded exponentiations modulo p and q, their recombination, and the check of the result.

use chacha20::ChaCha20Rng;

use crate::ct;
use crate::rsa::engine::Engine;
use crate::rsa::int::{self, Words, copy, read, zero};
use crate::rsa::kernel::exponentiation::Power;
use crate::rsa::key::RsaKey;
use crate::rsa::montgomery::{self, Context, power_of_two};

/// A private key's numbers as words.
pub(crate) struct KeyNumbers {
    pub(crate) n: Words,
    pub(crate) p: Words,
    pub(crate) q: Words,
    pub(crate) dp: Words,
    pub(crate) dq: Words,
    pub(crate) qinv: Words,
}

/// One prime and its exponent.
pub(crate) struct Half<'n> {
    pub(crate) prime: &'n [u64],
    pub(crate) exponent: &'n [u64],
    modulo: Context,
}

impl KeyNumbers {
    pub(crate) fn from_key(key: &RsaKey) -> Self {
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

    pub(crate) fn halves(&self) -> [Half<'_>; 2] {
        let half = |prime, exponent| Half { prime, exponent, modulo: Context::new(prime) };
        [half(&self.p, &self.dp), half(&self.q, &self.dq)]
    }

    /// s = s_q + q·(qInv·(s_p − s_q) mod p), from the two halves, each at most its prime.
    pub(crate) fn combine(&self, modulo_p: &mut Half<'_>, s_p: &[u64], s_q: &[u64]) -> Words {
        let len = self.p.len();
        let (mut h, mut s_q_mod_p) = (copy(s_p), copy(s_q));
        montgomery::subtract_once(&mut h, 0, &self.p);
        // q < 2p, because both have their top bit set.
        montgomery::subtract_once(&mut s_q_mod_p, 0, &self.p);
        montgomery::sub_mod(&mut h, &s_q_mod_p, &self.p);
        let quotient = modulo_p.product(&self.qinv, &h);
        let mut s = zero(2 * len);
        int::mul(&mut s, &quotient, &self.q);
        let mut addend = zero(2 * len);
        addend[..len].copy_from_slice(s_q);
        int::add(&mut s, &addend);
        s
    }

    /// Whether s is below n and s^e mod n is the message representative.
    pub(crate) fn verifies(&self, engine: &mut dyn Engine, s: &[u64], message: &[u64]) -> bool {
        let mut recovered = zero(self.n.len());
        engine.public_power(&mut recovered, s, &self.n);
        // True for every signature that is released.
        ct::public(int::equal(&recovered, message) & int::less(s, &self.n)) == 1
    }
}

impl Half<'_> {
    /// a·b mod prime, for a below the modulus and b below the prime.
    pub(crate) fn product(&mut self, a: &[u64], b: &[u64]) -> Words {
        let mut out = zero(self.prime.len());
        self.modulo.product(&mut out, a, b);
        out
    }

    /// value·2^`form_bits` mod prime, for a value below the modulus: the Montgomery form of an
    /// engine.
    pub(crate) fn in_form(&mut self, value: &[u64], form_bits: u32) -> Words {
        let mut r = zero(self.prime.len());
        power_of_two(&mut r, form_bits as usize, self.prime);
        self.product(value, &r)
    }

    /// r^e and r⁻¹ mod prime.
    fn power_e_and_inverse(&mut self, r: &[u64]) -> (Words, Words) {
        let (mut power, mut inverse) = (zero(r.len()), zero(r.len()));
        self.modulo.power_e(&mut power, r);
        int::invert(&mut inverse, r, self.prime);
        (power, inverse)
    }
}

/// m^dp mod p and m^dq mod q, on bases that are blinded anew each time.
pub(crate) fn blinded_powers(
    engine: &mut dyn Engine,
    message: &[u64],
    halves: [&mut Half<'_>; 2],
    rng: &mut ChaCha20Rng,
) -> [Words; 2] {
    if engine.lanes() >= 4 {
        blinded_by_complement(engine, message, halves, rng)
    } else {
        blinded_by_inverse(engine, message, halves, rng)
    }
}

/// A blinding value below the prime: uniform, with one bit less than the prime.
fn blinding_value(prime: &[u64], rng: &mut ChaCha20Rng) -> Words {
    let mut value = zero(prime.len());
    int::fill(rng, &mut value);
    value[prime.len() - 1] >>= 1;
    value
}

/// m^dp mod p and m^dq mod q on four lanes: (m·r)^dp and r^(p−1−dp) side by side, whose product is
/// m^dp·r^(p−1) = m^dp. Blinding costs the two lanes that would be empty, and no inverse.
fn blinded_by_complement(
    engine: &mut dyn Engine,
    message: &[u64],
    mut halves: [&mut Half<'_>; 2],
    rng: &mut ChaCha20Rng,
) -> [Words; 2] {
    let prepared = halves.each_mut().map(|half| {
        // Taken for the Montgomery form of r, which is then as random.
        let r = blinding_value(half.prime, rng);
        let mut complement = int::less_one(half.prime);
        int::sub(&mut complement, half.exponent);
        (half.product(message, &r), r, complement)
    });
    let mut results = [(); 4].map(|()| zero(halves[0].prime.len()));
    let [result_0, result_1, result_2, result_3] = &mut results;
    let [(base_p, r_p, complement_p), (base_q, r_q, complement_q)] = &prepared;
    let [half_p, half_q] = &halves;
    let (p, q) = (half_p.prime, half_q.prime);
    engine.power(&mut [
        Power { modulus: p, base: base_p, exponent: half_p.exponent, result: result_0 },
        Power { modulus: p, base: r_p, exponent: complement_p, result: result_1 },
        Power { modulus: q, base: base_q, exponent: half_q.exponent, result: result_2 },
        Power { modulus: q, base: r_q, exponent: complement_q, result: result_3 },
    ]);
    let [half_p, half_q] = halves;
    [half_p.product(&results[0], &results[1]), half_q.product(&results[2], &results[3])]
}

/// m^dp mod p and m^dq mod q on fewer lanes: (m·r^e)^dp·r⁻¹, with the inverse by safegcd.
fn blinded_by_inverse(
    engine: &mut dyn Engine,
    message: &[u64],
    mut halves: [&mut Half<'_>; 2],
    rng: &mut ChaCha20Rng,
) -> [Words; 2] {
    let form_bits = engine.form_bits();
    let prepared = halves.each_mut().map(|half| {
        let r = blinding_value(half.prime, rng);
        let (power, inverse) = half.power_e_and_inverse(&r);
        let blinded = half.product(message, &power);
        (half.in_form(&blinded, form_bits), inverse)
    });
    let mut results = [(); 2].map(|()| zero(halves[0].prime.len()));
    let [result_p, result_q] = &mut results;
    let [half_p, half_q] = &halves;
    engine.power(&mut [
        Power { modulus: half_p.prime, base: &prepared[0].0, exponent: half_p.exponent, result: result_p },
        Power { modulus: half_q.prime, base: &prepared[1].0, exponent: half_q.exponent, result: result_q },
    ]);
    let [half_p, half_q] = halves;
    [half_p.product(&results[0], &prepared[0].1), half_q.product(&results[1], &prepared[1].1)]
}
