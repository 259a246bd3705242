//! From two primes to a private key (FIPS 186-5 A.1.1, RFC 8017 §3.2), and the check of the
//! finished key.

use core::fmt;

use zeroize::Zeroizing;

use crate::rsa::int::{self, Words, less_one};
use crate::rsa::montgomery;
use crate::rsa::size::{ModulusSize, PUBLIC_EXPONENT};
use crate::{Error, ct};

/// An RSA private key (RFC 8017 §3.2). Every number is big-endian and has the length that its size
/// implies: n and d that of the modulus, the others that of a prime. Wiped on drop.
///
/// Other crates take its numbers as they are. The `rsa` crate, for instance, takes n, e, d and the
/// primes:
///
/// ```
/// use csr_keygen::rsa::{self as keygen, ModulusSize};
/// use rsa::BoxedUint;
///
/// let key = keygen::generate(ModulusSize::Bits2048, &mut getrandom::SysRng)?;
/// // The lengths are public, so leading zeros stay.
/// let number = |bytes: &[u8], bits| BoxedUint::from_be_slice(bytes, bits);
/// let (bits, prime_bits) = (key.size().bits(), key.size().prime_bits());
/// let converted = rsa::PrivateKey::from_components(
///     number(key.modulus(), bits)?,
///     key.public_exponent().into(),
///     number(key.private_exponent(), bits)?,
///     vec![number(key.p(), prime_bits)?, number(key.q(), prime_bits)?],
/// )?;
/// converted.validate()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RsaKey {
    pub(crate) size: ModulusSize,
    pub(crate) n: Vec<u8>,
    pub(crate) d: Zeroizing<Vec<u8>>,
    pub(crate) p: Zeroizing<Vec<u8>>,
    pub(crate) q: Zeroizing<Vec<u8>>,
    pub(crate) dp: Zeroizing<Vec<u8>>,
    pub(crate) dq: Zeroizing<Vec<u8>>,
    pub(crate) qinv: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaKey").field("size", &self.size).finish_non_exhaustive()
    }
}

impl RsaKey {
    /// The size it was generated for.
    #[must_use]
    pub fn size(&self) -> ModulusSize {
        self.size
    }

    /// n = p·q, of exactly `size().bits()` bits.
    #[must_use]
    pub fn modulus(&self) -> &[u8] {
        &self.n
    }

    /// d = e⁻¹ mod λ(n), λ(n) = lcm(p−1, q−1). Secret.
    #[must_use]
    pub fn private_exponent(&self) -> &[u8] {
        &self.d
    }

    /// e, 65537.
    #[must_use]
    pub fn public_exponent(&self) -> u32 {
        PUBLIC_EXPONENT
    }

    /// p, the prime found first. Secret.
    #[must_use]
    pub fn p(&self) -> &[u8] {
        &self.p
    }

    /// q, the prime found second. Secret.
    #[must_use]
    pub fn q(&self) -> &[u8] {
        &self.q
    }

    /// d mod (p−1). Secret.
    #[must_use]
    pub fn dp(&self) -> &[u8] {
        &self.dp
    }

    /// d mod (q−1). Secret.
    #[must_use]
    pub fn dq(&self) -> &[u8] {
        &self.dq
    }

    /// q⁻¹ mod p. Secret.
    #[must_use]
    pub fn q_inverse(&self) -> &[u8] {
        &self.qinv
    }

    /// Checks the finished key from its bytes: lengths, p·q = n, p ≡ q ≡ 7 (mod 8), |p − q|,
    /// gcd(p − 1, q − 1), the size of d, e·d ≡ 1 modulo p−1 and q−1, the CRT values.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let len = self.size.prime_words();
        let (n, d) = (int::read(&self.n, 2 * len), int::read(&self.d, 2 * len));
        let (p, q) = (int::read(&self.p, len), int::read(&self.q, len));
        // True for every key that is released.
        let ensure = |holds: u64, what| {
            if ct::public(holds) == 1 { Ok(()) } else { Err(Error::KeyCheck(what)) }
        };

