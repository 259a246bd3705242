//! The process's memory, which private keys, pass phrases and tokens pass through.

use crate::failure::note;

/// Refuses core dumps of this process, and, on Linux, other processes of the same user that would look into it.
pub(crate) fn keep_private() {
    if let Err(why) = refuse_core_dumps() {
        note(&format!("core dumps, which could hold private keys, cannot be switched off: {why}"));
    }
}

#[cfg(unix)]
fn refuse_core_dumps() -> nix::Result<()> {
    use nix::sys::resource::{Resource, setrlimit};

    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    // The limit doesn't hold where the kernel pipes core dumps to a program (core(5)). This does; and it gives what is in
    // /proc of this process to root, and keeps debuggers out (prctl(2)).
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_dumpable(false)?;
    Ok(())
}

#[cfg(not(unix))]
fn refuse_core_dumps() -> Result<(), std::convert::Infallible> {
    Ok(())
}
