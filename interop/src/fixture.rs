use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use csr_core::{Csr, CsrSpec, Digest, KeyPair, PrivateKeyAlgo};

use crate::{Reading, Result, Shape, shapes};

/// A CSR of every shape, as PEM files in a folder, with what a tool must read in them.
#[derive(Debug)]
pub struct Fixture {
    /// The algorithm of all the keys.
    pub algorithm: PrivateKeyAlgo,
    /// Holds `SHAPE.pem`.
    pub folder: PathBuf,
    /// What was made and what must be read, by the name of the shape.
    pub expected: BTreeMap<String, (Shape, Reading)>,
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
        for shape in shapes().into_iter().filter(|shape| shape.applies(algorithm)) {
            if !is_rsa {
                key = KeyPair::generate(algorithm)?;
            }
            let spec = shape.spec()?;
            let csr = Csr::sign(&spec, &key)?;
            fs::write(folder.join(&shape.name).with_extension("pem"), csr.to_pem())?;
            let reading = expected_with_key(shape.expected(), algorithm, &spec, &csr);
            if let Some((other, _)) = expected.insert(shape.name.clone(), (shape, reading)) {
                return Err(format!("two shapes are named {}", other.name).into());
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

pub(crate) fn expected_with_key(
    reading: Reading,
    algorithm: PrivateKeyAlgo,
    spec: &CsrSpec,
    csr: &Csr,
) -> Reading {
    Reading {
        public_key: Some(hex::lower::encode_string(&csr.public_key_sha256())),
        signature_algorithm: Some(signature_algorithm(algorithm, spec.digest(), spec.is_pss())),
        ..reading
    }
}

/// RFC 4055 §3.1 and §5, RFC 5758 §3.2, GM/T 0006. The parameters of PSS are in hexadecimal.
fn signature_algorithm(algorithm: PrivateKeyAlgo, digest: Option<Digest>, is_pss: bool) -> String {
    let default = if algorithm == PrivateKeyAlgo::EcP384 { Digest::Sha384 } else { Digest::Sha256 };
    let digest = digest.unwrap_or(default);
    let number = match digest {
        Digest::Sha256 => 1,
        Digest::Sha384 => 2,
        Digest::Sha512 => 3,
    };
    match algorithm {
        PrivateKeyAlgo::Sm2 => "1.2.156.10197.1.501".to_owned(),
        PrivateKeyAlgo::EcP256 | PrivateKeyAlgo::EcP384 => format!("1.2.840.10045.4.3.{}", number + 1),
        _ if is_pss => {
            let hash = format!("300d060960864801650304020{number}0500");
            let salt = digest.octets();
            format!(
                "1.2.840.113549.1.1.10 \
                 3034a00f{hash}a11c301a06092a864886f70d010108{hash}a2030201{salt:02x}"
            )
        }
        _ => format!("1.2.840.113549.1.1.{} NULL", number + 10),
    }
}
