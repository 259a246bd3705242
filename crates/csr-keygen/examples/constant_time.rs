//! Makes keys, imports them and signs, with every draw of a candidate and every imported number
//! marked secret; run it under valgrind or MemorySanitizer. See `src/ct.rs`, `.ci/secrecy` and `.ci/sound`.
//!
//! Arguments: the names of backends (default: all); `leak` for a branch on a private exponent at
//! the end, which the tool must report, or its silence means nothing.

#![allow(clippy::print_stdout, reason = "an example for the command line")]

use csr_keygen::rsa::{self, Components, ImportedKey, ModulusSize};
use csr_keygen::{Backend, Error};

/// Seeds whose primes are among the first draws, after candidates that fail trial division and the
/// filter: valgrind takes fifty times as long as the processor.
const EARLY: [u32; 2] = [10_752, 10_966];

fn main() -> Result<(), Error> {
    if !cfg!(any(feature = "ct-valgrind", feature = "ct-msan")) {
        println!("nothing is marked: build with the feature ct-valgrind or ct-msan");
    }
    let (leak, names): (Vec<String>, _) = std::env::args().skip(1).partition(|argument| argument == "leak");
    let named = |name: &String| {
        let backend = Backend::available().into_iter().find(|backend| backend.name() == name);
        backend.unwrap_or_else(|| panic!("no backend {name} on this processor"))
    };
    let backends = if names.is_empty() { Backend::available() } else { names.iter().map(named).collect() };
    for backend in backends {
        for number in EARLY {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&number.to_le_bytes());
            let key = rsa::from_seed_with(backend, ModulusSize::Bits2048, &seed)?;
            let signature = key.sign_digest_with(backend, &[0x5a; 32], &mut getrandom::SysRng)?;
            println!(
                "{}: {:02x?}…, signature {:02x?}…",
                backend.name(),
                &key.modulus()[..4],
                &signature[..4]
            );
            let imported = ImportedKey::new_with(
                backend,
                &Components {
                    n: key.modulus(),
                    e: &key.public_exponent().to_be_bytes(),
                    d: key.private_exponent(),
                    p: key.p(),
                    q: key.q(),
                    dp: key.dp(),
                    dq: key.dq(),
                    qinv: key.q_inverse(),
                },
                &mut getrandom::SysRng,
            )?;
            let of_imported = imported.sign_digest_with(backend, &[0x5a; 32], &mut getrandom::SysRng)?;
            assert_eq!(of_imported, signature);
            if !leak.is_empty() {
                let low = key.private_exponent()[key.private_exponent().len() - 1];
                println!("d is {}", if low & 2 == 0 { "1 modulo 4" } else { "3 modulo 4" });
                return Ok(());
            }
        }
    }
    Ok(())
}
