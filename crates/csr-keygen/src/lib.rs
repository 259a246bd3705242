//! Key generation and signatures for `csr`: from a size or a curve and a random source to a checked
//! private key, and from a key and a digest to a signature.
//!
//! ```
//! use csr_keygen::rsa::{self, ModulusSize};
//! use sha2::{Digest, Sha256};
//!
//! let key = rsa::generate(ModulusSize::Bits2048, &mut getrandom::SysRng)?;
//! assert_eq!(key.modulus().len(), 256);
//! let signature = key.sign_digest(&Sha256::digest(b"message"), &mut getrandom::SysRng)?;
//! assert_eq!(signature.len(), 256);
//! # Ok::<(), csr_keygen::Error>(())
//! ```
//!
//! [`curve`] has the same calls for P-256, P-384 and SM2.
//!
//! # Backends
//!
//! A [`Backend`] is the arithmetic that the hot loops use. Every operation uses the fastest one
//! that this processor runs, and has a twin that takes the backend as its first argument:
//! `generate` and `generate_with`, `sign_digest` and `sign_digest_with`, and so on. All backends
//! give the same keys and signatures from the same random source.
//!
//! # Modules
//!
//! `rsa` and `curve` hold what only RSA or only the curves use. The root holds what both use:
//! `backend`, `ct` (constant-time marks), `random` (the caller's random source), `digest`, `drbg`,
//! `limbs` and `safegcd` (arithmetic), `vector` (raw loads and stores, optimization barriers) and
//! `stack`.
//! Modules use what stands beside or below them, never above.

#![deny(unsafe_code)]

mod backend;
mod ct;
pub mod curve;
mod digest;
mod drbg;
mod error;
mod limbs;
mod random;
pub mod rsa;
mod safegcd;
mod stack;
#[cfg(target_arch = "x86_64")]
mod vector;

pub use backend::{Avx2, Backend, Ifma};
pub use digest::Digest;
pub use drbg::MIN_SEED_OCTETS;
pub use error::Error;

/// For benches and tests, and no part of the interface: it may change in any version.
pub mod testing {
    pub use crate::backend::set_default_backend;
    pub use crate::rsa::miller_rabin::{MAX_PRIME_BITS, is_probable_prime, passes_round};
    pub use crate::rsa::testing::primes_among;
}
