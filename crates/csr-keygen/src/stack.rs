//! The stack under the hot functions: aligning it, and wiping what they spilled.

use core::hint::black_box;
#[cfg(target_arch = "x86_64")]
use core::mem::MaybeUninit;

use zeroize::Zeroize;

/// The kernels keep no array of their own on the stack, but the compiler spills registers there, and the scalar
/// code has short arrays; none of the crate's call chains reaches this deep.
const SCRATCH_BYTES: usize = 32 * 1024;

/// Runs `f`, and wipes what it left on the stack, arrays that it moved from included.
pub(crate) fn wiped<T>(f: impl FnOnce() -> T) -> T {
    /// Keeps the frame of `f` below the caller's, where [`wipe`] reaches it.
    #[inline(never)]
    fn below<T>(f: impl FnOnce() -> T) -> T {
        f()
    }
    let result = below(f);
    wipe();
    result
}

/// Overwrites the stack below the caller, where returned functions left their scratch.
#[inline(never)]
fn wipe() {
    let mut scratch = [0u8; SCRATCH_BYTES];
    scratch[..].zeroize(); // a slice is wiped in one go, an array byte by byte
    black_box(&scratch);
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
