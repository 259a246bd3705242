//! The command on a terminal.

use std::process::{Command, Stdio};
use std::time::Duration;

use rexpect::session::{PtySession, spawn_command};

use crate::bench::Bench;

pub(crate) fn start(bench: &Bench, variables: &[(&str, &str)], args: &[&str]) -> PtySession {
    let mut command = bench.command();
    // The session provides the terminal.
    command.args(args).envs(variables.iter().copied()).stdin(Stdio::inherit());
    command.env("NO_COLOR", "1").env("TERM", "xterm");
    spawn_command(command, Some(60_000)).unwrap()
}

pub(crate) fn answer(session: &mut PtySession, question: &str, answer: &str) {
    session.exp_string(question).unwrap();
    session.send_line(answer).unwrap();
}

/// Answers questions, and then presses a key once the last question reads keys. Returns the output of the command from
/// there, and of a shell around it: the status, whether the terminal is as it was, and whether SIGINT is ignored. A
/// process inherits that from a shell that started it in the background.
pub(crate) fn pressed(
    bench: &Bench,
    args: &[&str],
    answers: &[(&str, &str)],
    question: &str,
    control: char,
) -> String {
    let script = r#"
        stty echo; before=$(stty -g)
        "$0" "$@"; echo status $?
        test "$before" = "$(stty -g)" && echo as it was
        sh -c 'kill -s INT $$; echo it is ignored'"#;
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_csr")]).args(args);
    command.env("NO_COLOR", "1").env("TERM", "xterm").current_dir(bench.path(""));
    let mut session = spawn_command(command, Some(60_000)).unwrap();
    for (question, given) in answers {
        answer(&mut session, question, given);
    }
    session.exp_string(question).unwrap();
    // The command prints a question before it sets the terminal.
    std::thread::sleep(Duration::from_millis(300));
    session.send_control(control).unwrap();
    session.exp_eof().unwrap()
}
