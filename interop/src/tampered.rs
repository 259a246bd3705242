//! CSRs that a tool must refuse, or read otherwise: proof that the checks can fail.

use std::fs;
use std::path::Path;

use csr_core::{Csr, CsrSpec, KeyPair, PrivateKeyAlgo};
use der::asn1::{Any, BitString, Uint};
use der::{Decode, Encode};
use x509_cert::request::CertReq;

use crate::fixture::{empty, expected_with_key};
use crate::{Reading, Result, Shape, Tool};

/// What must come of a CSR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The tool accepts it and reads what is expected.
    Equal,
    /// The tool accepts it, and the comparison must find a difference.
    Different,
    /// The tool must refuse it.
    Refused,
}

/// How a CSR was tampered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tampered {
    /// Not at all.
    Untouched,
    /// The last bit of the signature.
    Signature,
    /// A letter of the name, after signing.
    Name,
    /// Signed as it should be, for another name.
    OtherName,
    /// NULL as the parameters of the signature algorithm, where ECDSA and SM2 have none.
    NullParameters,
    /// r and s side by side, instead of a SEQUENCE of two INTEGERs (SM2).
    RawSignature,
    /// Signed with another identity than the default one (SM2).
    OtherIdentity,
}

impl Tampered {
    /// What must come of it; `None` where it cannot be told.
    #[must_use]
    pub fn outcome(self, tool: Tool) -> Option<Outcome> {
        match self {
            Self::Untouched => Some(Outcome::Equal),
            Self::Signature | Self::Name | Self::RawSignature | Self::OtherIdentity => Some(Outcome::Refused),
            Self::OtherName => (tool != Tool::GmSsl).then_some(Outcome::Different),
            Self::NullParameters => match tool {
                Tool::BouncyCastle => Some(Outcome::Different),
                _ => None,
            },
        }
    }

    fn applies(self, algorithm: PrivateKeyAlgo) -> bool {
        match self {
            Self::Untouched | Self::Signature | Self::Name | Self::OtherName => true,
            Self::NullParameters => !algorithm.as_str().starts_with("RSA_"),
            Self::RawSignature | Self::OtherIdentity => algorithm == PrivateKeyAlgo::Sm2,
        }
    }
}

const EVERY: [Tampered; 7] = [
    Tampered::Untouched,
    Tampered::Signature,
    Tampered::Name,
    Tampered::OtherName,
    Tampered::NullParameters,
    Tampered::RawSignature,
    Tampered::OtherIdentity,
];

/// Writes the CSRs that apply to the algorithm as PEM files, each named as its `Debug` is; gives what the
/// untouched one must read as.
///
/// # Errors
///
/// Whatever fails; it should not.
pub fn tampered(algorithm: PrivateKeyAlgo, key: &KeyPair, folder: &Path) -> Result<(Reading, Vec<Tampered>)> {
    empty(folder)?;
    let spec = CsrSpec::builder().domain("www.example.com");
    let built = spec.clone().build()?;
    let untouched = Csr::sign(&built, key)?;
    let all: Vec<Tampered> = EVERY.into_iter().filter(|tampered| tampered.applies(algorithm)).collect();
    for tampered in &all {
        let der = untouched.as_der().to_vec();
        let der = match tampered {
            Tampered::Untouched => der,
            Tampered::Signature => with_flipped_bit(der)?,
            Tampered::Name => with_other_letter(der)?,
            Tampered::NullParameters => changed(&der, |csr| csr.algorithm.parameters = Some(Any::null()))?,
            Tampered::RawSignature => with_raw_signature(&der)?,
            Tampered::OtherName => {
                Csr::sign(&CsrSpec::builder().domain("wwv.example.com").build()?, key)?.as_der().to_vec()
            }
            Tampered::OtherIdentity => {
                Csr::sign(&spec.clone().sm2_identity("someone-else").build()?, key)?.as_der().to_vec()
            }
        };
        let pem = der::pem::encode_string("CERTIFICATE REQUEST", der::pem::LineEnding::LF, &der)
            .map_err(|e| e.to_string())?;
        fs::write(folder.join(format!("{tampered:?}.pem")), pem)?;
    }
    let expected = Shape::by_hand("untouched", spec).only("www.example.com").expected();
    Ok((expected_with_key(expected, algorithm, &built, &untouched), all))
}

fn with_flipped_bit(mut der: Vec<u8>) -> Result<Vec<u8>> {
    *der.last_mut().ok_or("an empty CSR")? ^= 1;
    Ok(der)
}

/// The first letter of the common name.
fn with_other_letter(mut der: Vec<u8>) -> Result<Vec<u8>> {
    let at = der.windows(4).position(|bytes| bytes == b"www.").ok_or("no common name")?;
    der[at] = b'v';
    Ok(der)
}

fn with_raw_signature(der: &[u8]) -> Result<Vec<u8>> {
    let signature = CertReq::from_der(der)?.signature;
    let numbers = Vec::<Uint>::from_der(signature.raw_bytes())?;
    let mut raw = Vec::new();
    for number in &numbers {
        let bytes = number.as_bytes();
        raw.extend(std::iter::repeat_n(0, 32 - bytes.len()));
        raw.extend(bytes);
    }
    let raw = BitString::from_bytes(&raw)?;
    changed(der, |csr| csr.signature = raw)
}

fn changed(der: &[u8], change: impl FnOnce(&mut CertReq)) -> Result<Vec<u8>> {
    let mut csr = CertReq::from_der(der)?;
    change(&mut csr);
    Ok(csr.to_der()?)
}
