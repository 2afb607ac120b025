//! Lines of logs as they stand there: what is shown around a sync.

use std::collections::BTreeMap;

/// Lines above and below a sync's own that are shown with it.
pub const AROUND: u64 = 10;

/// Failures of a recording whose reasons are looked up in the lines above them.
pub const LOOKED_UP: usize = 2_000;

/// The lines in which the reason of a failure may stand: those above a sync's last.
pub fn above(line: u64) -> std::ops::RangeInclusive<u64> {
    line.saturating_sub(AROUND).max(1)..=line
}

/// Lines by log and number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpts(BTreeMap<String, BTreeMap<u64, String>>);

impl Excerpts {
    /// Adds lines of a log.
    pub fn add(&mut self, input: &str, lines: BTreeMap<u64, String>) {
        self.0.entry(input.to_owned()).or_default().extend(lines);
    }

    /// The lines around one of a log that are known, with their numbers; none if that one is not.
    #[must_use]
    pub fn around(&self, input: &str, line: u64) -> Vec<(u64, &str)> {
        let Some(lines) = self.0.get(input).filter(|lines| lines.contains_key(&line)) else {
            return Vec::new();
        };
        let span = line.saturating_sub(AROUND)..=line.saturating_add(AROUND);
        let found = lines.range(span);
        found
            .map(|(number, text)| (*number, text.as_str()))
            .collect()
    }

    /// All lines of a log that are known.
    #[must_use]
    pub fn of(&self, input: &str) -> Vec<(u64, &str)> {
        let lines = self.0.get(input).into_iter().flatten();
        lines
            .map(|(number, text)| (*number, text.as_str()))
            .collect()
    }
}
