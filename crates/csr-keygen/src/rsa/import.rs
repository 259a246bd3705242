//! Imported private keys: read, checked whole, prepared for signing.
//!
//! The check covers what FIPS 186-5 A.1.1 asks of a key, as far as sound keys of other tools keep
//! to it, and what makes a key weak:
//!
//! | number | must be |
//! |---|---|
//! | n | 2048 to 8192 bits, p·q, no key of CVE-2017-15361 (ROCA) |
//! | p, q | probable primes (B.3.1, random bases), each at least a third as long as n, \|p − q\| > 2^(nlen/2 − 100), neither p ± 1 nor q ± 1 a product of small primes |
//! | e | odd, 2 < e < 2^256 |
//! | d | 2^(nlen/2) < d < n, e·d ≡ 1 modulo p − 1 and q − 1 (taken modulo λ(n) or φ(n)) |
//! | dP, dQ, qInv | exactly those of RFC 8017 §3.2 |
//!
//! A.1.1 also asks for e > 2^16 and √2·2^(nlen/2−1) ≤ p, q < 2^(nlen/2). Neither is checked here:
//! keys with e = 3 and keys of odd sizes are in use and sound, and Python's `rsa` makes primes of
//! 1088 and 960 bits for 2048. A prime of a third of n's bits is as far from the elliptic-curve
//! method as n is from the number field sieve.
//!
//! All arithmetic is wiped and constant in time. The time of a refusal reveals which check the key
//! failed. Its lengths are public.

mod weak;

use chacha20::ChaCha20Rng;
use rand_core::TryCryptoRng;

use crate::random::seeded_from;
use crate::rsa::any_size::{AnySizeKey, AnySizePrime};
use crate::rsa::crt::KeyNumbers;
use crate::rsa::int::{self, Words, at_most, bit_length};
use crate::rsa::miller_rabin::first_composite;
use crate::rsa::montgomery::{AnySizeModulus, BLOCK, subtract_once};
use crate::rsa::padding::Scheme;
use crate::rsa::sign::{DEFAULT_SCHEME, RsaSigner};
use crate::rsa::size::{ModulusSize, PUBLIC_EXPONENT};
use crate::{Backend, Error, ct, stack};

/// The moduli that are taken, in bits.
const MODULUS_BITS: core::ops::RangeInclusive<usize> = 2048..=8192;
/// The longest public exponent, in bits (FIPS 186-5 A.1.1 criterion 1(b)).
const EXPONENT_BITS_MAX: usize = 256;

/// Whether a public modulus, big-endian, has the form of the keys of CVE-2017-15361 (ROCA), which
/// others can factor.
///
/// ```
/// assert!(!csr_keygen::rsa::has_roca_fingerprint(&[0xc5; 256]));
/// ```
#[must_use]
pub fn has_roca_fingerprint(modulus: &[u8]) -> bool {
    weak::has_roca_fingerprint(&int::read(modulus, modulus.len().div_ceil(8)))
}

/// The numbers of a private key to import (RFC 8017 A.1.2), big-endian, with or without leading
/// zeros.
#[derive(Clone, Copy)]
pub struct Components<'k> {
    /// The modulus n.
    pub n: &'k [u8],
    /// The public exponent.
    pub e: &'k [u8],
    /// The private exponent.
    pub d: &'k [u8],
    /// The first prime.
    pub p: &'k [u8],
    /// The second prime.
    pub q: &'k [u8],
    /// d mod (p−1).
    pub dp: &'k [u8],
    /// d mod (q−1).
    pub dq: &'k [u8],
    /// q⁻¹ mod p.
    pub qinv: &'k [u8],
}

/// An imported private key, checked whole and prepared for signing. Wiped on drop.
///
/// Keys of 2048, 3072 and 4096 bits with two primes of half that length and e = 65537 sign like
/// generated ones. Other keys take several times as long.
///
/// ```
/// use csr_keygen::rsa::{self, Components, ImportedKey, ModulusSize};
/// use sha2::{Digest, Sha256};
///
/// let key = rsa::generate(ModulusSize::Bits2048, &mut getrandom::SysRng)?;
/// let components = Components {
///     n: key.modulus(),
///     e: &[1, 0, 1],
///     d: key.private_exponent(),
///     p: key.p(),
///     q: key.q(),
///     dp: key.dp(),
///     dq: key.dq(),
///     qinv: key.q_inverse(),
/// };
/// let imported = ImportedKey::new(&components, &mut getrandom::SysRng)?;
/// let digest = Sha256::digest(b"message");
/// let signature = imported.sign_digest(&digest, &mut getrandom::SysRng)?;
/// assert_eq!(signature.len(), 256);
///
/// let swapped = Components { p: key.q(), q: key.p(), ..components };
/// let error = ImportedKey::new(&swapped, &mut getrandom::SysRng).unwrap_err();
/// assert!(matches!(error, csr_keygen::Error::InconsistentKey(_)));
/// # Ok::<(), csr_keygen::Error>(())
/// ```
pub struct ImportedKey {
    bits: usize,
    pub(crate) signer: ImportedSigner,
}

