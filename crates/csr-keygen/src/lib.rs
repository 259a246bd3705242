//! Key generation and signatures for `csr`: give it a size or a curve and a random source, get a checked private key.
//!
//! ```
//! use csr_keygen::rsa::{self, ModulusSize};
//!
//! let key = rsa::generate(ModulusSize::Bits2048, &mut getrandom::SysRng)?;
//! assert_eq!(key.modulus().len(), 256);
//! # Ok::<(), csr_keygen::Error>(())
//! ```

#![deny(unsafe_code)]

mod backend;
mod ct;
pub mod curve;
mod drbg;
mod engine;
mod error;
mod int;
mod kernel;
#[cfg(target_arch = "x86_64")]
mod opaque;
pub mod prime;
pub mod rsa;
mod safegcd;
mod stack;

pub use backend::{Avx2, Backend, Ifma};
pub use error::Error;

/// The shortest seed that c2sp.org/det-keygen allows, in octets.
pub const MIN_SEED_OCTETS: usize = 16;
const SHORT_SEED: &str = "det-keygen wants at least 16 octets";
