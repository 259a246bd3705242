//! The backends, as values that exist only if the processor can run them.

use core::sync::atomic::{AtomicU8, Ordering};

/// Proof that the processor has AVX-512 IFMA (with the foundation and vector-length extensions).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ifma(());

impl Ifma {
    /// The proof, if this processor has the instructions.
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
    /// The proof, if this processor has the instructions.
    #[must_use]
    pub fn new() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            return Some(Self(()));
        }
        None
    }
}

/// The most that the default backend may need of the processor.
static LIMIT: AtomicU8 = AtomicU8::new(IFMA);
const PORTABLE: u8 = 0;
const AVX2: u8 = 1;
const IFMA: u8 = 2;

/// The arithmetic of the hot loops. Every backend gives the same keys and signatures from the same
/// random source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// 64-bit integers; any architecture.
    Portable,
    /// AVX2: four numbers side by side in limbs of 28 bits. The curves use 64-bit integers, as the
    /// portable backend does.
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

/// Makes this the default backend of the whole process. It compares backends through callers that
/// know of none. Only operations that start afterwards use it.
pub fn set_default_backend(backend: Backend) {
    let limit = match backend {
        Backend::Portable => PORTABLE,
        Backend::Avx2(_) => AVX2,
        Backend::Ifma(_) => IFMA,
    };
    LIMIT.store(limit, Ordering::Relaxed);
}

/// The backend of the calls that take none: [`Backend::best`], unless
/// `testing::set_default_backend` set another.
impl Default for Backend {
    fn default() -> Self {
        match LIMIT.load(Ordering::Relaxed) {
            PORTABLE => Self::Portable,
            AVX2 => Avx2::new().map_or(Self::Portable, Self::Avx2),
            _ => Self::best(),
        }
    }
}
