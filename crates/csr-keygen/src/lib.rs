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

pub mod curve;
mod error;
pub mod rsa;

pub use error::Error;
