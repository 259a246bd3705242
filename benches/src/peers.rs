//! The peers, one a file; each says what it calls.

pub mod aws_lc_rs;
pub mod csr;
pub mod curves;
#[cfg(feature = "system-peers")]
pub mod openssl;
pub mod rcgen;
pub mod rustcrypto;

use csr_core::PrivateKeyAlgo;

use crate::{CsrMaker, Keygen};

/// Everyone who makes keys of this algorithm, `csr` first.
#[must_use]
pub fn keygens(algorithm: PrivateKeyAlgo) -> Vec<Keygen> {
    let peers = [
        aws_lc_rs::keygen(algorithm),
        #[cfg(feature = "system-peers")]
        Some(openssl::keygen(algorithm)),
        Some(rustcrypto::keygen(algorithm)),
        rcgen::keygen(algorithm),
    ];
    csr::keygens(algorithm).chain(peers.into_iter().flatten()).collect()
}

/// Everyone who makes CSRs with this algorithm, `csr` first.
#[must_use]
pub fn csr_makers(algorithm: PrivateKeyAlgo) -> Vec<CsrMaker> {
    let peers = [
        aws_lc_rs::csr_maker(algorithm),
        #[cfg(feature = "system-peers")]
        Some(openssl::csr_maker(algorithm)),
        Some(rustcrypto::csr_maker(algorithm)),
        rcgen::csr_maker(algorithm),
    ];
    csr::csr_makers(algorithm).chain(peers.into_iter().flatten()).collect()
}

/// The modulus size of an RSA algorithm.
#[must_use]
pub const fn rsa_bits(algorithm: PrivateKeyAlgo) -> Option<u32> {
    match algorithm {
        PrivateKeyAlgo::Rsa2048 => Some(2048),
        PrivateKeyAlgo::Rsa3072 => Some(3072),
        PrivateKeyAlgo::Rsa4096 => Some(4096),
        PrivateKeyAlgo::EcP256 | PrivateKeyAlgo::EcP384 | PrivateKeyAlgo::Sm2 => None,
    }
}
