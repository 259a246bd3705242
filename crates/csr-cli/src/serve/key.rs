//! `csr key`: private keys in the store.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use csr_facade::{CsrId, ServiceOptions};
use zeroize::Zeroizing;

use super::log;
use super::open::{IfMissing, Opened};
use super::settings::StoreSettings;
use crate::args::{LogFormat, StoreArgs};
use crate::files::{Folder, NewFile, check_vacant};
use crate::output;

/// The key, in PEM.
pub(crate) async fn export(store: &StoreArgs, id: &str) -> Result<Zeroizing<String>> {
    log::start(LogFormat::default());
    let id: CsrId = id.parse()?;
    let opened = Opened::new(&StoreSettings::new(store)?, IfMissing::Refuse).await?;
    Ok(opened.service(ServiceOptions::default()).export_key(id).await?)
}

/// Writes the key to a file, or prints it.
pub(crate) fn write(out: Option<&Path>, force: bool, pem: &[u8]) -> Result<()> {
    let Some(path) = out else { return output::raw(pem) };
    let name = path.file_name().with_context(|| format!("{} names no file", path.display()))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = Folder::open(parent)?;
    let path: PathBuf = parent.join(name);
    check_vacant(&path, force)?;
    folder.write(&[NewFile { path, contents: pem, secret: true }], force)
}
