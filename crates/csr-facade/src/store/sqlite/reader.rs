use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::file;
use crate::store::contract::StoreError;

/// How many reads run at once.
const CONNECTIONS: usize = 4;

/// Connections for reading, off the async threads.
#[derive(Debug)]
pub(super) struct Readers {
    free: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let free = (0..CONNECTIONS).map(|_| file::connect_to_read(path)).collect::<Result<_, _>>()?;
        Ok(Self { free: Arc::new(Mutex::new(free)), permits: Arc::new(Semaphore::new(CONNECTIONS)) })
    }

    pub(super) async fn run<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let gone = |_| StoreError::Database("a connection for reading was lost".into());
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|e| gone(e.to_string()))?;
        let free = Arc::clone(&self.free);
        let reading = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let db = free.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let db = db.ok_or_else(|| gone(String::new()))?;
            let read = read(&db);
            free.lock().unwrap_or_else(PoisonError::into_inner).push(db);
            read
        });
        reading.await.map_err(|e| gone(e.to_string()))?
    }
}
