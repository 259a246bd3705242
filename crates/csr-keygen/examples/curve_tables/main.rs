#![allow(clippy::expect_used)] // a generator for the repository: it stops at the first failure

//! Writes the tables of base-point multiples:
//! `cargo run --release -p csr-keygen --example curve_tables`.
//!
//! The crate compiles only with tables of the right length: after a change of the layout, first set
//! the length of the old files (`truncate --size`).

mod tables;

fn main() -> std::io::Result<()> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/curve/tables");
    for (name, bytes) in tables::all() {
        std::fs::write(format!("{folder}/{name}"), bytes)?;
        println!("{name}");
    }
    Ok(())
}
