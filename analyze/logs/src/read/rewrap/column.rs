//! The column at which lines were broken, from those that were begun and not ended.

use super::rows::{begins, is_cut, is_filled, is_padded, rows, trimmed, unquoted, width};
use super::{Broken, WIDTHS};
use crate::parse::line::{self, Content, Context};
use crate::parse::message::Said;
use crate::parse::pairs::Key;
use crate::read::finder::Finder;

/// The column of the `\` behind each row that goes on: no row is wider, and none that follows such
/// a row begins a line.
pub(super) fn marked(head: &[u8]) -> Option<usize> {
    if !memchr::memchr_iter(b'\\', head).any(|at| matches!(head.get(at + 1), Some(b'\n' | b'\r'))) {
        return None;
    }
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
pub(super) fn of(head: &[u8], finder: &Finder) -> Option<(Broken, usize)> {
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
        if !Broken::Soft(column).goes_on(width(row), next) || !begins(row) {
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
        [row, next] if is_cut(row) && !next.is_empty() && begins(row) && !begins(next) => {
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
