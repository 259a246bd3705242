//! The tools: how each is found, and what it reads.

mod gnutls;
mod java;
mod keytool;
mod names;
mod openssl;
mod python;
mod rcgen;

use core::fmt;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use csr_core::PrivateKeyAlgo;

use crate::{Reading, Readings, Result};

pub(crate) use java::make_with_bouncy_castle;
pub(crate) use openssl::{Content, content, csr_public, key_check, key_public, verifies};
pub(crate) use python::{missing as python_missing, module as python_module, script as python_script};

/// Somebody else's reader of CSRs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `openssl req -verify`.
    OpenSsl,
    /// `certtool --crq-info`. It has no SM2 signatures.
    GnuTls,
    /// The JDK's `keytool -printcertreq`. Its providers have no SM2.
    Keytool,
    /// BouncyCastle's bcpkix.
    BouncyCastle,
    /// Python's `cryptography`. It has no SM2.
    Cryptography,
    /// Python's `gmssl`, for SM2 alone; it verifies signatures and reads no names.
    GmSsl,
    /// The crate `rcgen`. It has no SM2.
    Rcgen,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 7] = [
        Self::OpenSsl,
        Self::GnuTls,
        Self::Keytool,
        Self::BouncyCastle,
        Self::Cryptography,
        Self::GmSsl,
        Self::Rcgen,
    ];

    /// Whether the tool knows the algorithm at all.
    #[must_use]
    pub fn knows(self, algorithm: PrivateKeyAlgo) -> bool {
        let is_sm2 = algorithm == PrivateKeyAlgo::Sm2;
        match self {
            Self::OpenSsl | Self::BouncyCastle => true,
            Self::GnuTls | Self::Keytool | Self::Cryptography | Self::Rcgen => !is_sm2,
            Self::GmSsl => is_sm2,
        }
    }

    /// Why the tool cannot run here, if it cannot.
    #[must_use]
    pub fn missing(self) -> Option<String> {
        match self {
            Self::OpenSsl => absent("openssl", &["version"]),
            Self::GnuTls => absent("certtool", &["--version"]),
            Self::Keytool => java::missing(),
            Self::BouncyCastle => java::missing().or_else(java::bouncy_castle_missing),
            Self::Cryptography => python::missing("cryptography"),
            Self::GmSsl => python::missing("gmssl"),
            Self::Rcgen => None,
        }
    }

    /// Reads every `NAME.pem` of a folder.
    ///
    /// # Errors
    ///
    /// When the tool cannot be run or its output makes no sense. A CSR that the tool refuses is no error here.
    pub fn read(self, algorithm: PrivateKeyAlgo, folder: &Path) -> Result<Readings> {
        match self {
            Self::OpenSsl => each(folder, |file| openssl::read(algorithm, file)),
            Self::GnuTls => each(folder, gnutls::read),
            Self::Keytool => keytool::read(folder),
            Self::BouncyCastle => java::read_with_bouncy_castle(folder),
            Self::Cryptography => python::read("read_with_cryptography.py", folder),
            Self::GmSsl => python::read("read_with_gmssl.py", folder),
            Self::Rcgen => each(folder, rcgen::read),
        }
    }

    /// Whether the tool reads all that is in this reading, of a CSR that it does not refuse for another reason.
    #[must_use]
    pub fn reads(self, algorithm: PrivateKeyAlgo, reading: &Reading) -> bool {
        self != Self::Rcgen || rcgen::reads(algorithm, reading)
    }

    /// What the tool must show of this reading.
    #[must_use]
    pub fn expected(self, reading: &Reading) -> Reading {
        match self {
            Self::GmSsl => Reading { subject: Vec::new(), sans: Vec::new(), ..reading.clone() },
            Self::OpenSsl => {
                let values = reading.values.iter().flatten().filter(|value| openssl::shows_value(value));
                let values = values.cloned().collect();
                shown(reading, openssl::shown_san, values)
            }
            Self::GnuTls => {
                let values = reading.values.iter().flatten().filter(|value| gnutls::shows_value(value));
                let values = values.cloned().collect();
                shown(reading, str::to_owned, values)
            }
            Self::Keytool => shown(reading, keytool::shown_san, Vec::new()),
            Self::Rcgen => shown(reading, rcgen::shown_san, Vec::new()),
            Self::BouncyCastle | Self::Cryptography => reading.clone(),
        }
    }
}

fn shown(reading: &Reading, san: impl Fn(&str) -> String, values: Vec<String>) -> Reading {
    let sans = reading.sans.iter().map(|given| san(given)).collect();
    Reading { sans, values: Some(values), ..reading.clone() }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenSsl => "OpenSSL",
            Self::GnuTls => "GnuTLS certtool",
            Self::Keytool => "JDK keytool",
            Self::BouncyCastle => "BouncyCastle",
            Self::Cryptography => "Python cryptography",
            Self::GmSsl => "Python gmssl",
            Self::Rcgen => "rcgen",
        })
    }
}

type OneReading = core::result::Result<Reading, String>;

fn each(folder: &Path, read: impl Fn(&Path) -> Result<OneReading>) -> Result<Readings> {
    let mut readings = Readings::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        readings.insert(name, read(&file)?);
    }
    Ok(readings)
}

/// Why a program cannot be run, if it cannot.
pub(crate) fn absent(program: &str, arguments: &[&str]) -> Option<String> {
    match run(Command::new(program).args(arguments)) {
        Ok(_) => None,
        Err(_) => Some(format!("`{program}` is not installed")),
    }
}

/// Runs a program that must succeed; gives its standard output.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let output = said(command)?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}: {words}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn said(command: &mut Command) -> Result<Output> {
    command.env("LC_ALL", "C.UTF-8").output().map_err(|e| format!("{command:?}: {e}").into())
}
