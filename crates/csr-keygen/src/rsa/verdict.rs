//! From pairs of candidates that passed the filter to keys: Miller–Rabin, assembly, the pairwise test.

use chacha20::ChaCha20Rng;

use super::ModulusSize;
use super::crt::Numbers;
use super::key::{self, RsaKey};
use super::words::{self, Words};
use crate::engine::Engine;
use crate::kernel::lanes::Power;
use crate::{Error, ct, int};

/// What became of a pair.
pub(super) enum Verdict {
    /// Both are prime and the finished key passed every check.
    Key(RsaKey),
    /// Both are prime but make no key: both are drawn anew.
    Restart,
    /// One is composite (0 or 1): the other stays.
    Composite(usize),
}

/// A pair under test, with the random source of its bases.
pub(super) struct Pair<'p> {
    pub(super) p: &'p [u64],
    pub(super) q: &'p [u64],
    pub(super) bases: &'p mut ChaCha20Rng,
}

/// Numbers of one exponentiation that have no other home.
struct Job<'p> {
    modulus: &'p [u64],
    base: Words,
    exponent: Words,
    result: Words,
}

impl<'p> Job<'p> {
    fn new(modulus: &'p [u64], base: Words, exponent: Words) -> Self {
        Self { modulus, base, exponent, result: words::zero(modulus.len()) }
    }
}

fn run(engine: &mut dyn Engine, jobs: &mut [Job<'_>]) {
    let mut powers: Vec<_> = jobs
        .iter_mut()
        .map(|job| Power {
            modulus: job.modulus,
            base: &job.base,
            exponent: &job.exponent,
            result: &mut job.result,
        })
        .collect();
    engine.power(&mut powers);
}

/// Tests several pairs together, so that they share lanes.
///
/// The Miller–Rabin rounds (FIPS 186-5 B.3.1, counts of Table B.1) of all pairs fill whole batches first; what is
/// left of them runs beside the pairwise test of the assembled keys.
pub(super) fn judge(
    engine: &mut dyn Engine,
    size: ModulusSize,
    pairs: &mut [Pair<'_>],
) -> Vec<Result<Verdict, Error>> {
    let rounds = size.miller_rabin_rounds();
    let mut jobs = Vec::new();
    for pair in pairs.iter_mut() {
        for prime in [pair.p, pair.q] {
            for _ in 0..rounds {
                jobs.push(Job::new(prime, random_base(pair.bases, prime), words::half(prime)));
            }
        }
    }
    let rounds_of_pair = jobs.len() / pairs.len();
    let whole = jobs.len() / engine.lanes() * engine.lanes();
    run(engine, &mut jobs[..whole]);

    let mut keys: Vec<_> = pairs.iter().map(|pair| key::assemble(size, pair.p, pair.q)).collect();
    let mut messages = Vec::new();
    let first_of_pairwise = jobs.len();
    for (key, pair) in keys.iter().zip(pairs.iter_mut()) {
        let Some(key) = key else { continue };
        let mut message = words::zero(2 * pair.p.len());
        words::fill(pair.bases, &mut message);
        // Below n, which has its top bit set.
        let top = message.len() - 1;
        message[top] >>= 1;
        let numbers = Numbers::of(key);
        for (mut half, prime) in numbers.halves().into_iter().zip([pair.p, pair.q]) {
            let base = half.in_form(&message, engine.form_bits());
            jobs.push(Job::new(prime, base, words::copy(half.exponent)));
        }
        messages.push(message);
    }
    run(engine, &mut jobs[whole..]);

    let (tests, signatures) = jobs.split_at(first_of_pairwise);
    let mut signed = messages.iter().zip(signatures.chunks(2));
    let mut verdicts = Vec::with_capacity(pairs.len());
    for (pair, tests) in keys.iter_mut().zip(tests.chunks(rounds_of_pair)) {
        let key = pair.take();
        let signature = key.as_ref().and_then(|_| signed.next());
        let (of_p, of_q) = tests.split_at(tests.len() / 2);
        verdicts.push(if !of_p.iter().all(passes) {
            Ok(Verdict::Composite(0))
        } else if !of_q.iter().all(passes) {
            Ok(Verdict::Composite(1))
        } else if let (Some(key), Some((message, parts))) = (key, signature) {
            finish(engine, key, message, parts)
        } else {
            Ok(Verdict::Restart)
        });
    }
    verdicts
}

/// The whole-key check and the pairwise test: a signature made with the CRT values verifies with n and e.
fn finish(
    engine: &mut dyn Engine,
    key: RsaKey,
    message: &[u64],
    parts: &[Job<'_>],
) -> Result<Verdict, Error> {
    key.check()?;
    let numbers = Numbers::of(&key);
    let [mut half_p, _] = numbers.halves();
    let signature = numbers.combine(&mut half_p, &parts[0].result, &parts[1].result);
    if numbers.verifies(engine, &signature, message) {
        Ok(Verdict::Key(key))
    } else {
        Err(Error::KeyCheck("a signature did not verify"))
    }
}

/// Step 4.3 to 4.5 of B.3.1 for n ≡ 3 (mod 4): a = 1, so that b^((n−1)/2) must be 1 or n − 1.
fn passes(job: &Job<'_>) -> bool {
    let mut negated = words::copy(job.modulus);
    int::sub(&mut negated, &job.result);
    // A prime passes always; who does not is thrown away.
    ct::public(int::equals_word(&job.result, 1) | int::equals_word(&negated, 1)) == 1
}

/// A random base as steps 4.1 and 4.2 of B.3.1 draw it: as many bits as n, drawn again where it is not below n.
///
/// The number drawn is taken for the base's Montgomery form, which maps the residues one to one: it is as
/// uniform. The bases 0, 1 and n − 1, which the standard draws again, have a probability below 2^−1020. How often
/// a draw was not below n tells nothing but n's leading bits, to the precision of a coin thrown a few times.
fn random_base(rng: &mut ChaCha20Rng, n: &[u64]) -> Words {
    let mut base = words::zero(n.len());
    loop {
        words::fill(rng, &mut base);
        if ct::public(int::less(&base, n)) == 1 {
            return base;
        }
    }
}
