use deadpool_postgres::Object;

use super::statement::{Columns, bytes};
use crate::seal::KeyId;
use crate::store::contract::{Reseal, StoreError};
use crate::store::row::{self, Row};
use crate::store::schema::{CALLER_COLUMNS, CSR_COLUMNS};

/// How many rows are read at a time, so that a large store need not fit into memory.
const PAGE: i64 = 500;

pub(super) async fn reseal(
    db: &mut Object,
    old: KeyId,
    new: KeyId,
    reseal: &dyn Reseal,
) -> Result<u64, StoreError> {
    let transaction = db.transaction().await?;
    transaction.batch_execute("SET LOCAL statement_timeout = 0").await?;
    // Waits for insertions in progress, and makes further ones wait until the commit.
    let present = transaction.query_one("SELECT master_key_id FROM store FOR UPDATE", &[]).await?;
    if Columns::new(&present).bytes_or_null()?.as_deref() != Some(&old.0[..]) {
        return Err(StoreError::StaleMasterKey);
    }

    let mut secrets = 0;
    // Waits for changes in progress, and makes further ones wait, which then read the new row.
    let page = format!(
        "SELECT seq, {CSR_COLUMNS}, sealed_key FROM csr WHERE seq > $1 ORDER BY seq LIMIT $2 FOR UPDATE"
    );
    let page = transaction.prepare_cached(&page).await?;
    let update = "UPDATE csr SET key_id = $2, sealed_key = $3, mac = $4, csr = $5 WHERE seq = $1";
    let update = transaction.prepare_cached(update).await?;
    let mut after = 0_i64;
    loop {
        let rows = transaction.query(&page, &[&after, &PAGE]).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let columns: &mut dyn Row = &mut Columns::new(row);
            after = columns.integer()?;
            let (row, key) = row::csr_and_key(columns)?;
            let (row, key) = reseal.csr(row, key)?;
            let key_id = row.key_id.as_ref().map(|id| id.0.as_slice());
            let sealed_key = key.as_ref().map(|key| key.bytes.as_slice());
            let (mac, csr) = (bytes(row.mac), &row.record.csr);
            transaction.execute(&update, &[&after, &key_id, &sealed_key, &mac, csr]).await?;
            secrets += u64::from(key.is_some());
        }
    }

    let callers = format!("SELECT {CALLER_COLUMNS} FROM caller ORDER BY number FOR UPDATE");
    for row in &transaction.query(&callers, &[]).await? {
        let row = reseal.caller(row::caller(&mut Columns::new(row))?)?;
        let [_, key_id, sealed_secret] = row.proof_columns();
        let update = "UPDATE caller SET key_id = $2, sealed_secret = $3, mac = $4 WHERE id = $1";
        transaction.execute(update, &[&row.caller.id, &key_id, &sealed_secret, &bytes(row.mac)]).await?;
        secrets += u64::from(sealed_secret.is_some());
    }
    transaction.execute("UPDATE store SET master_key_id = $1", &[&new.0.as_slice()]).await?;
    transaction.commit().await?;
    Ok(secrets)
}
