use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::file;
use crate::store::contract::StoreError;

/// How many writes at most are committed together; as many more may wait.
const GROUP: usize = 256;

/// Does a write in the transaction that is open, or not at all when there is none.
type Write = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Done + Send>;

/// Answers a write with what the commit came to.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// How a write is answered.
enum Done {
    /// It holds if the commit does, and is answered with what that came to.
    Written {
        answer: Answer,
        /// Whether what it has overwritten must not stay in the write-ahead log.
        scrub: bool,
    },
    /// It failed by itself, and is answered when its traces are gone.
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
    /// Empties the write-ahead log first: a process that was killed may have left in it what was overwritten.
    pub(super) fn start(db: Connection) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::channel(GROUP);
        let scrub = !file::empty_log(&db, file::READING);
        let thread = std::thread::Builder::new().name("csr-store".into());
        let thread = thread.spawn(move || write_groups(&db, waiting, scrub));
        let thread = thread.map_err(|e| StoreError::Database(format!("no thread: {e}")))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Does a write, and answers after its commit. Once it waits, it is done even if nobody wants the answer.
    pub(super) async fn run<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.enqueue(write, false).await
    }

    /// As [`run`](Self::run), for a write that overwrites secrets: what they were is in no file when it is answered,
    /// unless a reader kept the log from being emptied; then it is emptied later.
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
        // Whoever asked may have gone; the write holds all the same.
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
            // A panic in it has been answered by closed channels.
            let _ = thread.join();
        }
    }
}

/// `scrub` is whether the write-ahead log is still to be emptied.
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

/// Writes in one transaction, each in a savepoint.
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

    /// Takes no more after a failure: a new transaction may fare better.
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
                // Fails when the error was of a kind that rolls the whole transaction back, a full disk for instance.
                let undone = ready.and_then(|()| execute(db, "ROLLBACK TO one; RELEASE one"));
                answer();
                undone
            }
        };
    }

    /// `scrub` is what an earlier group has left to do; the answer is what this one leaves.
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
