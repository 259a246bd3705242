//! `keygen/ALGORITHM`: one fresh key pair, made and dropped.

#![forbid(unsafe_code)]

use std::sync::Once;

use criterion::Criterion;
use csr_bench::{check, peers, sampling};
use csr_core::PrivateKeyAlgo;

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
}