        ensure(n[2 * len - 1] >> 63, "the modulus is short")?;
        let mut product = int::zero(2 * len);
        int::mul(&mut product, &p, &q);
        ensure(int::equal(&product, &n), "p·q is not n")?;
        for prime in [&p, &q] {
            // At least 1.5·2^(k−1), which is above √2·2^(k−1), and ≡ 7 (mod 8).
            let (top, low) = (prime[len - 1] >> 62 ^ 0b11, prime[0] & 0b111 ^ 0b111);
            ensure(int::is_zero_word(top | low), "a prime is short or not 7 modulo 8")?;
        }
        ensure(are_apart(&p, &q), "p and q are close")?;
        ensure(1 ^ int::is_zero(&d[len..]), "d is short")?;
        let lambda = carmichael(&p, &q).ok_or(Error::KeyCheck("p−1 and q−1 have a large common factor"))?;
        ensure(int::less(&d, &lambda), "d is not below λ(n)")?;
        for (prime, crt_exponent) in [(&p, &self.dp), (&q, &self.dq)] {
            ensure(inverts_e(&d, prime), "e·d is not 1 modulo p−1 and q−1")?;
            let crt_exponent = int::read(crt_exponent, len);
            ensure(int::less(&crt_exponent, prime), "dP or dQ is too large")?;
            ensure(inverts_e(&crt_exponent, prime), "dP or dQ is wrong")?;
        }
        let qinv = int::read(&self.qinv, len);
        ensure(int::less(&qinv, &p), "qInv is too large")?;
        int::mul(&mut product, &q, &qinv);
        let mut one = int::zero(2 * len);
        one[0] = 1;
        int::sub(&mut product, &one);
        ensure(is_multiple(&mut product, &p), "qInv is wrong")
    }
}

/// Computes n, d and the CRT values. `None` if det-keygen starts again (p−1 and q−1 have a common
/// factor of 2^32 or more, or e is not invertible modulo λ), or if FIPS 186-5 rejects the pair (p
/// and q are too close, or d is too small). Only rejected primes decide a branch.
pub(crate) fn assemble(size: ModulusSize, p: &[u64], q: &[u64]) -> Option<RsaKey> {
    let len = p.len();
    if ct::public(1 ^ are_apart(p, q)) == 1 {
        return None;
    }
    let lambda = carmichael(p, q)?;
    // det-keygen's steps 22 and 23. A.1.1 criterion 2(a), and with it A.1.3's steps 4.5 and 5.6,
    // gcd(p − 1, e) = gcd(q − 1, e) = 1, hold if e has an inverse modulo λ. Criterion 3(a) holds if
    // d > 2^(nlen/2); d is odd, so it is never 2^(nlen/2) itself.
    let mut d = int::zero(2 * len);
    let exists = int::invert_e(&mut d, &lambda);
    if ct::public(exists & (1 ^ int::is_zero(&d[len..]))) == 0 {
        return None;
    }
    // d mod (p − 1) is the inverse of e modulo p − 1.
    let (mut dp, mut dq, mut qinv) = (int::zero(len), int::zero(len), int::zero(len));
    int::invert_e(&mut dp, &less_one(p));
    int::invert_e(&mut dq, &less_one(q));
    // q < 2^(64·len) < 2p.
    if ct::public(int::invert(&mut qinv, q, p)) == 0 {
        return None;
    }
    let mut n = int::zero(2 * len);
    int::mul(&mut n, p, q);
    ct::publish(&n[..]);
    Some(RsaKey {
        size,
        n: int::write(&n).to_vec(),
        d: int::write(&d),
        p: int::write(p),
        q: int::write(q),
        dp: int::write(&dp),
        dq: int::write(&dq),
        qinv: int::write(&qinv),
    })
}

