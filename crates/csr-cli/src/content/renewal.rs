//! `--from`: the content of a CSR or certificate, for a new CSR.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use csr_core::inspect::{ExtensionValue, Item, PublicKeyInfo, read_any};
use csr_core::{CsrSpec, CsrSpecBuilder, KeyAlgorithm, LeftOut, PrivateKeyAlgo, Renewal, SignatureStatus};

use crate::{input, report};

/// What is taken from the file.
pub(crate) struct Old {
    pub(crate) spec: CsrSpec,
    algorithm: Option<PrivateKeyAlgo>,
    /// The key, whether or not a new one can be of its algorithm.
    key: PublicKeyInfo,
    /// The name of the algorithm that signed it.
    signature: String,
    /// Whether it is a CSR whose signature does not hold, so that somebody may have changed it.
    is_invalid: bool,
    /// Whether it is the certificate of a CA.
    is_ca: bool,
    left_out: Vec<LeftOut>,
}

impl Old {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = input::read(path)?;
        let name = || input::name(path);
        let contents = read_any(&bytes, None).with_context(name)?;
        let found = contents.items.iter().find_map(|item| match item {
            Item::CertificateRequest(csr) => {
                let is_invalid = matches!(csr.signature_status(), SignatureStatus::Invalid { .. });
                let signature = &csr.signature_algorithm;
                let of_key = (csr.private_key_algo(), &csr.public_key);
                Some((CsrSpec::from_csr(csr), of_key, signature, is_invalid, false))
            }
            Item::Certificate(certificate) => {
                let is_ca = certificate.extensions.iter().any(|extension| {
                    matches!(extension.value, ExtensionValue::BasicConstraints { ca: true, .. })
                });
                let renewal = CsrSpec::from_certificate(certificate);
                let signature = &certificate.signature_algorithm;
                let of_key = (certificate.private_key_algo(), &certificate.public_key);
                Some((renewal, of_key, signature, false, is_ca))
            }
            _ => None,
        });
        let (renewal, (algorithm, key), signature, is_invalid, is_ca) = found.ok_or_else(|| {
            anyhow!("{} holds neither a CSR nor a certificate; a key is given by --key", name())
        })?;
        let Renewal { spec, left_out, .. } = renewal.with_context(name)?;
        let signature = signature.to_string();
        Ok(Self { spec, algorithm, key: key.clone(), signature, is_invalid, is_ca, left_out })
    }

    /// Builds upon what is taken. `new_key` is the algorithm of a key that is to be made.
    pub(crate) fn builder(&self, new_key: Option<PrivateKeyAlgo>) -> CsrSpecBuilder {
        let builder = self.spec.to_builder();
        if self.signs_alike(new_key) { builder } else { builder.default_signature() }
    }

    /// Whether the new key makes signatures as the old one did.
    fn signs_alike(&self, new_key: Option<PrivateKeyAlgo>) -> bool {
        let (digest, pss) = (self.spec.digest(), self.spec.is_pss());
        let can_sign = |key: PrivateKeyAlgo| KeyAlgorithm::from(key).check_signature(digest, pss).is_ok();
        (digest.is_none() && !pss) || new_key.is_some_and(can_sign)
    }

    /// The algorithm of the old key, for a new one.
    pub(crate) fn algorithm(&self) -> Result<PrivateKeyAlgo> {
        let algorithm = self.algorithm;
        algorithm.with_context(|| {
            let key = report::algorithm(&self.key);
            format!("the old key ({key}) is of a kind that is not made here: choose another with --algorithm")
        })
    }

    /// What is not taken over, one line for each reason, and what the user should know of the old CSR or certificate.
    pub(crate) fn notes(&self, new_key: Option<PrivateKeyAlgo>) -> Vec<String> {
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
        if !self.signs_alike(new_key) {
            notes.push(format!("--from: not taken over: the signature's algorithm ({})", self.signature));
        }
        if self.is_invalid {
            let with = match self.algorithm {
                Some(PrivateKeyAlgo::Sm2) => " with the usual SM2 identities",
                _ => "",
            };
            notes.push(format!(
                "--from: the signature of the CSR does NOT hold{with}: check what is taken from it"
            ));
        }
        if self.is_ca {
            notes.push("--from: this is the certificate of a CA, and the CSR asks for one, too".to_owned());
        }
        notes
    }

    /// What the user may not have meant to ask for.
    pub(crate) fn notes_on(&self, new: &CsrSpec) -> Vec<String> {
        let mut notes = Vec::new();
        let names = (self.spec.subject().common_name(), new.subject().common_name());
        if let (Some(old_name), Some(new_name)) = &names
            && old_name != new_name
        {
            notes.push(format!("--from: the common name is now {new_name}, not {old_name}"));
        }
        if self.spec.sans().is_empty() && new.sans().is_empty() {
            notes.push(
                "--from: there are no alternative names; if this is for a host, give it as DOMAIN".to_owned(),
            );
        }
        for attribute in
            self.spec.subject().attributes().iter().filter(|a| new.subject().attributes().contains(a))
        {
            if let Some(fault) = attribute.fault() {
                let label =
                    attribute.name().map_or_else(|| attribute.oid().to_string(), |name| name.to_string());
                notes.push(format!("--from: {label} is taken over as it is, although it {fault}"));
            }
        }
        notes
    }
}