pub(crate) enum ImportedSigner {
    Lanes(RsaSigner),
    AnySize(Box<AnySizeKey>),
}

impl core::fmt::Debug for ImportedKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ImportedKey").field("bits", &self.bits).finish_non_exhaustive()
    }
}

impl ImportedKey {
    /// Reads a key and checks every number: that they belong together, that p and q are prime, and
    /// that the key is not one of those known to be weak. `rng` gives 32 bytes for the bases of the
    /// primality tests.
    ///
    /// # Errors
    ///
    /// [`Error::UnsuitableKey`] if the modulus or the public exponent does not have a supported
    /// length, [`Error::InconsistentKey`] if the numbers don't belong together,
    /// [`Error::WeakKey`] if they do but give no secrecy, [`Error::RandomSource`] if `rng` fails.
    /// Messages name the numbers as RFC 8017 A.1.2 does.
    pub fn new<R: TryCryptoRng + ?Sized>(key: &Components<'_>, rng: &mut R) -> Result<Self, Error> {
        Self::new_with(Backend::default(), key, rng)
    }

    /// [`new`](Self::new) on a chosen backend: the same verdict.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn new_with<R: TryCryptoRng + ?Sized>(
        backend: Backend,
        key: &Components<'_>,
        rng: &mut R,
    ) -> Result<Self, Error> {
        stack::wiped::<{ stack::DEEP }, _>(|| {
            let mut bases = seeded_from(rng)?;
            let parts = KeyParts::read(key)?;
            parts.check(backend, &mut bases)?;
            Ok(parts.into_key())
        })
    }

    /// The length of the modulus in bits.
    #[must_use]
    pub fn modulus_bits(&self) -> u32 {
        u32::try_from(self.bits).unwrap_or_default()
    }

    /// The length of a signature in bytes.
    #[must_use]
    pub fn signature_len(&self) -> usize {
        self.bits.div_ceil(8)
    }

    /// The RSASSA-PKCS1-v1_5 signature (RFC 8017 §8.2.1) of a SHA-256 digest. `rng` gives 32 bytes
    /// for the blinding.
    ///
    /// # Errors
    ///
    /// [`Error::DigestLength`] if the digest does not have 32 octets, [`Error::RandomSource`] if
    /// `rng` fails, [`Error::SignatureFault`] if the signature does not verify; it is wiped then.
    pub fn sign_digest<R: TryCryptoRng + ?Sized>(
        &self,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        self.sign_digest_with(Backend::default(), digest, rng)
    }

    /// [`sign_digest`](Self::sign_digest) on a chosen backend: the same signature. Keys that
    /// differ from generated ones in their sizes or in e use portable arithmetic on every backend.
    ///
    /// # Errors
    ///
    /// As [`sign_digest`](Self::sign_digest).
    pub fn sign_digest_with<R: TryCryptoRng + ?Sized>(
        &self,
        backend: Backend,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        self.sign_with(backend, DEFAULT_SCHEME, digest, rng)
    }

    /// The signature of a digest with this scheme. `rng` gives the salt of PSS, and 32 bytes for
    /// the blinding.
    ///
    /// # Errors
    ///
    /// [`Error::DigestLength`] if the digest is not as long as those of the scheme's hash function,
    /// [`Error::RandomSource`] if `rng` fails, [`Error::SignatureFault`] if the signature does not
    /// verify; it is wiped then.
    pub fn sign<R: TryCryptoRng + ?Sized>(
        &self,
        scheme: Scheme,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        self.sign_with(Backend::default(), scheme, digest, rng)
    }

    /// [`sign`](Self::sign) on a chosen backend: the same signature from the same `rng`. Keys that
    /// differ from generated ones in their sizes or in e use portable arithmetic on every backend.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub fn sign_with<R: TryCryptoRng + ?Sized>(
        &self,
        backend: Backend,
        scheme: Scheme,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        match &self.signer {
            ImportedSigner::Lanes(key) => key.sign_with(backend, scheme, digest, rng),
            ImportedSigner::AnySize(key) => stack::wiped::<{ stack::DEEP }, _>(|| {
                let encoded = scheme.encode(digest, self.bits, rng)?;
                let message = int::read(&encoded, key.n.n.len());
                key.private_op(&message, &mut seeded_from(rng)?)
            }),
        }
    }
}

