//! Holds signals back while something must not be interrupted.

use anyhow::Result;
#[cfg(unix)]
use nix::sys::signal::{SigSet, SigmaskHow, Signal};

/// Signals wait while this value lives, and take effect when it is dropped. It blocks them in the current thread only:
/// another thread would receive them.
#[must_use]
pub(crate) struct Held {
    #[cfg(unix)]
    before: SigSet,
}

#[cfg(unix)]
impl Held {
    /// Holds every signal that can be held.
    pub(crate) fn all() -> Result<Self> {
        Self::hold(&SigSet::all())
    }

    /// Holds the signal of Ctrl-C.
    pub(crate) fn interrupt() -> Result<Self> {
        Self::hold(&Signal::SIGINT.into())
    }

    fn hold(signals: &SigSet) -> Result<Self> {
        Ok(Self { before: signals.thread_swap_mask(SigmaskHow::SIG_BLOCK)? })
    }
}

#[cfg(unix)]
impl Drop for Held {
    fn drop(&mut self) {
        // Fails only for an invalid mask.
        let _ = self.before.thread_set_mask();
    }
}

#[cfg(not(unix))]
impl Held {
    pub(crate) fn all() -> Result<Self> {
        Ok(Self {})
    }

    pub(crate) fn interrupt() -> Result<Self> {
        Ok(Self {})
    }
}
