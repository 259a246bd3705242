use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use csr_core::{Csr, KeyPair, PrivateKeyAlgo};

use crate::{Reading, Result, shapes};

/// A CSR of every shape, as PEM files in a folder, with what a tool must read in them.
#[derive(Debug)]
pub struct Fixture {
    /// The algorithm of all the keys.
    pub algorithm: PrivateKeyAlgo,
    /// Holds `SHAPE.pem`.
    pub folder: PathBuf,
    /// By the name of the shape.
    pub expected: BTreeMap<String, Reading>,
    /// The key of the last CSR: the only one for RSA, where making one takes long.
    pub key: KeyPair,
}

impl Fixture {
    /// Makes keys and CSRs, and writes the CSRs.
    ///
    /// # Errors
    ///
    /// Whatever fails; it should not.
    pub fn make(algorithm: PrivateKeyAlgo, folder: PathBuf) -> Result<Self> {
        empty(&folder)?;
        let is_rsa = algorithm.as_str().starts_with("RSA_");
        let mut key = KeyPair::generate(algorithm)?;
        let mut expected = BTreeMap::new();
        for shape in shapes() {
            if !is_rsa {
                key = KeyPair::generate(algorithm)?;
            }
            let csr = Csr::sign(&shape.spec()?, &key)?;
            fs::write(folder.join(&shape.name).with_extension("pem"), csr.to_pem())?;
            let reading = expected_with_key(shape.expected(), algorithm, &csr);
            if expected.insert(shape.name.clone(), reading).is_some() {
                return Err(format!("two shapes are named {}", shape.name).into());
            }
        }
        Ok(Self { algorithm, folder, expected, key })
    }
}

/// Makes a folder with nothing in it.
pub(crate) fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}

pub(crate) fn expected_with_key(reading: Reading, algorithm: PrivateKeyAlgo, csr: &Csr) -> Reading {
    Reading {
        public_key: Some(hex::lower::encode_string(&csr.public_key_sha256())),
        signature_algorithm: Some(signature_algorithm(algorithm).to_owned()),
        ..reading
    }
}

/// RFC 4055 §5, RFC 5758 §3.2, GM/T 0006.
fn signature_algorithm(algorithm: PrivateKeyAlgo) -> &'static str {
    match algorithm {
        PrivateKeyAlgo::Rsa2048 | PrivateKeyAlgo::Rsa3072 | PrivateKeyAlgo::Rsa4096 => {
            "1.2.840.113549.1.1.11 NULL"
        }
        PrivateKeyAlgo::EcP256 => "1.2.840.10045.4.3.2",
        PrivateKeyAlgo::EcP384 => "1.2.840.10045.4.3.3",
        PrivateKeyAlgo::Sm2 => "1.2.156.10197.1.501",
    }
}
