//! `csr master-key`: the key that seals the private keys.

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
            "the master key comes from CSR_MASTER_KEY, which this command cannot change: write it to a file \
             with mode 0600 and pass --master-key-file"
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
        "older backups open only with the old master key {}, which the file no longer holds",
        rotated.old
    ));
    page.print()
}
