//! A chunk of jobs, on one thread.

use std::any::Any;
use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::{Job, make};

/// The output of a job, or the panic that ended it.
pub(super) type Outcome<J> = thread::Result<<J as Job>::Output>;

/// Runs `f`. What it holds when it panics is dropped, so nothing is seen half changed.
pub(super) fn caught<T>(f: impl FnOnce() -> T) -> thread::Result<T> {
    catch_unwind(AssertUnwindSafe(f))
}

/// Runs the jobs. One that panics harms no other.
pub(super) fn run<J: Job>(jobs: Vec<J>) -> Vec<Outcome<J>> {
    let count = jobs.len();
    caught(|| outcomes(jobs)).unwrap_or_else(|panic| {
        // Not in a job, but while the keys were made.
        let others = || -> Box<dyn Any + Send> { Box::new("the keys of a batch could not be made together") };
        iter::once(panic).chain(iter::repeat_with(others)).map(Err).take(count).collect()
    })
}

fn outcomes<J: Job>(jobs: Vec<J>) -> Vec<Outcome<J>> {
    let mut requests = Vec::with_capacity(jobs.len());
    let begun: Vec<Result<J::Pending, Outcome<J>>> = jobs
        .into_iter()
        .map(|job| match caught(|| job.request()) {
            Ok(Ok((request, pending))) => {
                requests.push(request);
                Ok(pending)
            }
            Ok(Err(output)) => Err(Ok(output)),
            Err(panic) => Err(Err(panic)),
        })
        .collect();
    let mut made = make(requests).into_iter();
    let mut finish = |pending| {
        let made = made.next().unwrap_or_else(|| unreachable!("there is a result for each request"));
        caught(|| J::finish(pending, made))
    };
    begun.into_iter().map(|begun| begun.map_or_else(|outcome| outcome, &mut finish)).collect()
}
