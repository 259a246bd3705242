use std::io;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::prelude::*;

use crate::args::LogFormat;
use crate::failure::note;

/// Log lines go to standard error, filtered by `RUST_LOG`.
pub(crate) fn start(format: LogFormat) {
    let asked = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".into());
    let filter = asked.parse::<Targets>().unwrap_or_else(|error| {
        note(&format!("RUST_LOG: {error}; logging at info"));
        Targets::new().with_default(tracing_subscriber::filter::LevelFilter::INFO)
    });
    let registry = tracing_subscriber::registry();
    match format {
        LogFormat::Text => {
            let colour = io::IsTerminal::is_terminal(&io::stderr());
            registry.with(layer().with_ansi(colour).with_writer(io::stderr).with_filter(filter)).init();
        }
        LogFormat::Json => registry.with(layer().json().with_writer(io::stderr).with_filter(filter)).init(),
    }
}
