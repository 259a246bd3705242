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

/// Proof that the processor has AVX2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Avx2(());

impl Avx2 {
    /// The backend, where this processor can run it.
    #[must_use]
    pub fn new() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
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
    /// AVX2: four numbers side by side in limbs of 28 bits.
    Avx2(Avx2),
    /// AVX-512 IFMA: eight numbers side by side in limbs of 52 bits.
    Ifma(Ifma),
}

impl Backend {
    /// The fastest backend that this processor can run.
    #[must_use]
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Every backend that this processor can run, the fastest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let vector = [Ifma::new().map(Self::Ifma), Avx2::new().map(Self::Avx2)];
        vector.into_iter().flatten().chain([Self::Portable]).collect()
    }

    /// A short name for reports and benches.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2(_) => "avx2",
            Self::Ifma(_) => "ifma",
        }
    }
}

impl Default for Backend {
    fn default() -> Self {
        Self::best()
    }
}
