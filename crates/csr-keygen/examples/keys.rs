//! Prints generated keys, one per line: n, p, q, d, dP, dQ, qInv in hexadecimal, for checks by
//! other tools.
//!
//! `cargo run --release -p csr-keygen --example keys -- 2048 100 [single]`

#![allow(clippy::panic, clippy::print_stdout, reason = "an example for the command line")]

use std::fmt::Write as _;

use csr_keygen::rsa::{self, ModulusSize, RsaKey};
use getrandom::SysRng;

fn line(key: &RsaKey) -> String {
    let numbers =
        [key.modulus(), key.p(), key.q(), key.private_exponent(), key.dp(), key.dq(), key.q_inverse()];
    let mut line = String::new();
    for number in numbers {
        number.iter().for_each(|byte| {
            let _ = write!(line, "{byte:02x}");
        });
        line.push(' ');
    }
    line
}

fn main() -> Result<(), csr_keygen::Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize, otherwise: usize| {
        arguments.get(i).map_or(otherwise, |x| x.parse().unwrap_or_else(|_| panic!("not a number: {x}")))
    };
    let size = match number(0, 2048) {
        2048 => ModulusSize::Bits2048,
        3072 => ModulusSize::Bits3072,
        4096 => ModulusSize::Bits4096,
        other => panic!("keys must have 2048, 3072 or 4096 bits, not {other}"),
    };
    let count = number(1, 10);
    if let Some(how) = arguments.get(2) {
        assert_eq!(how, "single", "the third argument");
        for _ in 0..count {
            println!("{}", line(&rsa::generate(size, &mut SysRng)?));
        }
        return Ok(());
    }
    for start in (0..count).step_by(64) {
        for key in rsa::generate_batch(size, (count - start).min(64), &mut SysRng)? {
            println!("{}", line(&key));
        }
    }
    Ok(())
}
