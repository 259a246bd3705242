//! Key generation for `csr`: give it a size and a random source, get a checked private key.
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
mod drbg;
pub mod ec;
mod engine;
mod error;
mod int;
mod kernel;
pub mod prime;
pub mod rsa;
mod stack;

pub use backend::{Avx2, Backend, Ifma};
pub use error::Error;
