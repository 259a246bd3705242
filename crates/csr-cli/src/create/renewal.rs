//! `--from`: the content of a CSR or certificate, for a new CSR.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use csr_core::inspect::{ExtensionValue, Item, PublicKeyInfo, read_any};
use csr_core::{CsrSpec, LeftOut, PrivateKeyAlgo, Renewal};

use crate::{input, report};

/// What is taken from the file.
pub(super) struct Old {
    pub(super) spec: CsrSpec,
    algorithm: Option<PrivateKeyAlgo>,
    /// The key, whether or not a new one can be of its algorithm.
    key: PublicKeyInfo,
    /// Whether it is the certificate of a CA.
    is_ca: bool,
    left_out: Vec<LeftOut>,
}

impl Old {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes = input::read(path)?;
        let name = || input::name(path);
        let contents = read_any(&bytes, None).with_context(name)?;
        let found = contents.items.iter().find_map(|item| match item {
            Item::CertificateRequest(csr) => {
                Some((CsrSpec::from_csr(csr), csr.private_key_algo(), &csr.public_key, false))
            }
            Item::Certificate(certificate) => {
                let is_ca = certificate.extensions.iter().any(|extension| {
                    matches!(extension.value, ExtensionValue::BasicConstraints { ca: true, .. })
                });
                let renewal = CsrSpec::from_certificate(certificate);
                Some((renewal, certificate.private_key_algo(), &certificate.public_key, is_ca))
            }
            _ => None,
        });
        let (renewal, algorithm, key, is_ca) = found.ok_or_else(|| {
            anyhow!("{} holds neither a CSR nor a certificate; a key is given by --key", name())
        })?;
        let Renewal { spec, left_out, .. } = renewal.with_context(name)?;
        Ok(Self { spec, algorithm, key: key.clone(), is_ca, left_out })
    }

    /// The algorithm of the old key, for a new one.
    pub(super) fn algorithm(&self) -> Result<PrivateKeyAlgo> {
        let algorithm = self.algorithm;
        algorithm.with_context(|| {
            let key = report::algorithm(&self.key);
            format!("the old key ({key}) is of a kind that is not made here: choose another with --algorithm")
        })
    }

    /// What is not taken over, one line for each reason, and what the user may not have meant to ask for.
    pub(super) fn notes(&self, new: &CsrSpec) -> Vec<String> {
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
        let mut notes: Vec<_> = reasons.into_iter().map(line).collect();
        let (old, new) = (self.spec.subject().common_name(), new.subject().common_name());
        if let (Some(old), Some(new)) = (&old, &new)
            && old != new
        {
            notes.push(format!("--from: the common name is now {new}, not {old}"));
        }
        if self.is_ca {
            notes.push("--from: this is the certificate of a CA, and the CSR asks for one, too".to_owned());
        }
        notes
    }
}
