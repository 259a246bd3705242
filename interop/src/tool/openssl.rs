//! OpenSSL. `req -verify` exits with 0 on a bad signature (before 3.3), so only its words count.

use std::path::Path;
use std::process::Command;

use csr_core::PrivateKeyAlgo;
use der::Decode;
use sha2::{Digest, Sha256};

use super::{OneReading, run, said};
use crate::reading::canonical_san;
use crate::{Reading, Result};

const SM2_IDENTITY: &str = "distid:1234567812345678";

/// With SM2, the signature must hold for the default identity, and for no other.
pub(super) fn read(algorithm: PrivateKeyAlgo, file: &Path) -> Result<OneReading> {
    if algorithm != PrivateKeyAlgo::Sm2 {
        return read_with(file, &[]);
    }
    // Before OpenSSL 4.0 no identity means the empty one.
    let mut others: Vec<&[&str]> = vec![&["-vfyopt", "distid:someone-else"]];
    if run(Command::new("openssl").arg("version"))?.starts_with("OpenSSL 3.") {
        others.push(&[]);
    }
    for other in others {
        if read_with(file, other)?.is_ok() {
            return Ok(Err(format!("verified with {other:?}")));
        }
    }
    read_with(file, &["-vfyopt", SM2_IDENTITY])
}

fn read_with(file: &Path, options: &[&str]) -> Result<OneReading> {
    let output = said(
        Command::new("openssl")
            .args(["req", "-verify", "-noout", "-text", "-pubkey", "-subject"])
            .args(["-nameopt", "utf8,sep_multiline,sname", "-in"])
            .arg(file)
            .args(options),
    )?;
    let (text, words) = (String::from_utf8(output.stdout)?, String::from_utf8_lossy(&output.stderr));
    // Names are indented: none can pass for this line.
    let verified = |line: &str| line.ends_with("verify OK") && !line.starts_with(' ');
    if !output.status.success() || !text.lines().chain(words.lines()).any(verified) {
        return Ok(Err(words.into_owned()));
    }
    // Of an empty subject it writes one blank line.
    let subject = text.split_once("\nsubject=").ok_or("no subject")?.1.lines().skip(1);
    let subject = subject.map_while(|line| line.strip_prefix("    ")).filter(|line| !line.is_empty());
    let mut sans = Vec::new();
    let mut lines = text.lines().map(str::trim_start);
    if lines.any(|line| line.starts_with("X509v3 Subject Alternative Name:")) {
        for san in lines.next().ok_or("no SANs")?.split(", ") {
            sans.push(canonical_san(&san.replacen("IP Address:", "IP:", 1))?);
        }
    }
    Ok(Ok(Reading {
        subject: subject.map(str::to_owned).collect(),
        sans,
        public_key: Some(public_key_sha256(&text)?),
        ..Reading::default()
    }))
}

fn public_key_sha256(text: &str) -> Result<String> {
    const END: &str = "-----END PUBLIC KEY-----\n";
    let start = text.find("-----BEGIN PUBLIC KEY-----").ok_or("no public key")?;
    let end = text.find(END).ok_or("no public key")? + END.len();
    let (_, der) = der::pem::decode_vec(&text.as_bytes()[start..end]).map_err(|e| e.to_string())?;
    // Told by its structure too, so that a digest of nothing is not compared with another.
    x509_cert::spki::SubjectPublicKeyInfoOwned::from_der(&der)?;
    Ok(hex::lower::encode_string(&Sha256::digest(&der)))
}

/// Says why OpenSSL does not accept the CSR, PEM.
pub(crate) fn verifies(algorithm: PrivateKeyAlgo, csr: &Path) -> Result<()> {
    Ok(read(algorithm, csr)?.map(drop)?)
}

/// The SHA-256 of the public key in a CSR, `DER` or `PEM`.
pub(crate) fn csr_public(form: &str, csr: &Path) -> Result<String> {
    let text =
        run(Command::new("openssl").args(["req", "-inform", form, "-noout", "-pubkey", "-in"]).arg(csr))?;
    public_key_sha256(&text)
}

/// The SHA-256 of the public half of a private key.
pub(crate) fn key_public(form: &str, key: &Path, passphrase: &str) -> Result<String> {
    public_key_sha256(&run(pkey(form, key, passphrase).arg("-pubout"))?)
}

/// `openssl pkey -check`.
pub(crate) fn key_check(form: &str, key: &Path, passphrase: &str) -> Result<()> {
    let output = said(pkey(form, key, passphrase).args(["-check", "-noout"]))?;
    let words = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() && words.lines().any(|line| line == "Key is valid") {
        return Ok(());
    }
    Err(format!("{}: {words}", key.display()).into())
}

fn pkey(form: &str, key: &Path, passphrase: &str) -> Command {
    let mut command = Command::new("openssl");
    command.args(["pkey", "-passin", "env:CSR_INTEROP_PASSPHRASE", "-inform", form, "-in"]).arg(key);
    command.env("CSR_INTEROP_PASSPHRASE", passphrase);
    command
}
