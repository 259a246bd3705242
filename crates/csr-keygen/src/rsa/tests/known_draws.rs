//! Draws with a known outcome: primes, a pseudoprime, and numbers with a small factor.

use chacha20::ChaCha20Rng;
use num_bigint::BigUint;
use rand_core::SeedableRng;

use crate::Error;
use crate::rsa::search::Source;
use crate::rsa::size::ModulusSize;

pub(super) const SIZE: ModulusSize = ModulusSize::Bits2048;

/// Two primes as candidates are drawn, ≡ 7 (mod 8) and with their top two bits set.
const PRIMES: [&[u8; 256]; 2] = [
    b"d9030bfbaed24cb6cf2b248af67ef83b5ec0ebe22303e4e76891dbf2a7cb074d\
      556f1bf3b34d80fcd4e17352030065cf05301fa09ef424c6b36d3222e4587768\
      6d4613e6294c464f7ce9f083ebe565b4fb7f9cbf3be66033740a8d2f1c7a7d5b\
      c633ff298ef3ce9262781e779e3a5f3f953faad29f79c8535838eb9ffb01233f",
    b"edc8da89885b4a276d65d37b6a1311ff958308352dd818b2ad371adcacdbeaef\
      fa5fa9c24ba9238f008687cc7bae09ad86dcabf996245e5171436cfc4de22343\
      27570a072f8d4be9650378911bc44c6c76683d2880e2311e8c8813250384670f\
      7cba77b5422d543e9a492d77e3300bc22073b4ea48db4ef7cf4e31e61eeb5fe7",
];

/// r·(4r − 3), with both factors prime: 2^((n−1)/2) is 1 modulo this n, too, and one base in eight
/// passes.
pub(super) const PSEUDOPRIME: &[u8; 256] =
    b"e0023936f4cf101e0720e1ead41776f0097cf842b63b958b0a74236222c20a8b\
      440862b7848b7167a8a0ac662181db5e0b7c0b9d4e30409e903e2d8c9f853914\
      2ad75bd2fb182bf7f78304921fdf9062c229b67e42de81cf67077a185e030dd2\
      e5e3c0884bca901fdf4a74b33981d7cc4f5e40e59d0307dd969c027d011390c7";

pub(super) fn parse(hex: &[u8]) -> BigUint {
    BigUint::parse_bytes(hex, 16).unwrap()
}

pub(super) fn primes() -> [BigUint; 2] {
    PRIMES.map(|hex| parse(hex))
}

/// The number with its last digits replaced.
pub(super) fn ending(number: &BigUint, digits: &[u8]) -> BigUint {
    let bits = 4 * digits.len();
    (number >> bits << bits) + parse(digits)
}

/// A third prime, too close to the first to make a key with it.
pub(super) fn third() -> BigUint {
    ending(&primes()[0], b"8ec4581bb8e07")
}

/// The next prime with the shape of a candidate after the first.
pub(super) fn close_to(p: &BigUint) -> BigUint {
    p + 1952u32
}

/// Two primes p and q whose p − 1 and q − 1 are divisible by 2147483659, the first prime above
/// 2^31, and by 2.
pub(super) fn sharing_a_factor() -> [BigUint; 2] {
    let [p, q] = primes();
    [ending(&p, b"8ee3e1431048f"), ending(&q, b"e36719d2f589f")]
}

/// Two numbers with the shape of candidates that are divisible by 3.
pub(super) fn multiples_of_3() -> [BigUint; 2] {
    // 8·rest ≡ −rest (mod 3) and keeps the low three bits.
    primes().map(|prime| &prime + 8u32 * (&prime % 3u32))
}

/// A source of given draws that fails after the last.
pub(super) struct Draws<I>(pub(super) I);

impl<I: Iterator<Item = BigUint>> Source for Draws<I> {
    fn draw(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        let draw = self.0.next().ok_or(Error::RandomSource("no more draws".into()))?;
        bytes.copy_from_slice(&draw.to_bytes_be());
        Ok(())
    }
}

/// The bases of the Miller–Rabin rounds.
pub(super) fn bases() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(12)
}
