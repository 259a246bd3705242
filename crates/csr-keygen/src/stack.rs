//! Wiping what the hot functions spilled to the stack.

use zeroize::Zeroize;

/// The kernels keep no array of their own on the stack, but the compiler spills registers there, and the scalar
/// code has short arrays; none of the crate's call chains reaches this deep.
const SCRATCH_BYTES: usize = 32 * 1024;

/// Overwrites the stack below the caller, where returned functions left their scratch.
#[inline(never)]
pub(crate) fn wipe() {
    let mut scratch = [0u8; SCRATCH_BYTES];
    scratch[..].zeroize(); // a slice is wiped in one go, an array byte by byte
    core::hint::black_box(&scratch);
}
