//! The cloud's CSR API (`/v3/scm/csr`) on the user's own machine: its operations over a store, authentication
//! and HTTP. Private keys never leave the machine, but to a caller that may export them.
//!
//! Every rule about names, keys and CSRs is `csr-core`'s; here is what stores, authenticates and speaks HTTP.

#![forbid(unsafe_code)]

mod access;
pub mod auth;
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
mod vault;

pub use access::{Access, Caller, CallerKind, IssuedCredential, IssuedToken, Right, Rights, UnknownRight};
pub use auth::Authenticator;
pub use error::{Error, Internal};
pub use id::{CsrId, MalformedId};
pub use private::{NotPrivate, check_private_file};
pub use record::CsrRecord;
pub use service::{GenerationLoad, LaneLoad, Organization, Service, ServiceOptions};
pub use store::Store;

/// The target of the log lines that tell of readings of private keys, over HTTP and on the host.
pub const AUDIT_TARGET: &str = "csr::audit";
