//! `csr/ALGORITHM`: one fresh key pair and a signed CSR for it in DER, from the same names.

#![forbid(unsafe_code)]

use std::sync::Once;

use criterion::Criterion;
use csr_bench::{check, peers, sampling};
use csr_core::PrivateKeyAlgo;

fn main() {
    for &algorithm in PrivateKeyAlgo::ALL {
        let mut criterion = sampling::criterion(algorithm);
        let mut group = sampling::group(&mut criterion, "csr", algorithm);
        for peer in peers::csr_makers(algorithm) {
            let checked = Once::new();
            group.bench_function(peer.id, |bencher| {
                checked.call_once(|| check::assert_csr(algorithm, &(peer.run)()));
                bencher.iter(|| (peer.run)());
            });
        }
        group.finish();
    }
    Criterion::default().configure_from_args().final_summary();
}
