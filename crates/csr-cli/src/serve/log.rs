use std::{env, io};

use csr_facade::AUDIT_TARGET;
use tracing_subscriber::filter::{FilterExt, LevelFilter, Targets};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::prelude::*;

use crate::args::LogFormat;
use crate::failure::note;

/// Logs to standard error, filtered by `RUST_LOG`. Readings of private keys are always logged.
pub(crate) fn start(format: LogFormat) {
    let filter = asked_for().unwrap_or_else(|why| {
        note(&format!("RUST_LOG: {why}; using `info`"));
        Targets::new().with_default(LevelFilter::INFO)
    });
    // Added beside the requested filter, whose more specific rules could otherwise leave it out.
    let filter = filter.or(Targets::new().with_target(AUDIT_TARGET, LevelFilter::INFO));
    let registry = tracing_subscriber::registry();
    match format {
        LogFormat::Text => {
            let colour = io::IsTerminal::is_terminal(&io::stderr());
            registry.with(layer().with_ansi(colour).with_writer(io::stderr).with_filter(filter)).init();
        }
        LogFormat::Json => registry.with(layer().json().with_writer(io::stderr).with_filter(filter)).init(),
    }
}

fn asked_for() -> Result<Targets, String> {
    match env::var("RUST_LOG") {
        Ok(asked) if !asked.is_empty() => asked.parse::<Targets>().map_err(|error| error.to_string()),
        Err(env::VarError::NotUnicode(_)) => Err("must be UTF-8".into()),
        _ => Ok(Targets::new().with_default(LevelFilter::INFO)),
    }
}
