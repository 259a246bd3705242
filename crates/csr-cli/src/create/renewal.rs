//! `--from`: the content of a CSR or certificate, for a new CSR.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use csr_core::inspect::{Item, read_any};
use csr_core::{CsrSpec, LeftOut, PrivateKeyAlgo, Renewal};

use crate::{input, report};

/// What is taken from the file.
pub(super) struct Old {
    pub(super) spec: CsrSpec,
    algorithm: Option<PrivateKeyAlgo>,
    /// The key's algorithm and size, whether or not a new key can be of it.
    key: String,
    left_out: Vec<LeftOut>,
}

impl Old {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes = input::read(path)?;
        let name = || input::name(path);
        let contents = read_any(&bytes, None).with_context(name)?;
        let found = contents.items.iter().find_map(|item| match item {
            Item::CertificateRequest(csr) => {
                let key = (csr.private_key_algo(), report::algorithm(&csr.public_key));
                Some((CsrSpec::from_csr(csr), key))
            }
            Item::Certificate(certificate) => {
                let key = (certificate.private_key_algo(), report::algorithm(&certificate.public_key));
                Some((CsrSpec::from_certificate(certificate), key))
            }
            _ => None,
        });
        let (renewal, (algorithm, key)) =
            found.ok_or_else(|| anyhow!("{} holds neither a CSR nor a certificate", name()))?;
        let Renewal { spec, left_out, .. } = renewal.with_context(name)?;
        Ok(Self { spec, algorithm, key, left_out })
    }

    /// The algorithm of the old key, for a new one.
    pub(super) fn algorithm(&self) -> Result<PrivateKeyAlgo> {
        let algorithm = self.algorithm;
        algorithm.with_context(|| {
            format!("no key like the old one ({}) is made: choose an algorithm with --algorithm", self.key)
        })
    }

    /// What is not taken over, one line for each reason.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for LeftOut { part, reason, .. } in &self.left_out {
            match reasons.iter_mut().find(|(there, _)| there == reason) {
                Some((_, parts)) => parts.push(part),
                None => reasons.push((reason, vec![part])),
            }
        }
        let line = |(reason, parts): (&str, Vec<&str>)| {
            format!("--from: not taken over: {} ({reason})", parts.join(", "))
        };
        reasons.into_iter().map(line).collect::<Vec<_>>().into_iter()
    }
}
