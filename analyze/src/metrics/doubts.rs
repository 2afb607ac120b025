//! What could not be read: counted by input and kind, told with the first place of each.

use std::collections::BTreeMap;

use super::sample::Place;
use crate::report::Warning;
use crate::report::words::count;

/// Counted doubts.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    by: BTreeMap<(String, &'static str), (u64, Warning)>,
}

impl Doubts {
    /// One more of its kind in that input.
    pub(super) fn add(
        &mut self,
        code: &'static str,
        input: &str,
        place: Option<&Place>,
        problem: &str,
    ) {
        let (line, message) = match place {
            Some(Place::Line(line)) => (Some(*line), problem.to_owned()),
            Some(Place::Element(element)) => (None, format!("{element}: {problem}")),
            None => (None, problem.to_owned()),
        };
        let first = || (0, Warning::new(code, message).at(input, line));
        let known = self.by.entry((input.to_owned(), code));
        known.or_insert_with(first).0 += 1;
    }

    /// One warning a kind and input, with how many there were.
    pub(super) fn told(self) -> Vec<Warning> {
        let told = self.by.into_values().map(|(n, mut warning)| {
            if n > 1 {
                warning.message += &format!(" (and {} more like it)", count(n - 1));
            }
            warning
        });
        told.collect()
    }
}
