use std::time::Duration;

use csr_core::KeyImportError;
use csr_model::Faults;

use crate::caller::Right;
use crate::id::CsrId;
use crate::seal::{Altered, SealError};
use crate::store::StoreError;
use crate::vault::MasterKeyError;

/// Why an operation of the API was not done. What each becomes on the wire is told in one place, the HTTP answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Parameters that are not as documented, or not fit for a CSR.
    #[error(transparent)]
    Invalid(Faults),
    /// There is no CSR with that id.
    #[error("there is no CSR with the id {0}")]
    NoSuchCsr(CsrId),
    /// The CSR was uploaded without its private key.
    #[error("private_key: none was uploaded with this CSR")]
    NoPrivateKey,
    /// An uploaded CSR cannot be taken; why.
    #[error("csr: {0}")]
    UnfitCsr(String),
    /// An uploaded private key cannot be read.
    #[error("private_key: {0}")]
    UnreadableKey(KeyImportError),
    /// An uploaded private key is not the CSR's.
    #[error("private_key: is not the key that the CSR was made with")]
    KeyMismatch,
    /// The caller is unknown; the text says what is wrong and holds no secret.
    #[error("{0}")]
    Unauthenticated(String),
    /// The caller lacks the right.
    #[error("the caller has no right to {0}")]
    Forbidden(Right),
    /// Private keys are not given out over the API (mode `no-key-export`).
    #[error("private keys are not exported over the API; use `csr key export ID` on the host")]
    KeyExportDisabled,
    /// More keys are asked for than can be queued.
    #[error("too many requests are waiting; try again in {} s", .retry_after.as_secs())]
    Busy {
        /// When it is worth while to try again.
        retry_after: Duration,
    },
    /// Something that the caller cannot help; the cause is for the log only.
    #[error("internal error")]
    Internal(#[source] Internal),
}

/// The cause of an internal error, for the log. No secret is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Internal {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no master key that fits the store.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// A secret could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A row of the store is not as csr wrote it.
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
