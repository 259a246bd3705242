//! The backend where none is named. In a process of its own: the default is the process's.

use csr_keygen::curve::{self, Curve};
use csr_keygen::rsa::SigningKey;
use csr_keygen::{Backend, rsa};
use getrandom::SysRng;

/// `CSR_REQUIRE_BACKENDS` names what must be there, so that where the processor has them no test leaves them out.
#[test]
fn the_required_backends_are_available() {
    let required = std::env::var("CSR_REQUIRE_BACKENDS").unwrap_or_default();
    let available: Vec<_> = Backend::available().into_iter().map(Backend::name).collect();
    for name in required.split_whitespace() {
        assert!(available.contains(&name), "{name} is not among {available:?}");
    }
}

#[test]
fn the_default_backend_is_the_best_one_until_another_is_set() {
    assert_eq!(Backend::default(), Backend::best());
    for backend in Backend::available() {
        backend.set_default();
        assert_eq!(Backend::default(), backend);
        assert_eq!(Backend::best(), Backend::available()[0]);

        let key = curve::generate(Curve::P256, &mut SysRng).unwrap();
        assert_eq!(curve::from_scalar(Curve::P256, key.scalar()).unwrap().public_point(), key.public_point());
        let key = rsa::generate(rsa::ModulusSize::Bits2048, &mut SysRng).unwrap();
        let signature = SigningKey::new(&key).sign_pkcs1v15_sha256(b"message", &mut SysRng).unwrap();
        for other in Backend::available() {
            let signer = SigningKey::new(&key).on(other);
            assert_eq!(signer.sign_pkcs1v15_sha256(b"message", &mut SysRng).unwrap(), signature);
        }
    }
}
