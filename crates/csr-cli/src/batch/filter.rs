//! `csr batch - --jsonl -`: a line of standard input is answered by a line on standard output, as it comes.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Result;

use super::defaults::BadRecord;
use super::make::{Maker, NotMade};
use super::{input, line};
use crate::failure::Refusals;
use crate::output;

/// What became of the lines.
pub(super) struct Answered {
    pub(super) made: u64,
    pub(super) bad: u64,
}

/// Answers every line, up to the first faulty one unless `keep_going` is set.
pub(super) fn run(maker: &Arc<Maker>, threads: usize, keep_going: bool) -> Result<Answered> {
    let mut answered = Answered { made: 0, bad: 0 };
    let mut seen = HashSet::new();
    for result in maker.run(threads, input::stream()?) {
        let bad = match result {
            Ok((_, made)) if seen.insert(made.id.hash()) => {
                output::raw(&made.csr)?;
                answered.made += 1;
                continue;
            }
            Ok((place, made)) => {
                let message = "must be unique, but an earlier line has it, too".to_owned();
                BadRecord::of_id(place, &made.id, message)
            }
            Err(NotMade::Bad(bad)) => bad,
            Err(NotMade::Failed(error)) => return Err(error),
            Err(NotMade::OfOtherShard) => continue,
            Err(NotMade::Interrupted) => break,
        };
        answered.bad += 1;
        if !keep_going {
            let mut refusals = Refusals::default();
            bad.lines().for_each(|fault| refusals.push(fault));
            return Err(refusals.into());
        }
        output::raw(&line::of_bad(&bad)?)?;
    }
    Ok(answered)
}
