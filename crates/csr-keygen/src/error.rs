//! The errors of the crate.

/// The reason why there is no key or no signature. No variant carries secret material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The random source reported a failure; its own message is kept.
    #[error("the random source failed: {0}")]
    RandomSource(String),
    /// The random source repeated itself: two successive draws were equal.
    #[error("the random source is stuck: two successive draws were equal")]
    StuckSource,
    /// Several searches found no key within the limits of FIPS 186-5 A.1.3: too few of the
    /// candidates were prime, or the pairs of primes made no key. With a working random source this
    /// has a negligible probability.
    #[error("no key was found within the candidate limit of FIPS 186-5 A.1.3")]
    CandidateLimit,
    /// The finished key failed its own check; it was wiped.
    #[error("the generated key failed its consistency check: {0}")]
    KeyCheck(&'static str),
    /// A number, or a private key's numbers, cannot be used by this engine. The message says what
    /// they must be.
    #[error("the RSA key cannot be used: {0}")]
    UnsuitableKey(&'static str),
    /// The numbers of a private key don't belong together.
    #[error("the numbers of the RSA key don't belong together: {0}")]
    InconsistentKey(&'static str),
    /// A private key that others can find from its public half.
    #[error("the RSA key is weak: {0}")]
    WeakKey(&'static str),
    /// The number to sign is not below the modulus.
    #[error("the message representative must be below the modulus")]
    MessageRange,
    /// The signature did not verify with the public key and was wiped: a hardware fault, or a
    /// damaged key.
    #[error("the signature did not verify and was not released")]
    SignatureFault,
    /// Several draws of the random source gave no private scalar in range. With a working source
    /// this has a probability of 2^-256.
    #[error("the random source gave no scalar in the curve's range")]
    NoScalar,
    /// An imported private scalar has the wrong length or is not in the curve's range.
    #[error("the private scalar must have the curve's length and be in its range")]
    InvalidScalar,
    /// The digest to sign has the wrong length for the key.
    #[error("the digest must have {} octets, not {actual}", alternatives(.expected))]
    DigestLength {
        /// The lengths that the key signs, in octets.
        expected: &'static [usize],
        /// The length of the digest.
        actual: usize,
    },
    /// No key can be derived from this seed.
    #[error("no key can be derived from the seed: {0}")]
    Seed(&'static str),
}

/// Numbers as in `32, 48 or 64`.
fn alternatives(numbers: &[usize]) -> String {
    let texts: Vec<_> = numbers.iter().map(usize::to_string).collect();
    match texts.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => texts.concat(),
    }
}
