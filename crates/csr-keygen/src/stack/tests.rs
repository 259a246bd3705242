//! How deep the stack is used, measured: what is deeper than the wiping reaches stays.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;

use getrandom::SysRng;

use crate::curve::{self, Curve};
use crate::rsa::tests::imported_keys::known_key;
use crate::rsa::tests::signing::components;
use crate::rsa::{self, ImportedKey, ModulusSize, Scheme};
use crate::{Backend, Digest};

const PAINT: u8 = 0xc3;
/// Far deeper than anything reaches.
const PAINTED: usize = 512 * 1024;

thread_local! {
    static IS_MEASURING: Cell<bool> = const { Cell::new(false) };
    /// The depth that is wiped and the one that was reached, for each call of [`super::wiped`].
    static MEASURED: RefCell<Vec<[usize; 2]>> = const { RefCell::new(Vec::new()) };
}

/// Fills the stack below the caller.
pub(super) fn paint() {
    #[inline(never)]
    fn fill() {
        black_box(&mut [PAINT; PAINTED]);
    }
    if IS_MEASURING.get() {
        fill();
    }
}

/// Takes note of the deepest byte that changed since [`paint`].
pub(super) fn measure(wiped: usize) {
    if !IS_MEASURING.get() {
        return;
    }
    let here = 0u8;
    let top = (&raw const *black_box(&here)).addr();
    let mut below = vec![0; PAINTED - 16 * 1024];
    let start = u64::try_from(top - below.len()).unwrap();
    File::open("/proc/self/mem").unwrap().read_exact_at(&mut below, start).unwrap();
    let untouched = below.iter().take_while(|byte| **byte == PAINT).count();
    assert!(untouched > 0, "the paint is deep enough");
    MEASURED.with_borrow_mut(|measured| measured.push([wiped, below.len() - untouched]));
}

fn assert_is_wiped(name: &str, f: impl FnOnce()) {
    IS_MEASURING.set(true);
    f();
    IS_MEASURING.set(false);
    let measured = MEASURED.take();
    assert!(!measured.is_empty(), "{name}: runs under `wiped`");
    for [wiped, reached] in measured {
        // The rest is for what the compiler makes of it in another build.
        assert!(reached <= wiped / 8 * 7, "{name}: reaches {reached}, {wiped} bytes are wiped");
    }
}

#[test]
fn all_of_the_stack_that_rsa_uses_is_wiped() {
    for (backend, size) in
        Backend::available().into_iter().flat_map(|b| ModulusSize::ALL.map(|size| (b, size)))
    {
        let check = |what, f: &dyn Fn()| assert_is_wiped(&format!("{} {size:?}: {what}", backend.name()), f);
        let key = rsa::generate_with(backend, size, &mut SysRng).unwrap();
        let imported = ImportedKey::new_with(backend, &components(&key), &mut SysRng).unwrap();
        check("a key", &|| drop(rsa::generate_with(backend, size, &mut SysRng)));
        check("a batch", &|| drop(rsa::generate_batch_with(backend, size, 2, &mut SysRng)));
        check("from a seed", &|| drop(rsa::from_seed_with(backend, size, &[9; 32])));
        check("an import", &|| drop(ImportedKey::new_with(backend, &components(&key), &mut SysRng)));
        check("a signature", &|| drop(key.sign_digest_with(backend, &[0x5a; 32], &mut SysRng)));
        check("of an import", &|| drop(imported.sign_digest_with(backend, &[0x5a; 32], &mut SysRng)));
        let pss = Scheme::Pss(Digest::Sha512);
        check("of PSS", &|| drop(imported.sign_with(backend, pss, &[0x5a; 64], &mut SysRng)));
    }
}

#[test]
fn all_of_the_stack_that_imported_keys_of_any_size_use_is_wiped() {
    for name in ["third", "one_modulo_four", "bits2560", "bits4608"] {
        let numbers = known_key(name);
        let key = ImportedKey::new(&numbers.components(), &mut SysRng).unwrap();
        assert_is_wiped(name, || drop(ImportedKey::new(&numbers.components(), &mut SysRng)));
        assert_is_wiped(name, || drop(key.sign_digest(&[0x5a; 32], &mut SysRng)));
        assert_is_wiped(name, || drop(key.sign(Scheme::Pss(Digest::Sha512), &[0x5a; 64], &mut SysRng)));
    }
}

#[test]
fn all_of_the_stack_that_curves_use_is_wiped() {
    for (backend, curve) in Backend::available().into_iter().flat_map(|b| Curve::ALL.map(|curve| (b, curve)))
    {
        let check = |what, f: &dyn Fn()| assert_is_wiped(&format!("{} {curve:?}: {what}", backend.name()), f);
        let key = curve::generate_with(backend, curve, &mut SysRng).unwrap();
        let digest = vec![0x5a; curve.octets()];
        check("a key", &|| drop(curve::generate_with(backend, curve, &mut SysRng)));
        check("a batch", &|| drop(curve::generate_batch_with(backend, curve, 9, &mut SysRng)));
        check("from a scalar", &|| drop(curve::from_scalar_with(backend, curve, key.scalar())));
        check("a signature", &|| drop(key.sign_digest_with(backend, &digest, &mut SysRng)));
        if curve != Curve::Sm2 {
            check("from a seed", &|| drop(curve::from_seed_with(backend, curve, &[9; 32])));
        }
    }
}
