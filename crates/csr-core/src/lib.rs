//! Makes private keys and PKCS#10 CSRs that every tool accepts, on your own machine.
//!
//! The whole way is one call:
//!
//! ```
//! use csr_core::{CreateCsrDraft, KeyFormat};
//!
//! let draft = CreateCsrDraft::from_json(
//!     br#"{"name": "web", "domain_name": "example.com", "sans": "www.example.com;192.0.2.7",
//!         "private_key_algo": "EC_P256", "usage": "PERSONAL"}"#,
//! )?;
//! let created = csr_core::create(draft)?; // or everything that is wrong with it
//! std::fs::write(std::env::temp_dir().join("web.csr"), created.csr.to_pem())?;
//! let key_pem = created.key.to_pem(KeyFormat::Pkcs8)?; // wiped when it is dropped
//! # assert!(key_pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It consists of three:
//!
//! 1. [`CheckedRequest::new`] decides what goes into the CSR, or names everything that is wrong; without a request of the
//!    API, [`CsrSpec::builder`] does;
//! 2. [`KeyPair::generate`] makes the key (or [`KeyPair::import`] reads one);
//! 3. [`Csr::sign`] encodes and signs the CSR.
//!
//! [`batch`] does it for many requests on all processors, and makes their keys many at once.
//!
//! [`inspect()`] reads any CSR, whoever made it, and says whether its signature holds. [`inspect::read_any`] also reads
//! certificates and keys, and says which belong together.
//!
//! # For dependents
//!
//! - Arithmetic without optimisation is slow: an RSA_4096 key takes about ten seconds.
//!   `[profile.dev.package."*"]` with `opt-level = 3` in the `Cargo.toml` of your workspace optimises
//!   dependencies in debug builds.
//! - An RSA key takes 5 to 50 ms of one core. Under tokio, make it in `spawn_blocking`.
//! - On `wasm32-unknown-unknown`, depend on `getrandom` with its feature `wasm_js`, which takes randomness from the browser.

#![forbid(unsafe_code)]

mod algorithm;
mod asn1;
pub mod batch;
mod certificate;
mod csr;
mod error;
pub mod inspect;
mod key;
mod name;
mod oid;
mod pem;
#[cfg(feature = "private-file")]
pub mod private_file;
mod public_key;
#[cfg(feature = "rcgen")]
mod rcgen_key;
mod request;
mod rng;
mod signing;
mod sm2_id;
mod spec;
mod verify;

pub use csr_keygen::Digest;
pub use csr_model::{
    Company, CreateCsrDraft, CreateCsrRequest, Fault, Faults, Field, PrivateKeyAlgo, Reason, Usage,
};

pub use asn1::{Oid, OidError, der_of_text};
pub use csr::Csr;
pub use error::Error;
pub use inspect::{InspectError, Inspection, inspect};
pub use key::{KeyAlgorithm, KeyFormat, KeyImportError, KeyPair, OtherFile};
pub use name::{AttributeTypeAndValue, DnsName, EmailAddress, OtherName, San, Subject, UriName};
pub use oid::{SubjectAttribute, SubjectAttributeError};
pub use pem::{Label, PemError};
#[cfg(feature = "rcgen")]
pub use rcgen_key::RcgenKey;
pub use request::{CheckedRequest, Created, create, create_with_rng};
pub use rng::fresh_rng;
pub use sm2_id::{Sm2Identity, Sm2IdentityTooLong};
pub use spec::{
    BasicConstraints, CsrSpec, CsrSpecBuilder, ExtendedKeyUsage, ExtendedKeyUsageError, KeyUsage, LeftOut,
    Renewal, RenewalError, RequestedAttribute, RequestedExtension,
};
pub use verify::SignatureStatus;
