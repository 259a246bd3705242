//! Makes keys and signatures with every draw of a candidate marked secret; run it under valgrind or MemorySanitizer.
//! See `src/ct.rs`.

#![allow(clippy::print_stdout, reason = "an example for the command line")]

use csr_keygen::rsa::{self, ModulusSize, SigningKey};
use csr_keygen::{Backend, Error};

fn main() -> Result<(), Error> {
    if !cfg!(any(feature = "ct-valgrind", feature = "ct-msan")) {
        println!("nothing is marked: build with the feature ct-valgrind or ct-msan");
    }
    // The standard library is not built for MemorySanitizer, which takes what it returns for undefined.
    let backends = if cfg!(feature = "ct-msan") { None } else { std::env::args().nth(1) };
    for backend in Backend::available() {
        if backends.as_ref().is_some_and(|names| !names.contains(backend.name())) {
            continue;
        }
        for seed in [&[7; 32], &[8; 32]] {
            let key = rsa::from_seed(backend, ModulusSize::Bits2048, seed)?;
            let signer = SigningKey::new(&key).on(backend);
            let signature = signer.sign_pkcs1v15_sha256(b"message", &mut getrandom::SysRng)?;
            println!(
                "{}: {:02x?}…, signature {:02x?}…",
                backend.name(),
                &key.modulus()[..4],
                &signature[..4]
            );
        }
    }
    Ok(())
}
