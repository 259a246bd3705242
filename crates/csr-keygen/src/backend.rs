//! The backends, as values that exist only where the processor can run them.

/// Proof that the processor has AVX-512 IFMA (with the foundation and vector-length extensions).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ifma(());

impl Ifma {
    /// The backend, where this processor can run it.
    #[must_use]
    pub fn new() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512ifma")
        {
            return Some(Self(()));
        }
        None
    }
}

/// Which arithmetic the hot loops use. Every backend makes the same keys from the same random source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// 64-bit integers; any architecture.
    Portable,
    /// AVX-512 IFMA: eight numbers side by side in limbs of 52 bits.
    Ifma(Ifma),
}

impl Backend {
    /// The fastest backend that this processor can run.
    #[must_use]
    pub fn best() -> Self {
        Ifma::new().map_or(Self::Portable, Self::Ifma)
    }

    /// Every backend that this processor can run, the fastest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let ifma = Ifma::new().map(Self::Ifma);
        ifma.into_iter().chain([Self::Portable]).collect()
    }

    /// A short name for reports and benches.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Ifma(_) => "ifma",
        }
    }
}

impl Default for Backend {
    fn default() -> Self {
        Self::best()
    }
}