/// λ(n) = lcm(p − 1, q − 1) for p ≡ q ≡ 3 (mod 4). `None` if gcd(p − 1, q − 1) is 2^32 or more
/// (det-keygen steps 19 to 21).
fn carmichael(p: &[u64], q: &[u64]) -> Option<Words> {
    let len = p.len();
    // The halves of p − 1 and q − 1 are odd. p − 1 keeps the factor 2 of their gcd.
    let (half_p, mut half_q) = (int::half(p), int::half(q));
    let mut gcd = int::zero(len);
    int::gcd(&mut gcd, &half_p, &half_q);
    // It is larger only for primes that are rejected.
    if ct::public(int::is_zero(&gcd[1..]) & int::is_zero_word(gcd[0] >> 31)) == 0 {
        return None;
    }
    int::divide_exact(&mut half_q, gcd[0]);
    let mut lambda = int::zero(2 * len);
    int::mul(&mut lambda, &less_one(p), &half_q);
    Some(lambda)
}

/// 1 if |p − q| > 2^(nlen/2 − 100) (A.1.3 step 5.5): |p − q| − 1 has that bit or one above it.
fn are_apart(p: &[u64], q: &[u64]) -> u64 {
    let len = p.len();
    let mut less_one = int::copy(p);
    let negative = int::mask(int::sub(&mut less_one, q));
    // The complement of a negative number is its absolute value minus one.
    less_one.iter_mut().for_each(|x| *x ^= negative);
    let mut one = int::zero(len);
    one[0] = 1;
    int::sub_masked(&mut less_one, &one, !negative);
    let close = int::is_zero(&less_one[len - 1..]) & int::is_zero_word(less_one[len - 2] >> 28);
    (1 ^ close) & (1 ^ int::equal(p, q))
}

/// 1 if e·d ≡ 1 modulo prime − 1, for a prime ≡ 3 (mod 4): e·d is odd, and 1 modulo the odd half.
/// The Montgomery reductions divide both sides of the comparison by the same power of R.
fn inverts_e(d: &[u64], prime: &[u64]) -> u64 {
    let half = int::half(prime);
    let len = half.len();
    let n0 = montgomery::negated_inverse(&half);
    let (mut wide, mut x, mut one) = (int::zero(2 * len), int::zero(len), int::zero(len));
    wide[..d.len()].copy_from_slice(d);
    montgomery::reduce(&mut x, &mut wide, &half, n0);
    wide.fill(0);
    wide[len] = int::mul_word(&mut wide[..len], &x, u64::from(PUBLIC_EXPONENT), 0);
    montgomery::reduce(&mut x, &mut wide, &half, n0);

    wide.fill(0);
    wide[0] = 1;
    montgomery::reduce(&mut one, &mut wide, &half, n0);
    wide.fill(0);
    wide[..len].copy_from_slice(&one);
    montgomery::reduce(&mut one, &mut wide, &half, n0);
    d[0] & half[0] & 1 & int::equal(&x, &one)
}

/// 1 if the odd n divides a, for a < R·n of twice its length: a/R mod n is 0.
fn is_multiple(a: &mut [u64], n: &[u64]) -> u64 {
    let mut residue = int::zero(n.len());
    montgomery::reduce(&mut residue, a, n, montgomery::negated_inverse(n));
    int::is_zero(&residue)
}

#[cfg(test)]
mod tests {
    use super::are_apart;

    #[test]
    fn primes_are_apart_from_one_above_the_bound() {
        let p = [u64::MAX; 16];
        let bound = |more: u64, q_above: bool| {
            let mut q = p;
            q[14] -= 1 << 28; // 2^(1024 − 100)
            q[0] -= more;
            if q_above { are_apart(&q, &p) } else { are_apart(&p, &q) }
        };
        for q_above in [false, true] {
            assert_eq!([0, 1, 2].map(|more| bound(more, q_above)), [0, 1, 1]);
        }
        assert_eq!(are_apart(&p, &p), 0);
    }
}
