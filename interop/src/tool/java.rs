//! The programs in `java/`, compiled once with javac.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{absent, run};
use crate::reading::parse_lines;
use crate::{Readings, Result};

const CLASS_PATH: &str = "CSR_BOUNCYCASTLE";
const KEYTOOL: &str = "java.base/sun.security.tools.keytool=ALL-UNNAMED";

pub(super) fn missing() -> Option<String> {
    absent("javac", &["-version"]).or_else(|| absent("java", &["-version"]))
}

pub(super) fn bouncy_castle_missing() -> Option<String> {
    let unset = env::var_os(CLASS_PATH).is_none_or(|path| path.is_empty());
    unset.then(|| format!("{CLASS_PATH} does not name the class path of BouncyCastle"))
}

pub(super) fn read_with_bouncy_castle(folder: &Path) -> Result<Readings> {
    parse_lines(&run_class("ReadWithBouncyCastle", &[folder])?)
}

/// Makes a CSR and a certificate.
pub(crate) fn make_with_bouncy_castle(csrs: &Path, certificates: &Path) -> Result<()> {
    run_class("MakeWithBouncyCastle", &[csrs, certificates]).map(drop)
}

/// Runs a program of `java/` over folders, the first of which is compiled beside.
pub(super) fn run_class(class: &'static str, folders: &[&Path]) -> Result<String> {
    static COMPILED: [OnceLock<core::result::Result<PathBuf, String>>; 3] = [const { OnceLock::new() }; 3];
    let folder = folders.first().ok_or("no folder")?;
    let libraries = env::var_os(CLASS_PATH).unwrap_or_default();
    let slot = match class {
        "ReadWithKeytool" => &COMPILED[0],
        "ReadWithBouncyCastle" => &COMPILED[1],
        _ => &COMPILED[2],
    };
    let compiled = slot.get_or_init(|| compile(class, folder).map_err(|e| e.to_string())).clone()?;
    let class_path = env::join_paths([compiled].into_iter().chain(env::split_paths(&libraries)))?;
    run(Command::new("java")
        .args(["-XX:TieredStopAtLevel=1", "-Duser.language=en", "--add-exports", KEYTOOL, "-cp"])
        .arg(class_path)
        .arg(class)
        .args(folders))
}

/// The folder of the classes, beside that of the CSRs.
fn compile(class: &str, folder: &Path) -> Result<PathBuf> {
    let classes = folder.with_file_name(format!("{class}.classes"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("java").join(class).with_extension("java");
    run(Command::new("javac")
        .args(["-encoding", "UTF-8", "--add-exports", KEYTOOL, "-cp"])
        .arg(env::var_os(CLASS_PATH).unwrap_or_default())
        .arg("-d")
        .arg(&classes)
        .arg(source))?;
    Ok(classes)
}
