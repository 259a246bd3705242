//! The backends, as values that exist only where the processor can run them.

use core::sync::atomic::{AtomicU8, Ordering};

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

/// What the default backend may need of the processor.
static LIMIT: AtomicU8 = AtomicU8::new(IFMA);
const PORTABLE: u8 = 0;
const AVX2: u8 = 1;
const IFMA: u8 = 2;

/// Which arithmetic the hot loops use. Every backend makes the same keys from the same random source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// 64-bit integers; any architecture.
    Portable,
    /// AVX2: four numbers side by side in limbs of 28 bits. On the curves 64-bit integers, as portable.
    Avx2(Avx2),
    /// AVX-512 IFMA: eight numbers side by side in limbs of 52 bits.
    Ifma(Ifma),
}

impl Backend {
    /// The fastest backend that this processor can run.
    #[must_use]
    pub fn best() -> Self {
        Ifma::new().map(Self::Ifma).or_else(|| Avx2::new().map(Self::Avx2)).unwrap_or(Self::Portable)
    }

    /// Makes this the [`default`](Self::default) backend of the whole process. All backends make the same keys and
    /// signatures: this is for comparing them through what knows of none, and for a processor whose vector units are
    /// not trusted. What is under way, and a [`SigningKey`](crate::rsa::SigningKey) that is there, keep theirs.
    pub fn set_default(self) {
        let limit = match self {
            Self::Portable => PORTABLE,
            Self::Avx2(_) => AVX2,
            Self::Ifma(_) => IFMA,
        };
        LIMIT.store(limit, Ordering::Relaxed);
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

/// The backend that is used wherever none is named: [`Backend::best`], unless [`Backend::set_default`] said another.
impl Default for Backend {
    fn default() -> Self {
        match LIMIT.load(Ordering::Relaxed) {
            PORTABLE => Self::Portable,
            AVX2 => Avx2::new().map_or(Self::Portable, Self::Avx2),
            _ => Self::best(),
        }
    }
}
