//! The interop matrix: every [shape](shapes()) of subject and SANs, signed with a key of every algorithm, is read
//! by other people's tools, which must accept it and find in it what was asked for.
//!
//! What is expected stands in the table of shapes. Nothing here reads a CSR with csr's own parser.
//!
//! `tests/matrix.rs` runs it. In `tests/renewal.rs`, other people's [makers](Maker) make CSRs and certificates, which are
//! renewed; in `tests/clients.rs`, their [clients](Client) use a running façade.
//!
//! A [tool](Tool) or client that is not installed is left out by name; with
//! `CSR_REQUIRE_TOOLS=1` it is a failure. `CSR_PYTHON` names the Python that has what `python/requirements.txt` lists,
//! `CSR_BOUNCYCASTLE` the class path of BouncyCastle's bcprov, bcutil and bcpkix, `CSR_BIN` a `csr` that is built
//! already.

#![forbid(unsafe_code)]

mod advice;
mod client;
mod fixture;
mod keys;
mod made;
mod reading;
mod server;
mod shape;
mod shapes;
mod tampered;
mod tool;

pub use advice::{REFUSED, Refused};
pub use client::Client;
pub use fixture::Fixture;
pub use keys::check_key_formats;
pub use made::{Maker, check_command, check_renewal};
pub use reading::{Reading, Readings, differences};
pub use server::Server;
pub use shape::Shape;
pub use shapes::shapes;
pub use tampered::{Outcome, Tampered, tampered};
pub use tool::Tool;

/// What goes wrong here is only ever reported.
pub type Error = Box<dyn core::error::Error + Send + Sync>;

/// As every function here returns.
pub type Result<T> = core::result::Result<T, Error>;
