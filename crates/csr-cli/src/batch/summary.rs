//! What a batch has done, for people or programs.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use super::output::folder_of;
use super::progress::{duration, grouped, rate_text};
use crate::failure;
use crate::output::{self, Page};

/// The help documents the fields of its JSON.
#[derive(Serialize)]
pub(super) struct Summary<'a> {
    /// The items that this run made.
    pub(super) made: u64,
    /// Those that an earlier run had made.
    pub(super) made_before: u64,
    /// The records that make no item.
    pub(super) faulty: u64,
    /// The items of this shard that are still to be made.
    pub(super) left: u64,
    pub(super) seconds: f64,
    /// The folder of the files, or the file of JSON lines; none for standard output.
    pub(super) out: Option<&'a Path>,
    pub(super) manifest: Option<&'a Path>,
    /// `I/N`
    pub(super) shard: Option<String>,
    pub(super) sealed_to: &'a [String],
}

impl Summary<'_> {
    /// Prints to standard output, or to standard error if items went there.
    pub(super) fn print(&self, as_json: bool) -> Result<()> {
        match (as_json, self.out) {
            (true, Some(_)) => output::json(self),
            (true, None) => Ok(writeln!(io::stderr(), "{}", serde_json::to_string(self)?)?),
            (false, Some(_)) => self.page().print(),
            (false, None) => {
                self.page().print_aside();
                Ok(())
            }
        }
    }

    fn page(&self) -> Page {
        let mut page = Page::default();
        page.line(&self.first_line());
        let rows = [("Made before", self.made_before), ("Faulty", self.faulty), ("Left", self.left)];
        if self.out.is_none() && rows.iter().all(|(_, count)| *count == 0) {
            return page;
        }
        page.line("");
        for (label, count) in rows {
            page.row(label, (count > 0).then(|| grouped(count)));
        }
        page.row("Shard", &self.shard);
        page.row("Where", self.out.map(Path::display));
        page.row("Manifest", self.manifest.map(Path::display));
        page.row("Sealed to", self.sealed_to);
        if let (Some(manifest), 0, 0) = (self.manifest, self.left, self.faulty) {
            // Shards are checked together.
            let (when, path) = match self.shard {
                Some(_) => ("once all shards are made", folder_of(manifest)),
                None => ("at any time", manifest),
            };
            page.line("");
            let path = path.to_string_lossy();
            page.line(&format!("Check them {when}: csr batch --verify {}", shell_words::quote(&path)));
        }
        if self.faulty > 0 && self.manifest.is_some() {
            page.line("");
            page.line("Correct the faulty requests and run the same command again: it makes what is left.");
        }
        page
    }

    fn first_line(&self) -> String {
        let noun = if self.made == 1 { "key with its CSR" } else { "keys with their CSRs" };
        let made = match self.made {
            0 => "no keys".to_owned(),
            many => format!("{} {noun}", grouped(many)),
        };
        if self.made == 0 {
            return format!("Made {made}.");
        }
        #[allow(clippy::cast_precision_loss, reason = "it is for people")]
        let rate = self.made as f64 / self.seconds.max(0.001);
        format!("Made {made} in {} ({} per second).", duration(self.seconds), rate_text(rate))
    }
}

/// Says beforehand how long it takes to encrypt keys under a pass phrase, all of them if their number is known.
pub(super) fn note_cost(per_key: Duration, keys: Option<u64>, threads: usize) {
    let all = keys.map_or_else(String::new, |keys| {
        #[allow(clippy::cast_precision_loss, reason = "it is for people")]
        let seconds = per_key.as_secs_f64() * keys as f64 / threads.max(1) as f64;
        format!(", {} for all", duration(seconds))
    });
    failure::note(&format!(
        "--encrypt: takes {} per key by design{all}; --recipient is much faster",
        duration(per_key.as_secs_f64())
    ));
}
