//! The stack of the hot functions: its alignment, and wiping the values they spilled.

#[cfg(target_arch = "x86_64")]
use core::hint::black_box;
#[cfg(target_arch = "x86_64")]
use core::mem::MaybeUninit;

/// The depth of RSA's call chains, which reach 33 KiB, 28 KiB if the compiler inlines less. The
/// numbers of the kernels are on the heap, but the scalar code has short arrays, and the compiler
/// spills registers.
pub(crate) const DEEP: usize = 64 * 1024;
/// The depth of a batch of curve keys.
pub(crate) const BATCH: usize = 32 * 1024;
/// The depth of one key or signature on P-384, which reaches 15 KiB with IFMA.
pub(crate) const MIDDLE: usize = 20 * 1024;
/// The depth of one key or signature on P-256 or SM2, which reaches 8 KiB. Wiping 32 KiB would cost
/// a tenth of the 2.5 µs that a key takes.
pub(crate) const SHALLOW: usize = 10 * 1024;

/// Runs `f`, and wipes the `DEPTH` bytes of stack that it used, including arrays that were moved.
pub(crate) fn wiped<const DEPTH: usize, T>(f: impl FnOnce() -> T) -> T {
    /// Keeps the frame of `f` below the caller's, where the wiping reaches it.
    #[inline(never)]
    fn below<T>(f: impl FnOnce() -> T) -> T {
        f()
    }
    #[cfg(all(test, target_os = "linux"))]
    tests::paint();
    let result = below(f);
    #[cfg(all(test, target_os = "linux"))]
    tests::measure(DEPTH);
    zeroize::zeroize_stack::<DEPTH>();
    result
}

/// Makes the compiler align the frame of the function that this is inlined into to 64 bytes.
///
/// The compiler aligns the frame for a variable, but not for the vectors that it spills. They would
/// cross cache lines or pages, depending on where the caller's frame ends, and take up to three
/// times as long in one build as in another. The entry functions of the kernels call this, because
/// the rest is inlined into them and they spill. Only their speed depends on it.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn align() {
    #[repr(align(64))]
    struct Line {
        _line: MaybeUninit<[u8; 64]>,
    }
    black_box(&Line { _line: MaybeUninit::uninit() });
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
