//! Text in columns: as wide as the terminal, no line longer.

use std::borrow::Cow;
use std::io::{self, Write};

use textwrap::{Options, WordSeparator, WordSplitter};

use crate::report::visible::visible;

/// Columns that lines may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width(usize);

impl Width {
    /// Of a terminal; 80 where there is none, and from 60 to 200 whatever it says. The last
    /// column stays free, so that no terminal wraps.
    #[must_use]
    pub fn of(columns: Option<usize>) -> Self {
        Self(columns.unwrap_or(80).clamp(60, 200) - 1)
    }

    pub(super) fn columns(self) -> usize {
        self.0
    }
}

/// Writes a text; further lines stand under the first word.
pub(super) fn wrapped(to: &mut dyn Write, width: Width, text: &str, lead: &str) -> io::Result<()> {
    lines(width, text, lead)
        .iter()
        .try_for_each(|line| writeln!(to, "{line}"))
}

/// A text in lines that fit. A word longer than a line is cut: a path can be longer than any
/// terminal is wide.
pub(super) fn lines(width: Width, text: &str, lead: &str) -> Vec<String> {
    let indent = " ".repeat(lead.chars().count());
    let options = Options::new(width.0)
        .initial_indent(lead)
        .subsequent_indent(&indent)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    let text = visible(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    let lines = textwrap::wrap(&line, options);
    lines.into_iter().map(Cow::into_owned).collect()
}

/// A name of exactly so many columns.
pub(super) fn padded(text: &str, width: usize) -> String {
    let text = fitted(text, width);
    let missing = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(missing))
}

/// The same, against the right edge.
pub(super) fn right(text: &str, width: usize) -> String {
    let text = fitted(text, width);
    let missing = width.saturating_sub(text.chars().count());
    format!("{}{text}", " ".repeat(missing))
}

/// At most so many columns.
pub(super) fn fitted(text: &str, width: usize) -> String {
    let text = visible(text);
    match text.char_indices().nth(width.saturating_sub(1)) {
        Some((cut, _)) if text.chars().count() > width => format!("{}\u{2026}", &text[..cut]),
        _ => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_never_pass_the_edge_and_lose_nothing() {
        let path = "x".repeat(700);
        let text = format!("a warning about {path} and more");
        for columns in [None, Some(1), Some(60), Some(133), Some(1_000)] {
            let width = Width::of(columns);
            let lines = lines(width, &text, "  - ");
            assert!(
                lines.iter().all(|line| line.chars().count() <= width.0),
                "{lines:?}"
            );
            let letters = |text: &str| text.chars().filter(|c| *c == 'x').count();
            assert_eq!(letters(&lines.join("")), 700);
        }
        assert_eq!(Width::of(Some(59)), Width::of(Some(60)));
        assert_eq!(Width::of(Some(200)), Width::of(Some(201)));
        assert_eq!(Width::of(None).columns(), 79);
    }

    #[test]
    fn names_take_exactly_their_columns() {
        assert_eq!(padded("6.1", 5), "6.1  ");
        assert_eq!(padded("6.1.144-long", 5), "6.1.\u{2026}");
        assert_eq!(right("6.1", 5), "  6.1");
    }
}
