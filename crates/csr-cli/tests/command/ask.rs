//! `csr create` on a terminal, without the names that a certificate needs.

use rexpect::session::{PtySession, spawn_command};

use crate::bench::Bench;
use crate::terminal::{answer, pressed, start};

const DOMAIN: &str = "certificate is for: ";
const FURTHER: &str = "blanks between them [none]: ";
const ALGORITHM: &str = "Algorithm of the key";
const COMPANY: &str = "company or organization? [y/N] ";
const ENCRYPT: &str = "under a pass phrase? [y/N] ";
const FOLDER: &str = "Folder for the files [.]: ";

/// The command that does the same, and what is printed behind it.
fn shown(session: &mut PtySession) -> (String, String) {
    session.exp_string("This command does the same:\r\n  ").unwrap();
    // The session takes each byte for a character.
    let bytes = session.exp_eof().unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let rest = String::from_utf8(bytes).unwrap();
    let (command, rest) = rest.split_once("\r\n").unwrap();
    (command.to_owned(), rest.to_owned())
}

/// The subject and the names of a CSR.
fn content(bench: &Bench, csr: &str) -> [serde_json::Value; 2] {
    let json = bench.json(&["inspect", "--json", csr]);
    ["subject", "sans"].map(|field| json[field].clone())
}

#[test]
fn enter_takes_every_default() {
    let bench = Bench::new();
    let mut session = start(&bench, &[], &["create"]);
    answer(&mut session, DOMAIN, "a.example");
    for question in [FURTHER, ALGORITHM, COMPANY, ENCRYPT, FOLDER] {
        answer(&mut session, question, "");
    }
    let (command, rest) = shown(&mut session);
    assert_eq!(command, "csr create a.example");
    assert!(rest.contains("Made a private key (EC_P256)"), "{rest}");
    assert_eq!(bench.names(), ["a.example.csr", "a.example.key"]);
}

#[test]
fn refused_answers_are_asked_for_again() {
    let bench = Bench::new();
    let mut session = start(&bench, &[], &["create"]);
    let mut refused = |question: &str, given: &str, message: &str| {
        answer(&mut session, question, given);
        session.exp_string(&format!("error: {message}\r\n")).unwrap();
    };
    refused(
        DOMAIN,
        "a_b.example",
        r#""a_b.example" contains `_`, which host names don't have; --allow-underscore takes it"#,
    );
    refused(DOMAIN, "-x", r#""-x" has a label that starts or ends with `-`"#);
    answer(&mut session, DOMAIN, " a.example ");
    answer(&mut session, FURTHER, "b..example x@ u://[");
    session.exp_string(r#""b..example" has an empty label; "x@" has no domain"#).unwrap();
    answer(&mut session, FURTHER, "");
    answer(&mut session, ALGORITHM, "");
    answer(&mut session, COMPANY, "yes");
    answer(&mut session, "two letters: ", "China");
    session.exp_string("error: \"China\" must be a two-letter code").unwrap();
    answer(&mut session, "two letters: ", " ");
    session.exp_string("error: is required\r\n").unwrap();
    answer(&mut session, "two letters: ", "cn");
    answer(&mut session, "state: ", "Beijing");
    answer(&mut session, "City: ", "Beijing");
    answer(&mut session, "company or organization: ", &"x".repeat(65));
    session.exp_string("must have at most 64 characters").unwrap();
    answer(&mut session, "company or organization: ", "Example");
    answer(&mut session, ENCRYPT, "n");
    answer(&mut session, FOLDER, "keys");
    session.exp_string("error: there is no folder keys: make it with `mkdir -p keys`\r\n").unwrap();
    std::fs::create_dir(bench.path("keys")).unwrap();
    answer(&mut session, FOLDER, "keys");
    let (command, _) = shown(&mut session);
    assert_eq!(
        command,
        "csr create a.example --usage ENTERPRISE --country cn --province Beijing --city Beijing --organization Example --out keys"
    );
    assert!(bench.path("keys/a.example.csr").exists());
}

#[test]
fn shown_command_does_the_same() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("a folder")).unwrap();
    let mut session = start(&bench, &[], &["create", "--must-staple", "--organizational-unit", "R & D"]);
    answer(&mut session, DOMAIN, "*.例え.jp");
    answer(&mut session, FURTHER, "例え.jp, 2001:db8::1;me@a.example urn:x https://a.example/x");
    // `urn:x` is no host, and nothing says that it is a URI.
    session.exp_string("error: ").unwrap();
    answer(&mut session, FURTHER, "例え.jp, 2001:db8::1;me@a.example https://a.example/x");
    // One up.
    session.exp_string("> EC_P256").unwrap();
    session.send("\x1b[A").unwrap();
    session.flush().unwrap();
    session.exp_string("> RSA_4096").unwrap();
    session.send("\x1b[A\x1b[A").unwrap();
    session.flush().unwrap();
    session.exp_string("> RSA_2048").unwrap();
    session.send_line("").unwrap();
    answer(&mut session, COMPANY, "y");
    answer(&mut session, "two letters: ", "cn");
    answer(&mut session, "state: ", "-O'Brien \"$HOME\"-");
    answer(&mut session, "City: ", "北京");
    answer(&mut session, "company or organization: ", "Example, Inc.");
    answer(&mut session, ENCRYPT, "");
    answer(&mut session, FOLDER, "a folder");
    let (command, rest) = shown(&mut session);
    assert!(rest.contains("Made a private key (RSA_2048)"), "{rest}");
    let csr = "a folder/wildcard.xn--r8jz45g.jp.csr";
    let asked = content(&bench, csr);
    let arguments = command.strip_prefix("csr ").unwrap();
    let run = bench.after(&format!("set -- \"$0\" {arguments} --force --json; exec \"$@\""), &[]);
    assert_eq!(run.status, 0, "{run}\n{command}");
    assert_eq!(content(&bench, csr), asked, "{command}");
}

