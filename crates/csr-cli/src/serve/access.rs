//! `csr access`: tokens and access keys of the server's callers.

use anyhow::{Result, bail};
use csr_facade::{Access, Caller, IssuedCredential, IssuedToken};
use serde_json::{Value, json};

use super::open::{IfMissing, Opened};
use super::settings::StoreSettings;
use crate::args::AccessCommand;
use crate::failure::note;
use crate::output::{self, Page};

pub(crate) async fn run(command: &AccessCommand) -> Result<()> {
    let (AccessCommand::Add { store, .. }
    | AccessCommand::List { store, .. }
    | AccessCommand::Revoke { store, .. }) = command;
    let if_missing = match command {
        AccessCommand::Add { .. } => IfMissing::Make,
        AccessCommand::List { .. } | AccessCommand::Revoke { .. } => IfMissing::Refuse,
    };
    if matches!(command, AccessCommand::Add { .. }) && output::was_closed() {
        bail!("standard output is closed or null, so nobody would see the secret: open it");
    }
    let opened = Opened::new(&StoreSettings::new(store)?, if_missing).await?;
    if opened.is_new {
        note(&format!("made a new store at {}", opened.name));
    }
    let access = Access::new(opened.vault);
    match command {
        // Shown before it is stored: a secret that nobody saw must not be valid.
        AccessCommand::Add { label, rights, credential: true, json, .. } => {
            let credential = Access::draft_credential(label, *rights)?;
            show_credential(&credential, *json)?;
            Ok(access.keep_credential(&credential).await?)
        }
        AccessCommand::Add { label, rights, credential: false, json, .. } => {
            let token = Access::draft_token(label, *rights)?;
            show_token(&token, *json)?;
            Ok(access.keep_token(&token).await?)
        }
        AccessCommand::List { json, .. } => list(&access.list().await?, *json),
        AccessCommand::Revoke { id, .. } => {
            if !access.revoke(id).await? {
                // The id is not quoted: people pass the token itself.
                bail!("no valid token or credential has this id: `csr access list` shows the ids");
            }
            Ok(())
        }
    }
}

/// Prints only the token to standard output, so that a script can read it.
fn show_token(IssuedToken { caller, token }: &IssuedToken, json: bool) -> Result<()> {
    if json {
        return output::json(&json!({ "token": &**token, "caller": shown(caller) }));
    }
    output::secret_line(token)?;
    note(&format!("this token is shown only now; its id is {}, its rights are {}", caller.id, caller.rights));
    Ok(())
}

fn show_credential(IssuedCredential { caller, secret_key }: &IssuedCredential, json: bool) -> Result<()> {
    if json {
        let (access_key, secret_key) = (&caller.id, &**secret_key);
        return output::json(
            &json!({ "access_key": access_key, "secret_key": secret_key, "caller": shown(caller) }),
        );
    }
    let mut page = Page::default();
    page.row("access key", [&caller.id]);
    page.row("secret key", [&**secret_key]);
    page.print()?;
    note(&format!("the secret key is shown only now; its rights are {}", caller.rights));
    Ok(())
}

fn list(callers: &[Caller], json: bool) -> Result<()> {
    if json {
        return output::json(&callers.iter().map(shown).collect::<Vec<_>>());
    }
    let mut page = Page::default();
    for caller in callers {
        let Caller { id, label, kind, rights, create_time: _, revoke_time } = caller;
        let state = if revoke_time.is_some() { "revoked" } else { "valid" };
        page.line(&format!("{id:<20}  {:<10}  {state:<7}  {rights:<21}  {label}", kind.as_str()));
    }
    page.print()
}

fn shown(caller: &Caller) -> Value {
    let Caller { id, label, kind, rights, create_time, revoke_time } = caller;
    json!({
        "id": id,
        "label": label,
        "kind": kind.as_str(),
        "rights": rights.to_string(),
        "create_time": create_time,
        "revoke_time": revoke_time,
    })
}
