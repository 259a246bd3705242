//! Checks whether the store can be written to. The check writes to the disk, and anyone may ask, so
//! not every request may cause a write.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;

use super::answer::with_causes;
use crate::service::Service;

/// The last verdict on the store, and the time of its check.
type Verdict = Option<(Instant, bool)>;

/// Checks the store, but not again for a while.
pub(super) struct Readiness {
    service: Service,
    /// How long a verdict is reused.
    kept: Duration,
    last: Arc<Mutex<Verdict>>,
}

impl Readiness {
    pub(super) fn new(service: Service, kept: Duration) -> Self {
        Self { service, kept, last: Arc::default() }
    }

    pub(super) async fn is_ready(&self) -> bool {
        // A request cancelled here leaves no task behind, however long a store hangs.
        let last = Arc::clone(&self.last).lock_owned().await;
        if let Some((asked, ready)) = *last
            && asked.elapsed() < self.kept
        {
            return ready;
        }
        // A separate task, so that the verdict is kept even if the request is cancelled. The lock
        // makes it the only one.
        tokio::spawn(ask_store(self.service.clone(), last)).await.unwrap_or(false)
    }
}

async fn ask_store(service: Service, mut last: OwnedMutexGuard<Verdict>) -> bool {
    let asked = service.ready().await;
    if let Err(error) = &asked {
        let cause = with_causes(error);
        tracing::warn!(target: "csr::http", cause, "the store is not ready");
    }
    *last = Some((Instant::now(), asked.is_ok()));
    asked.is_ok()
}
