//! `csr key`: private keys in the store.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use csr_facade::{CsrId, Service, ServiceOptions};
use zeroize::Zeroizing;

use super::log;
use super::open::{IfMissing, Opened};
use super::settings::StoreSettings;
use crate::args::{LogFormat, StoreArgs};
use crate::files::{Folder, NewFile, check_vacant};

/// The private key, as PEM.
pub(crate) async fn export(store: &StoreArgs, id: &str) -> Result<Zeroizing<String>> {
    log::start(LogFormat::default());
    let id: CsrId = id.parse()?;
    let opened = Opened::new(&StoreSettings::new(store)?, IfMissing::Refuse).await?;
    Ok(Service::new(opened.vault, ServiceOptions::default()).export_key(id).await?)
}

/// The file to write the key to.
pub(crate) struct Target {
    folder: Folder,
    path: PathBuf,
    force: bool,
}

impl Target {
    /// Checks that the file can be written.
    pub(crate) fn check(out: &Path, force: bool) -> Result<Self> {
        let name = out.file_name().with_context(|| format!("--out: {} must name a file", out.display()))?;
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = Folder::open(parent).context("--out")?;
        let path = parent.join(name);
        check_vacant(&path, force)?;
        Ok(Self { folder, path, force })
    }

    pub(crate) fn write(self, pem: &[u8]) -> Result<()> {
        let Self { folder, path, force } = self;
        folder.write(&[NewFile { path, contents: pem, secret: true }], force)
    }
}
