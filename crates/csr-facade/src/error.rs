use std::time::Duration;

use csr_core::KeyImportError;
use csr_model::Faults;

use crate::caller::Right;
use crate::id::CsrId;
use crate::seal::{Altered, SealError};
use crate::store::StoreError;
use crate::vault::MasterKeyError;

/// Why an operation of the API failed. The module of HTTP answers alone decides how each error
/// appears on the wire.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Parameters that violate the documentation or the rules for a CSR.
    #[error(transparent)]
    Invalid(Faults),
    /// No CSR has that id.
    #[error("there is no CSR with the id {0}")]
    NoSuchCsr(CsrId),
    /// The CSR was uploaded without its private key.
    #[error("private_key: none was uploaded with this CSR")]
    NoPrivateKey,
    /// An uploaded CSR is refused. The text says why.
    #[error("csr: {0}")]
    UnfitCsr(String),
    /// An uploaded private key cannot be read.
    #[error("private_key: {0}")]
    UnreadableKey(KeyImportError),
    /// An uploaded private key doesn't match the CSR.
    #[error("private_key: must be the key that the CSR was made with")]
    KeyMismatch,
    /// The caller is unknown. The text says what is wrong, and contains no secret.
    #[error("{0}")]
    Unauthenticated(String),
    /// The caller lacks the right.
    #[error("the caller must have the right {0}")]
    Forbidden(Right),
    /// The API returns no private keys (mode `no-key-export`).
    #[error("private keys are not exported over the API; use `csr key export ID` on the host")]
    KeyExportDisabled,
    /// The queue for key generation is full.
    #[error("too many requests are waiting; try again in {} s", .retry_after.as_secs())]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// A fault that isn't the caller's. Its cause is for the log only.
    #[error("internal error")]
    Internal(#[source] Internal),
}

/// The cause of an internal error, for the log. Contains no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Internal {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No master key fits the store.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// A secret could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A row of the store was changed outside of csr.
    #[error(transparent)]
    Altered(#[from] Altered),
    /// The key or the CSR could not be made.
    #[error(transparent)]
    Core(csr_core::Error),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        Self::Invalid(faults)
    }
}

impl From<getrandom::Error> for Internal {
    fn from(error: getrandom::Error) -> Self {
        Self::Other(format!("the random source failed: {error}"))
    }
}

impl<E: Into<Internal>> From<E> for Error {
    fn from(cause: E) -> Self {
        Self::Internal(cause.into())
    }
}
