//! The default backend. It belongs to the process, so these tests have a separate one.

use csr_keygen::curve::{self, Curve};
use csr_keygen::testing::set_default_backend;
use csr_keygen::{Backend, rsa};
use getrandom::SysRng;

/// `CSR_REQUIRE_BACKENDS` names the backends that must be available, so that no test skips one that
/// the processor has.
#[test]
fn required_backends_are_available() {
    let required = std::env::var("CSR_REQUIRE_BACKENDS").unwrap_or_default();
    let available: Vec<_> = Backend::available().into_iter().map(Backend::name).collect();
    for name in required.split_whitespace() {
        assert!(available.contains(&name), "{name} is not among {available:?}");
    }
}

#[test]
fn default_backend_is_the_best_one_until_another_is_set() {
    assert_eq!(Backend::default(), Backend::best());
    for backend in Backend::available() {
        set_default_backend(backend);
        assert_eq!(Backend::default(), backend);
        assert_eq!(Backend::best(), Backend::available()[0]);

        let key = curve::generate(Curve::P256, &mut SysRng).unwrap();
        assert_eq!(curve::from_scalar(Curve::P256, key.scalar()).unwrap().public_point(), key.public_point());
        let key = rsa::generate(rsa::ModulusSize::Bits2048, &mut SysRng).unwrap();
        let signature = key.sign_digest(&[0x5a; 32], &mut SysRng).unwrap();
        for other in Backend::available() {
            let other = key.sign_digest_with(other, &[0x5a; 32], &mut SysRng).unwrap();
            assert_eq!(other, signature);
        }
    }
}
