//! Huawei Cloud's CSR API (SCM, `/v3/scm/csr`) on the user's own machine: its operations over a
//! store, authentication and HTTP. Private keys never leave the machine, except for callers with
//! the right to export them.
//!
//! The feature `postgres` (a store in PostgreSQL) is on by default.
//!
//! `csr-core` has every rule about names, keys and CSRs. This crate stores, authenticates and
//! speaks HTTP.

#![forbid(unsafe_code)]

mod access;
pub mod auth;
mod caller;
mod clock;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
mod id;
mod private;
mod record;
pub mod seal;
mod service;
pub mod store;
pub mod vault;

pub use access::{Access, IssuedCredential, IssuedToken};
pub use auth::Authenticator;
pub use caller::{Caller, CallerKind, Right, Rights, UnknownRight};
pub use error::{Error, Internal};
pub use id::{CsrId, MalformedId};
pub use private::{NotPrivate, check_private_file};
pub use record::CsrRecord;
pub use service::{AUDIT_TARGET, GenerationLoad, LaneLoad, Service, ServiceOptions};
pub use store::Store;
pub use vault::Vault;
