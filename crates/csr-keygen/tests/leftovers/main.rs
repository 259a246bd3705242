//! What is left of a key in the process's memory once it is dropped: nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod curves;
mod rsa;
mod search;
