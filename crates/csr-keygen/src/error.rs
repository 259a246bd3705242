/// Why no key was made, or no signature. No variant carries secret material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The random source reported a failure; its own message is kept.
    #[error("the random source failed: {0}")]
    RandomSource(String),
    /// The random source repeated itself: two successive draws were equal.
    #[error("the random source is stuck: two successive draws were equal")]
    StuckSource,
    /// No key turned up within the bounds of FIPS 186-5 A.1.3, several times over: too few primes among the
    /// candidates, or pairs of primes that make no key. A working random source reaches this with negligible
    /// probability.
    #[error("no key was found within the candidate limit of FIPS 186-5 A.1.3")]
    CandidateLimit,
    /// The finished key failed its own check; it was wiped.
    #[error("the generated key failed its consistency check: {0}")]
    KeyCheck(&'static str),
    /// A number, or a private key's numbers, have lengths that are not taken.
    #[error("not an RSA private key that this engine can use: {0}")]
    UnsuitableKey(&'static str),
    /// The numbers of a private key don't belong together.
    #[error("the numbers of the RSA key don't belong together: {0}")]
    InconsistentKey(&'static str),
    /// A private key that others can find from its public half.
    #[error("the RSA key is weak: {0}")]
    WeakKey(&'static str),
    /// The number to sign is not below the modulus.
    #[error("the message representative is out of range")]
    MessageRange,
    /// The signature did not verify against the public key and was wiped: a fault, or a damaged key.
    #[error("the signature did not verify and was not released")]
    SignatureFault,
    /// The random source gave no private scalar in range in several draws. A working one reaches this with a
    /// probability of 2^-256.
    #[error("the random source gave no scalar in the curve's range")]
    NoScalar,
    /// An imported private scalar has the wrong length or is not in the curve's range.
    #[error("the private scalar is not in the curve's range")]
    InvalidScalar,
    /// A digest to sign is not as long as the one that the curve signs.
    #[error("the digest has {actual} octets instead of {expected}")]
    DigestLength {
        /// What the curve signs: 32 octets, on P-384 48.
        expected: usize,
        /// What was given.
        actual: usize,
    },
    /// No key follows from this seed.
    #[error("no key follows from the seed: {0}")]
    Seed(&'static str),
}
