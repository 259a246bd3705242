//! Every tool reads every shape with every algorithm; `src/lib.rs` tells how.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use csr_core::PrivateKeyAlgo;
use csr_interop::{
    Error, Fixture, Outcome, REFUSED, Readings, Result, Tool, check_key_formats, differences, tampered,
};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for tool in Tool::ALL {
        let missing = tool.missing();
        for algorithm in PrivateKeyAlgo::ALL.iter().copied().filter(|algorithm| tool.knows(*algorithm)) {
            let name = |what: &str| format!("{tool} {what} {algorithm}");
            trials.push(trial(name("reads"), missing.as_deref(), move || read_shapes(tool, algorithm)));
            trials.push(trial(name("refuses or tells apart"), missing.as_deref(), move || {
                read_tampered(tool, algorithm)
            }));
        }
    }
    let missing = Tool::OpenSsl.missing();
    for &algorithm in PrivateKeyAlgo::ALL {
        trials.push(trial(format!("OpenSSL opens keys {algorithm}"), missing.as_deref(), move || {
            check_key_formats(&fixture(algorithm)?.key, &folder(algorithm, "keys"))
        }));
    }
    for refused in REFUSED {
        let missing = refused.missing();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("advice").join(refused.file);
        trials.push(trial(
            format!("what the error says opens {}", refused.file),
            missing.as_deref(),
            move || refused.follow_advice(&folder),
        ));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A trial whose tool is missing is ignored by name, or fails where tools are required.
fn trial(name: String, missing: Option<&str>, run: impl FnOnce() -> Result<()> + Send + 'static) -> Trial {
    let Some(missing) = missing.map(str::to_owned) else {
        return Trial::test(name, move || run().map_err(Failed::from));
    };
    let required = std::env::var_os("CSR_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    let name = format!("{name} (LEFT OUT: {missing})");
    Trial::test(name, move || Err(Failed::from(missing))).with_ignored_flag(!required)
}

fn folder(algorithm: PrivateKeyAlgo, name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop").join(algorithm.as_str()).join(name)
}

/// Made once for all tools.
fn fixture(algorithm: PrivateKeyAlgo) -> Result<&'static Fixture> {
    static MADE: [OnceLock<core::result::Result<Fixture, String>>; 6] = [const { OnceLock::new() }; 6];
    MADE[algorithm as usize]
        .get_or_init(|| Fixture::make(algorithm, folder(algorithm, "shapes")).map_err(|e| e.to_string()))
        .as_ref()
        .map_err(|e| Error::from(e.as_str()))
}

fn read_shapes(tool: Tool, algorithm: PrivateKeyAlgo) -> Result<()> {
    let fixture = fixture(algorithm)?;
    let readings = tool.read(algorithm, &fixture.folder)?;
    let (mut faults, mut compared) = (Vec::new(), 0);
    for (name, (shape, expected)) in &fixture.expected {
        if !shape.is_read_by(tool) || !tool.reads(algorithm, expected) {
            continue;
        }
        compared += 1;
        match outcome(tool, expected, &readings, name)? {
            (Outcome::Equal, _) => {}
            (_, why) => faults.push(format!("{name}: {why}")),
        }
    }
    if readings.len() != fixture.expected.len() {
        faults.push(format!("{} CSRs written, {} read", fixture.expected.len(), readings.len()));
    }
    // Each tool must read a good part of them.
    if compared < fixture.expected.len() / 2 {
        faults.push(format!("only {compared} of {} compared", fixture.expected.len()));
    }
    report(&faults)
}

fn read_tampered(tool: Tool, algorithm: PrivateKeyAlgo) -> Result<()> {
    let folder = folder(algorithm, &format!("tampered for {tool}"));
    let (expected, all) = tampered(algorithm, &fixture(algorithm)?.key, &folder)?;
    let readings = tool.read(algorithm, &folder)?;
    let mut faults = Vec::new();
    for tampered in all {
        let (outcome, why) = outcome(tool, &expected, &readings, &format!("{tampered:?}"))?;
        if tampered.outcome(tool).is_some_and(|required| required != outcome) {
            faults.push(format!("{tampered:?}: {outcome:?} {why}"));
        }
    }
    report(&faults)
}

/// What comes of a CSR, and why it is not [`Outcome::Equal`].
fn outcome(
    tool: Tool,
    expected: &csr_interop::Reading,
    readings: &Readings,
    name: &str,
) -> Result<(Outcome, String)> {
    let reading = readings.get(name).ok_or_else(|| format!("{tool} says nothing of {name}"))?;
    Ok(match reading {
        Err(refusal) => (Outcome::Refused, format!("refused: {refusal}")),
        Ok(reading) => match differences(&tool.expected(expected), reading) {
            found if found.is_empty() => (Outcome::Equal, String::new()),
            found => (Outcome::Different, found.join("; ")),
        },
    })
}

fn report(faults: &[String]) -> Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}