#[test]
fn what_flags_give_is_not_asked_for() {
    let bench = Bench::new();
    bench.copy("p384-pkcs8.pem");
    std::fs::create_dir(bench.path("keys")).unwrap();
    for (args, questions) in [
        (&["-fa", "SM2", "-o", "keys", "--usage", "PERSONAL"][..], &[ENCRYPT][..]),
        (&["--key", "p384-pkcs8.pem", "--out", ".", "--force"], &[COMPANY]),
        (&["--stdout"], &[ALGORITHM, COMPANY, ENCRYPT]),
        (&["--key-format", "sec1", "--force"], &[ALGORITHM, COMPANY, FOLDER]),
    ] {
        let mut session = start(&bench, &[], &[&["create"], args].concat());
        answer(&mut session, DOMAIN, "a.example");
        for question in [&[FURTHER], questions].concat() {
            answer(&mut session, question, "");
        }
        let (command, rest) = shown(&mut session);
        assert_eq!(command, format!("csr create a.example {}", args.join(" ")));
        assert!(rest.contains("Made a ") && !rest.contains('['), "{rest}");
    }
}

#[test]
fn profile_is_the_default_for_a_company() {
    let bench = Bench::new();
    let profile =
        [("CSR_COUNTRY", "DE"), ("CSR_PROVINCE", "Bayern"), ("CSR_CITY", "Trier"), ("CSR_ORGANIZATION", "E")];
    let mut session = start(&bench, &profile, &["create", "--usage", "ENTERPRISE", "--stdout"]);
    answer(&mut session, DOMAIN, "a.example");
    answer(&mut session, FURTHER, "");
    answer(&mut session, ALGORITHM, "");
    for (question, given) in [("[DE]: ", ""), ("[Bayern]: ", ""), ("[Trier]: ", "Nürnberg"), ("[E]: ", "")] {
        answer(&mut session, question, given);
    }
    answer(&mut session, ENCRYPT, "");
    let (command, rest) = shown(&mut session);
    assert_eq!(command, "csr create a.example --city Nürnberg --usage ENTERPRISE --stdout");
    assert!(rest.contains("country: CSR_COUNTRY") && !rest.contains("CSR_CITY"), "{rest}");
}

#[test]
fn faults_without_an_answer_are_refused_before_the_first_question() {
    let bench = Bench::new();
    for (args, message) in [
        (&["--country", "China"][..], "error: --country: \"China\" must be"),
        (&["--name", "../x"], "error: --name: must be a file name"),
    ] {
        let rest = start(&bench, &[], &[&["create"], args].concat()).exp_eof().unwrap();
        assert!(rest.contains(message) && !rest.contains(DOMAIN), "{rest}");
    }
}

#[test]
fn programs_are_not_asked() {
    let bench = Bench::new();
    let one_line = bench.run(&["create"]).stderr;
    for (script, json) in [
        ("\"$0\" create 2>err", false),
        ("\"$0\" create < /dev/null 2>err", false),
        ("\"$0\" create --json 2>err >out", true),
    ] {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &format!("{script}; echo status $?"), env!("CARGO_BIN_EXE_csr")]);
        command.current_dir(bench.path(""));
        let mut session = spawn_command(command, Some(60_000)).unwrap();
        assert_eq!(session.exp_eof().unwrap(), "status 2\r\n");
        assert_eq!(bench.text("err"), one_line);
        assert_eq!(bench.path("out").exists(), json);
    }
}

#[test]
fn ctrl_c_at_any_question_leaves_the_terminal_as_it_was_and_no_file() {
    let bench = Bench::new();
    let answers = [(DOMAIN, "a.example"), (FURTHER, ""), (ALGORITHM, ""), (COMPANY, ""), (ENCRYPT, "")];
    let questions = [DOMAIN, FURTHER, "SM2       for China's national standards", COMPANY, ENCRYPT, FOLDER];
    for (at, question) in questions.into_iter().enumerate() {
        let output = pressed(&bench, &["create"], &answers[..at], question, 'c');
        let is_ignored = output.contains("it is ignored");
        let end = if is_ignored { "error: no answer was given\r\nstatus 2" } else { "status 130" };
        assert!(output.contains(end) && output.contains("as it was"), "{question}: {output}");
        // The question may have hidden the cursor.
        let last = output.rsplit("\x1b[?25").next().unwrap();
        assert!(last.starts_with('h'), "{question}: {output:?}");
        assert!(bench.names().is_empty());
    }
}

/// The terminal shows what is typed. No message does.
#[test]
fn key_pasted_as_an_answer_is_in_no_message() {
    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0aIYiG7O9Sn0mXKc";
    let bench = Bench::new();
    let mut session = start(&bench, &[], &["create"]);
    answer(&mut session, DOMAIN, KEY);
    let message = session.exp_string("certificate is for: ").unwrap();
    let message = message.split("error: ").nth(1).unwrap();
    assert!((0..KEY.len() - 20).all(|at| !message.contains(&KEY[at..at + 20])), "{message}");
    answer(&mut session, "", "a.example");
    for (question, given) in [(FURTHER, ""), (ALGORITHM, ""), (COMPANY, ""), (ENCRYPT, "")] {
        answer(&mut session, question, given);
    }
    answer(&mut session, FOLDER, &format!("{KEY}/x"));
    let message = session.exp_string("Folder for the files").unwrap();
    let message = message.split("error: ").nth(1).unwrap();
    assert!((0..KEY.len() - 20).all(|at| !message.contains(&KEY[at..at + 20])), "{message}");
}
