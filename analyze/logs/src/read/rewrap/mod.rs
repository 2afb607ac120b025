//! Lines that a terminal, a mail or an editor broke into several: put together again.
//!
//! ```text
//! I0612 08:00:10.250000       1 proxier.go:1160] "Reloading service nftables data"
//!  ipFamily="IPv4" numServices=8000 numEndpoints=240000
//! ```
//!
//! Half a line is worse than none: of `numEndpoints=2400` and `00` the first is a wrong number.

use std::borrow::Cow;

use super::finder::Finder;
use crate::wrap::printable;

mod column;
mod rows;

pub(super) use rows::{begins, is_cut, width};
use rows::{is_padded, trimmed, unquoted};

/// Narrower and wider than this nobody breaks lines.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=240;
/// Longest line that is put together.
const LONGEST: usize = 64 * 1024;

/// How lines were broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broken {
    /// At a column, in the middle of words.
    Hard(usize),
    /// At the last blank before a column.
    Soft(usize),
    /// By `=` at the end, as mail does it (quoted-printable).
    Printable,
    /// By `\` in a column, as Emacs shows it.
    Marked(usize),
}

/// Puts broken lines together.
#[derive(Debug)]
pub(super) struct Rewrap {
    broken: Broken,
    /// Rows are filled up with blanks, as a terminal's copy is.
    padded: bool,
    /// Blanks in front of each row that goes on.
    indent: usize,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    line: u64,
    text: Vec<u8>,
    /// Width of its last row.
    width: usize,
}

/// A line, whole again.
pub(super) struct Unbroken<'a> {
    /// Line of its first row, from 1.
    pub(super) line: u64,
    pub(super) text: Cow<'a, [u8]>,
}

impl Rewrap {
    /// For a file whose beginning shows that its lines were broken.
    pub(super) fn of(head: &[u8], finder: &Finder) -> Option<Self> {
        let (broken, indent) = if printable::stands_in(head) {
            (Broken::Printable, 0)
        } else if let Some(column) = column::marked(head) {
            (Broken::Marked(column), 0)
        } else {
            column::of(head, finder)?
        };
        Some(Self {
            broken,
            padded: is_padded(head),
            indent,
            open: None,
        })
    }

    /// Takes the next row; gives the lines that it shows to be whole.
    pub(super) fn push<'a>(&mut self, line: u64, row: &'a [u8]) -> Vec<Unbroken<'a>> {
        match self.broken {
            Broken::Printable => {
                let row = row.trim_ascii_end();
                return self.joined(line, row, row.strip_suffix(b"="));
            }
            Broken::Marked(column) => {
                let row = row.strip_suffix(b"\r").unwrap_or(row);
                let goes_on = row.strip_suffix(b"\\").filter(|_| width(row) == column);
                return self.joined(line, row, goes_on);
            }
            Broken::Hard(_) | Broken::Soft(_) => {}
        }
        let row = trimmed(row, self.padded);
        let text = unquoted(row);
        if let Some(open) = &mut self.open
            && self.broken.goes_on(open.width, text)
            && open.text.len() < LONGEST
        {
            let blanks = text.len() - text.trim_ascii_start().len();
            join(open, &text[self.indent.min(blanks)..], self.broken);

            return Vec::new();
        }
        let mut whole: Vec<Unbroken<'a>> = self.close().into_iter().collect();
        if begins(text) {
            self.open = Some(Open {
                line,
                text: row.to_vec(),
                width: width(text),
            });
        } else {
            let text = Cow::Borrowed(row);
            whole.push(Unbroken { line, text });
        }
        whole
    }

    /// A row of which a mark tells whether it goes on, and is then no part of the text.
    fn joined<'a>(
        &mut self,
        line: u64,
        row: &'a [u8],
        goes_on: Option<&'a [u8]>,
    ) -> Vec<Unbroken<'a>> {
        let (text, goes_on) = (goes_on.unwrap_or(row), goes_on.is_some());
        let open = self.open.get_or_insert(Open {
            line,
            text: Vec::new(),
            width: 0,
        });
        open.text.extend_from_slice(text);
        if goes_on && open.text.len() < LONGEST {
            return Vec::new();
        }
        self.close().into_iter().collect()
    }

    /// The line that the end of the file ends.
    pub(super) fn close<'a>(&mut self) -> Option<Unbroken<'a>> {
        let open = self.open.take()?;
        let text = match self.broken {
            Broken::Printable => printable::decoded(&open.text),
            Broken::Hard(_) | Broken::Soft(_) | Broken::Marked(_) => open.text,
        };
        Some(Unbroken {
            line: open.line,
            text: Cow::Owned(text),
        })
    }
}

