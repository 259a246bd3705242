use std::{env, io};

use csr_facade::AUDIT_TARGET;
use tracing_subscriber::filter::{FilterExt, LevelFilter, Targets};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::prelude::*;

use crate::args::LogFormat;
use crate::failure::note;

/// Log lines go to standard error, filtered by `RUST_LOG`, but that readings of keys are always among them.
pub(crate) fn start(format: LogFormat) {
    let filter = asked_for().unwrap_or_else(|why| {
        note(&format!("RUST_LOG: {why}; logging at info"));
        Targets::new().with_default(LevelFilter::INFO)
    });
    // Beside what is asked for, not in it: that might say more exactly what to leave out.
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
        Err(env::VarError::NotUnicode(_)) => Err("is not UTF-8".into()),
        _ => Ok(Targets::new().with_default(LevelFilter::INFO)),
    }
}
