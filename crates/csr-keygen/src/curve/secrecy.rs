//! What may be known of a secret: marks for the constant-time tools.
//!
//! Under valgrind's memcheck and under MemorySanitizer a secret is marked as undefined, and every branch on it
//! or address from it is reported. What an algorithm publishes anyway, a signature or the verdict that a draw
//! is rejected, is marked as defined again here. In an ordinary build these functions do nothing.
//!
//! The marks exist only in a build with `--cfg csr_secrecy="valgrind"` or `--cfg csr_secrecy="msan"`, which the
//! tools' harness sets.

/// Publishes one bit of a secret, given as a mask of all ones or zero.
#[inline(always)]
pub(super) fn public_bit(mask: u64) -> bool {
    let mut word = [mask];
    publish(&mut word);
    word[0] != 0
}

/// Publishes words that are part of a result.
#[cfg(not(any(csr_secrecy = "valgrind", csr_secrecy = "msan")))]
#[inline(always)]
pub(super) fn publish<const N: usize>(_words: &mut [u64; N]) {}
