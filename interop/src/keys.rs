//! Private keys in every format the library writes, opened by OpenSSL.

use std::fs;
use std::path::Path;

use csr_core::{Csr, CsrSpec, KeyAlgorithm, KeyFormat, KeyPair};

use crate::Result;
use crate::fixture::empty;
use crate::tool::{csr_public, key_check, key_public};

const PASSPHRASE: &str = "correct horse, 电池 \"staple\"";

/// Writes the key in every format; OpenSSL must open and check each, and find in it the public key that it finds
/// in the key's CSR. An encrypted one must not open with another pass phrase.
///
/// # Errors
///
/// Says which format failed, and how.
pub fn check_key_formats(key: &KeyPair, folder: &Path) -> Result<()> {
    empty(folder)?;
    let csr_file = folder.join("csr.der");
    let csr = Csr::sign(&CsrSpec::builder().domain("example.com").build()?, key)?;
    fs::write(&csr_file, csr.as_der())?;
    let expected = csr_public("DER", &csr_file)?;

    let mut files = vec![
        ("encrypted", "PEM", key.to_encrypted_pem(PASSPHRASE)?.as_bytes().to_vec()),
        ("encrypted", "DER", key.to_encrypted_der(PASSPHRASE)?.to_vec()),
    ];
    let own =
        if matches!(key.algorithm(), KeyAlgorithm::Rsa { .. }) { KeyFormat::Pkcs1 } else { KeyFormat::Sec1 };
    for (name, format) in [("pkcs8", KeyFormat::Pkcs8), ("own", own)] {
        files.push((name, "PEM", key.to_pem(format)?.as_bytes().to_vec()));
        files.push((name, "DER", key.to_der(format)?.to_vec()));
    }
    for (name, form, bytes) in files {
        let file = folder.join(format!("{name}.{form}"));
        fs::write(&file, bytes)?;
        key_check(form, &file, PASSPHRASE)?;
        let found = key_public(form, &file, PASSPHRASE)?;
        if found != expected {
            return Err(format!("{name} as {form}: another public key than in the CSR").into());
        }
        if name == "encrypted" && key_check(form, &file, "another").is_ok() {
            return Err(format!("{name} as {form}: opens with any pass phrase").into());
        }
    }
    Ok(())
}
