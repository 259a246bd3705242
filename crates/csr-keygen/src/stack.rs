//! The stack under the hot functions: aligning it, and wiping what they spilled.

#[cfg(target_arch = "x86_64")]
use core::hint::black_box;
#[cfg(target_arch = "x86_64")]
use core::mem::MaybeUninit;

/// How deep RSA's call chains reach at most, and those that make curve keys together. The kernels keep no array of their
/// own on the stack, but the compiler spills registers there, and the scalar code has short arrays. The check of a
/// signature goes deeper, with lanes that wipe themselves.
pub(crate) const DEEP: usize = 32 * 1024;
/// For one key or signature on P-384, which reach 15 KiB deep with IFMA.
pub(crate) const MIDDLE: usize = 20 * 1024;
/// For one on P-256 or SM2, which reach 8 KiB deep: wiping 32 KiB would cost a tenth of the 2.5 µs that a key takes.
pub(crate) const SHALLOW: usize = 10 * 1024;

/// Runs `f`, and wipes what it left in `DEPTH` bytes of stack, arrays that it moved from included.
pub(crate) fn wiped<const DEPTH: usize, T>(f: impl FnOnce() -> T) -> T {
    /// Keeps the frame of `f` below the caller's, where the wiping reaches it.
    #[inline(never)]
    fn below<T>(f: impl FnOnce() -> T) -> T {
        f()
    }
    let result = below(f);
    zeroize::zeroize_stack::<DEPTH>();
    result
}

/// Makes the compiler align the frame of the function that this is inlined into to 64 bytes.
///
/// It aligns the frame for a variable, but not for the vectors that it puts on the stack itself when the registers are
/// full. They would cross cache lines, or pages, depending on where the caller's frame ends, and take up to three
/// times as long from one build to the next. It is for the functions that a kernel is entered by, into which the rest is
/// inlined and which spill; nothing but their speed rests on it.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn align() {
    #[repr(align(64))]
    struct Line {
        _line: MaybeUninit<[u8; 64]>,
    }
    black_box(&Line { _line: MaybeUninit::uninit() });
}
