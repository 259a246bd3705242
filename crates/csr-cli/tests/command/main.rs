//! The command as its users see it: what it prints, writes and refuses.

#![expect(clippy::unwrap_used, reason = "tests")]

#[cfg(unix)]
mod ask;
#[cfg(unix)]
mod batch;
mod bench;
mod content;
mod create;
mod existing_key;
#[cfg(unix)]
mod files;
mod front;
mod json_errors;
mod passphrase;
#[path = "../../../csr-core/tests/planted/mod.rs"]
mod planted;
mod planted_secrets;
mod profile;
mod read;
#[cfg(unix)]
mod readme;
#[cfg(unix)]
mod recipes;
mod refusals;
mod same_key;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "serve")]
mod serve_refusals;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod terminal;
