//! The API's operations.

mod create;
mod generation;
mod inner;
mod upload;

use std::sync::Arc;

use csr_model::{
    CreateCsrDraft, CreateCsrResponse, Fault, Faults, Field, ListCsrQuery, ListCsrResponse,
    ShowCsrPrivateKeyResponse, ShowCsrResponse, UpdateCsrRequest, UploadCsrRequest, UploadCsrResponse,
};
use zeroize::Zeroizing;

use crate::clock::now;
use crate::error::{Error, Internal};
use crate::id::CsrId;
use crate::vault::Vault;
use generation::Generation;
use inner::Inner;

pub use generation::{GenerationLoad, LaneLoad};
pub use inner::ServiceOptions;

/// The target of the log lines that record readings of private keys, over HTTP and on the host.
pub const AUDIT_TARGET: &str = "csr::audit";

/// The seven operations of the API, over a store. A clone is the same service.
///
/// ```
/// use std::sync::Arc;
/// use csr_facade::seal::KeyFile;
/// use csr_facade::store::SqliteStore;
/// use csr_facade::vault::MasterKeySource;
/// use csr_facade::{Service, ServiceOptions, Vault};
/// use csr_model::CreateCsrDraft;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let store = Arc::new(SqliteStore::open(&folder.join("csr.db"))?);
/// let file = KeyFile::new(folder.join("master.key"));
/// let vault = Vault::open(store, MasterKeySource::File { file, create: true }).await?;
/// let service = Service::new(vault, ServiceOptions::default());
///
/// let created = service
///     .create(CreateCsrDraft::from_json(
///         br#"{"name": "web", "domain_name": "example.com", "private_key_algo": "EC_P256", "usage": "PERSONAL"}"#,
///     )?)
///     .await?;
/// let key = service.show_private_key(created.id.parse()?).await?;
/// assert!(key.private_key.starts_with("-----BEGIN PRIVATE KEY-----"));
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new()?.block_on(example())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Service(Arc<Inner>);

impl Service {
    /// A service over a store and its master key.
    #[must_use]
    pub fn new(vault: Vault, options: ServiceOptions) -> Self {
        let generation = Generation::new(options.waiting_keys);
        Self(Arc::new(Inner { vault, options, generation }))
    }

    /// Generates a key and a CSR from a request or the draft of one, and stores both. Returns after the
    /// commit. The work is finished even if this future is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults, [`Error::Busy`], [`Error::Internal`].
    pub async fn create(&self, draft: impl Into<CreateCsrDraft>) -> Result<CreateCsrResponse, Error> {
        create::create(&self.0, draft.into()).await
    }

    /// A page of the matching CSRs, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], [`Error::Internal`].
    pub async fn list(&self, query: &ListCsrQuery) -> Result<ListCsrResponse, Error> {
        let name = query.name.as_deref().unwrap_or_default();
        Faults::check(Fault::of_controls(Field::Name, name).into_iter().collect())?;
        let (records, total) = self.0.vault.list(query).await?;
        Ok(ListCsrResponse { csr_list: records.into_iter().map(Into::into).collect(), total })
    }

    /// A CSR with all its fields.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchCsr`], [`Error::Internal`].
    pub async fn show(&self, id: CsrId) -> Result<ShowCsrResponse, Error> {
        Ok(self.0.vault.csr(id).await?.ok_or(Error::NoSuchCsr(id))?.into())
    }

    /// A CSR's private key (PKCS#8 in PEM), for the API.
    ///
    /// # Errors
    ///
    /// [`Error::KeyExportDisabled`], [`Error::NoSuchCsr`], [`Error::NoPrivateKey`], [`Error::Internal`].
    pub async fn show_private_key(&self, id: CsrId) -> Result<ShowCsrPrivateKeyResponse, Error> {
        if !self.0.options.key_export {
            return Err(Error::KeyExportDisabled);
        }
        Ok(ShowCsrPrivateKeyResponse { private_key: self.private_key(id).await? })
    }

    /// A CSR's private key (PKCS#8 in PEM), for the command on the host, whatever the options say.
    /// The reading is logged (target [`AUDIT_TARGET`]).
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchCsr`], [`Error::NoPrivateKey`], [`Error::Internal`].
    pub async fn export_key(&self, id: CsrId) -> Result<Zeroizing<String>, Error> {
        let key = self.private_key(id).await?;
        tracing::info!(target: AUDIT_TARGET, csr = %id, "private key read on the host");
        Ok(key)
    }

    /// Renames a CSR.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchCsr`], [`Error::Internal`].
    pub async fn update(&self, id: CsrId, request: &UpdateCsrRequest) -> Result<ShowCsrResponse, Error> {
        let renamed = self.0.vault.rename(id, request.name(), now()?).await?;
        Ok(renamed.ok_or(Error::NoSuchCsr(id))?.into())
    }

    /// Deletes a CSR and its key.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchCsr`], [`Error::Internal`].
    pub async fn delete(&self, id: CsrId) -> Result<(), Error> {
        if self.0.vault.delete(id).await? { Ok(()) } else { Err(Error::NoSuchCsr(id)) }
    }

    /// Stores a CSR that was made elsewhere and, if given, its key.
    ///
    /// # Errors
    ///
    /// [`Error::UnfitCsr`], [`Error::UnreadableKey`], [`Error::KeyMismatch`], [`Error::Internal`].
    pub async fn upload(&self, request: UploadCsrRequest) -> Result<UploadCsrResponse, Error> {
        upload::upload(&self.0, request).await
    }

    /// Checks that the store can be reached and written to, and that its master key is available.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub async fn ready(&self) -> Result<(), Error> {
        Ok(self.0.vault.ready().await?)
    }

    /// The number of keys that are being generated or waiting, for metrics.
    #[must_use]
    pub fn generation(&self) -> GenerationLoad {
        self.0.generation.load()
    }

    /// Waits until every accepted creation has been committed or has failed, for a shutdown. From
    /// now on, new creations are refused with [`Error::Busy`].
    pub async fn finish(&self) {
        self.0.generation.finish().await;
    }

    async fn private_key(&self, id: CsrId) -> Result<Zeroizing<String>, Error> {
        let key = self.0.vault.private_key(id).await?.ok_or(Error::NoSuchCsr(id))?;
        let key = key.ok_or(Error::NoPrivateKey)?;
        let text = core::str::from_utf8(&key);
        let text = text.map_err(|_| Internal::Other("a private key is not PEM".into()))?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// The store with its master key.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }
}
