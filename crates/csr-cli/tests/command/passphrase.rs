//! Pass phrases from files, the environment and the terminal.

use crate::bench::{Bench, Run, assert_prints};

const ENCRYPT: [&str; 4] = ["create", "--domain", "a.example", "--encrypt"];
const REOPEN: [&str; 6] = ["create", "--domain", "b.example", "--key", "a.example.key", "--force"];

#[track_caller]
fn assert_encrypted_under(bench: &Bench, passphrase: &str) {
    assert!(bench.text("a.example.key").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    bench.write("right", passphrase);
    bench.write("wrong", format!("{passphrase}x"));
    let right = bench.run(&[&REOPEN[..], &["--passphrase-file", "right"]].concat());
    assert_eq!(right.status, 0, "{right}");
    let wrong = bench.run(&[&REOPEN[..], &["--passphrase-file", "wrong"]].concat());
    wrong.refused("a.example.key: the pass phrase is wrong");
}

#[test]
fn pass_phrase_is_the_first_line_of_the_file() {
    for contents in [
        "pass phräse",
        "pass phräse\n",
        "pass phräse\r\n",
        "pass phräse\nsecond line\n",
        "\u{feff}pass phräse\r\n",
    ] {
        let bench = Bench::new();
        bench.write("file", contents);
        let run = bench.run(&[&ENCRYPT[..], &["--passphrase-file", "file"]].concat());
        assert_eq!(run.status, 0, "{run}");
        assert!(run.stdout.contains("a.example.key (PKCS#8, encrypted)"), "{run}");
        assert_encrypted_under(&bench, "pass phräse");
    }
}

#[test]
fn pass_phrase_comes_from_the_environment_variable() {
    let bench = Bench::new();
    let run = |value: Option<&str>| {
        let args = [&ENCRYPT[..], &["--passphrase-env", "CSR_TEST_PASS", "--der"]].concat();
        let mut command = bench.command();
        command.args(&args).env_remove("CSR_TEST_PASS").envs(value.map(|value| ("CSR_TEST_PASS", value)));
        Run::new(&args, command.output().unwrap())
    };
    run(None).refused("--passphrase-env: the variable CSR_TEST_PASS is not set");
    run(Some("")).refused("--passphrase-env: the variable CSR_TEST_PASS must not be empty");
    assert!(bench.names().is_empty());
    assert_eq!(run(Some("secret")).status, 0);
    assert_eq!(bench.read("a.example.key")[0], 0x30);
    bench.write("right", "secret");
    let reopened = bench.run(&[&REOPEN[..], &["--passphrase-file", "right"]].concat());
    assert_eq!(reopened.status, 0, "{reopened}");
}

/// PowerShell's `>` and Notepad write UTF-16.
#[test]
fn pass_phrase_in_utf_16_is_refused_by_name() {
    let bench = Bench::new();
    let bytes = |text: &str, of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(of).collect::<Vec<u8>>();
    let args = [&ENCRYPT[..], &["--passphrase-file", "file"]].concat();
    for of in [u16::to_le_bytes, u16::to_be_bytes] {
        for (text, message) in [
            ("\u{feff}sesame\r\n", "--passphrase-file: must be UTF-8, not UTF-16: "),
            (
                "sesame\r\n",
                "--passphrase-file: must be UTF-8 text, but the first line contains a NUL, as in UTF-16",
            ),
        ] {
            bench.write("file", bytes(text, of));
            bench.run(&args).refused(message);
            let challenge = ["create", "--domain", "a.example", "--challenge-password-file", "file"];
            bench.run(&challenge).refused(&message.replace("passphrase", "challenge-password"));
        }
    }
    assert_prints!(bench.run(&args));
    bench.write("file", bytes("\u{feff}sesame", u16::to_le_bytes));
    assert_prints!(bench.run(&args));
    assert_eq!(bench.names(), ["file"]);
}

#[cfg(unix)]
#[test]
fn byte_order_mark_in_a_variable_is_not_part_of_the_pass_phrase() {
    let bench = Bench::new();
    let args = [&ENCRYPT[..], &["--passphrase-env", "CSR_TEST_PASS"]].concat();
    let run = |value: &[u8]| {
        let value: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(value);
        Run::new(&args, bench.command().args(&args).env("CSR_TEST_PASS", value).output().unwrap())
    };
    run(b"\xff\xfesesame").refused("--passphrase-env: CSR_TEST_PASS: must be UTF-8, not UTF-16: ");
    run("\u{feff}".as_bytes()).refused("--passphrase-env: the variable CSR_TEST_PASS must not be empty");
    assert_eq!(run("\u{feff}sesame".as_bytes()).status, 0);
    assert_encrypted_under(&bench, "sesame");
}

#[test]
fn files_without_a_pass_phrase_are_refused() {
    let bench = Bench::new();
    for (contents, message) in [
        ("", "it is empty"),
        ("\n", "the first line of file must not be empty"),
        ("\r\nx", "must not be empty"),
    ] {
        bench.write("file", contents);
        let run = bench.run(&[&ENCRYPT[..], &["--passphrase-file", "file"]].concat());
        run.refused("--passphrase-file: ");
        run.refused(message);
    }
    assert_eq!(bench.names(), ["file"]);
}

#[test]
fn encrypted_key_of_openssl_is_opened() {
    let bench = Bench::new();
    bench.copy("p256-encrypted-aes256.pem");
    bench.write("right", "secret\n");
    let args = ["create", "--domain", "a.example", "--key", "p256-encrypted-aes256.pem"];
    let run = bench.run(&[&args[..], &["--passphrase-file", "right"]].concat());
    assert_eq!(run.status, 0, "{run}");
}

#[test]
fn unneeded_pass_phrase_is_noted() {
    let bench = Bench::new();
    bench.copy("p384-pkcs8.pem");
    bench.write("file", "sesame");
    let key = ["create", "--domain", "a.example", "--key", "p384-pkcs8.pem", "--force"];
    for given in [["--passphrase-file", "file"], ["--passphrase-env", "CSR_TEST_PASS"]] {
        let run = bench.run(&[&key[..], &given].concat());
        assert_eq!(run.status, 0, "{run}");
        assert_eq!(run.stderr, format!("note: {}: the key is not encrypted\n", given[0]));
    }
}

/// `setsid` detaches the command from the terminal that the tests may run on.
#[cfg(target_os = "linux")]
#[test]
fn prompt_without_a_terminal_fails_at_once() {
    let bench = Bench::new();
    bench.copy("p256-encrypted-aes256.pem");
    let key = ["create", "--domain", "a.example", "--key", "p256-encrypted-aes256.pem"];
    for args in [&ENCRYPT[..], &key] {
        let mut command = std::process::Command::new("setsid");
        command.arg("--wait").arg(env!("CARGO_BIN_EXE_csr")).args(args).current_dir(bench.path(""));
        let run = Run::new(args, command.stdin(std::process::Stdio::null()).output().unwrap());
        run.refused("no terminal to ask for the pass phrase: use --passphrase-file or --passphrase-env");
    }
    assert_eq!(bench.names(), ["p256-encrypted-aes256.pem"]);
}

#[test]
fn refused_request_asks_for_no_pass_phrase() {
    let bench = Bench::new();
    let run = bench.run(&["create", "--domain", "a_b.example", "--encrypt"]);
    run.refused("--domain: ");
    assert_eq!(run.stderr.lines().count(), 1, "{run}");
}

#[cfg(unix)]
mod prompt {
    use rexpect::session::PtySession;

    use super::*;
    use crate::terminal::{self, answer};

    const QUESTION: &str = "Pass phrase for the new key: ";

    fn start(bench: &Bench, args: &[&str]) -> PtySession {
        terminal::start(bench, &[], args)
    }

    fn pressed(bench: &Bench, control: char) -> String {
        terminal::pressed(bench, &ENCRYPT, &[], QUESTION, control)
    }

    #[test]
    fn pass_phrase_of_a_new_key_is_asked_for_twice_and_not_echoed() {
        let bench = Bench::new();
        let mut session = start(&bench, &ENCRYPT);
        answer(&mut session, QUESTION, "sesame");
        answer(&mut session, "Again: ", "sesame");
        let rest = session.exp_eof().unwrap();
        assert!(rest.contains("PKCS#8, encrypted") && !rest.contains("sesame"), "{rest}");
        assert_encrypted_under(&bench, "sesame");
    }

    /// Gives two pass phrases that differ, or an empty one.
    fn fail(session: &mut PtySession, answers: &[&str]) {
        answer(session, QUESTION, answers[0]);
        answers.iter().skip(1).for_each(|again| answer(session, "Again: ", again));
    }

    #[test]
    fn different_or_empty_answers_are_asked_for_again() {
        let bench = Bench::new();
        let mut session = start(&bench, &ENCRYPT);
        fail(&mut session, &["sesame", "simsim"]);
        session.exp_string("note: the two pass phrases must be the same; try again").unwrap();
        fail(&mut session, &[""]);
        session.exp_string("note: the pass phrase must not be empty; try again").unwrap();
        answer(&mut session, QUESTION, "sesame");
        answer(&mut session, "Again: ", "sesame");
        session.exp_string("PKCS#8, encrypted").unwrap();
        session.exp_eof().unwrap();
        assert_encrypted_under(&bench, "sesame");
    }

    #[test]
    fn third_different_or_empty_answer_is_refused() {
        let bench = Bench::new();
        for (last, message) in [
            (&["sesame", "simsim"][..], "error: --encrypt: the two pass phrases must be the same"),
            (&[""], "error: --encrypt: the pass phrase must not be empty"),
        ] {
            let mut session = start(&bench, &ENCRYPT);
            fail(&mut session, &["sesame", "simsim"]);
            fail(&mut session, &["sesame", ""]);
            fail(&mut session, last);
            let rest = session.exp_eof().unwrap();
            assert!(rest.contains(message) && !rest.contains("try again"), "{rest}");
            assert!(bench.names().is_empty());
        }
    }

    #[test]
    fn wrong_pass_phrase_of_a_key_is_asked_for_again_and_the_third_refused() {
        let bench = Bench::new();
        bench.copy("p256-encrypted-aes256.pem");
        let args = ["create", "--domain", "a.example", "--key", "p256-encrypted-aes256.pem"];
        for last in ["secret", "wrong"] {
            let mut session = start(&bench, &args);
            for _ in 0..2 {
                answer(&mut session, "Pass phrase of the key: ", "wrong");
                session.exp_string("note: the pass phrase is wrong").unwrap();
            }
            answer(&mut session, "Pass phrase of the key: ", last);
            let rest = session.exp_eof().unwrap();
            assert_eq!(
                rest.contains("error: --key: p256-encrypted-aes256.pem: the pass phrase is wrong"),
                last == "wrong"
            );
            assert_eq!(bench.path("a.example.csr").exists(), last == "secret", "{rest}");
            let _ = std::fs::remove_file(bench.path("a.example.csr"));
        }
    }

    #[test]
    fn ctrl_c_ends_the_command_and_leaves_the_terminal_as_it_was() {
        let bench = Bench::new();
        let output = pressed(&bench, 'c');
        let is_ignored = output.contains("it is ignored");
        let end = if is_ignored { "error: no pass phrase was given\r\nstatus 2" } else { "status 130" };
        assert!(output.contains(end) && output.contains("as it was"), "{output}");
        assert!(bench.names().is_empty());
    }

    #[test]
    fn ctrl_d_gives_no_pass_phrase() {
        let bench = Bench::new();
        let output = pressed(&bench, 'd');
        assert!(output.contains("error: no pass phrase was given"), "{output}");
        assert!(output.contains("status 2") && output.contains("as it was"), "{output}");
        assert!(bench.names().is_empty());
    }

    #[test]
    fn pass_phrase_of_an_encrypted_key_is_asked_for_once() {
        let bench = Bench::new();
        bench.copy("p256-encrypted-aes256.pem");
        let args = ["create", "--domain", "a.example", "--key", "p256-encrypted-aes256.pem"];
        let mut session = start(&bench, &args);
        answer(&mut session, "Pass phrase of the key: ", "secret");
        session.exp_string("Made a certificate signing request").unwrap();
        session.exp_eof().unwrap();
        assert!(bench.path("a.example.csr").exists());
    }
}
