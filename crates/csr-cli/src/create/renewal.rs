//! `--from`: the content of a CSR or certificate, for a new CSR.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use csr_core::inspect::{Item, read_any};
use csr_core::{CsrSpec, LeftOut, PrivateKeyAlgo, Renewal, SignatureStatus};

use crate::{input, report};

/// What is taken from the file.
pub(super) struct Old {
    pub(super) spec: CsrSpec,
    algorithm: Option<PrivateKeyAlgo>,
    /// The key's algorithm and size, whether or not a new key can be of it.
    key: String,
    left_out: Vec<LeftOut>,
    /// Whether it is a CSR whose signature does not hold, so that somebody may have changed it.
    is_unproven: bool,
}

impl Old {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes = input::read(path)?;
        let name = || input::name(path);
        let contents = read_any(&bytes, None).with_context(name)?;
        let found = contents.items.iter().find_map(|item| match item {
            Item::CertificateRequest(csr) => {
                let is_unproven = matches!(csr.verify(None), SignatureStatus::Invalid { .. });
                let key = (csr.private_key_algo(), report::algorithm(&csr.public_key), is_unproven);
                Some((CsrSpec::from_csr(csr), key))
            }
            Item::Certificate(certificate) => {
                let key = (certificate.private_key_algo(), report::algorithm(&certificate.public_key), false);
                Some((CsrSpec::from_certificate(certificate), key))
            }
            _ => None,
        });
        let (renewal, (algorithm, key, is_unproven)) =
            found.ok_or_else(|| anyhow!("{} holds neither a CSR nor a certificate", name()))?;
        let Renewal { spec, left_out, .. } = renewal.with_context(name)?;
        Ok(Self { spec, algorithm, key, left_out, is_unproven })
    }

    /// The algorithm of the old key, for a new one.
    pub(super) fn algorithm(&self) -> Result<PrivateKeyAlgo> {
        let algorithm = self.algorithm;
        algorithm.with_context(|| {
            format!("no key like the old one ({}) is made: choose an algorithm with --algorithm", self.key)
        })
    }

    /// That the signature does not hold, and what is not taken over, one line for each reason.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        let unproven = self.is_unproven.then(|| {
            let with = if self.algorithm == Some(PrivateKeyAlgo::Sm2) {
                " with the usual SM2 identities"
            } else {
                ""
            };
            format!("--from: the signature of the CSR does not hold{with}: check what is taken from it")
        });
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
        unproven.into_iter().chain(reasons.into_iter().map(line).collect::<Vec<_>>())
    }
}
