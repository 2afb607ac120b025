//! A bar for reading that takes over a second.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Bytes read, as a bar with rate and time left; shown on a terminal after the first second.
pub(crate) struct ReadingBar {
    bar: ProgressBar,
    began: Instant,
    show: bool,
}

impl ReadingBar {
    pub(crate) fn new(quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let show = !quiet && std::io::stderr().is_terminal();
        Self {
            bar,
            began: Instant::now(),
            show,
        }
    }

    /// The same for parts of a data set, of which nobody knows how many there are.
    pub(crate) fn of_parts(quiet: bool) -> Self {
        let bar = Self::new(quiet);
        let line = "reading {spinner} {pos} parts  {per_sec}";
        if let Ok(style) = ProgressStyle::with_template(line) {
            bar.bar.set_style(style);
        }
        bar
    }

    /// Clears the line.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl kube_proxy_logs::Progress for ReadingBar {
    fn total(&self, bytes: u64) {
        // Standard input has no length, and so no time left.
        let line = match bytes {
            0 => "reading {spinner} {bytes}  {bytes_per_sec}",
            _ => "reading {bar:24} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left",
        };
        if let Ok(style) = ProgressStyle::with_template(line) {
            self.bar.set_style(style);
        }
        if bytes > 0 {
            self.bar.set_length(bytes);
        }
    }

    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
        if self.show && self.bar.is_hidden() && self.began.elapsed() > Duration::from_secs(1) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}
