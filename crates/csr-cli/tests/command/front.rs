//! Help, completions, manual pages, and a standard output that fails.

use crate::bench::Bench;
#[cfg(feature = "serve")]
use crate::bench::assert_prints;

#[cfg(feature = "serve")]
#[test]
fn help_of_each_command() {
    let bench = Bench::new();
    assert_prints!(bench.run(&["--help"]));
    assert_prints!(bench.run(&["create", "--help"]));
    assert_prints!(bench.run(&["inspect", "--help"]));
    assert_prints!(bench.run(&["verify", "--help"]));
    assert_prints!(bench.run(&["serve", "--help"]));
    assert_prints!(bench.run(&["access", "--help"]));
    assert_prints!(bench.run(&["access", "add", "--help"]));
    assert_prints!(bench.run(&["key", "export", "--help"]));
    assert_prints!(bench.run(&["master-key", "rotate", "--help"]));
    assert_prints!(bench.run(&["completions", "--help"]));
    assert_prints!(bench.run(&["man", "--help"]));
    assert_prints!(bench.run(&["create", "-h"]));
    assert_prints!(bench.run(&["inspect", "-h"]));
    assert_prints!(bench.run(&["serve", "-h"]));
    assert_prints!(bench.run(&["access", "add", "-h"]));
    assert_prints!(bench.run(&["match", "--help"]));
    assert_prints!(bench.run(&["batch", "--help"]));
    assert_prints!(bench.run(&["batch", "-h"]));
}

#[test]
fn csr_without_arguments_prints_help_and_fails() {
    let bench = Bench::new();
    let help = bench.run(&["--help"]).stdout;
    let run = bench.run(&[]);
    run.refused("Usage: csr <COMMAND>");
    assert_eq!(run.stderr, help);
}

#[test]
fn version_is_printed() {
    let run = Bench::new().run(&["--version"]);
    assert_eq!(run.stdout, concat!("csr ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn completions_know_the_commands_and_the_algorithms() {
    let bench = Bench::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = bench.run(&["completions", shell]);
        assert_eq!((run.status, &*run.stderr), (0, ""), "{run}");
        for word in ["batch", "keep-going", "inspect", "san-email", "EC_P384"] {
            // The scripts for the other two shells hold no values.
            if word != "EC_P384" || matches!(shell, "bash" | "fish" | "zsh") {
                assert!(run.stdout.contains(word), "{shell}: {word}");
            }
        }
    }
    bench.run(&["completions", "tcsh"]).refused("zsh");
}

#[test]
fn manual_pages_are_written_for_each_command() {
    let bench = Bench::new();
    let page = bench.run(&["man"]).stdout;
    assert!(page.contains(".TH csr 1") && page.contains("Exit status"), "{page}");
    std::fs::create_dir(bench.path("man1")).unwrap();
    assert_eq!(bench.run(&["man", "--out", "man1"]).status, 0);
    for page in ["csr.1", "csr-create.1", "csr-batch.1", "csr-inspect.1", "csr-verify.1", "csr-match.1"] {
        let text = bench.text(&format!("man1/{page}"));
        assert!(text.contains("Exit status") && text.contains("Examples"), "{page}: {text}");
    }
    bench
        .run(&["man", "--out", "nowhere"])
        .refused("error: --out: there is no folder nowhere: make it with `mkdir");
}

#[cfg(target_os = "linux")]
#[test]
fn failing_standard_output_is_an_error() {
    let bench = Bench::new();
    bench.copy("hostile.csr");
    for args in [
        &["inspect", "hostile.csr"][..],
        &["inspect", "--json", "hostile.csr"],
        &["verify", "hostile.csr"],
        &["completions", "bash"],
        &["man"],
        &["create", "--domain", "a.example", "--stdout"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = bench.command().args(args).stdout(full).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert_eq!(stderr, "error: No space left on device (os error 28)\n", "{args:?}");
    }
}

#[test]
fn written_files_are_a_success_even_if_the_summary_cannot_be_printed() {
    let bench = Bench::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = bench.command().args(["create", "--domain", "a.example"]).stdout(full).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.starts_with("note: the files are written, but this summary could not be"), "{stderr}");
    assert_eq!(bench.names(), ["a.example.csr", "a.example.key"]);
}

/// Rust's runtime opens `/dev/null` in place of the closed descriptor, so that is what the command sees.
#[cfg(unix)]
#[test]
fn no_key_is_made_for_a_closed_standard_output() {
    let bench = Bench::new();
    for more in [&[][..], &["--json"]] {
        let args = [&["create", "--domain", "a.example", "--stdout"], more].concat();
        bench.after("exec >&-", &args).refused("--stdout: standard output is closed or null");
        let discarded = bench.after("exec >/dev/null", &args);
        assert_eq!(discarded.status, 0, "{discarded}");
    }
    assert_eq!(bench.after("exec >&-", &["create", "--domain", "a.example"]).status, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn messages_that_cannot_be_printed_change_nothing() {
    let bench = Bench::new();
    let create = ["create", "--domain", "a.example", "--stdout"];
    let run = bench.after("exec 2>/dev/full", &create);
    assert_eq!(run.status, 0, "{run}");
    assert!(run.stdout.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{run}");
    assert!(run.stdout.ends_with("-----END CERTIFICATE REQUEST-----\n"), "{run}");
    for args in
        [&create[..], &["inspect", "nowhere"], &["create"], &["nothing"], &["create", "--domain", ".."]]
    {
        let run = bench.after("exec >/dev/full 2>/dev/full", args);
        assert_eq!(run.status, 2, "{run}");
    }
}

#[test]
fn closed_pipe_on_standard_output_is_no_panic() {
    let bench = Bench::new();
    bench.copy("hostile.csr");
    for args in
        [&["inspect", "hostile.csr"][..], &["inspect", "--json", "hostile.csr"], &["completions", "bash"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = bench.command().args(args).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{args:?}");
    }
}

#[test]
fn no_colours_are_printed_without_a_terminal() {
    let bench = Bench::new();
    bench.copy("hostile.csr");
    for args in [&["inspect", "hostile.csr"][..], &["inspect", "nowhere"], &["--help"], &["create", "--san"]]
    {
        let run = bench.run(args);
        assert!(!run.stdout.contains('\x1b') && !run.stderr.contains('\x1b'), "{run}");
    }
}
