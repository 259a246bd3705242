//! The summary of what was made, for people or programs.

use anyhow::Result;
use csr_core::{Csr, Inspection, KeyFormat, KeyPair, SignatureStatus};
use serde::Serialize;

use super::target::Target;
use crate::args::CreateArgs;
use crate::output::{self, Page};
use crate::profile::Profile;
use crate::report;

pub(super) struct Summary<'a> {
    pub(super) args: &'a CreateArgs,
    pub(super) csr: &'a Csr,
    pub(super) key: &'a KeyPair,
    /// What the profile gave.
    pub(super) profile: &'a Profile,
    pub(super) notes: &'a [String],
    pub(super) target: &'a Target,
    /// The new key, encoded as it is written.
    pub(super) exported: Option<&'a Vec<u8>>,
}

/// The JSON form; the help of `create` documents its fields.
#[derive(Serialize)]
struct Json<'a> {
    #[serde(flatten)]
    inspection: report::Json<'a>,
    profile: &'a Profile,
    notes: &'a [String],
    files: JsonFiles,
    key: Option<JsonKey>,
    encoding: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    csr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonFiles {
    csr: Option<String>,
    key: Option<String>,
}

#[derive(Serialize)]
struct JsonKey {
    algorithm: String,
    format: &'static str,
    encrypted: bool,
}

impl Summary<'_> {
    pub(super) fn print(&self) -> Result<()> {
        // The summary shows what the CSR really holds.
        let inspection = csr_core::inspect(self.csr.as_der())?;
        let signature = inspection.verify(self.args.content.sm2_id.as_deref());
        match (self.args.json, self.target) {
            (true, _) => self.print_json(report::Json::new(&inspection, signature)),
            (false, Target::Files { .. }) => self.page(&inspection, &signature).print(),
            (false, Target::Stdout) => {
                output::raw(self.exported.map_or(&[], Vec::as_slice))?;
                output::raw(self.csr.to_pem().as_bytes())?;
                self.page(&inspection, &signature).print_aside();
                Ok(())
            }
        }
    }

    fn page(&self, inspection: &Inspection, signature: &SignatureStatus) -> Page {
        let algorithm = self.key.algorithm();
        let mut page = Page::default();
        page.line(&match self.exported {
            Some(_) => format!("Made a private key ({algorithm}) and a certificate signing request for it."),
            None => format!("Made a certificate signing request for your private key ({algorithm})."),
        });
        page.line("");
        report::content(&mut page, inspection);
        report::attributes_without_password(&mut page, inspection);
        page.row("Profile", self.profile.lines());
        report::public_key(&mut page, &inspection.public_key);
        report::signature(&mut page, inspection, signature, self.args.content.sm2_id.as_deref());
        let Target::Files { csr, key, .. } = self.target else { return page };
        page.row("CSR", [csr.display()]);
        page.row("Private key", key.iter().map(|key| format!("{} ({})", key.display(), self.key_form())));
        page.line("");
        page.line(&format!("Next: send {} to your certificate authority.", csr.display()));
        if let Some(key) = key {
            page.line(&format!("Keep {} to yourself: whoever has it can pose as you.", key.display()));
        }
        page
    }

    fn key_form(&self) -> String {
        let format = KeyFormat::from(self.args.key_format);
        let protection = if self.args.encrypt { "encrypted" } else { "not encrypted" };
        format!("{format}, {protection}")
    }

    fn print_json(&self, inspection: report::Json<'_>) -> Result<()> {
        let files = match self.target {
            Target::Stdout => JsonFiles { csr: None, key: None },
            Target::Files { csr, key, .. } => JsonFiles {
                csr: Some(csr.to_string_lossy().into_owned()),
                key: key.as_ref().map(|key| key.to_string_lossy().into_owned()),
            },
        };
        let to_stdout = self.args.stdout;
        output::json(&Json {
            inspection,
            profile: self.profile,
            notes: self.notes,
            files,
            key: self.exported.map(|_| JsonKey {
                algorithm: self.key.algorithm().to_string(),
                format: self.args.key_format.as_str(),
                encrypted: self.args.encrypt,
            }),
            encoding: if self.args.der { "der" } else { "pem" },
            csr: to_stdout.then(|| self.csr.to_pem()),
            private_key: self
                .exported
                .filter(|_| to_stdout)
                .map(|key| std::str::from_utf8(key))
                .transpose()?,
        })
    }
}
