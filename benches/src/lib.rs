//! What the benches share: the work, the peers that do it beside `csr`, and the check that they did it.
//!
//! A bench is a group such as `keygen/RSA_2048` or `csr/SM2` with a function for every peer that can do it. Each
//! peer starts from the same strings, draws from the generator that it uses by default, and pays for dropping
//! what it made. Nothing is prepared outside the measured time but constants, and in `sign/…` the key.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a bench whose peer fails has nothing to go on with"
)]

pub mod check;
pub mod names;
pub mod peers;
pub mod pkcs10;
pub mod sampling;

use std::hint::black_box;

/// A peer that makes keys, private half and public half.
pub struct Keygen {
    /// The function id in criterion.
    pub id: &'static str,
    run: Box<dyn Fn()>,
    public_key_info: Box<dyn Fn() -> Vec<u8>>,
}

impl Keygen {
    /// `generate` is what is measured; `public_key_info` gives the key's SubjectPublicKeyInfo for the check.
    pub fn new<K: 'static>(
        id: &'static str,
        generate: impl Fn() -> K + Clone + 'static,
        public_key_info: impl Fn(&K) -> Vec<u8> + 'static,
    ) -> Self {
        let again = generate.clone();
        Self {
            id,
            run: Box::new(move || drop(black_box(generate()))),
            public_key_info: Box::new(move || public_key_info(&again())),
        }
    }

    /// Makes a key and drops it.
    pub fn run(&self) {
        (self.run)();
    }

    /// The SubjectPublicKeyInfo of a key made now.
    #[must_use]
    pub fn public_key_info(&self) -> Vec<u8> {
        (self.public_key_info)()
    }
}

/// A peer that makes a key and a signed CSR for it.
pub struct CsrMaker {
    /// The function id in criterion.
    pub id: &'static str,
    /// The CSR as DER, for a key made in the same call.
    pub run: Box<dyn Fn() -> Vec<u8>>,
}

impl CsrMaker {
    /// `run` is what is measured.
    pub fn new(id: &'static str, run: impl Fn() -> Vec<u8> + 'static) -> Self {
        Self { id, run: Box::new(run) }
    }
}
