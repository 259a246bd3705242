//! How far a batch is: a bar on a terminal, elsewhere a line every ten seconds.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::failure;

/// How often a line is written where there is no terminal.
const INTERVAL: Duration = Duration::from_secs(10);

/// Tells on standard error how many items are made.
pub(super) struct Progress {
    total: u64,
    made: u64,
    started: Instant,
    form: Form,
}

enum Form {
    Bar(ProgressBar),
    /// With the time of the last line.
    Lines(Instant),
}

impl Progress {
    /// Starts to count up to `total`.
    pub(super) fn new(total: u64) -> Self {
        let now = Instant::now();
        let form = if io::stderr().is_terminal() { Form::Bar(bar(total)) } else { Form::Lines(now) };
        Self { total, made: 0, started: now, form }
    }

    /// Counts items that were made.
    pub(super) fn add(&mut self, items: u64) {
        self.made += items;
        match &mut self.form {
            Form::Bar(bar) => {
                bar.set_message(line(self.made, self.total, self.started.elapsed()));
                bar.set_position(self.made);
            }
            Form::Lines(last) if last.elapsed() >= INTERVAL => {
                *last = Instant::now();
                failure::note(&line(self.made, self.total, self.started.elapsed()));
            }
            Form::Lines(_) => {}
        }
    }

    /// Removes the bar, so that what follows is not drawn over.
    pub(super) fn clear(&self) {
        if let Form::Bar(bar) = &self.form {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:20} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(total).with_style(style);
    bar.set_message(line(0, total, Duration::ZERO));
    bar.tick();
    bar
}

/// `made` of `total`, the rate so far, and the time left at that rate.
fn line(made: u64, total: u64, elapsed: Duration) -> String {
    if made == 0 {
        return format!("0 of {} made", grouped(total));
    }
    let seconds = elapsed.as_secs_f64().max(0.001);
    #[allow(clippy::cast_precision_loss, reason = "it is for people")]
    let (rate, left) = (made as f64 / seconds, total.saturating_sub(made) as f64);
    let (made, total, rate_text) = (grouped(made), grouped(total), rate_text(rate));
    format!("{made} of {total} made, {rate_text} per second, {} left", duration(left / rate))
}

/// A rate with three digits at least where it is small.
pub(super) fn rate_text(rate: f64) -> String {
    match rate {
        rate if rate < 100.0 => format!("{rate:.1}"),
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is positive and for people"
        )]
        rate => grouped(rate.round() as u64),
    }
}

/// A number with a comma after each three digits.
pub(super) fn grouped(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}

/// Seconds as people read them: `12 s`, `3 min 20 s`, `2 h 5 min`.
pub(super) fn duration(seconds: f64) -> String {
    if seconds < 1.0 {
        return format!("{:.0} ms", (seconds * 1000.0).max(1.0));
    }
    if seconds < 10.0 {
        return format!("{seconds:.1} s");
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    let seconds = seconds.round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{} h {minutes} min", grouped(hours)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_tells_rate_and_time_left() {
        let told = |made, total, seconds| line(made, total, Duration::from_secs(seconds));
        assert_eq!(told(12_000, 100_000, 10), "12,000 of 100,000 made, 1,200 per second, 1 min 13 s left");
        assert_eq!(told(15, 20, 10), "15 of 20 made, 1.5 per second, 3.3 s left");
        assert_eq!(told(0, 20, 10), "0 of 20 made");
        assert_eq!(told(20, 20, 10), "20 of 20 made, 2.0 per second, 1 ms left");
        assert_eq!(
            told(1_000, 100_000_000, 100),
            "1,000 of 100,000,000 made, 10.0 per second, 2,777 h 45 min left"
        );
    }
}
