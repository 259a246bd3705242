//! `keygen-batch/RSA_BITS`: what one of 64 keys takes when they are made together. For the peers, who have no such
//! call, that is a key as in `keygen`.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a bench whose peer fails has nothing to go on with")]

use std::hint::black_box;
use std::time::Instant;

use criterion::Criterion;
use csr_bench::{peers, sampling};
use csr_core::PrivateKeyAlgo;
use csr_keygen::rsa::{self, ModulusSize};
use getrandom::SysRng;

const KEYS: u32 = 64;

fn main() {
    for (algorithm, size) in [
        (PrivateKeyAlgo::Rsa2048, ModulusSize::Bits2048),
        (PrivateKeyAlgo::Rsa3072, ModulusSize::Bits3072),
        (PrivateKeyAlgo::Rsa4096, ModulusSize::Bits4096),
    ] {
        let mut criterion = sampling::criterion(algorithm);
        let mut group = sampling::group(&mut criterion, "keygen-batch", algorithm);
        group.bench_function("csr", |bencher| {
            bencher.iter_custom(|iterations| {
                let start = Instant::now();
                for _ in 0..iterations {
                    let keys = rsa::generate_batch(size, KEYS as usize, &mut SysRng);
                    drop(black_box(keys.expect("keys")));
                }
                start.elapsed() / KEYS
            });
        });
        for peer in peers::keygens(algorithm).into_iter().filter(|peer| peer.id != "csr") {
            group.bench_function(peer.id, |bencher| bencher.iter(|| peer.run()));
        }
        group.finish();
    }
    Criterion::default().configure_from_args().final_summary();
}
