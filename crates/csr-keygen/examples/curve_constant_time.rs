//! Makes keys and signatures on the curves with every scalar, nonce and draw marked secret; run it under valgrind or
//! MemorySanitizer. See `src/ct.rs` and `.ci/secrecy`.
//!
//! Arguments: `portable` or `ifma` for one backend only; `leak` for a branch on a private key at the end, which the
//! tool must report, or its silence means nothing.

#![allow(clippy::print_stdout, reason = "an example for the command line")]

use csr_keygen::Error;
use csr_keygen::curve::{Backend, Curve};

fn main() -> Result<(), Error> {
    if !cfg!(any(feature = "ct-valgrind", feature = "ct-msan")) {
        println!("nothing is marked: build with the feature ct-valgrind or ct-msan");
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = |name: &str| arguments.iter().any(|argument| argument == name);
    let mut backends = vec![];
    if !asked("ifma") {
        backends.push(("portable", Backend::portable()));
    }
    if !asked("portable") {
        backends.extend(Backend::ifma().map(|backend| ("ifma", backend)));
    }
    for (name, backend) in backends {
        for curve in [Curve::P256, Curve::P384, Curve::Sm2] {
            for _ in 0..4 {
                let key = backend.generate(curve, &mut getrandom::SysRng)?;
                let digest = vec![0x5a; curve.octets()];
                let signature = backend.sign(curve, key.scalar(), &digest, &mut getrandom::SysRng)?;
                println!(
                    "{name} {curve:?}: {:02x?}…, s = {:02x?}…",
                    &key.public_point()[..4],
                    &signature.s()[..4]
                );
            }
            let keys = backend.generate_many(curve, 8, &mut getrandom::SysRng)?;
            println!("{name} {curve:?}: {} keys at once, {:02x?}…", keys.len(), &keys[7].public_point()[..4]);
        }
    }
    if asked("leak") {
        let key = Backend::portable().generate(Curve::P256, &mut getrandom::SysRng)?;
        println!("the key is {}", if key.scalar()[31] & 1 == 1 { "odd" } else { "even" });
    }
    Ok(())
}
