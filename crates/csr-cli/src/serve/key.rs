//! `csr key`: private keys in the store.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use csr_facade::{CsrId, ServiceOptions};

use super::open::Opened;
use super::settings::StoreSettings;
use crate::args::KeyCommand;
use crate::files::{Folder, NewFile, check_vacant};
use crate::output;

pub(crate) async fn run(command: &KeyCommand) -> Result<()> {
    let KeyCommand::Export { store, id, out } = command;
    let id: CsrId = id.parse()?;
    let opened = Opened::new(&StoreSettings::new(store)?).await?;
    let pem = opened.service(ServiceOptions::default()).export_key(id).await?;
    match out {
        None => output::raw(pem.as_bytes()),
        Some(path) => write(path, pem.as_bytes()),
    }
}

fn write(path: &Path, pem: &[u8]) -> Result<()> {
    let name = path.file_name().with_context(|| format!("{} names no file", path.display()))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = Folder::open(parent)?;
    let path: PathBuf = parent.join(name);
    check_vacant(&path, false)?;
    folder.write(&[NewFile { path, contents: pem, secret: true }], false)
}
