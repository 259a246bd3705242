use std::sync::Arc;

use csr_core::{CheckedRequest, Created, KeyFormat};
use csr_model::{CreateCsrDraft, CreateCsrRequest, CreateCsrResponse};

use super::generation::Accepted;
use super::inner::Inner;
use crate::clock::now;
use crate::error::{Error, Internal};
use crate::id::CsrId;
use crate::record::CsrRecord;

pub(super) async fn create(inner: &Arc<Inner>, draft: CreateCsrDraft) -> Result<CreateCsrResponse, Error> {
    let draft = draft.completed_from(&inner.options.organization).within_api_limits();
    let checked = CheckedRequest::new(draft)?;
    let accepted = inner.generation.accept(checked.request().private_key_algo)?;
    let inner = Arc::clone(inner);
    // A task of its own, so that a client that goes away does not waste the key.
    let task = tokio::spawn(async move { generate_and_keep(&inner, &accepted, checked).await });
    task.await.map_err(|error| Internal::Other(format!("a creation ended early: {error}")))?
}

async fn generate_and_keep(
    inner: &Inner,
    accepted: &Accepted,
    checked: CheckedRequest,
) -> Result<CreateCsrResponse, Error> {
    let (request, csr, key) = accepted
        .run(move || {
            let Created { request, csr, key, .. } = checked.create().map_err(Internal::Core)?;
            let key = key.to_pem(KeyFormat::Pkcs8).map_err(Internal::Core)?;
            Ok((request, csr.to_pem(), key))
        })
        .await?;
    let time = now()?;
    let CreateCsrRequest { name, domain_name, sans, private_key_algo, usage, company } = request;
    let record = CsrRecord {
        id: CsrId::random()?,
        name,
        domain_name,
        sans,
        private_key_algo,
        usage,
        company,
        csr,
        create_time: time,
        update_time: time,
    };
    inner.vault.insert(&record, Some(key.as_bytes())).await?;
    Ok(record.into())
}
