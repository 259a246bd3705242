//! OpenSSL. `req -verify` exits with 0 on a bad signature (before 3.3), so only its words count.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use csr_core::PrivateKeyAlgo;
use der::Decode;
use sha2::{Digest, Sha256};

use super::names::relative_names;
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
            .args(["-nameopt", "utf8,esc_2253,sep_multiline,sname", "-reqopt", "ext_dump", "-in"])
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
    let subject = subject.map(relative_names).collect::<Result<Vec<_>>>()?;
    let mut sans = Vec::new();
    let mut lines = text.lines().map(str::trim_start);
    if lines.any(|line| line.starts_with("X509v3 Subject Alternative Name:")) {
        for san in lines.next().ok_or("no SANs")?.split(", ") {
            sans.push(self::san(san)?);
        }
    }
    Ok(Ok(Reading {
        subject: subject.into_iter().flatten().flatten().collect(),
        sans,
        public_key: Some(public_key_sha256(&text)?),
        values: Some(values(&text)?),
        ..Reading::default()
    }))
}

/// Of an otherName it shows the text of a string, and nothing of other values.
fn san(text: &str) -> Result<String> {
    let (kind, name) = text.split_once(':').unwrap_or(("", text));
    Ok(match kind {
        "IP Address" => canonical_san(&format!("IP:{name}"))?,
        "Registered ID" => format!("RID:{name}"),
        "othername" => {
            let (r#type, text) = name.trim_start().split_once("::").ok_or("an otherName without a value")?;
            let r#type = if r#type == "UPN" { "1.3.6.1.4.1.311.20.2.3" } else { r#type };
            format!("otherName:{type}={text}")
        }
        // Nothing in it is escaped.
        "DirName" => format!("dirName:{}", name.replace('+', "/+")),
        _ => text.to_owned(),
    })
}

/// What it shows of a SAN of this reading.
pub(super) fn shown_san(san: &str) -> String {
    let Some((r#type, digits)) = san.strip_prefix("otherName:").and_then(|other| other.split_once('='))
    else {
        return san.to_owned();
    };
    // UTF8String and IA5String of up to 255 octets.
    let text = match (digits.get(..2), digits.get(2..4)) {
        (Some("0c" | "16"), Some("81")) => digits.get(6..),
        (Some("0c" | "16"), Some(_)) => digits.get(4..),
        _ => None,
    };
    let text = text.and_then(|text| hex::mixed::decode_vec(text).ok());
    let text = text.and_then(|text| String::from_utf8(text).ok());
    format!("otherName:{type}={}", text.as_deref().unwrap_or("<unsupported>"))
}

/// The types that it knows, of which it shows the meaning instead of the DER.
const MEANING_SHOWN: [&str; 2] = ["2.5.29.30", "2.5.29.32"];

/// Whether it shows this value of an extension, as DER. Of an attribute it shows only strings, without their type.
pub(super) fn shows_value(value: &str) -> bool {
    let mut words = value.split(' ');
    words.next() == Some("extension") && words.next().is_some_and(|oid| !MEANING_SHOWN.contains(&oid))
}

/// The extensions that it doesn't know: `OID: critical`, and below it lines as `0000 - 0c 02 48 69   ..Hi`.
fn values(text: &str) -> Result<Vec<String>> {
    let mut values: Vec<String> = Vec::new();
    let mut previous = "";
    for line in text.lines().map(str::trim_start) {
        let is_offset = |text: &str| text.len() == 4 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if let Some((offset, mut dump)) = line.split_once(" - ").filter(|(offset, _)| is_offset(offset)) {
            if offset == "0000" {
                let r#type = previous.split(':').next().unwrap_or_default();
                values.push(format!("extension {type} "));
            }
            let value = values.last_mut().ok_or("a value without its type")?;
            while let Some((digits, rest)) = dump.split_at_checked(2).filter(|(digits, _)| *digits != "  ") {
                value.push_str(digits);
                dump = rest.get(1..).unwrap_or_default();
                if dump.starts_with(' ') {
                    break;
                }
            }
        }
        previous = line;
    }
    values.sort();
    Ok(values)
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

/// What a CSR and the certificate for it have in common.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// Lines of the subject, with the string types.
    subject: Vec<String>,
    /// By OpenSSL's name: whether it is critical, and its DER in hexadecimal.
    pub(crate) extensions: BTreeMap<String, (bool, String)>,
}

/// The content of a CSR or certificate, PEM. The extensions are those of `asn1parse`, where nothing else is an OCTET STRING.
pub(crate) fn content(file: &Path) -> Result<Content> {
    let is_certificate = std::fs::read_to_string(file)?.contains("-----BEGIN CERTIFICATE-----");
    let kind = if is_certificate { "x509" } else { "req" };
    let shown = run(Command::new("openssl")
        .args([kind, "-noout", "-subject"])
        .args(["-nameopt", "utf8,esc_2253,sep_multiline,sname,show_type", "-in"])
        .arg(file))?;
    let mut extensions = BTreeMap::new();
    let (mut name, mut is_critical) = (String::new(), false);
    // Others write text before the PEM block, which asn1parse does not skip.
    let der = file.with_extension("der");
    run(Command::new("openssl").args([kind, "-outform", "DER", "-in"]).arg(file).arg("-out").arg(&der))?;
    let parsed = run(Command::new("openssl").args(["asn1parse", "-inform", "DER", "-in"]).arg(&der))?;
    std::fs::remove_file(der)?;
    for line in parsed.lines() {
        let Some((kind, value)) =
            line.split_once(" prim: ").and_then(|(_, rest)| rest.trim().split_once(':'))
        else {
            continue;
        };
        match kind.trim() {
            "OBJECT" => (name, is_critical) = (value.to_owned(), false),
            "BOOLEAN" => is_critical = value == "255",
            kind if kind.starts_with("OCTET STRING") => {
                extensions.insert(name.clone(), (is_critical, value.to_owned()));
            }
            _ => {}
        }
    }
    Ok(Content { subject: shown.lines().skip(1).map(str::to_owned).collect(), extensions })
}
