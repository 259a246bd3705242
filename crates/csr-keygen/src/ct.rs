//! Marks for the check that no secret decides a branch or an address.
//!
//! With the feature `ct-valgrind` (or `ct-msan`) secrets are marked undefined at their origin, so
//! that valgrind (or MemorySanitizer) reports every branch, index or system call that depends on
//! them. Verdicts that may be public, and the public key, are marked defined again. Without these
//! features the marks do nothing.
//!
//! Each use of [`public`] claims that a value may be public, and a comment beside it gives the
//! reason.

/// Marks the memory of a value as secret.
#[inline]
pub(crate) fn secret<T: ?Sized>(value: &T) {
    mark(value, true);
}

/// The value, which may be public: a verdict on something that is discarded, or one that is the
/// same for every key that is released.
#[inline]
pub(crate) fn public<T: Copy>(value: T) -> T {
    if cfg!(any(feature = "ct-valgrind", feature = "ct-msan")) {
        let value = core::hint::black_box(value);
        mark(&value, false);
        return read_again(&value);
    }
    value
}

/// The value, read from memory: the compiler may still have a copy from before the mark.
#[expect(unsafe_code, reason = "only a volatile read cannot be optimized away")]
fn read_again<T: Copy>(value: &T) -> T {
    // SAFETY: a reference may be read from.
    unsafe { core::ptr::read_volatile(value) }
}

/// Marks the memory of a value as public.
#[inline]
pub(crate) fn publish<T: ?Sized>(value: &T) {
    mark(value, false);
}

#[cfg(not(any(feature = "ct-valgrind", feature = "ct-msan")))]
#[inline]
fn mark<T: ?Sized>(_value: &T, _secret: bool) {}

#[cfg(all(feature = "ct-msan", not(feature = "ct-valgrind")))]
#[expect(unsafe_code, reason = "calls of the sanitizer's runtime")]
fn mark<T: ?Sized>(value: &T, secret: bool) {
    unsafe extern "C" {
        fn __msan_poison(address: *const u8, size: usize);
        fn __msan_unpoison(address: *const u8, size: usize);
    }
    let (address, size) = (core::ptr::from_ref(value).cast(), size_of_val(value));
    // SAFETY: the sanitizer changes its own records of the bytes of `value`, and nothing else.
    unsafe { if secret { __msan_poison(address, size) } else { __msan_unpoison(address, size) } }
}

#[cfg(all(feature = "ct-valgrind", target_arch = "x86_64"))]
#[expect(unsafe_code, reason = "valgrind's client request is an instruction sequence")]
fn mark<T: ?Sized>(value: &T, secret: bool) {
    /// Memcheck numbers its requests from 'M' 'C'.
    const MAKE_MEM_UNDEFINED: u64 = 0x4d43_0001;
    const MAKE_MEM_DEFINED: u64 = 0x4d43_0002;
    let request = if secret { MAKE_MEM_UNDEFINED } else { MAKE_MEM_DEFINED };
    let address = core::ptr::from_ref(value).cast::<u8>().addr() as u64;
    let arguments = [request, address, size_of_val(value) as u64, 0, 0, 0];
    // SAFETY: outside valgrind these instructions change nothing: the rotations add up to 128 bits,
    // and the exchange is of a register with itself. Inside, valgrind reads the six arguments.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") arguments.as_ptr(),
            inout("rdx") 0u64 => _,
            inout("rdi") 0u64 => _,
        );
    }
}
