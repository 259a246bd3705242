//! `csr batch`: keys and CSRs for many requests, none of them lost or made twice.

mod disk;
mod item;
mod manifest;
mod output;
mod seal;
mod verify;
