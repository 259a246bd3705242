//! From two primes to a checked private key (FIPS 186-5 A.1.1, RFC 8017 §3.2).

use core::fmt;

use crypto_bigint::{BoxedUint, ConcatenatingMul, CtEq, CtGt, Gcd, NonZero, Odd, Resize};
use zeroize::Zeroizing;

use super::{ModulusSize, PUBLIC_EXPONENT};
use crate::Error;

/// An RSA private key as RFC 8017 §3.2 writes it. Every number is big-endian and as long as its public size
/// says: n and d as the modulus, the others as a prime. Wiped on drop.
pub struct RsaKey {
    size: ModulusSize,
    n: Vec<u8>,
    pub(super) d: Zeroizing<Vec<u8>>,
    pub(super) p: Zeroizing<Vec<u8>>,
    pub(super) q: Zeroizing<Vec<u8>>,
    pub(super) dp: Zeroizing<Vec<u8>>,
    pub(super) dq: Zeroizing<Vec<u8>>,
    pub(super) qinv: Zeroizing<Vec<u8>>,
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

    /// Checks the finished key whole: the sizes, p·q = n, e·d ≡ 1 modulo p−1 and q−1, the CRT values.
    pub(super) fn check(&self) -> Result<(), Error> {
        let (nlen, plen) = (self.size.bits(), self.size.prime_bits());
        let number = |bytes: &[u8], bits| {
            BoxedUint::from_be_slice(bytes, bits).map(Zeroizing::new).map_err(|_| Error::KeyCheck("length"))
        };
        let n = number(&self.n, nlen)?;
        let (p, q, d) = (number(&self.p, plen)?, number(&self.q, plen)?, number(&self.d, nlen)?);
        let (dp, dq, qinv) = (number(&self.dp, plen)?, number(&self.dq, plen)?, number(&self.qinv, plen)?);
        let ensure = |holds: bool, what| if holds { Ok(()) } else { Err(Error::KeyCheck(what)) };

        ensure(n.bit_width() == nlen, "the modulus is short")?;
        ensure(p.bit_width() == plen && q.bit_width() == plen, "a prime is short")?;
        ensure(p.concatenating_mul(&*q).ct_eq(&n).into(), "p·q is not n")?;

        let e = BoxedUint::from(PUBLIC_EXPONENT);
        for (prime, crt_exponent) in [(&p, &dp), (&q, &dq)] {
            let totient = minus_one(prime)?;
            let ed = Zeroizing::new(d.concatenating_mul(&e));
            ensure(Zeroizing::new(ed.rem(&totient)).is_one().into(), "e·d is not 1 modulo p−1 and q−1")?;
            ensure(Zeroizing::new(d.rem(&totient)).ct_eq(crt_exponent).into(), "dP or dQ is wrong")?;
        }
        let p_nonzero = NonZero::new((*p).clone()).into_option().ok_or(Error::KeyCheck("p is zero"))?;
        let product = Zeroizing::new(q.concatenating_mul(&*qinv));
        ensure(Zeroizing::new(product.rem(&p_nonzero)).is_one().into(), "qInv is wrong")
    }
}

/// Computes n, d and the CRT values. `None` where FIPS 186-5 or det-keygen start again: p and q too close, a
/// common factor of p−1 and q−1 of 2^32 or more, e not invertible modulo λ, or d too small.
pub(super) fn assemble(size: ModulusSize, p: &Odd<BoxedUint>, q: &Odd<BoxedUint>) -> Option<RsaKey> {
    let (nlen, plen) = (size.bits(), size.prime_bits());
    // A.1.3 step 5.4: |p − q| > 2^(nlen/2 − 100).
    let p_is_larger = p.as_ref().ct_gt(q.as_ref());
    let distance = if p_is_larger.into() { p.wrapping_sub(q.as_ref()) } else { q.wrapping_sub(p.as_ref()) };
    if Zeroizing::new(distance).bit_width() <= plen - 100 {
        return None;
    }

    let (p1, q1) = (minus_one(p).ok()?, minus_one(q).ok()?);
    let gcd = Zeroizing::new(p1.gcd(&q1).get());
    if gcd.bit_width() > 32 {
        return None;
    }
    // λ = (p−1)·((q−1)/gcd), an exact division by a number of at most 32 bits.
    let gcd_nonzero = NonZero::new((*gcd).clone()).into_option()?;
    let (q1_reduced, _) = q1.div_rem(&gcd_nonzero);
    let q1_reduced = Zeroizing::new(q1_reduced);
    let lambda = Zeroizing::new(p1.concatenating_mul(&*q1_reduced));
    let modulus = NonZero::new((*lambda).clone()).into_option()?;
    let e = BoxedUint::from(PUBLIC_EXPONENT).resize_unchecked(nlen);
    let d = Zeroizing::new(e.invert_mod(&modulus).into_option()?);
    // A.1.1 criterion 3: 2^(nlen/2) < d.
    if d.bit_width() <= plen {
        return None;
    }

    let fixed =
        |value: &BoxedUint, bits: u32| Zeroizing::new(value.resize_unchecked(bits).to_be_bytes().to_vec());
    let (dp, dq) = (Zeroizing::new(d.rem(&p1)), Zeroizing::new(d.rem(&q1)));
    let qinv = Zeroizing::new(q.as_ref().invert_odd_mod(p).into_option()?);
    Some(RsaKey {
        size,
        n: p.as_ref().concatenating_mul(q.as_ref()).to_be_bytes().to_vec(),
        d: fixed(&d, nlen),
        p: fixed(p, plen),
        q: fixed(q, plen),
        dp: fixed(&dp, plen),
        dq: fixed(&dq, plen),
        qinv: fixed(&qinv, plen),
    })
}

fn minus_one(prime: &BoxedUint) -> Result<NonZero<BoxedUint>, Error> {
    let even = prime.wrapping_sub(BoxedUint::one());
    NonZero::new(even).into_option().ok_or(Error::KeyCheck("a prime is one"))
}
