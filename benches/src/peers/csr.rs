//! `csr`: this workspace. A key is `KeyPair::generate`; a CSR is the whole straight line, `csr_core::create` from
//! the API's request, with its checks of every name and of the signature.

use csr_core::{KeyPair, PrivateKeyAlgo};

use crate::{CsrMaker, Keygen, names};

const ID: &str = "csr";

/// `csr_core::KeyPair::generate`.
#[must_use]
pub fn keygen(algorithm: PrivateKeyAlgo) -> Keygen {
    Keygen::new(
        ID,
        move || KeyPair::generate(algorithm).expect("a key"),
        |key| key.public_key_info().expect("its public half"),
    )
}

/// `csr_core::create`.
#[must_use]
pub fn csr_maker(algorithm: PrivateKeyAlgo) -> CsrMaker {
    let request = names::request(algorithm);
    CsrMaker::new(ID, move || csr_core::create(&request).expect("a CSR").csr.as_der().to_vec())
}
