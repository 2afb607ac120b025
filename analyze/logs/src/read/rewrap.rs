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
use crate::parse::line::{self, Content, Context};
use crate::parse::message::Said;
use crate::parse::pairs::Key;
use crate::parse::{clock, header};
use crate::wrap::printable;

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
        } else if let Some(column) = marked(head) {
            (Broken::Marked(column), 0)
        } else {
            at_a_column(head, finder)?
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
        if next.is_empty() || begins(next) {
            return false;
        }
        match self {
            // A blank at the column was cut off.
            Self::Hard(column) => width_of == column || width_of + 1 == column,
            Self::Soft(column) => {
                let next = next.trim_ascii_start();
                let word = next.split(|byte| *byte == b' ').next().unwrap_or(next);
                width_of * 2 >= column && width_of + 1 + width(word) > column
            }
            Self::Printable | Self::Marked(_) => false,
        }
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

/// The column of the `\` behind each row that goes on: no row is wider, and none that follows such
/// a row begins a line.
fn marked(head: &[u8]) -> Option<usize> {
    let rows: Vec<&[u8]> = rows(head)
        .map(|row| row.strip_suffix(b"\r").unwrap_or(row))
        .collect();
    let column = rows.iter().map(|row| width(row)).max()?;
    let goes_on = |row: &[u8]| row.ends_with(b"\\") && width(row) == column;
    let (mut any, mut all) = (false, WIDTHS.contains(&column));
    for pair in rows.windows(2) {
        if let [row, next] = pair
            && width(row) == column
        {
            any |= goes_on(row);
            all &= goes_on(row) && !begins(next);
        }
    }
    (any && all).then_some(column)
}

/// How the lines were broken, if those that were begun and not ended show a column.
///
/// Gives also how far the rows that go on are indented.
fn at_a_column(head: &[u8], finder: &Finder) -> Option<(Broken, usize)> {
    let end = memchr::memrchr(b'\n', head).map_or(head.len(), |end| end + 1);
    let padded = is_padded(head);
    let rows: Vec<&[u8]> = head[..end]
        .split(|byte| *byte == b'\n')
        .map(|row| unquoted(trimmed(row, padded)))
        .collect();
    let mut column = 0;
    for row in &rows {
        column = column.max(width(row));
        if column > *WIDTHS.end() {
            return None;
        }
    }
    if column < *WIDTHS.start() {
        return None;
    }
    // Rows that a quote is open in, the one behind each, and how they read in both ways.
    let (mut cut, mut glued, mut spaced, mut same) = (0, 0, 0, true);
    let indent = indent(&rows);
    for pair in rows.windows(2) {
        let [row, next] = pair else { continue };
        if !begins(row) || !Broken::Soft(column).goes_on(width(row), next) {
            continue;
        }
        let pairs = begins_with_own_pair(next) && memchr::memmem::find(row, b"] ").is_some();
        if !pairs && !is_cut(row) && (width(row) != column || !in_a_pair(row, next)) {
            same &= width(row) == column || !begins_with_pair(next);
            continue;
        }
        cut += 1;
        let next = next.get(indent..).unwrap_or_default();
        same &= width(row) == column;
        glued += marks(&[*row, next].concat(), finder);
        let blank: &[u8] = if row.ends_with(b" ") { b"" } else { b" " };
        spaced += marks(&[*row, blank, next].concat(), finder);
    }
    if cut == 0 {
        return None;
    }
    // Who fills rows up with blanks breaks at the column.
    let hard = glued > spaced || glued == spaced && same || is_filled(head);
    let broken = if hard {
        Broken::Hard(column)
    } else {
        Broken::Soft(column)
    };
    Some((broken, indent))
}

/// Blanks that all rows behind a row that is cut begin with; one is the line's own.
fn indent(rows: &[&[u8]]) -> usize {
    let blanks = rows.windows(2).filter_map(|pair| match pair {
        [row, next] if begins(row) && is_cut(row) && !begins(next) && !next.is_empty() => {
            Some(next.len() - next.trim_ascii_start().len())
        }
        _ => None,
    });
    blanks.min().filter(|blanks| *blanks > 1).unwrap_or(0)
}

/// Whether a row ends in the middle of a pair, its key or its number: `numEnd` and
/// `points=240000`, `numEndpoints=24000` and `0`.
fn in_a_pair(row: &[u8], next: &[u8]) -> bool {
    let last = row.rsplit(|byte| *byte == b' ').next().unwrap_or(row);
    let key = !last.is_empty() && last.iter().all(u8::is_ascii_alphabetic);
    let number = last.last().is_some_and(u8::is_ascii_digit) && last.contains(&b'=');
    let digits = next.iter().all(u8::is_ascii_digit);
    key && begins_with_pair(next) && memchr::memchr(b'=', row).is_some() || number && digits
}

/// `ipFamily="IPv4"`.
fn begins_with_pair(row: &[u8]) -> bool {
    let letters = row.iter().take_while(|byte| byte.is_ascii_alphabetic());
    row.get(letters.count()) == Some(&b'=')
}

/// The same, of a key that kube-proxy's lines have: none of them begins so.
fn begins_with_own_pair(row: &[u8]) -> bool {
    let row = row.trim_ascii_start();
    Key::ALL.iter().any(|key| {
        let rest = row.strip_prefix(key.name().as_bytes());
        rest.is_some_and(|rest| rest.first() == Some(&b'='))
    })
}

/// How many steps of syncs a line tells.
fn marks(line: &[u8], finder: &Finder) -> usize {
    let mut marks = 0;
    if finder.is_relevant(line) {
        line::read(line, Context::default(), &mut |line| {
            let mark = matches!(line.content, Content::Proxy(Said::Mark { .. }));
            marks += usize::from(mark);
        });
    }
    marks
}

/// Whether a line of kube-proxy's ends in the middle: in its header, in quotes, before a value.
pub(super) fn is_cut(row: &[u8]) -> bool {
    let free = |at: &usize| *at == 0 || row[at - 1] != b'\\';
    let quotes = memchr::memchr_iter(b'"', row).filter(free).count();
    let in_header = memchr::memmem::find(row, b"] ").is_none();
    quotes % 2 == 1 || row.ends_with(b"=") || quotes == 0 && in_header
}

/// Whether a line begins here.
pub(super) fn begins(row: &[u8]) -> bool {
    const FURTHEST: usize = 160;
    let window = &row[..row.len().min(FURTHEST)];
    header::position(window).is_some()
        || clock::rfc3339(row).is_some()
        || matches!(row.first(), Some(b'{' | b'`'))
}

/// Whether blanks fill up rows.
fn is_padded(head: &[u8]) -> bool {
    is_filled(head) || rows(head).all(|row| row.ends_with(b" "))
}

/// Whether all rows are of one width, and blanks at the end of some make them so.
fn is_filled(head: &[u8]) -> bool {
    let mut widths = rows(head).map(width);
    let first = widths.next();
    first.is_some_and(|first| WIDTHS.contains(&first))
        && rows(head).any(|row| row.ends_with(b"  "))
        && widths.all(|width| Some(width) == first)
}

fn rows(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = memchr::memrchr(b'\n', head).unwrap_or(head.len());
    let rows = head[..end].split(|byte| *byte == b'\n');
    rows.filter(|row| !row.is_empty())
}

fn trimmed(row: &[u8], padded: bool) -> &[u8] {
    if padded {
        row.trim_ascii_end()
    } else {
        row.strip_suffix(b"\r").unwrap_or(row)
    }
}

/// Without the marks of a quotation.
fn unquoted(row: &[u8]) -> &[u8] {
    let mut text = row;
    while let Some(inner) = text.strip_prefix(b">") {
        text = inner.strip_prefix(b" ").unwrap_or(inner);
    }
    text
}

/// Columns: characters, that is.
pub(super) fn width(row: &[u8]) -> usize {
    row.iter().filter(|byte| (**byte & 0xc0) != 0x80).count()
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
