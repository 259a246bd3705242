//! Makes a CSR for an existing key: `cargo run --example existing_key -- my.key example.com`
//!
//! Reads PKCS#8, PKCS#1 or SEC1, and prints the CSR. Without arguments it makes a key for the
//! demonstration.

use std::error::Error;

use csr_core::{Csr, CsrSpec, KeyFormat, KeyPair, PrivateKeyAlgo};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let key_file = match arguments.next() {
        Some(path) => std::fs::read(path)?,
        None => KeyPair::generate(PrivateKeyAlgo::EcP384)?.to_pem(KeyFormat::Sec1)?.as_bytes().to_vec(),
    };
    let key = KeyPair::import(&key_file, None)?;
    let domain = arguments.next().unwrap_or_else(|| "example.com".to_owned());
    let spec = CsrSpec::builder().domain(&domain).build()?;
    print!("{}", Csr::sign(&spec, &key)?);
    Ok(())
}
