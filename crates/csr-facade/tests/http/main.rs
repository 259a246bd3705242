//! Tests the contract of the API over HTTP: mostly through the router without a socket, and the
//! limits on a loopback socket.

#![forbid(unsafe_code)]

mod api;
mod authentication;
mod bad_input;
mod contract;
mod documents;
mod embedded;
mod failing;

mod operations;
mod refusal_log;
mod secrets;
mod signatures;
mod sockets;
mod terraform;

#[path = "../../../csr-core/tests/planted/mod.rs"]
mod planted;
mod planted_secrets;

type Result<T = ()> = core::result::Result<T, Box<dyn std::error::Error>>;
