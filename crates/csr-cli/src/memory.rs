//! Protects the process's memory, which holds private keys, pass phrases and tokens.

use crate::failure::note;

/// Disables core dumps of this process and, on Linux, keeps other processes of the same user from reading its memory.
pub(crate) fn keep_private() {
    if let Err(why) = refuse_core_dumps() {
        note(&format!("cannot disable core dumps, which could hold private keys: {why}"));
    }
}

#[cfg(unix)]
fn refuse_core_dumps() -> nix::Result<()> {
    use nix::sys::resource::{Resource, setrlimit};

    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    // The limit is ignored if the kernel pipes core dumps to a program (core(5)). This call isn't; it also makes root the
    // owner of this process's files in /proc, and keeps debuggers out (prctl(2)).
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_dumpable(false)?;
    Ok(())
}

#[cfg(not(unix))]
fn refuse_core_dumps() -> Result<(), std::convert::Infallible> {
    Ok(())
}
