//! The files that `csr create` writes, and those that it leaves alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::bench::{Bench, Run, assert_prints};

const CREATE: [&str; 3] = ["create", "--domain", "a.example"];

fn mode(bench: &Bench, name: &str) -> u32 {
    fs::metadata(bench.path(name)).unwrap().permissions().mode() & 0o7777
}

#[test]
fn only_the_owner_can_read_the_key_whatever_the_umask() {
    for umask in ["000", "022", "077", "477"] {
        for force in [&[][..], &["--force"]] {
            let bench = Bench::new();
            let run = bench.after(&format!("umask {umask}"), &[&CREATE[..], force].concat());
            assert_eq!(run.status, 0, "{run}");
            assert_eq!(mode(&bench, "a.example.key"), 0o600, "umask {umask} {force:?}");
            let csr = 0o666 & !u32::from_str_radix(umask, 8).unwrap();
            assert_eq!(mode(&bench, "a.example.csr"), csr, "umask {umask} {force:?}");
        }
    }
}

#[test]
fn existing_files_are_kept() {
    for taken in ["a.example.key", "a.example.csr"] {
        let bench = Bench::new();
        bench.write(taken, "mine");
        bench.run(&CREATE).refused(&format!("{taken} exists; pass --force to replace it"));
        assert_eq!(bench.text(taken), "mine");
        assert_eq!(bench.names(), [taken]);
    }
}

#[test]
fn force_replaces_both_files_and_tightens_the_key() {
    let bench = Bench::new();
    bench.write("a.example.key", "old");
    bench.write("a.example.csr", "old");
    fs::set_permissions(bench.path("a.example.key"), Permissions::from_mode(0o666)).unwrap();
    let reader = fs::File::open(bench.path("a.example.key")).unwrap();
    let run = bench.run(&[&CREATE[..], &["--force"]].concat());
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(bench.names(), ["a.example.csr", "a.example.key"]);
    assert!(bench.text("a.example.key").starts_with("-----BEGIN PRIVATE KEY-----"));
    assert_eq!(mode(&bench, "a.example.key"), 0o600);
    // Replaced, not rewritten: a process that had the old file open doesn't see the new key.
    assert_eq!(std::io::read_to_string(reader).unwrap(), "old");
}

#[test]
fn links_are_never_written_through() {
    for name in ["a.example.key", "a.example.csr"] {
        for force in [&[][..], &["--force"]] {
            let bench = Bench::new();
            bench.write("target", "mine");
            symlink("target", bench.path(name)).unwrap();
            bench.run(&[&CREATE[..], force].concat()).refused("is a symbolic link");
            assert_eq!(bench.text("target"), "mine");
            assert_eq!(bench.names().len(), 2);
        }
    }
    let bench = Bench::new();
    symlink("nowhere", bench.path("a.example.key")).unwrap();
    bench.run(&CREATE).refused("is a symbolic link");
    assert!(!bench.path("nowhere").exists());
}

#[test]
fn only_files_are_replaced() {
    let bench = Bench::new();
    fs::create_dir(bench.path("a.example.csr")).unwrap();
    bench.run(&[&CREATE[..], &["--force"]].concat()).refused("exists and is not a file");
    assert_eq!(bench.names(), ["a.example.csr"]);
}