impl Broken {
    /// Whether a row goes on in the next.
    fn goes_on(self, width_of: usize, next: &[u8]) -> bool {
        let fits = match self {
            // A blank at the column was cut off.
            Self::Hard(column) => width_of == column || width_of + 1 == column,
            Self::Soft(column) => {
                let next = next.trim_ascii_start();
                let word = next.split(|byte| *byte == b' ').next().unwrap_or(next);
                width_of * 2 >= column && width_of + 1 + width(word) > column
            }
            Self::Printable | Self::Marked(_) => false,
        };
        // What costs most is asked last.
        fits && !next.is_empty() && !begins(next)
    }
}

fn join(open: &mut Open, next: &[u8], broken: Broken) {
    let blank = match broken {
        // Nobody breaks at a blank inside a number.
        Broken::Soft(column) => {
            let digits = |text: Option<&u8>| text.is_some_and(u8::is_ascii_digit);
            let number = digits(open.text.last()) && digits(next.first());
            !(open.text.ends_with(b" ") || number && open.width == column)
        }
        // The blank at the column was cut off.
        Broken::Hard(column) => open.width < column,
        Broken::Printable | Broken::Marked(_) => false,
    };
    if blank {
        open.text.push(b' ');
    }
    open.text.extend_from_slice(next);
    open.width = width(next);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"I0612 08:00:10.250000       1 proxier.go:1160] "Reloading service nftables data" ipFamily="IPv4" numServices=8000 numEndpoints=240000"#;

    fn unbroken(text: &str) -> Option<Vec<(u64, String)>> {
        let finder = Finder::new().unwrap();
        let mut rewrap = Rewrap::of(text.as_bytes(), &finder)?;
        let mut lines = Vec::new();
        let mut take = |whole: Unbroken<'_>| {
            lines.push((
                whole.line,
                String::from_utf8(whole.text.into_owned()).unwrap(),
            ));
        };
        for (row, number) in text.lines().zip(1..) {
            rewrap
                .push(number, row.as_bytes())
                .into_iter()
                .for_each(&mut take);
        }
        rewrap.close().into_iter().for_each(&mut take);
        Some(lines)
    }

    #[test]
    fn a_line_broken_at_every_column_is_itself() {
        for column in 50..=130 {
            let rows: Vec<&str> = LINE
                .as_bytes()
                .chunks(column)
                .map(|row| std::str::from_utf8(row).unwrap())
                .collect();
            let text = format!("{}\nIt hangs here.\n", rows.join("\n"));
            let Some(lines) = unbroken(&text) else {
                // Nothing shows that it was broken but a number's two halves.
                let cut = rows[0].matches('"').count() % 2 == 1 || rows[0].ends_with('=');
                assert!(!cut, "{column}");
                continue;
            };
            // What is no kube-proxy's may follow in the same line.
            assert_eq!(lines[0].0, 1);
            let rest = lines[0]
                .1
                .strip_prefix(LINE)
                .unwrap_or_else(|| panic!("{column}"));
            assert!(rest.is_empty() || rest.starts_with(' '), "{column}: {rest}");
        }
    }

    #[test]
    fn lines_that_nobody_broke_are_left() {
        for text in [
            format!("{LINE}\n{LINE}\n"),
            format!("{LINE}\nThis one took long, and we wonder why it did.\n{LINE}\n"),
            "E0612 08:00:10.250000       1 proxier.go:1] \"nftables sync failed\" err=<\n\tx\n > ipFamily=\"IPv4\"\n".to_owned(),
        ] {
            assert_eq!(unbroken(&text), None, "{text}");
        }
    }
}
