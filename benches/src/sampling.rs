//! How many samples, and for how long.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};
use csr_core::PrivateKeyAlgo;

use crate::peers::rsa_bits;

/// Criterion set up for an algorithm; arguments on the command line, e.g. `--sample-size`, go before this.
///
/// The wait for each of an RSA key's two primes is spread as widely as its mean is large, so the standard error of the
/// mean of n keys is about √(1/2n) of it: 4.5 % with 250 samples where each is one key, 9 % with 60, less where a sample
/// holds several. Without the system's peers there are as few as ten minutes allow.
#[must_use]
pub fn criterion(algorithm: PrivateKeyAlgo) -> Criterion {
    let full = cfg!(feature = "system-peers");
    let (samples, seconds) = match algorithm {
        PrivateKeyAlgo::Rsa2048 => {
            if full {
                (250, 15)
            } else {
                (150, 10)
            }
        }
        PrivateKeyAlgo::Rsa3072 => {
            if full {
                (250, 25)
            } else {
                (100, 15)
            }
        }
        PrivateKeyAlgo::Rsa4096 => {
            if full {
                (250, 40)
            } else {
                (60, 15)
            }
        }
        PrivateKeyAlgo::EcP256 | PrivateKeyAlgo::EcP384 | PrivateKeyAlgo::Sm2 => (100, 3),
    };
    Criterion::default()
        .sample_size(samples)
        .measurement_time(Duration::from_secs(seconds))
        .warm_up_time(Duration::from_secs(1))
        .configure_from_args()
}

/// Opens the group `KIND/ALGORITHM`. RSA is sampled flat: the same few keys a sample, as they take long.
pub fn group<'a>(
    criterion: &'a mut Criterion,
    kind: &str,
    algorithm: PrivateKeyAlgo,
) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(format!("{kind}/{algorithm}"));
    if rsa_bits(algorithm).is_some() {
        group.sampling_mode(SamplingMode::Flat);
    }
    group
}
