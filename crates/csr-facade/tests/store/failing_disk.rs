//! A disk that is full, read-only or fails to sync gives an error, never a false success, and the
//! store recovers.
//!
//! A small library, preloaded into the writing process, makes system calls fail while a file tells
//! it to.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command};

use crate::backend::{Place, sqlite_place};
use crate::crash::Writers;
use crate::operations::check_key;
use crate::{NamedTrial, Result, ensure, runtime};

/// Trials with a failing disk.
pub(crate) const TRIALS: &[NamedTrial] = &[
    ("a full disk is an error, and it recovers", || fails_and_recovers("write 28")),
    ("a read-only disk is an error, and it recovers", || fails_and_recovers("write 30")),
    ("a failing fsync is an error, and it recovers", || fails_and_recovers("sync 5")),
];

/// Why the library cannot be built here.
pub(crate) fn missing() -> Option<String> {
    let cc = Command::new("cc").arg("--version").output();
    if cc.is_ok_and(|output| output.status.success()) { None } else { Some("`cc` is not installed".into()) }
}

/// `write ERRNO` or `sync ERRNO` in the file named by FAILING fails the calls on files.
const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int told(const char *what, int fd) {
    struct stat file;
    char line[16] = {0}, kind[8] = {0};
    int number = 0;
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) return 0;
    FILE *control = fopen(getenv("FAILING"), "r");
    if (!control) return 0;
    if (fgets(line, sizeof line, control)) sscanf(line, "%7s %d", kind, &number);
    fclose(control);
    if (kind[0] != what[0] || number == 0) return 0;
    errno = number;
    return 1;
}
#define FAIL(result, name, what, parameters, arguments) \
    result name parameters { \
        result (*real) parameters = (result (*) parameters)dlsym(RTLD_NEXT, #name); \
        return told(what, fd) ? -1 : real arguments; \
    }
FAIL(ssize_t, write, "write", (int fd, const void *bytes, size_t size), (fd, bytes, size))
FAIL(ssize_t, pwrite, "write", (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at))
FAIL(ssize_t, pwrite64, "write", (int fd, const void *bytes, size_t size, off64_t at), (fd, bytes, size, at))
FAIL(int, ftruncate, "write", (int fd, off_t size), (fd, size))
FAIL(int, ftruncate64, "write", (int fd, off64_t size), (fd, size))
FAIL(int, fsync, "sync", (int fd), (fd))
FAIL(int, fdatasync, "sync", (int fd), (fd))
"#;

fn library(folder: &Path) -> Result<PathBuf> {
    let (source, library) = (folder.join("failing.c"), folder.join("failing.so"));
    fs::write(&source, LIBRARY)?;
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl")
        .output()?;
    ensure!(made.status.success(), "cc: {}", String::from_utf8_lossy(&made.stderr));
    Ok(library)
}

fn fails_and_recovers(failure: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let library = library(folder.path())?.display().to_string();
    let control = folder.path().join("control");
    let place = sqlite_place()?;
    let environment = [("LD_PRELOAD", library.as_str()), ("FAILING", control.to_str().ok_or("not UTF-8")?)];
    let mut writers = Writers::start(&place, "obey", &environment)?;
    let mut output = writers.output()?;
    let mut line = String::new();
    output.read_line(&mut line)?;
    let mut kept = Vec::new();
    for round in 0..3 {
        let Answers { ids, failed, ready } = ask(&mut writers, &mut output)?;
        ensure!(failed == 0 && ids.len() == 32 && ready, "round {round}: {failed} failed on a sound disk");
        kept.extend(ids);
        fs::write(&control, failure)?;
        for _ in 0..3 {
            let Answers { ids, failed, ready } = ask(&mut writers, &mut output)?;
            ensure!(ids.is_empty() && failed == 32, "round {round}: {} acknowledged on {failure}", ids.len());
            ensure!(!ready, "round {round}: ready on {failure}");
        }
        fs::remove_file(&control)?;
    }
    let Answers { ids, ready, .. } = ask(&mut writers, &mut output)?;
    ensure!(ids.len() == 32 && ready, "it did not recover");
    kept.extend(ids);
    drop(writers);
    runtime()?.block_on(check(&place, &kept))
}

async fn check(place: &Place, kept: &[String]) -> Result<()> {
    let service = place.service().await?;
    for id in kept {
        check_key(&service, id.parse()?).await?;
    }
    Ok(())
}

struct Answers {
    ids: Vec<String>,
    failed: usize,
    ready: bool,
}

fn ask(writers: &mut Writers, output: &mut BufReader<ChildStdout>) -> Result<Answers> {
    writers.0.stdin.as_mut().ok_or("no input")?.write_all(b"create\n")?;
    let (mut ids, mut failed) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        ensure!(output.read_line(&mut line)? > 0, "the writers have ended");
        match line.trim_end().split_once(' ') {
            Some(("done", ready)) => return Ok(Answers { ids, failed, ready: ready == "true" }),
            _ if line.trim_end() == "failed" => failed += 1,
            _ => ids.push(line.trim_end().to_owned()),
        }
    }
}
