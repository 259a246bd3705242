//! The environment variables that replace flags.

use std::any::TypeId;
use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::Resettable;
use clap::{Arg, ArgMatches, Command};

use crate::failure::Refusals;

/// The command, with empty variables ignored: [`check`] reports them by name, unlike the parsers of the flags. The help
/// shows no variable's value, which may be a secret or drive the terminal.
pub(crate) fn guarded(command: Command) -> Command {
    command
        .mut_args(|arg| if is_empty(&arg) { arg.env(Resettable::Reset) } else { arg.hide_env_values(true) })
        .mut_subcommands(guarded)
}

/// Refuses empty variables of the called command, unless a flag overrides them. Such a variable may be a secret or a switch
/// that got lost on its way, and the default in its place could be less safe.
pub(crate) fn check(command: &Command, matches: &ArgMatches) -> Result<(), Refusals> {
    let mut faults = Refusals::default();
    let (mut command, mut matches) = (command, matches);
    while let Some((name, given)) = matches.subcommand()
        && let Some(called) = command.find_subcommand(name)
    {
        called
            .get_arguments()
            .filter(|arg| is_empty(arg) && !given.contains_id(arg.get_id().as_str()))
            .filter_map(Arg::get_env)
            .for_each(|name| faults.push(empty(name)));
        (command, matches) = (called, given);
    }
    faults.check()
}

/// The message about an empty variable.
pub(crate) fn empty(name: impl AsRef<OsStr>) -> String {
    format!("{}: must not be empty: give it a value, or unset it", name.as_ref().display())
}

/// The variables that must be UTF-8 but aren't. Paths need not be.
pub(crate) fn not_utf8(command: &Command) -> BTreeSet<OsString> {
    let own = command
        .get_arguments()
        .filter(|arg| arg.get_value_parser().type_id() != TypeId::of::<PathBuf>())
        .filter_map(Arg::get_env)
        .filter(|name| env::var_os(name).is_some_and(|value| value.to_str().is_none()))
        .map(OsStr::to_owned);
    own.chain(command.get_subcommands().flat_map(not_utf8)).collect()
}

fn is_empty(arg: &Arg) -> bool {
    arg.get_env().and_then(env::var_os).is_some_and(|value| value.is_empty())
}