#[test]
fn names_cannot_escape_the_folder() {
    let bench = Bench::new();
    fs::create_dir(bench.path("in")).unwrap();
    let too_long = "n".repeat(252);
    for name in [
        "../x",
        "/tmp/x",
        "a/b",
        "a\\b",
        "..",
        ".",
        ".x",
        "-x",
        "",
        "a\nb",
        "a\x1b[2J",
        "a\u{202e}b",
        &too_long,
    ] {
        let run = bench.run(&["create", "--domain", "a.example", "--out", "in", &format!("--name={name}")]);
        run.refused("error: --name: ");
        let request = serde_json::json!({"name": name, "domain_name": "a.example",
            "private_key_algo": "EC_P256", "usage": "PERSONAL"});
        let run = bench.run_with(&["create", "--request", "-", "--out", "in"], request.to_string());
        run.refused("error: name: ");
        assert!(!run.stderr.contains('\x1b'), "{run}");
    }
    assert_eq!(bench.names(), ["in"]);
    assert_eq!(fs::read_dir(bench.path("in")).unwrap().count(), 0);
    let longest = "n".repeat(251);
    assert_eq!(bench.run(&["create", "--domain", "a.example", "--name", &longest]).status, 0);
    assert_eq!(bench.run(&["create", "--domain", "a.example", "--name", &longest, "--force"]).status, 0);
}

#[test]
fn file_that_cannot_be_written_leaves_no_other_behind() {
    // The CSR fits into 1,536 bytes, the key does not.
    for force in [&[][..], &["--force"]] {
        let bench = Bench::new();
        bench.write("a.example.key", "old");
        let args = ["create", "--domain", "a.example", "--algorithm", "RSA_2048"];
        if force.is_empty() {
            fs::remove_file(bench.path("a.example.key")).unwrap();
        }
        let run = bench.after("trap '' XFSZ; ulimit -f 3", &[&args[..], force].concat());
        run.refused("cannot write a.example.key: File too large");
        let left: &[&str] = if force.is_empty() { &[] } else { &["a.example.key"] };
        assert_eq!(bench.names(), left, "{force:?}");
    }
}

#[test]
fn read_only_folder_stays_empty() {
    let bench = Bench::new();
    fs::create_dir(bench.path("in")).unwrap();
    fs::set_permissions(bench.path("in"), Permissions::from_mode(0o555)).unwrap();
    fs::set_permissions(bench.path(""), Permissions::from_mode(0o755)).unwrap();
    // Root can write to any folder, so it runs a copy of the command as another user.
    fs::copy(env!("CARGO_BIN_EXE_csr"), bench.path("csr")).unwrap();
    let mut command = Command::new(bench.path("csr"));
    command.args(CREATE).args(["--out", "in"]).current_dir(bench.path("")).stdin(Stdio::null());
    if fs::metadata(bench.path("in")).unwrap().uid() == 0 {
        command.uid(65534).gid(65534);
    }
    // A test that forks meanwhile keeps the copy open for writing until it runs its own program.
    let output = (0..500).find_map(|_| match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
            std::thread::sleep(std::time::Duration::from_millis(10));
            None
        }
        finished => Some(finished.unwrap()),
    });
    let run = Run::new(&CREATE, output.unwrap());
    run.refused("cannot write in/a.example.csr: Permission denied");
    assert_eq!(fs::read_dir(bench.path("in")).unwrap().count(), 0);
}

#[test]
fn out_must_be_an_existing_folder() {
    let bench = Bench::new();
    bench.write("file", "");
    assert_prints!(bench.run(&["create", "--domain", "a.example", "--out", "nowhere"]));
    assert_prints!(bench.run(&["create", "--domain", "a.example", "--out", "file"]));
}

#[test]
fn command_in_the_message_makes_the_missing_folder() {
    let bench = Bench::new();
    for folder in ["keys", "a folder/it's one", "-x", "例/*"] {
        let out = format!("--out={folder}");
        let args = ["create", "a.example", &out];
        let refused = bench.run(&args);
        refused.refused("error: --out: there is no folder ");
        let command = refused.stderr.split('`').nth(1).unwrap();
        let made = Command::new("sh").args(["-c", command]).current_dir(bench.path("")).status();
        assert!(made.unwrap().success(), "{refused}");
        assert_eq!(bench.run(&args).status, 0);
    }
    symlink("nowhere", bench.path("link")).unwrap();
    bench
        .run(&["create", "a.example", "--out", "link"])
        .refused("--out: cannot open the folder link: No such");
}
