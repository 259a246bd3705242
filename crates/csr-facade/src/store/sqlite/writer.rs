use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::file;
use crate::store::contract::StoreError;

/// The largest number of writes that are committed together. As many more may wait.
const GROUP: usize = 256;

/// Does a write in the open transaction, or not at all if there is none.
type Write = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Done + Send>;

/// Answers a write with the result of the commit.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// How a write is answered.
enum Done {
    /// It succeeds if the commit does, and is answered with the commit's result.
    Written {
        answer: Answer,
        /// Whether the overwritten data must not stay in the write-ahead log.
        scrub: bool,
    },
    /// It failed by itself, and is answered after it was rolled back.
    Refused(Box<dyn FnOnce() + Send>),
}

/// The thread that writes.
#[derive(Debug)]
pub(super) struct Writer {
    /// `None` only while it is dropped.
    queue: Option<mpsc::Sender<Write>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Empties the write-ahead log first: a killed process may have left overwritten data in it.
    pub(super) fn start(db: Connection) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::channel(GROUP);
        let scrub = !file::empty_log(&db, file::READING);
        let thread = std::thread::Builder::new().name("csr-store".into());
        let thread = thread.spawn(move || write_groups(&db, waiting, scrub));
        let thread = thread.map_err(|e| StoreError::Database(format!("cannot start a thread: {e}")))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Does a write, and returns after its commit. A queued write is done even if this future is
    /// dropped.
    pub(super) async fn run<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.enqueue(write, false).await
    }

    /// As [`run`](Self::run), for a write that overwrites secrets: when it returns, no file holds
    /// the old ones, unless a reader has prevented the log from being emptied. Then it is emptied
    /// later.
    pub(super) async fn run_and_scrub<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.enqueue(write, true).await
    }

    async fn enqueue<T, F>(&self, write: F, scrub: bool) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let stopped = || StoreError::Database("the writing thread has stopped".into());
        let (to, answer) = oneshot::channel();
        // The caller may be gone, but the write still counts.
        let write: Write = Box::new(move |db| match db.and_then(write) {
            Ok(value) => {
                let answer: Answer = Box::new(move |committed| drop(to.send(committed.map(|()| value))));
                Done::Written { answer, scrub }
            }
            Err(error) => Done::Refused(Box::new(move || drop(to.send(Err(error))))),
        });
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(write).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // After a panic in it, the closed channels have already answered its writes.
            let _ = thread.join();
        }
    }
}

/// `scrub` says whether the write-ahead log must still be emptied.
fn write_groups(db: &Connection, mut waiting: mpsc::Receiver<Write>, mut scrub: bool) {
    while let Some(first) = waiting.blocking_recv() {
        let mut group = Group::begin(db);
        let mut next = Some(first);
        while let Some(write) = next {
            group.add(write);
            next = if group.is_full() { None } else { waiting.try_recv().ok() };
        }
        scrub = group.commit(scrub);
    }
}

/// A group of writes in one transaction, each of them in a savepoint.
struct Group<'a> {
    db: &'a Connection,
    /// Whether the transaction is open, or why not.
    state: Result<(), StoreError>,
    answers: Vec<Answer>,
    writes: usize,
    /// Whether the write-ahead log must be emptied after the commit.
    scrub: bool,
}

impl<'a> Group<'a> {
    fn begin(db: &'a Connection) -> Self {
        let state = execute(db, "BEGIN IMMEDIATE");
        Self { db, state, answers: Vec::new(), writes: 0, scrub: false }
    }

    /// Takes no more writes after a failure: a new transaction may succeed.
    fn is_full(&self) -> bool {
        self.writes >= GROUP || self.state.is_err()
    }

    fn add(&mut self, write: Write) {
        self.writes += 1;
        let db = self.db;
        let ready = self.state.clone().and_then(|()| execute(db, "SAVEPOINT one"));
        self.state = match write(ready.clone().map(|()| db)) {
            Done::Written { answer, scrub } => {
                self.answers.push(answer);
                self.scrub |= scrub;
                execute(db, "RELEASE one")
            }
            Done::Refused(answer) => {
                // Fails if the error has already rolled back the whole transaction, as a full disk
                // does.
                let undone = ready.and_then(|()| execute(db, "ROLLBACK TO one; RELEASE one"));
                answer();
                undone
            }
        };
    }

    /// `scrub` says whether an earlier group has left the log to be emptied. Returns whether this
    /// one leaves it.
    fn commit(self, scrub: bool) -> bool {
        let Self { db, state, answers, writes, scrub: own } = self;
        let committed = state.and_then(|()| execute(db, "COMMIT"));
        if let Err(error) = &committed {
            tracing::error!(%error, writes, "nothing was committed");
        }
        if !db.is_autocommit()
            && let Err(error) = execute(db, "ROLLBACK")
        {
            tracing::error!(%error, "the transaction could not be rolled back");
        }
        let patience = if own { file::READING } else { Duration::ZERO };
        let left = (scrub || (own && committed.is_ok())) && !file::empty_log(db, patience);
        for answer in answers {
            answer(committed.clone());
        }
        left
    }
}

fn execute(db: &Connection, sql: &str) -> Result<(), StoreError> {
    Ok(db.execute_batch(sql)?)
}
