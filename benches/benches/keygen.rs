//! `keygen/ALGORITHM`: one fresh key pair, made and dropped. It is what `cargo bench` runs.

#![forbid(unsafe_code)]

use std::sync::Once;

use criterion::Criterion;
use csr_bench::{check, peers, sampling};
use csr_core::PrivateKeyAlgo;

const MORE: &str = "\
The same as ratios: cargo run -p csr-bench --bin ratios
More: --bench csr, curves, rsa_sign, rsa_batch or cctv instead of key generation; --features csr-bench/system-peers for
OpenSSL and more samples (apt-get install libgmp-dev libssl-dev pkg-config). See benches/README.md.";

fn main() {
    for &algorithm in PrivateKeyAlgo::ALL {
        let mut criterion = sampling::criterion(algorithm);
        let mut group = sampling::group(&mut criterion, "keygen", algorithm);
        for peer in peers::keygens(algorithm) {
            let checked = Once::new();
            group.bench_function(peer.id, |bencher| {
                checked.call_once(|| check::assert_key(algorithm, &peer.public_key_info()));
                bencher.iter(|| peer.run());
            });
        }
        group.finish();
    }
    Criterion::default().configure_from_args().final_summary();
    if std::env::args().any(|argument| argument == "--bench") {
        println!("{MORE}");
    }
}
