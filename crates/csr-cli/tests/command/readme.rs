//! The commands of the README, as they stand there.

use std::process::Command;

use rexpect::session::spawn_command;

use crate::bench::Bench;

fn block(heading: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let section = readme.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let block = section.split_once("```sh\n").unwrap().1;
    block.split_once("```").unwrap().0.to_owned()
}

#[test]
fn its_commands_work_in_an_empty_folder() {
    let bench = Bench::new();
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_csr")).parent().unwrap();
    let mut command = Command::new("sh");
    command.args(["-ec", &format!("{}\necho all done", block("The command"))]).current_dir(bench.path(""));
    command.env("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
    let mut session = spawn_command(command, Some(60_000)).unwrap();
    for question in ["Pass phrase for the new key: ", "Again: "] {
        session.exp_string(question).unwrap();
        session.send_line("sesame").unwrap();
    }
    let rest = session.exp_eof().unwrap();
    assert!(rest.contains("all done"), "{rest}");
}
