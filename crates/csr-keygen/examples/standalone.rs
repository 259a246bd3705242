//! The crate on its own: writes an RSA key as PKCS #1 (RFC 8017 A.1.2) in PEM to standard output.
//!
//! `cargo run --release -p csr-keygen --example standalone | openssl rsa -check -noout`

#![allow(clippy::print_stdout, reason = "an example for the command line")]

use csr_keygen::rsa::{self, ModulusSize};
use pkcs1::der::pem::LineEnding;
use pkcs1::{EncodeRsaPrivateKey, RsaPrivateKey, UintRef};

/// A key in the type that the `pkcs1` crate encodes.
struct Encodable<'k>(&'k rsa::RsaKey);

impl EncodeRsaPrivateKey for Encodable<'_> {
    fn to_pkcs1_der(&self) -> pkcs1::Result<pkcs1::der::SecretDocument> {
        let key = self.0;
        let exponent = key.public_exponent().to_be_bytes();
        let private = RsaPrivateKey {
            modulus: UintRef::new(key.modulus())?,
            public_exponent: UintRef::new(&exponent)?,
            private_exponent: UintRef::new(key.private_exponent())?,
            prime1: UintRef::new(key.p())?,
            prime2: UintRef::new(key.q())?,
            exponent1: UintRef::new(key.dp())?,
            exponent2: UintRef::new(key.dq())?,
            coefficient: UintRef::new(key.q_inverse())?,
            other_prime_infos: None,
        };
        pkcs1::der::SecretDocument::try_from(private)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = rsa::generate(ModulusSize::Bits2048, &mut getrandom::SysRng)?;
    print!("{}", *Encodable(&key).to_pkcs1_pem(LineEnding::LF)?);
    Ok(())
}
