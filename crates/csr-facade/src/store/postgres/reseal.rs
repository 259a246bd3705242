use csr_model::PrivateKeyAlgo;
use deadpool_postgres::Object;

use super::super::row::{self, Row};
use super::super::{Reseal, StoreError};
use super::statement::Columns;
use crate::CsrId;
use crate::seal::{KeyId, Owner, Sealed};

/// How many secrets are read at a time, so that a large store need not fit into memory.
const PAGE: i64 = 500;

pub(super) async fn reseal(
    db: &mut Object,
    old: KeyId,
    new: KeyId,
    reseal: &Reseal,
) -> Result<u64, StoreError> {
    let resealed = |owner: Owner<'_>, sealed: &Sealed| {
        reseal(&owner, sealed).map_err(|cause| StoreError::Reseal { owner: owner.to_string(), cause })
    };
    let transaction = db.transaction().await?;
    transaction.batch_execute("SET LOCAL statement_timeout = 0").await?;
    // Waits for the insertions under way, and keeps further ones waiting until the commit.
    let present = transaction.query_one("SELECT master_key_id FROM store FOR UPDATE", &[]).await?;
    if Columns::of(&present).bytes_or_null()?.as_deref() != Some(&old.0[..]) {
        return Err(StoreError::StaleMasterKey);
    }

    let mut secrets = 0;
    let page = "SELECT seq, id, private_key_algo, key_id, sealed_key FROM csr
                WHERE seq > $1 AND sealed_key IS NOT NULL ORDER BY seq LIMIT $2";
    let page = transaction.prepare_cached(page).await?;
    let update = "UPDATE csr SET key_id = $2, sealed_key = $3 WHERE seq = $1";
    let update = transaction.prepare_cached(update).await?;
    let mut after = 0_i64;
    loop {
        let rows = transaction.query(&page, &[&after, &PAGE]).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let columns: &mut dyn Row = &mut Columns::of(row);
            after = columns.integer()?;
            let id: CsrId = columns.parsed("csr.id")?;
            let algorithm: PrivateKeyAlgo = columns.parsed("csr.private_key_algo")?;
            let Some(sealed) = row::sealed(columns)? else { continue };
            let Sealed { key_id, bytes } = resealed(Owner::Csr { id, algorithm }, &sealed)?;
            transaction.execute(&update, &[&after, &key_id.0.as_slice(), &bytes]).await?;
            secrets += 1;
        }
    }

    let credentials = "SELECT seq, id, key_id, sealed_key FROM caller WHERE sealed_key IS NOT NULL";
    for row in &transaction.query(credentials, &[]).await? {
        let columns: &mut dyn Row = &mut Columns::of(row);
        let seq = columns.integer()?;
        let access_key = columns.text()?;
        let Some(sealed) = row::sealed(columns)? else { continue };
        let Sealed { key_id, bytes } = resealed(Owner::Credential { access_key: &access_key }, &sealed)?;
        let update = "UPDATE caller SET key_id = $2, sealed_key = $3 WHERE seq = $1";
        transaction.execute(update, &[&seq, &key_id.0.as_slice(), &bytes]).await?;
        secrets += 1;
    }
    transaction.execute("UPDATE store SET master_key_id = $1", &[&new.0.as_slice()]).await?;
    transaction.commit().await?;
    Ok(secrets)
}
