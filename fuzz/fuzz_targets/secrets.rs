//! A planted private key, mangled by a program of mutations, through every reader of the library: no error shows 20 octets
//! of it.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/csr-core/tests/planted/mod.rs"]
mod planted;
#[path = "../../crates/csr-core/tests/planted/readers.rs"]
mod readers;

fuzz_target!(|program: &[u8]| {
    planted::assert_nothing_leaks(readers::errors(&planted::mangled(program)).as_bytes());
});
