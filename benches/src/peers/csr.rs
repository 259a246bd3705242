//! `csr`: this workspace. A key is `KeyPair::generate`; a CSR is the whole straight line, `csr_core::create` from
//! the API's request, with its checks of every name and of the signature.

use csr_core::{KeyPair, PrivateKeyAlgo};
use csr_keygen::Backend;
use csr_keygen::testing::set_default_backend;

use super::rsa_bits;
use crate::{CsrMaker, Keygen, names};

/// `csr_core::KeyPair::generate`, on every backend.
pub fn keygens(algorithm: PrivateKeyAlgo) -> impl Iterator<Item = Keygen> {
    backends(algorithm).map(move |(id, backend)| {
        Keygen::new(
            id,
            move || on(backend, || KeyPair::generate(algorithm).expect("a key")),
            |key| key.public_key_info(),
        )
    })
}

/// `csr_core::create`, on every backend.
pub fn csr_makers(algorithm: PrivateKeyAlgo) -> impl Iterator<Item = CsrMaker> {
    let request = names::request(algorithm);
    backends(algorithm).map(move |(id, backend)| {
        let request = request.clone();
        CsrMaker::new(id, move || {
            on(backend, || csr_core::create(request.clone()).expect("a CSR").csr.as_der().to_vec())
        })
    })
}

/// The backends with their ids, the fastest first. On the curves AVX2 is the portable one but for the inversion.
fn backends(algorithm: PrivateKeyAlgo) -> impl Iterator<Item = (&'static str, Backend)> {
    let best = Backend::best();
    let others = Backend::available().into_iter().filter(move |backend| *backend != best);
    let others = others.filter_map(move |backend| match backend {
        Backend::Portable => Some(("csr-portable", backend)),
        Backend::Avx2(_) if rsa_bits(algorithm).is_some() => Some(("csr-avx2", backend)),
        _ => None,
    });
    core::iter::once(("csr", best)).chain(others)
}

/// Runs what knows of no backend on this one. The default is the process's: only one such call at a time.
fn on<T>(backend: Backend, run: impl FnOnce() -> T) -> T {
    set_default_backend(backend);
    let result = run();
    set_default_backend(Backend::best());
    result
}
