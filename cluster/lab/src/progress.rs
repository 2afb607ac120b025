//! What is going on, while it takes longer than a second.

use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line on stderr. Where nobody reads any more, as after a terminal was closed, there is nobody to
/// be told, and what is under way ends in order all the same.
pub fn tell(words: &str) {
    writeln!(std::io::stderr(), "{words}").ok();
}

/// Shows steps on a terminal as a moving line, elsewhere as lines.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    quiet: bool,
}

impl Progress {
    /// On stderr, or nowhere.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Says something that stays.
    pub fn say(&self, words: &str) {
        if !self.quiet {
            tell(words);
        }
    }

    /// A task of `count` steps.
    #[must_use]
    pub fn steps(&self, what: &str, count: usize) -> Steps {
        let bar = ProgressBar::new(count.try_into().unwrap_or(u64::MAX));
        if self.quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = "{spinner} {prefix} {msg} [{pos}/{len}] {elapsed}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        let lines = bar.is_hidden() && !self.quiet;
        Steps {
            bar,
            what: what.to_owned(),
            lines,
        }
    }
}

/// A task under way; dropped, its line goes.
#[derive(Debug)]
pub struct Steps {
    bar: ProgressBar,
    what: String,
    /// stderr is no terminal: one line a step instead.
    lines: bool,
}

impl Steps {
    /// A step begins.
    pub fn begin(&self, step: &str) {
        if self.lines && self.bar.message() != step {
            tell(&format!("{} {step}", self.what));
        }
        self.bar.set_message(step.to_owned());
    }

    /// A step is over.
    pub fn done(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
