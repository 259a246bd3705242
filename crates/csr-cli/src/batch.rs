//! `csr batch`: keys and CSRs for many requests, none of them lost or made twice.

mod interrupt;
mod item;
mod progress;
