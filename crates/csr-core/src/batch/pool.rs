//! The threads of a batch: a feeder takes jobs from the iterator, workers run chunks of them, and the caller takes the
//! outcomes.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use super::work::{self, Outcome, caught};
use super::{Batch, Job};

pub(super) struct Pool<J: Job> {
    shared: Arc<Shared<J>>,
    workers: Vec<JoinHandle<()>>,
}

struct Shared<J: Job> {
    batch: Batch,
    state: Mutex<State<J>>,
    /// For workers: a job waits, or there are no more.
    job_waits: Condvar,
    /// For the feeder: half of the jobs in flight may be new ones, or none is wanted.
    has_room: Condvar,
    /// For the caller: the oldest job is done, or there is none.
    is_done: Condvar,
}

struct State<J: Job> {
    /// The jobs that no worker has taken, with their numbers.
    waiting: VecDeque<(usize, J)>,
    /// What became of the jobs in flight, the oldest first; `None` until it is known.
    outcomes: VecDeque<Option<Outcome<J>>>,
    /// The number of the oldest job in flight.
    oldest: usize,
    idle_workers: usize,
    /// No more jobs come.
    has_ended: bool,
}

fn spawn(f: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("csr-batch".to_owned()).spawn(f)
}

impl<J: Job + 'static> Pool<J> {
    /// Starts the threads. Gives the jobs back if it cannot.
    pub(super) fn start<I>(batch: Batch, jobs: I) -> Result<Self, I>
    where
        I: Iterator<Item = J> + Send + 'static,
    {
        let state = State {
            waiting: VecDeque::new(),
            outcomes: VecDeque::new(),
            oldest: 0,
            idle_workers: 0,
            has_ended: false,
        };
        let shared = Arc::new(Shared {
            batch,
            state: Mutex::new(state),
            job_waits: Condvar::new(),
            has_room: Condvar::new(),
            is_done: Condvar::new(),
        });
        // The feeder gets the jobs when all else stands, so that they are not lost if it doesn't.
        let (jobs_in, jobs_out) = mpsc::channel();
        let for_feeder = Arc::clone(&shared);
        let feeder = spawn(move || jobs_out.recv().into_iter().for_each(|jobs| for_feeder.feed(jobs)));
        if feeder.is_err() {
            return Err(jobs);
        }
        let worker = |_| {
            let shared = Arc::clone(&shared);
            spawn(move || shared.work()).ok()
        };
        let workers: Vec<_> = (0..batch.threads).map_while(worker).collect();
        if workers.is_empty() {
            return Err(jobs);
        }
        let pool = Self { shared, workers };
        jobs_in.send(jobs).map(|()| pool).map_err(|mpsc::SendError(jobs)| jobs)
    }
}

impl<J: Job> Pool<J> {
    /// What became of the next job; `None` after the last one.
    pub(super) fn next(&mut self) -> Option<Outcome<J>> {
        let mut state = self.shared.lock();
        loop {
            match state.outcomes.front_mut().map(Option::take) {
                Some(Some(outcome)) => {
                    state.outcomes.pop_front();
                    state.oldest += 1;
                    if state.outcomes.len() == self.shared.batch.in_flight / 2 {
                        self.shared.has_room.notify_one();
                    }
                    return Some(outcome);
                }
                None if state.has_ended => return None,
                Some(None) | None => state = wait(&self.shared.is_done, state),
            }
        }
    }
}

impl<J: Job> Drop for Pool<J> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.has_ended = true;
        let dropped = (mem::take(&mut state.waiting), mem::take(&mut state.outcomes));
        drop(state);
        self.shared.job_waits.notify_all();
        self.shared.has_room.notify_one();
        drop(dropped);
        for worker in self.workers.drain(..) {
            // It catches the panics of its jobs.
            let _ = worker.join();
        }
    }
}

impl<J: Job> Shared<J> {
    /// Nothing that is done under the lock panics.
    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the jobs from the iterator.
    fn feed(&self, mut jobs: impl Iterator<Item = J>) {
        let mut state = self.lock();
        for number in 0.. {
            if state.outcomes.len() >= self.batch.in_flight {
                // Not for one job, or the feeder would be woken for each.
                while state.outcomes.len() > self.batch.in_flight / 2 && !state.has_ended {
                    state = wait(&self.has_room, state);
                }
            }
            if state.has_ended {
                return;
            }
            drop(state);
            let next = caught(|| jobs.next());
            state = self.lock();
            match next {
                Ok(_) if state.has_ended => return,
                Ok(Some(job)) => {
                    state.outcomes.push_back(None);
                    state.waiting.push_back((number, job));
                    if state.idle_workers > 0 {
                        self.job_waits.notify_one();
                    }
                }
                Ok(None) => break,
                Err(panic) => {
                    state.outcomes.push_back(Some(Err(panic)));
                    break;
                }
            }
        }
        // Before the results end.
        drop(state);
        drop(jobs);
        self.lock().has_ended = true;
        self.job_waits.notify_all();
        self.is_done.notify_one();
    }

    /// Runs chunk after chunk.
    fn work(&self) {
        let mut state = self.lock();
        loop {
            while state.waiting.is_empty() {
                if state.has_ended {
                    return;
                }
                state.idle_workers += 1;
                state = wait(&self.job_waits, state);
                state.idle_workers -= 1;
            }
            let share = state.waiting.len().div_ceil(self.batch.threads).min(self.batch.chunk_len);
            let (numbers, jobs): (Vec<_>, Vec<_>) = state.waiting.drain(..share).unzip();
            drop(state);
            let outcomes = work::run(jobs);
            state = self.lock();
            if state.outcomes.is_empty() {
                // The batch was dropped. These are dropped without the lock, which their destructors must not hold.
                drop(state);
                return;
            }
            let oldest = state.oldest;
            for (number, outcome) in numbers.into_iter().zip(outcomes) {
                state.outcomes[number - oldest] = Some(outcome);
            }
            if state.outcomes.front().is_some_and(Option::is_some) {
                self.is_done.notify_one();
            }
        }
    }
}

fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}
