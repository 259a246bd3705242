//! `csr batch`: keys and CSRs for many requests, none of them lost or made twice.

mod check;
mod defaults;
mod fields;
mod input;
mod interrupt;
mod item;
mod progress;
mod shard;

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread;

use anyhow::Result;

use self::check::{Options, Plan, Standing};
use self::defaults::Defaults;
use self::input::Input;
use self::shard::Shard;
use crate::args::BatchArgs;
use crate::failure::Refusals;

pub(crate) use self::shard::ShardArg;

pub(crate) fn run(args: &BatchArgs) -> Result<ExitCode> {
    check(args)?;
    Ok(ExitCode::SUCCESS)
}

/// Reads and checks everything that was given; nothing is made or written yet.
fn check(args: &BatchArgs) -> Result<(Input, Defaults, Plan)> {
    let mut faults = Refusals::default();
    let shard = faults.take_chain(Shard::of(args, |name| std::env::var(name).ok()));
    let input = faults.take_chain(Input::open(args));
    let defaults = Defaults::new(args, &mut faults);
    faults.check()?;
    let (Some(shard), Some(input), Some(defaults)) = (shard, input, defaults) else {
        anyhow::bail!("a fault went unnoticed; please report this");
    };
    let threads = args.threads.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let options = Options { shard, keep_going: args.keep_going, threads };
    let plan = check::run(&input, &defaults, options, |_, _| Standing::New)?;
    Ok((input, defaults, plan))
}

/// Why this is refused, before anything is made.
#[cfg(all(test, unix))]
pub(crate) fn refusal(args: &BatchArgs) -> Option<anyhow::Error> {
    check(args).err()
}
