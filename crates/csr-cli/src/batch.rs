//! `csr batch`: keys and CSRs for many requests, none of them lost or made twice.
//!
//! The whole input is checked first (`check`). Then each item that is not done yet is made (`make`) and written
//! (`output`), which the manifest records; so the same command goes on wherever it was cut off.

mod check;
mod defaults;
mod disk;
mod fields;
mod filter;
mod input;
mod interrupt;
mod item;
mod line;
mod make;
mod manifest;
mod output;
mod progress;
mod seal;
mod shard;
mod summary;
mod verify;

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};

use self::check::{Options, Plan, Standing};
use self::defaults::Defaults;
use self::input::{Input, Record};
use self::interrupt::Interrupt;
use self::make::{Maker, NotMade};
use self::output::{Destination, Output, State, Totals};
use self::progress::Progress;
use self::seal::{SealArgs, Sealer};
use self::shard::Shard;
use self::summary::Summary;
use self::verify::VerifyArgs;
use crate::args::BatchArgs;
use crate::content;
use crate::failure::{self, FOUND_FAULTS, Refusals};
use crate::input::is_standard_input;

pub(crate) use self::shard::ShardArg;

pub(crate) fn run(args: &BatchArgs) -> Result<ExitCode> {
    if !args.verify.is_empty() {
        return verify(args);
    }
    if args.jsonl.as_deref().is_some_and(is_standard_input) {
        crate::output::keep_for_lines();
    }
    let Flags { shard, defaults, sealer, threads } = Flags::check(args)?;
    let mut maker = Maker {
        defaults,
        sealer,
        as_lines: args.jsonl.is_some(),
        der: args.der,
        shard: None,
        interrupt: None,
    };
    if input::is_filter(args) {
        maker.shard = shard;
        return answer(args, &Arc::new(maker), threads);
    }
    let input = Input::open(args)?;
    let mut output = Output::open(&destination(args, &maker.sealer), shard.map(Shard::numbers))?;
    let options = Options { shard, keep_going: args.keep_going, threads };
    let plan = check::run(&input, &maker.defaults, options, |item, request| standing(&output, item, request));
    let plan = plan.inspect_err(|_| output.retract())?;
    plan.faults().for_each(|fault| failure::note(&fault));
    note_unused(args, &maker.defaults, &plan);
    if plan.to_make() > 0 {
        note_before_making(&maker, Some(plan.to_make()), threads)?;
    }
    maker.interrupt = Some(Interrupt::listen()?);
    let sealed_to = Arc::clone(maker.sealer.sealed_to());
    let maker = Arc::new(maker);
    let started = Instant::now();
    let plan = Arc::new(plan);
    let made = make_all(&maker, threads, wanted(&input, &plan)?, &plan, &mut output)?;
    if let Err(changed) = input.check_unchanged() {
        output.commit()?;
        return Err(changed);
    }
    let left = plan.to_make() - made;
    let totals = Totals { items: plan.items, input_items: plan.input_items, input_sha256: plan.input_sha256 };
    // With faulty records, not all of the input is done.
    output.finish((left == 0 && plan.bad == 0).then_some(&totals))?;
    let manifest = output.manifest_path();
    let summary = Summary {
        made,
        made_before: plan.done,
        faulty: plan.bad,
        left,
        seconds: started.elapsed().as_secs_f64(),
        out: manifest.map(|_| args.jsonl.as_deref().unwrap_or(&args.out)),
        manifest,
        shard: shard.map(|shard| shard.to_string()),
        sealed_to: &sealed_to,
    };
    // The work is done, whatever becomes of the summary.
    if let Err(error) = summary.print(args.json) {
        failure::note(&format!("the keys and CSRs are written, but this summary could not be: {error:#}"));
    }
    let signal = maker.interrupt.as_ref().and_then(Interrupt::signal).filter(|_| left > 0);
    if let Some(signal) = signal {
        let (done, items) = (progress::grouped(output.done()), progress::grouped(plan.items));
        failure::note(&format!(
            "interrupted: {done} of {items} are made and safe, and the same command goes on with the rest"
        ));
        return Ok(ExitCode::from(128 + signal));
    }
    Ok(if plan.bad > 0 { ExitCode::from(FOUND_FAULTS) } else { ExitCode::SUCCESS })
}

/// The records that the plan wants to be made.
fn wanted(input: &Input, plan: &Arc<Plan>) -> Result<impl Iterator<Item = Result<Record>> + Send + use<>> {
    let plan = Arc::clone(plan);
    let numbered = (0..).zip(input.records()?);
    Ok(numbered
        .filter(move |(index, record)| record.is_err() || plan.wants(*index))
        .map(|(_, record)| record))
}

