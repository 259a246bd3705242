//! Timing leaks by statistics (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?",
//! 2017): the same operation on a fixed secret and on random ones, in random order, and Welch's t
//! of the two classes' times, over all of them and without the slowest at several percentiles.
//! |t| ≥ 4.5 means that the time depends on the secret.
//!
//! `cargo run --release -p csr-keygen --example dudect -- COUNT [NAME]`. COUNT is 10^6 by default,
//! which takes a few minutes per line on the curves and up to twenty per line of RSA. NAME selects
//! lines, such as `P256` or `RSA_2048 signature, by key`. The exit status is 1 if a |t| is 4.5 or
//! more. `leak` is a comparison that stops at the first difference: it must be found, or nothing
//! else counts. RSA keys take too long to make a million of, so one key is compared with 63 others,
//! and one message with random ones.

#![allow(clippy::panic, clippy::print_stdout, reason = "an example for the command line")]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use chacha20::ChaCha20Rng;
use csr_keygen::curve::{Curve, from_scalar, from_scalar_with};
use csr_keygen::rsa::{self, ModulusSize};
use csr_keygen::{Backend, Error};
use getrandom::SysRng;
use rand_core::{Rng, SeedableRng};

const LIMIT: f64 = 4.5;
/// The fractions of the times that are kept; slower ones are discarded.
const KEPT: [f64; 5] = [1.0, 0.99, 0.95, 0.9, 0.75];
/// The inputs that are made at a time, outside the measured time.
const BATCH: usize = 1_000;

/// Running mean and variance (Welford).
#[derive(Default, Clone, Copy)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, x: f64) {
        self.count += 1.0;
        let distance = x - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (x - self.mean);
    }

    /// The variance of the mean.
    fn error(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// Welch's t of two classes.
fn welch([a, b]: [Moments; 2]) -> f64 {
    (a.mean - b.mean) / (a.error() + b.error()).sqrt()
}

/// The largest |t|, and the fraction of times kept for it, of `count` runs of `operation` on
/// `secret(false)`, which is always the same, or `secret(true)`, which is random.
fn largest_t<T>(
    count: usize,
    mut secret: impl FnMut(&mut ChaCha20Rng, bool) -> T,
    mut operation: impl FnMut(&T),
) -> (f64, f64) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut times: Vec<(bool, f64)> = Vec::with_capacity(count);
    for _ in 0..count.div_ceil(BATCH) {
        let inputs: Vec<(bool, T)> = (0..BATCH)
            .map(|_| {
                let random = rng.next_u32() & 1 == 1;
                (random, secret(&mut rng, random))
            })
            .collect();
        for (random, input) in &inputs {
            let start = Instant::now();
            operation(black_box(input));
            times.push((*random, start.elapsed().as_secs_f64() * 1e9));
        }
    }
    let mut sorted: Vec<f64> = times.iter().map(|(_, time)| *time).collect();
    sorted.sort_by(f64::total_cmp);
    let of = |kept: f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let limit = sorted[((sorted.len() - 1) as f64 * kept) as usize];
        let mut classes = [Moments::default(); 2];
        times
            .iter()
            .filter(|(_, time)| *time <= limit)
            .for_each(|(random, time)| classes[usize::from(*random)].add(*time));
        (welch(classes), kept)
    };
    KEPT.map(of).into_iter().max_by(|a, b| a.0.abs().total_cmp(&b.0.abs())).unwrap_or_default()
}

/// A private key in range on all curves: its top octet is not all ones, its lowest bit is set.
fn scalar(rng: &mut ChaCha20Rng, curve: Curve, random: bool) -> Vec<u8> {
    let mut octets = vec![0; curve.octets()];
    rng.fill_bytes(&mut octets);
    octets[0] &= 0x7f;
    if !random {
        octets.fill(0);
    }
    let last = octets.len() - 1;
    octets[last] |= 1; // the fixed one is 1, as far from random as can be
    octets
}

type Report<'r> = dyn FnMut(&str, &mut dyn FnMut() -> (f64, f64)) + 'r;

fn rsa_signatures(count: usize, report: &mut Report<'_>) -> Result<(), Error> {
    let keys = rsa::generate_batch(ModulusSize::Bits2048, 64, &mut SysRng)?;
    for backend in Backend::available() {
        let name = backend.name();
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        report(&format!("RSA_2048 signature, by key, {name}"), &mut || {
            largest_t(
                count,
                |rng, random| {
                    let i = if random { 1 + rng.next_u32() as usize % (keys.len() - 1) } else { 0 };
                    // Each in its own memory: a key that is used more often would be in a nearer
                    // cache.
                    keys[i].signer()
                },
                |signer| assert!(black_box(signer.sign_digest_with(backend, &[0x5a; 32], &mut rng)).is_ok()),
            )
        });
        let signer = keys[0].signer();
        report(&format!("RSA_2048 private operation, by message, {name}"), &mut || {
            largest_t(
                count,
                |rng, random| {
                    // Both kinds are written, or one would be in a nearer cache.
                    let mut message = vec![0; 256];
                    rng.fill_bytes(&mut message[1..]); // below n
                    if !random {
                        message.fill(0);
                    }
                    message[255] |= 1;
                    message
                },
                |message| assert!(black_box(signer.private_op_with(backend, message, &mut rng)).is_ok()),
            )
        });
    }
    Ok(())
}

fn main() -> Result<ExitCode, Error> {
    let count = std::env::args()
        .nth(1)
        .map_or(1_000_000, |count| count.parse().unwrap_or_else(|_| panic!("not a number: {count}")));
    let asked = std::env::args().nth(2).unwrap_or_default();
    let (mut lines, mut leaks) = (0, 0);
    let mut report = |name: &str, run: &mut dyn FnMut() -> (f64, f64)| {
        if name.contains(&asked) {
            let (t, kept) = run();
            println!("{name}: t = {t:.2} ({:.0} % of {count} kept)", 100.0 * kept);
            if name == "leak" {
                assert!(t.abs() > LIMIT, "the leak was not found");
            } else {
                lines += 1;
                leaks += u32::from(t.is_nan() || t.abs() >= LIMIT);
            }
        }
    };
    report("leak", &mut || {
        largest_t(
            count.min(100_000),
            |rng, random| scalar(rng, Curve::P384, random),
            |scalar| {
                black_box(scalar.iter().take_while(|octet| *black_box(*octet) == 0).count());
            },
        )
    });
    rsa_signatures(count, &mut report)?;
    for curve in Curve::ALL {
        let digest = vec![0x5a; curve.octets()];
        for backend in Backend::available() {
            let name = backend.name();
            report(&format!("{curve:?} key, {name}"), &mut || {
                largest_t(
                    count,
                    |rng, random| scalar(rng, curve, random),
                    |scalar| drop(black_box(from_scalar_with(backend, curve, scalar))),
                )
            });
            let mut rng = ChaCha20Rng::seed_from_u64(2);
            report(&format!("{curve:?} signature, {name}"), &mut || {
                largest_t(
                    count,
                    |rng, random| from_scalar(curve, &scalar(rng, curve, random)),
                    |key| match key {
                        Ok(key) => drop(black_box(key.sign_digest_with(backend, &digest, &mut rng))),
                        Err(error) => panic!("{error}"),
                    },
                )
            });
        }
    }
    assert!(lines > 0, "no line is named like {asked:?}");
    println!("|t| is {LIMIT} or more in {leaks} of {lines} lines");
    Ok(if leaks == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
