use chacha20::ChaCha20Rng;
use csr_keygen::Backend;
use csr_keygen::curve::{self, Curve, CurveKey, Signature};
use getrandom::SysRng;
use p256::elliptic_curve::{CurveArithmetic, Field, FieldBytes, PrimeField, Scalar};
use rand_core::SeedableRng;

use super::search::{Page, Samples, page, sample};

/// The samples of keys made by `make` (with [`SysRng`], which buffers nothing) that are left after
/// the keys are moved, cloned and dropped.
fn left(page: &mut Page, make: impl FnOnce() -> Vec<CurveKey>) -> usize {
    let keys = make();
    let mut samples = Samples::new();
    keys.iter().for_each(|key| sample(&mut samples, key.scalar()));
    assert!(page.found(&samples) > 0, "the search finds a key that is there");
    for key in keys {
        drop(std::hint::black_box(key.clone()));
        drop(std::hint::black_box(key));
    }
    page.found(&samples)
}

#[test]
fn nothing_is_left_of_curve_keys() {
    let mut page = page();
    for (backend, curve) in Backend::available().into_iter().flat_map(|b| Curve::ALL.map(|curve| (b, curve)))
    {
        let name = format!("{} {curve:?}", backend.name());
        let generated = left(&mut page, || vec![curve::generate_with(backend, curve, &mut SysRng).unwrap()]);
        assert_eq!(generated, 0, "{name}: generated");

        let batch = left(&mut page, || curve::generate_batch_with(backend, curve, 9, &mut SysRng).unwrap());
        assert_eq!(batch, 0, "{name}: a batch");

        let imported = left(&mut page, || {
            let key = curve::generate_with(backend, curve, &mut SysRng).unwrap();
            vec![curve::from_scalar_with(backend, curve, key.scalar()).unwrap()]
        });
        assert_eq!(imported, 0, "{name}: from a scalar");

        if curve != Curve::Sm2 {
            let derived = left(&mut page, || vec![curve::from_seed_with(backend, curve, &[9; 32]).unwrap()]);
            assert_eq!(derived, 0, "{name}: derived from a seed");
        }
    }
}

#[test]
fn signature_leaves_neither_key_nor_nonce() {
    let mut page = page();
    for (backend, curve) in Backend::available().into_iter().flat_map(|b| Curve::ALL.map(|curve| (b, curve)))
    {
        let name = format!("{} {curve:?}", backend.name());
        let key = curve::generate_with(backend, curve, &mut SysRng).unwrap();
        let digest = vec![0x5a; curve.octets()];
        let sign = |key: &CurveKey| {
            let mut rng = ChaCha20Rng::from_seed([7; 32]);
            key.sign_digest_with(backend, &digest, &mut rng).unwrap()
        };
        let signature = sign(&key);
        let mut samples = match curve {
            Curve::P256 => nonce_of::<p256::NistP256>(&key, &digest, &signature),
            Curve::P384 => nonce_of::<p384::NistP384>(&key, &digest, &signature),
            Curve::Sm2 => nonce_of::<sm2::Sm2>(&key, &digest, &signature),
        };
        assert_eq!(page.found(&samples), 0, "{name}: a signature, or what computed its nonce, left that");

        assert_eq!(sign(&key), signature, "{name}: the same nonce again");
        sample(&mut samples, key.scalar());
        drop(key);
        assert_eq!(page.found(&samples), 0, "{name}: signed with");
    }
}

/// The nonce of a signature, which follows from the signature and the key.
fn nonce_of<C: CurveArithmetic>(key: &CurveKey, digest: &[u8], signature: &Signature) -> Samples {
    #[inline(never)]
    fn solve<C: CurveArithmetic>(key: &CurveKey, digest: &[u8], signature: &Signature) -> Samples {
        let [d, e, r, s] = [key.scalar(), digest, signature.r(), signature.s()].map(|octets| {
            let mut repr = FieldBytes::<C>::default();
            repr.copy_from_slice(octets);
            Scalar::<C>::from_repr(repr).unwrap()
        });
        let k = match key.curve() {
            Curve::Sm2 => s * (Scalar::<C>::ONE + d) + r * d,
            _ => s.invert().unwrap() * (e + r * d),
        };
        let mut samples = Samples::new();
        sample(&mut samples, &k.to_repr());
        samples
    }
    let samples = solve::<C>(key, digest, signature);
    zeroize::zeroize_stack::<{ 64 * 1024 }>();
    samples
}
