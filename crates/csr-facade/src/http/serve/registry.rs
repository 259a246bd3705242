//! The open connections, and the choice of the one to close if there are too many.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

/// The connection is answering a known caller's request, and is not closed to make room.
const BUSY: u64 = u64::MAX;

pub(super) struct Registry {
    capacity: usize,
    started: Instant,
    open: Mutex<Open>,
    freed: Notify,
}

#[derive(Default)]
struct Open {
    last: u64,
    places: HashMap<u64, Arc<Place>>,
}

/// The entry of one connection.
struct Place {
    /// The time since when it has waited for its client to send something or to become known, in
    /// microseconds of the registry's life, or [`BUSY`].
    waiting: AtomicU64,
    close: Notify,
}

impl Registry {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, started: Instant::now(), open: Mutex::default(), freed: Notify::new() }
    }

    /// Waits for a place, and makes one by closing the connection that has waited longest for its
    /// client.
    pub(super) async fn place(&self) {
        loop {
            let freed = self.freed.notified();
            if self.open().places.len() < self.capacity || self.close_longest_waiting() {
                return;
            }
            freed.await;
        }
    }

    /// Closes the connection that has waited longest for its client. Returns whether there was one.
    pub(super) fn close_longest_waiting(&self) -> bool {
        let mut open = self.open();
        let waiting = |place: &Place| place.waiting.load(Ordering::Relaxed);
        let longest = open.places.iter().min_by_key(|(_, place)| waiting(place));
        let Some(id) = longest.filter(|(_, place)| waiting(place) != BUSY).map(|(id, _)| *id) else {
            return false;
        };
        if let Some(place) = open.places.remove(&id) {
            place.close.notify_one();
        }
        true
    }

    /// Takes a place.
    pub(super) fn enter(self: Arc<Self>) -> Entry {
        let place = Arc::new(Place { waiting: AtomicU64::new(self.now()), close: Notify::new() });
        let mut open = self.open();
        open.last += 1;
        let id = open.last;
        open.places.insert(id, Arc::clone(&place));
        drop(open);
        Entry { id, place, registry: self }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(BUSY - 1)
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's entry in the registry. Dropping it removes the entry.
pub(super) struct Entry {
    id: u64,
    place: Arc<Place>,
    registry: Arc<Registry>,
}

impl Entry {
    /// Marks the connection as waiting for its client.
    pub(super) fn waits(&self) {
        self.place.waiting.store(self.registry.now(), Ordering::Relaxed);
    }

    /// Marks the connection as answering a known caller's request.
    pub(super) fn works(&self) {
        self.place.waiting.store(BUSY, Ordering::Relaxed);
    }

    /// Completes when the connection must make room.
    pub(super) async fn closed(&self) {
        self.place.close.notified().await;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.registry.open().places.remove(&self.id);
        self.registry.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn longest_idle_connection_is_evicted_and_busy_one_is_not() {
        let registry = Arc::new(Registry::new(2));
        let first = Arc::clone(&registry).enter();
        let second = Arc::clone(&registry).enter();
        first.place.waiting.store(5, Ordering::Relaxed);
        second.place.waiting.store(3, Ordering::Relaxed);
        registry.place().await;
        second.closed().await;
        first.works();
        assert!(!registry.close_longest_waiting());
        drop(second);
        first.waits();
        assert!(registry.close_longest_waiting());
        first.closed().await;
    }

    #[tokio::test]
    async fn new_connection_waits_for_a_place() {
        let registry = Arc::new(Registry::new(1));
        let only = Arc::clone(&registry).enter();
        only.works();
        tokio::join!(registry.place(), async { drop(only) });
    }
}
