//! A dropped key leaves nothing in the process's memory.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod curves;
mod rsa;
mod search;
