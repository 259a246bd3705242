//! The commands of `docs/recipes.md` print what stands there. `CSR_UPDATE_RECIPES=1` writes it anew.

use std::path::PathBuf;
use std::process::Command;

use crate::bench::Bench;

/// What the recipes find in their folder.
const FILES: [&str; 3] = ["chain.pem", "leaf.key", "leaf.csr"];

#[test]
fn recipes_print_what_they_say() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/recipes.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut printed = String::new();
    let mut count = 0;
    for (index, section) in page.split("\n## ").enumerate() {
        if index > 0 {
            printed.push_str("\n## ");
        }
        let Some((text, rest)) = section.split_once("```console\n") else {
            printed.push_str(section);
            continue;
        };
        let (block, after) = rest.split_once("```").unwrap();
        printed.push_str(&format!("{text}```console\n{}```{after}", run(block)));
        count += 1;
    }
    assert!(count >= 15, "{count}");
    if std::env::var_os("CSR_UPDATE_RECIPES").is_some() {
        std::fs::write(&path, &printed).unwrap();
        return;
    }
    let (printed, page) = (without_hashes(&printed), without_hashes(&page));
    for (printed, page) in printed.split("\n## ").zip(page.split("\n## ")) {
        assert_eq!(printed, page);
    }
}

/// The block's commands, each with what it prints in one folder.
fn run(block: &str) -> String {
    let bench = Bench::new();
    for file in FILES {
        let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../csr-core/tests/data/certificates");
        bench.write(file, std::fs::read(data.join(file)).unwrap());
    }
    let folder = PathBuf::from(env!("CARGO_BIN_EXE_csr")).parent().unwrap().to_owned();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut shown = String::new();
    for command in commands(block) {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec 2>&1; {}", &command[2..])]).current_dir(bench.path(""));
        shell.env("PATH", &path).stdin(std::process::Stdio::null());
        let output = shell.output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{command}\n{printed}");
        shown.push_str(&format!("{command}\n{printed}"));
    }
    shown
}

/// The lines that begin with `$`, with those that a `\\` at their end continues.
fn commands(block: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut continues = false;
    for line in block.lines() {
        match commands.last_mut() {
            Some(command) if continues => command.push_str(&format!("\n{line}")),
            _ if line.starts_with("$ ") => commands.push(line.to_owned()),
            _ => continue,
        }
        continues = line.ends_with('\\');
    }
    commands
}

/// The fingerprints differ with every key.
fn without_hashes(text: &str) -> String {
    let is_hash = |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lines = text.split('\n').map(|line| {
        let words = line.split(' ').map(|word| if is_hash(word) { "(fingerprint)" } else { word });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}
