//! The two exponentiations of a private-key operation, on bases that are random each time.

use chacha20::ChaCha20Rng;

use super::crt::Half;
use super::words::{self, Words};
use crate::engine::Engine;
use crate::int;
use crate::kernel::lanes::Power;

/// m^dp mod p and m^dq mod q.
pub(super) fn powers(
    engine: &mut dyn Engine,
    message: &[u64],
    halves: [&mut Half<'_>; 2],
    rng: &mut ChaCha20Rng,
) -> [Words; 2] {
    if engine.lanes() >= 4 {
        in_lanes(engine, message, halves, rng)
    } else {
        by_inverse(engine, message, halves, rng)
    }
}

/// A blinding value below the prime: uniform with one bit less than the prime has.
fn blinding_value(prime: &[u64], rng: &mut ChaCha20Rng) -> Words {
    let mut value = words::zero(prime.len());
    words::fill(rng, &mut value);
    value[prime.len() - 1] >>= 1;
    value
}

/// m^dp mod p and m^dq mod q with four lanes: (m·r)^dp and r^(p−1−dp) side by side, whose product is m^dp·r^(p−1) =
/// m^dp. Blinding costs the two lanes that would be empty, and no inverse.
fn in_lanes(
    engine: &mut dyn Engine,
    message: &[u64],
    mut halves: [&mut Half<'_>; 2],
    rng: &mut ChaCha20Rng,
) -> [Words; 2] {
    let prepared = halves.each_mut().map(|half| {
        // Taken for r's Montgomery form: r is then as random.
        let r = blinding_value(half.prime, rng);
        let mut complement = words::copy(half.prime);
        complement[0] -= 1;
        int::sub(&mut complement, half.exponent);
        (half.product(message, &r), r, complement)
    });
    let mut results = [(); 4].map(|()| words::zero(halves[0].prime.len()));
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

/// m^dp mod p and m^dq mod q with no more lanes than that: (m·r^e)^dp·r⁻¹, the inverse by safegcd.
fn by_inverse(
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
    let mut results = [(); 2].map(|()| words::zero(halves[0].prime.len()));
    let [result_p, result_q] = &mut results;
    let [half_p, half_q] = &halves;
    engine.power(&mut [
        Power { modulus: half_p.prime, base: &prepared[0].0, exponent: half_p.exponent, result: result_p },
        Power { modulus: half_q.prime, base: &prepared[1].0, exponent: half_q.exponent, result: result_q },
    ]);
    let [half_p, half_q] = halves;
    [half_p.product(&results[0], &prepared[0].1), half_q.product(&results[1], &prepared[1].1)]
}