/// What may be wrong with the first or the second of two numbers.
type Either = [&'static str; 2];

const NOT_PRIME: Either = ["prime1 is not a prime number", "prime2 is not a prime number"];
const SHORT: Either = [
    "prime1 has less than a third of the modulus's bits",
    "prime2 has less than a third of the modulus's bits",
];
const NOT_INVERSE: Either = [
    "privateExponent times publicExponent is not 1 modulo prime1 - 1",
    "privateExponent times publicExponent is not 1 modulo prime2 - 1",
];
const WRONG_EXPONENT: Either = [
    "exponent1 is not privateExponent modulo prime1 - 1",
    "exponent2 is not privateExponent modulo prime2 - 1",
];
const SMOOTH: Either = [
    "prime1 - 1 or prime1 + 1 has small prime factors only, so that the modulus is easy to factor",
    "prime2 - 1 or prime2 + 1 has small prime factors only, so that the modulus is easy to factor",
];
const WRONG_PRODUCT: &str = "prime1 times prime2 is not the modulus";
const WRONG_COEFFICIENT: &str = "coefficient is not the inverse of prime2 modulo prime1";
const LARGE_D: &str = "privateExponent is not below the modulus";
const SAME: &str = "prime1 and prime2 are the same, so that the modulus is a square";
const CLOSE: &str =
    "prime1 and prime2 are too close to each other, so that Fermat's method factors the modulus";
const SHORT_D: &str =
    "privateExponent has no more than half the modulus's bits, so that Wiener's method finds it";
const BAD_E: &str = "publicExponent must be odd and at least 3";
const ROCA: &str = "its modulus has the form of CVE-2017-15361 (ROCA)";

/// A key's numbers as words. The primes and the numbers below them have one length, n and d twice
/// that.
pub(crate) struct KeyParts {
    bits: usize,
    n: Words,
    /// Without leading zeros.
    pub(crate) e: Vec<u8>,
    d: Words,
    primes: [PrimeParts; 2],
    qinv: Words,
}

struct PrimeParts {
    bits: usize,
    value: Words,
    /// d mod (p−1).
    exponent: Words,
}

fn ensure(holds: u64, error: Error) -> Result<(), Error> {
    // True for every key that is accepted.
    if ct::public(holds) == 1 { Ok(()) } else { Err(error) }
}

impl KeyParts {
    /// Reads the numbers, none of which may be longer than a sound key's.
    pub(crate) fn read(key: &Components<'_>) -> Result<Self, Error> {
        let bits = bit_length(key.n);
        if !MODULUS_BITS.contains(&bits) {
            return Err(Error::UnsuitableKey("the modulus must have 2048 to 8192 bits"));
        }
        let prime_bits = [key.p, key.q].map(bit_length);
        if prime_bits.iter().any(|prime| *prime > bits) {
            return Err(Error::InconsistentKey(WRONG_PRODUCT));
        }
        let [longest, half] =
            [prime_bits[0].max(prime_bits[1]), bits.div_ceil(2)].map(|bits| bits.div_ceil(64));
        let len = longest.max(half).next_multiple_of(BLOCK);
        let read = |bytes, len, or| {
            let bytes = at_most(8 * len, bytes).ok_or(Error::InconsistentKey(or))?;
            let number = int::read(bytes, len);
            ct::secret(&number[..]);
            Ok(number)
        };
        let prime = |i: usize, value, exponent| {
            Ok(PrimeParts {
                bits: prime_bits[i],
                value: read(value, len, WRONG_PRODUCT)?,
                exponent: read(exponent, len, WRONG_EXPONENT[i])?,
            })
        };
        Ok(Self {
            bits,
            n: int::read(int::trimmed(key.n), 2 * len),
            e: int::trimmed(key.e).to_vec(),
            d: read(key.d, 2 * len, LARGE_D)?,
            primes: [prime(0, key.p, key.dp)?, prime(1, key.q, key.dq)?],
            qinv: read(key.qinv, len, WRONG_COEFFICIENT)?,
        })
    }

    fn check(&self, backend: Backend, bases: &mut ChaCha20Rng) -> Result<(), Error> {
        self.check_primes(backend, bases)?;
        self.check_exponents()?;
        let [p, q] = self.values();
        let product = int::product(q, &self.qinv);
        let inverts = int::equals_word(&remainder(&product, p), 1) & int::less(&self.qinv, p);
        ensure(inverts, Error::InconsistentKey(WRONG_COEFFICIENT))
    }

    fn values(&self) -> [&[u64]; 2] {
        self.primes.each_ref().map(|prime| &prime.value[..])
    }

    /// Checks that p·q = n, and p and q themselves.
    fn check_primes(&self, backend: Backend, bases: &mut ChaCha20Rng) -> Result<(), Error> {
        let [p, q] = self.values();
        ensure(int::equal(&int::product(p, q), &self.n), Error::InconsistentKey(WRONG_PRODUCT))?;
        for (prime, i) in self.primes.iter().zip(0..) {
            ensure(u64::from(prime.bits >= self.bits / 3), Error::WeakKey(SHORT[i]))?;
            ensure(prime.value[0] & 1, Error::WeakKey(NOT_PRIME[i]))?;
        }
        ensure(1 ^ int::equal(p, q), Error::WeakKey(SAME))?;
        ensure(weak::multiples_are_apart(p, q, self.bits), Error::WeakKey(CLOSE))?;
        if weak::has_roca_fingerprint(&self.n) {
            return Err(Error::WeakKey(ROCA));
        }
        let bits = self.primes.each_ref().map(|prime| prime.bits);
        if let Some(i) = first_composite(backend, [p, q], bits, bases) {
            return Err(Error::WeakKey(NOT_PRIME[i]));
        }
        for (prime, i) in [p, q].into_iter().zip(0..) {
            ensure(1 ^ weak::has_smooth_neighbour(prime), Error::WeakKey(SMOOTH[i]))?;
        }
        Ok(())
    }

    /// Checks e, d, dP and dQ. dP is d mod (p−1) and e·dP ≡ 1, from which e·d ≡ 1 follows.
    fn check_exponents(&self) -> Result<(), Error> {
        ensure(int::less(&self.d, &self.n), Error::InconsistentKey(LARGE_D))?;
        let e_is_odd = self.e.last().is_some_and(|byte| byte & 1 == 1);
        if !e_is_odd || self.e == [1] {
            return Err(Error::WeakKey(BAD_E));
        }
        for (prime, i) in self.primes.iter().zip(0..) {
            let order = int::less_one(&prime.value);
            let residue = remainder(&self.d, &order);
            let e = int::read(&self.e, self.e.len().div_ceil(8));
            let inverts = int::equals_word(&remainder(&int::product(&residue, &e), &order), 1);
            ensure(inverts, Error::InconsistentKey(NOT_INVERSE[i]))?;
            let exact = int::equal(&residue, &prime.exponent);
            ensure(exact, Error::InconsistentKey(WRONG_EXPONENT[i]))?;
        }
        // A.1.1 criterion 3(a). 2^(nlen/2) itself is even, d is not.
        let half = self.bits / 2;
        let above = (self.d[half / 64] >> (half % 64)) | (1 ^ int::is_zero(&self.d[half / 64 + 1..]));
        ensure(1 ^ int::is_zero_word(above), Error::WeakKey(SHORT_D))?;
        if bit_length(&self.e) > EXPONENT_BITS_MAX {
            return Err(Error::UnsuitableKey("the public exponent must have at most 256 bits"));
        }
        Ok(())
    }

    /// The checked key, on the engines if it has the shape of a generated one.
    pub(crate) fn into_key(self) -> ImportedKey {
        let Self { bits, n, e, primes: [p, q], qinv, .. } = self;
        let size = ModulusSize::ALL.into_iter().find(|size| {
            let prime_bits = size.prime_bits() as usize;
            size.bits() as usize == bits && p.bits == prime_bits && q.bits == prime_bits
        });
        let signer = match size {
            Some(size) if e == PUBLIC_EXPONENT.to_be_bytes()[1..] => {
                let numbers = KeyNumbers { n, p: p.value, q: q.value, dp: p.exponent, dq: q.exponent, qinv };
                ImportedSigner::Lanes(RsaSigner { size, numbers })
            }
            _ => ImportedSigner::AnySize(Box::new(AnySizeKey {
                n: AnySizeModulus::new(&n[..bits.div_ceil(64).next_multiple_of(BLOCK)], bits),
                e,
                primes: [p, q].map(|prime| AnySizePrime {
                    modulus: AnySizeModulus::new(&prime.value, prime.bits),
                    exponent: prime.exponent,
                }),
                qinv,
            })),
        };
        ImportedKey { bits, signer }
    }
}

/// a mod m for m > 1, odd or even, bit by bit.
fn remainder(a: &[u64], m: &[u64]) -> Words {
    let mut rest = int::zero(m.len());
    for word in a.iter().rev() {
        for bit in (0..64).rev() {
            let mut carry = word >> bit & 1;
            for x in rest.iter_mut() {
                (*x, carry) = (*x << 1 | carry, *x >> 63);
            }
            // 2·rest + bit < 2m.
            subtract_once(&mut rest, carry, m);
        }
    }
    rest
}