/// Makes what the plan wants, and returns how many there are. What is made before a failure is kept.
fn make_all(
    maker: &Arc<Maker>,
    threads: NonZeroUsize,
    records: impl Iterator<Item = Result<Record>> + Send + 'static,
    plan: &Plan,
    output: &mut Output,
) -> Result<u64> {
    let mut progress = Progress::new(plan.to_make());
    let mut made = 0;
    let mut failure = None;
    for result in maker.run(threads.get(), records) {
        match result {
            Ok((_, item)) => {
                output.add(&item).inspect_err(|_| progress.clear())?;
                made += 1;
                progress.add(1);
            }
            Err(NotMade::Interrupted | NotMade::OfOtherShard) => {}
            // The first pass found it good.
            Err(NotMade::Bad(bad)) => {
                failure =
                    Some(anyhow!("{} has changed while it was read: run the same command again", bad.place));
                break;
            }
            Err(NotMade::Failed(error)) => {
                failure = Some(error);
                break;
            }
        }
    }
    progress.clear();
    match failure {
        None => Ok(made),
        Some(error) => {
            output.commit()?;
            Err(error)
        }
    }
}

/// Tells what the flags of the keys mean for all of them.
fn note_before_making(maker: &Maker, keys: Option<u64>, threads: NonZeroUsize) -> Result<()> {
    maker.defaults.notes().iter().for_each(|note| failure::note(note));
    if let Some(cost) = maker.sealer.time_per_key()? {
        summary::note_cost(cost, keys, threads.get());
    }
    Ok(())
}

/// Tells which flags no request has made use of.
fn note_unused(args: &BatchArgs, defaults: &Defaults, plan: &Plan) {
    if args.config.is_some() && !defaults.has_read_profile() {
        failure::note(
            "--config: not used, as the profile only completes ENTERPRISE requests that leave out fields of the company",
        );
    }
    if args.content.sm2_id.is_some() && !plan.has_sm2 {
        failure::note(content::SM2_ID_UNUSED);
    }
}

/// Answers the lines of standard input as they come.
fn answer(args: &BatchArgs, maker: &Arc<Maker>, threads: NonZeroUsize) -> Result<ExitCode> {
    note_before_making(maker, None, threads)?;
    let started = Instant::now();
    let answered = filter::run(maker, threads.get(), args.keep_going)?;
    let summary = Summary {
        made: answered.made,
        made_before: 0,
        faulty: answered.bad,
        left: 0,
        seconds: started.elapsed().as_secs_f64(),
        out: None,
        manifest: None,
        shard: None,
        sealed_to: maker.sealer.sealed_to(),
    };
    summary.print(args.json)?;
    Ok(if answered.bad > 0 { ExitCode::from(FOUND_FAULTS) } else { ExitCode::SUCCESS })
}

/// What the flags ask for.
struct Flags {
    shard: Option<Shard>,
    defaults: Defaults,
    sealer: Sealer,
    threads: NonZeroUsize,
}

impl Flags {
    fn check(args: &BatchArgs) -> Result<Self> {
        // Before any of them is read.
        input::check_standard_input(args)?;
        let mut faults = Refusals::default();
        let shard = faults.take_chain(Shard::of(args, |name| std::env::var(name).ok()));
        let defaults = Defaults::new(args, &mut faults);
        let sealing = SealArgs {
            key_format: args.key_format,
            der: args.der,
            encrypt: args.encrypt,
            passphrase: &args.passphrase,
            recipients: &args.recipient,
            recipients_file: args.recipients_file.as_deref(),
        };
        let sealer = Sealer::new(&sealing, &mut faults);
        faults.check()?;
        let (Some(shard), Some(defaults), Some(sealer)) = (shard, defaults, sealer) else {
            anyhow::bail!("a fault went unnoticed; please report this");
        };
        Ok(Self { shard, defaults, sealer, threads: threads(args) })
    }
}

/// How many threads to use.
fn threads(args: &BatchArgs) -> NonZeroUsize {
    let processors = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    args.threads.unwrap_or_else(processors)
}

/// `--verify`
fn verify(args: &BatchArgs) -> Result<ExitCode> {
    verify::run(&VerifyArgs {
        paths: &args.verify,
        passphrase: &args.passphrase,
        sm2_id: args.content.sm2_id.as_deref(),
        json: args.json,
        threads: threads(args),
        is_in_shard: shard::is_in,
    })
}

fn destination(args: &BatchArgs, sealer: &Sealer) -> Destination {
    Destination {
        out: args.out.clone(),
        jsonl: args.jsonl.clone(),
        nested: args.nested,
        sealed_to: Arc::clone(sealer.sealed_to()),
    }
}

/// What the output knows of an item.
fn standing(output: &Output, item: &item::Item, request_sha256: &[u8; 32]) -> Standing {
    match output.state(&item.id, request_sha256) {
        State::Done => Standing::Done,
        State::Changed => Standing::Refused(
            "was made for another request, which has changed since: give the changed one another id"
                .to_owned(),
        ),
        State::New => match output.check_vacant(&item.id) {
            Ok(()) => Standing::New,
            Err(error) => Standing::Refused(format!("{error:#}")),
        },
    }
}

/// Why this is refused, before anything is made.
#[cfg(all(test, unix))]
pub(crate) fn refusal(args: &BatchArgs) -> Option<anyhow::Error> {
    Flags::check(args).err().or_else(|| Input::open(args).err())
}
