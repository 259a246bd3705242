//! Makes keys and signatures on the curves with every scalar, nonce and draw marked secret; run it
//! under valgrind or MemorySanitizer. See `src/ct.rs` and `.ci/secrecy`.
//!
//! Arguments: the names of backends (default: all); `leak` for a branch on a private key at the
//! end, which the tool must report, or its silence means nothing.

#![allow(clippy::print_stdout, reason = "an example for the command line")]

use csr_keygen::curve::{Curve, generate, generate_batch_with, generate_with};
use csr_keygen::{Backend, Error};
use getrandom::SysRng;

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
        let name = backend.name();
        for curve in Curve::ALL {
            for _ in 0..4 {
                let key = generate_with(backend, curve, &mut SysRng)?;
                let digest = vec![0x5a; curve.octets()];
                let signature = key.sign_digest_with(backend, &digest, &mut SysRng)?;
                println!(
                    "{name} {curve:?}: {:02x?}…, s = {:02x?}…",
                    &key.public_point()[..4],
                    &signature.s()[..4]
                );
            }
            let keys = generate_batch_with(backend, curve, 8, &mut SysRng)?;
            println!("{name} {curve:?}: {} keys at once, {:02x?}…", keys.len(), &keys[7].public_point()[..4]);
        }
    }
    if !leak.is_empty() {
        let key = generate(Curve::P256, &mut SysRng)?;
        println!("the key is {}", if key.scalar()[31] & 1 == 1 { "odd" } else { "even" });
    }
    Ok(())
}
