//! The commands of the READMEs, as they stand there.

use std::process::Command;

use rexpect::session::spawn_command;

use crate::bench::Bench;

/// The first shell block behind this text of a file of the workspace.
fn block(file: &str, before: &str) -> String {
    let path = format!("{}/../../{file}", env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(path).unwrap();
    let rest = readme.split_once(before).unwrap().1;
    let block = rest.split_once("```sh\n").unwrap().1;
    block.split_once("```").unwrap().0.to_owned()
}

/// A shell in an empty folder that runs the commands, with `csr` in its path.
fn shell(bench: &Bench, commands: &str) -> Command {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_csr")).parent().unwrap();
    let mut command = Command::new("sh");
    command.args(["-ec", &format!("{commands}\necho all done")]).current_dir(bench.path(""));
    command.env("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
    command
}

#[test]
fn commands_of_the_readme_work_in_an_empty_folder() {
    let bench = Bench::new();
    let command = shell(&bench, &block("README.md", "\n## The command\n"));
    let mut session = spawn_command(command, Some(60_000)).unwrap();
    for question in ["Pass phrase for the new key: ", "Again: "] {
        session.exp_string(question).unwrap();
        session.send_line("sesame").unwrap();
    }
    let rest = session.exp_eof().unwrap();
    assert!(rest.contains("all done"), "{rest}");
}

#[test]
fn commands_of_the_crates_readme_work_in_an_empty_folder() {
    let bench = Bench::new();
    let mut command = shell(&bench, &block("crates/csr-cli/README.md", "A company's CSR"));
    let output = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stdout.contains("all done"), "{stdout}{stderr}");
    let files = [
        "pay.example.org.csr",
        "pay.example.org.key",
        "request.json",
        "shop.example.org.csr",
        "shop.example.org.key",
    ];
    assert_eq!(bench.names(), [&["csr.toml", "keys"], &files[..]].concat());
}
