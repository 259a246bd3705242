//! Makes private keys and PKCS#10 CSRs that every tool accepts, on your own machine.
//!
//! The whole way is one call:
//!
//! ```
//! use csr_core::{CreateCsrRequest, KeyFormat};
//!
//! let request = CreateCsrRequest::from_json(
//!     br#"{"name": "web", "domain_name": "example.com", "sans": "www.example.com;192.0.2.7",
//!         "private_key_algo": "EC_P256", "usage": "PERSONAL"}"#,
//! )?;
//! let created = csr_core::create(&request)?;
//! std::fs::write(std::env::temp_dir().join("web.csr"), created.csr.to_pem())?;
//! let key_pem = created.key.to_pem(KeyFormat::Pkcs8)?; // wiped when it is dropped
//! # assert!(key_pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It consists of three:
//!
//! 1. [`CsrSpec::from_request`] decides what goes into the CSR, or reports all faults;
//! 2. [`KeyPair::generate`] makes the key (or [`KeyPair::import`] reads one);
//! 3. [`Csr::sign`] encodes and signs the CSR.
//!
//! [`inspect()`] reads any CSR, whoever made it, and says whether its signature holds.
//!
//! # For dependents
//!
//! - Arithmetic without optimisation is slow: an RSA_4096 key takes about ten seconds.
//!   `[profile.dev.package."*"]` with `opt-level = 3` in the `Cargo.toml` of your workspace optimises
//!   dependencies in debug builds.
//! - An RSA key takes 5 to 50 ms of one core. Under tokio, make it in `spawn_blocking`.
//! - On `wasm32-unknown-unknown`, depend on `getrandom` with its feature `wasm_js`, which takes randomness from the browser.

#![forbid(unsafe_code)]

mod csr;
mod encoder;
mod error;
mod fault;
mod input;
pub mod inspect;
mod key;
mod name;
mod oid;
mod pem;
#[cfg(feature = "private-file")]
pub mod private_file;
#[cfg(feature = "rcgen")]
mod rcgen_key;
mod rng;
mod sm2_id;
mod spec;
mod tag;

use rand_core::TryCryptoRng;

pub use csr_model::{CreateCsrRequest, PrivateKeyAlgo, RequestError, Usage, Violations};

pub use csr::Csr;
pub use error::Error;
pub use fault::{Fault, Faults, Field, Reason};
pub use inspect::{InspectError, Inspection, SignatureStatus, inspect};
pub use key::{KeyAlgorithm, KeyFormat, KeyImportError, KeyPair, OtherFile};
pub use name::{DnsName, EmailAddress, San, Subject, SubjectAttribute, UriName};
pub use oid::{Oid, OidError};
pub use pem::{Label, PemError};
#[cfg(feature = "rcgen")]
pub use rcgen_key::RcgenKey;
pub use rng::fresh_rng;
pub use sm2_id::{Sm2Identity, Sm2IdentityTooLong};
pub use spec::{BasicConstraints, CsrSpec, CsrSpecBuilder, ExtendedKeyUsage, KeyUsage};

/// A new key and its CSR.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Created {
    /// The content of the CSR.
    pub spec: CsrSpec,
    /// The private key. Wiped on drop.
    pub key: KeyPair,
    /// The CSR, signed with it.
    pub csr: Csr,
}

/// Makes a key and a CSR for a request.
///
/// # Errors
///
/// [`Error::Request`] with every fault of the request, before any key is made; [`Error::RandomSource`],
/// [`Error::KeyGeneration`], [`Error::FaultySignature`].
pub fn create(request: &CreateCsrRequest) -> Result<Created, Error> {
    create_with_rng(request, &mut fresh_rng()?)
}

/// [`create`] with the caller's random source.
///
/// # Errors
///
/// As [`create`].
pub fn create_with_rng<R>(request: &CreateCsrRequest, rng: &mut R) -> Result<Created, Error>
where
    R: TryCryptoRng + ?Sized,
{
    let spec = CsrSpec::from_request(request)?;
    let key = KeyPair::generate_with_rng(request.private_key_algo, rng)?;
    let csr = Csr::sign_with_rng(&spec, &key, rng)?;
    Ok(Created { spec, key, csr })
}
