//! Marks for the check that no secret decides a branch or an address.
//!
//! With the feature `ct-valgrind` (or `ct-msan`) secrets are marked undefined where they come into being, so that
//! valgrind (or MemorySanitizer) reports every branch, index or system call that depends on them; verdicts that may
//! be known, and the public key, are marked defined again. Without these features nothing here does anything.
//!
//! Each use of [`public`] is a claim that a value may be known, and stands beside its reason.

/// From here on the memory of a value is secret.
#[inline]
pub(crate) fn secret<T: ?Sized>(value: &T) {
    mark(value, true);
}

/// The value may be known: a verdict on what is thrown away, or on what turned out as it always does.
#[inline]
pub(crate) fn public<T: Copy>(value: T) -> T {
    if cfg!(any(feature = "ct-valgrind", feature = "ct-msan")) {
        let value = core::hint::black_box(value);
        mark(&value, false);
        return read_again(&value);
    }
    value
}

/// The value from memory: the compiler may know it from before it was marked.
#[expect(unsafe_code, reason = "only a volatile read is sure to be one")]
fn read_again<T: Copy>(value: &T) -> T {
    // SAFETY: a reference may be read from.
    unsafe { core::ptr::read_volatile(value) }
}

/// The memory of the value may be known.
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
    // SAFETY: the sanitizer changes its own notes on the bytes of `value`, and nothing else.
    unsafe { if secret { __msan_poison(address, size) } else { __msan_unpoison(address, size) } }
}

#[cfg(all(feature = "ct-valgrind", target_arch = "x86_64"))]
#[expect(unsafe_code, reason = "valgrind's client request is an instruction sequence")]
fn mark<T: ?Sized>(value: &T, secret: bool) {
    /// Memcheck's requests are numbered from 'M' 'C'.
    const MAKE_MEM_UNDEFINED: u64 = 0x4d43_0001;
    const MAKE_MEM_DEFINED: u64 = 0x4d43_0002;
    let request = if secret { MAKE_MEM_UNDEFINED } else { MAKE_MEM_DEFINED };
    let address = core::ptr::from_ref(value).cast::<u8>().addr() as u64;
    let arguments = [request, address, size_of_val(value) as u64, 0, 0, 0];
    // SAFETY: outside valgrind these instructions change nothing: the rotations add up to 128 bits, the exchange
    // is of a register with itself. Inside, valgrind reads the six arguments.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") arguments.as_ptr(),
            inout("rdx") 0u64 => _,
            inout("rdi") 0u64 => _,
        );
    }
}
