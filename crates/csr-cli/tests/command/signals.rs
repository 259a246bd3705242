//! A signal at any moment leaves both files or neither, whole, and no other file.

use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::bench::Bench;

const FILES: [&str; 2] = ["a.example.csr", "a.example.key"];

enum Moment {
    /// When the folder changes, which means that the first file is being written.
    Writing,
    After(Duration),
}

fn create_and_signal(bench: &Bench, force: &[&str], signal: Signal, moment: &Moment) -> ExitStatus {
    let before = bench.names();
    let mut command = bench.command();
    command.args(["create", "--domain", "a.example"]).args(force);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    match moment {
        Moment::After(delay) => std::thread::sleep(*delay),
        Moment::Writing => {
            while bench.names() == before {
                if let Some(status) = child.try_wait().unwrap() {
                    return status;
                }
            }
        }
    }
    // The child was not waited for yet, so the id is still its own.
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
    child.wait().unwrap()
}

fn is_pem(bench: &Bench, name: &str) -> bool {
    let text = bench.text(name);
    text.starts_with("-----BEGIN ") && text.ends_with("-----\n")
}

#[test]
fn signal_leaves_both_files_or_neither() {
    let early = (0..20).map(|n| Moment::After(Duration::from_micros(n * 500)));
    let moments: Vec<_> = (0..20).map(|_| Moment::Writing).chain(early).collect();
    let mut ended_by_signal = 0;
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        for moment in &moments {
            let bench = Bench::new();
            let status = create_and_signal(&bench, &[], signal, moment);
            let names = bench.names();
            assert!(names.is_empty() || names == FILES, "{signal}: {names:?}");
            assert!(names.iter().all(|name| is_pem(&bench, name)), "{signal}");
            assert!(status.success() || status.signal() == Some(signal as i32), "{signal}: {status}");
            assert!(!status.success() || names == FILES, "{signal}: {names:?}");
            // A signal before `main` would prove nothing.
            ended_by_signal += i32::from(matches!(moment, Moment::Writing) && !status.success());
        }
    }
    assert_ne!(ended_by_signal, 0);
}

#[test]
fn signal_replaces_both_files_or_neither() {
    let early = (0..20).map(|n| Moment::After(Duration::from_micros(n * 500)));
    let moments: Vec<_> = (0..20).map(|_| Moment::Writing).chain(early).collect();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        for moment in &moments {
            let bench = Bench::new();
            FILES.iter().for_each(|name| bench.write(name, "old"));
            let status = create_and_signal(&bench, &["--force"], signal, moment);
            assert_eq!(bench.names(), FILES, "{signal}");
            let old = FILES.map(|name| bench.text(name) == "old");
            assert!(old == [true; 2] || FILES.iter().all(|name| is_pem(&bench, name)), "{signal}: {old:?}");
            assert!(!status.success() || old == [false; 2], "{signal}: nothing was replaced");
            assert!(status.success() || status.signal() == Some(signal as i32), "{signal}: {status}");
        }
    }
}
