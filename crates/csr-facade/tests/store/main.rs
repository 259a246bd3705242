//! Tests every store through the service, also when things go wrong: a rotated master key, a killed
//! process, a stopped server, a failing disk.
//!
//! The PostgreSQL trials start their own server on loopback, and stop it. With
//! `CSR_REQUIRE_TOOLS=1` they fail if a tool is missing, instead of being skipped. `CSR_KILLS` sets
//! how often the writers are killed (5).

#![forbid(unsafe_code)]

mod altered;
mod backend;
mod child;
mod crash;
mod failing_disk;
mod operations;
mod postgres;
mod rotation;
mod secrets;
mod sqlite_file;
mod store;

use std::process::ExitCode;
use std::sync::Arc;

use backend::{Backend, PostgresBackend, SqliteBackend};
use libtest_mimic::{Arguments, Failed, Trial};

pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type Result<T> = core::result::Result<T, Error>;

/// Fails the trial with the text unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+).into());
        }
    };
}
pub(crate) use ensure;

fn main() -> ExitCode {
    if std::env::args().nth(1).is_some_and(|argument| argument == "--child") {
        return child::main();
    }
    secrets::capture_logs();
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    let sqlite: Arc<dyn Backend> = Arc::new(SqliteBackend);
    on(&mut trials, "SQLite", &sqlite, None);
    let postgres = PostgresBackend::new();
    let missing = postgres.missing();
    let postgres: Arc<dyn Backend> = Arc::new(postgres);
    on(&mut trials, "PostgreSQL", &postgres, missing.as_deref());
    for (name, run) in sqlite_file::TRIALS {
        trials.push(trial(format!("SQLite: {name}"), None, run));
    }
    for (name, run) in postgres::TRIALS {
        trials.push(trial(format!("PostgreSQL: {name}"), missing.as_deref(), run));
    }
    trials.push(trial("SQLite: acknowledged CSRs outlive kill -9".into(), None, crash::kill_writers));
    trials.push(trial(
        "SQLite: a killed rotation leaves no temporary key".into(),
        None,
        crash::kill_rotations,
    ));
    trials.push(trial(
        "PostgreSQL: acknowledged CSRs outlive immediate stops".into(),
        missing.as_deref(),
        crash::stop_server,
    ));
    let missing = failing_disk::missing();
    for (name, run) in failing_disk::TRIALS {
        trials.push(trial(format!("SQLite: {name}"), missing.as_deref(), run));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The trials for every store.
fn on(trials: &mut Vec<Trial>, store: &str, backend: &Arc<dyn Backend>, missing: Option<&str>) {
    let all =
        [store::TRIALS, operations::TRIALS, rotation::TRIALS, altered::TRIALS, secrets::TRIALS].concat();
    for (name, run) in all {
        let backend = Arc::clone(backend);
        let run = move || runtime()?.block_on(run(backend));
        trials.push(trial(format!("{store}: {name}"), missing, run));
    }
}

/// A trial of one store alone.
pub(crate) type NamedTrial = (&'static str, fn() -> Result<()>);

/// A check of any store.
pub(crate) type Check = fn(Arc<dyn Backend>) -> core::pin::Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Names async functions as [`Check`]s.
macro_rules! checks {
    ($($name:literal => $check:path),+ $(,)?) => {
        pub(crate) const TRIALS: &[(&str, crate::Check)] =
            &[$(($name, |backend| Box::pin(async move { $check(&*backend).await }))),+];
    };
}
pub(crate) use checks;

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// A trial whose tool is missing is skipped by name, or fails if tools are required.
fn trial(name: String, missing: Option<&str>, run: impl FnOnce() -> Result<()> + Send + 'static) -> Trial {
    let Some(missing) = missing.map(str::to_owned) else {
        return Trial::test(name, move || run().map_err(Failed::from));
    };
    let required = std::env::var_os("CSR_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    let name = format!("{name} (LEFT OUT: {missing})");
    Trial::test(name, move || Err(Failed::from(missing))).with_ignored_flag(!required)
}
