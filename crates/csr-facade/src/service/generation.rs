use std::sync::Arc;
use std::time::Duration;

use csr_model::PrivateKeyAlgo;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Internal};

/// The queues for key generation. RSA keys have a separate one: a curve key takes microseconds, and
/// need not wait for keys that take up to a second.
pub(super) struct Generation {
    rsa: Lane,
    curve: Lane,
}

/// How busy the generation of keys is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GenerationLoad {
    /// RSA keys.
    pub rsa: LaneLoad,
    /// Keys on curves.
    pub curve: LaneLoad,
}

/// How busy one queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LaneLoad {
    /// Keys that are being generated.
    pub generating: usize,
    /// Other accepted creations, whose key is waiting to be generated or being stored.
    pub waiting: usize,
}

impl Generation {
    pub(super) fn new(waiting: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let lane = |retry_after| Lane::new(cores, waiting, Duration::from_secs(retry_after));
        Self { rsa: lane(5), curve: lane(1) }
    }

    /// A place in the queue for a key.
    pub(super) fn accept(&self, algorithm: PrivateKeyAlgo) -> Result<Accepted, Error> {
        match algorithm {
            PrivateKeyAlgo::Rsa2048 | PrivateKeyAlgo::Rsa3072 | PrivateKeyAlgo::Rsa4096 => self.rsa.accept(),
            PrivateKeyAlgo::EcP256 | PrivateKeyAlgo::EcP384 | PrivateKeyAlgo::Sm2 => self.curve.accept(),
        }
    }

    pub(super) fn load(&self) -> GenerationLoad {
        GenerationLoad { rsa: self.rsa.load(), curve: self.curve.load() }
    }

    pub(super) async fn finish(&self) {
        self.rsa.finish().await;
        self.curve.finish().await;
    }
}

struct Lane {
    /// One permit per creation, from its acceptance to its end.
    accepted: Arc<Semaphore>,
    /// One permit per key that is being generated.
    generating: Arc<Semaphore>,
    places: u32,
    cores: usize,
    retry_after: Duration,
}

impl Lane {
    fn new(cores: usize, waiting: usize, retry_after: Duration) -> Self {
        let places = u32::try_from(cores.saturating_add(waiting)).unwrap_or(u32::MAX).min(1 << 20);
        Self {
            accepted: Arc::new(Semaphore::new(places as usize)),
            generating: Arc::new(Semaphore::new(cores)),
            places,
            cores,
            retry_after,
        }
    }

    fn accept(&self) -> Result<Accepted, Error> {
        let place = Arc::clone(&self.accepted).try_acquire_owned();
        let place = place.map_err(|_| Error::Busy { retry_after: self.retry_after })?;
        Ok(Accepted { generating: Arc::clone(&self.generating), _place: place })
    }

    fn load(&self) -> LaneLoad {
        let accepted = (self.places as usize).saturating_sub(self.accepted.available_permits());
        let generating = self.cores.saturating_sub(self.generating.available_permits());
        LaneLoad { generating, waiting: accepted.saturating_sub(generating) }
    }

    async fn finish(&self) {
        // Takes all places and keeps them: then nothing is in progress, and nothing more is
        // accepted.
        if let Ok(all) = self.accepted.acquire_many(self.places).await {
            all.forget();
        }
    }
}

/// A place in a queue.
pub(super) struct Accepted {
    generating: Arc<Semaphore>,
    _place: OwnedSemaphorePermit,
}

impl Accepted {
    /// Waits for its turn, then runs a computation on a blocking thread.
    pub(super) async fn run<T, F>(&self, compute: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, Error> + Send + 'static,
    {
        let turn = Arc::clone(&self.generating).acquire_owned().await;
        let turn = turn.map_err(|error| Internal::Other(error.to_string()))?;
        blocking(move || {
            let _turn = turn;
            compute()
        })
        .await
    }
}

/// Runs a computation on a blocking thread.
pub(super) async fn blocking<T, F>(compute: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Error> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(compute).await;
    done.map_err(|error| Internal::Other(format!("a computation ended early: {error}")))?
}
