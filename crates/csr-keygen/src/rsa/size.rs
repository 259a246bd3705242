//! The sizes of keys, and the numbers that FIPS 186-5 fixes for each.

/// The public exponent of every generated key, F4 = 2^16 + 1.
pub const PUBLIC_EXPONENT: u32 = 65_537;

/// The size of the modulus n.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModulusSize {
    /// 2048 bits: two primes of 1024 bits.
    Bits2048,
    /// 3072 bits: two primes of 1536 bits.
    Bits3072,
    /// 4096 bits: two primes of 2048 bits.
    Bits4096,
}

impl ModulusSize {
    /// Every size, the shortest first.
    pub const ALL: [Self; 3] = [Self::Bits2048, Self::Bits3072, Self::Bits4096];

    /// The length of n in bits (nlen in FIPS 186-5).
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Bits2048 => 2048,
            Self::Bits3072 => 3072,
            Self::Bits4096 => 4096,
        }
    }

    /// The length of each prime in bits: half the modulus.
    #[must_use]
    pub const fn prime_bits(self) -> u32 {
        self.bits() / 2
    }

    /// The length of each prime in bytes: one draw of the random source.
    pub(crate) const fn prime_bytes(self) -> usize {
        self.prime_bits() as usize / 8
    }

    /// The length of each prime in words of 64 bits.
    pub(crate) const fn prime_words(self) -> usize {
        self.prime_bits() as usize / 64
    }

    /// The number of Miller–Rabin rounds with random bases (FIPS 186-5 Table B.1). The error
    /// probability is at most 2^-112 for primes of 1024 bits and 2^-128 for the longer ones.
    pub(crate) const fn miller_rabin_rounds(self) -> usize {
        match self {
            Self::Bits2048 => 5,
            Self::Bits3072 | Self::Bits4096 => 4,
        }
    }

    /// The number of pairs of primes whose exponentiations fill whole batches of eight. With the
    /// two of the pairwise test, a pair takes twelve exponentiations for 2048 bits and ten for the
    /// others.
    pub(crate) const fn pairs_per_whole_batch(self) -> usize {
        match self {
            Self::Bits2048 => 2,
            Self::Bits3072 | Self::Bits4096 => 4,
        }
    }
}
