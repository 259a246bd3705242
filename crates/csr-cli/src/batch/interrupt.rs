//! Ctrl-C and SIGTERM end a batch after the group in hand; a second one ends it at once, which loses no more than that group.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure;

/// Records the first signal.
#[derive(Clone)]
pub(super) struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Takes over the two signals for the rest of the process's life.
    pub(super) fn listen() -> io::Result<Self> {
        let received = Arc::new(AtomicUsize::new(0));
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal sets the flag that makes the second one end the process.
            flag::register_conditional_default(signal, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
            flag::register_usize(signal, Arc::clone(&received), signal.unsigned_abs() as usize)?;
        }
        let interrupt = Self(received);
        let watched = interrupt.clone();
        // It ends with the process, and holds nothing that must be dropped.
        thread::Builder::new().name("interrupt".to_owned()).spawn(move || watched.say_when_received())?;
        Ok(interrupt)
    }

    /// Says at once that the signal was heard, since RSA keys in hand can take seconds.
    fn say_when_received(&self) {
        while self.signal().is_none() {
            thread::sleep(Duration::from_millis(50));
        }
        failure::note("interrupted: finishing the keys in hand; a second signal ends this at once");
    }

    /// The signal that was received, if any.
    pub(super) fn signal(&self) -> Option<u8> {
        u8::try_from(self.0.load(Ordering::Relaxed)).ok().filter(|signal| *signal > 0)
    }
}
