//! On the curves: `sign/CURVE`, one signature of a message with a key that is ready, hash included, as r and s; and
//! `keygen-batch/CURVE`, what one of 64 keys takes when they are made together. Peers have no call for many keys: for
//! them that is a key as in `keygen`.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a bench whose peer fails has nothing to go on with")]

use std::hint::black_box;
use std::time::Instant;

use criterion::Criterion;
use csr_bench::peers::curves::{named, signers};
use csr_bench::{peers, sampling};
use csr_core::PrivateKeyAlgo;
use csr_keygen::{Backend, curve};
use getrandom::SysRng;

const KEYS: u32 = 64;

fn main() {
    for algorithm in [PrivateKeyAlgo::EcP256, PrivateKeyAlgo::EcP384, PrivateKeyAlgo::Sm2] {
        let mut criterion = sampling::criterion(algorithm);
        let mut group = sampling::group(&mut criterion, "sign", algorithm);
        for signer in signers(algorithm) {
            signer.check();
            group.bench_function(signer.id, |bencher| bencher.iter(|| signer.run()));
        }
        group.finish();

        let mut group = sampling::group(&mut criterion, "keygen-batch", algorithm);
        let Some(curve) = named(algorithm) else { continue };
        for (id, backend) in [("csr", Backend::best()), ("csr-portable", Backend::Portable)] {
            group.bench_function(id, |bencher| {
                bencher.iter_custom(|iterations| {
                    let start = Instant::now();
                    for _ in 0..iterations {
                        // Every key's octets come from the operating system.
                        let keys = curve::generate_batch_with(backend, curve, KEYS as usize, &mut SysRng);
                        drop(black_box(keys.expect("keys")));
                    }
                    start.elapsed() / KEYS
                });
            });
        }
        for peer in peers::keygens(algorithm).into_iter().filter(|peer| !peer.id.starts_with("csr")) {
            group.bench_function(peer.id, |bencher| bencher.iter(|| peer.run()));
        }
        group.finish();
    }
    Criterion::default().configure_from_args().final_summary();
}
