//! `csr master-key`: the key that seals the others.

use anyhow::{Result, bail};
use csr_facade::vault;

use super::open::{IfMissing, Opened};
use super::settings::StoreSettings;
use crate::args::MasterKeyCommand;
use crate::output::Page;

pub(crate) async fn run(command: &MasterKeyCommand) -> Result<()> {
    let MasterKeyCommand::Rotate { store } = command;
    let opened = Opened::new(&StoreSettings::new(store)?, IfMissing::Refuse).await?;
    let Some(file) = opened.key_file else {
        bail!(
            "the master key comes from CSR_MASTER_KEY, which this command cannot change: put it into a file \
             with mode 0600 and say --master-key-file"
        );
    };
    let rotated = vault::rotate_file(&**opened.vault.store(), &file).await?;
    let mut page = Page::default();
    page.line(&format!(
        "{} secrets of {} are now sealed under the master key {}, in {}",
        rotated.secrets,
        opened.name,
        rotated.new,
        file.path().display()
    ));
    page.line(&format!(
        "backups made before open with the old one only, {}, which the file no longer has",
        rotated.old
    ));
    page.print()
}
