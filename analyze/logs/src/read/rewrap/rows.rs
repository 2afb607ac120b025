//! Rows of broken lines: where one begins, where one is cut, how wide it is.

use super::WIDTHS;
use crate::parse::{clock, header};

/// Whether a line of kube-proxy's ends in the middle: in its header, in quotes, before a value.
pub(in crate::read) fn is_cut(row: &[u8]) -> bool {
    let free = |at: &usize| *at == 0 || row[at - 1] != b'\\';
    let quotes = memchr::memchr_iter(b'"', row).filter(free).count();
    let in_header = memchr::memmem::find(row, b"] ").is_none();
    quotes % 2 == 1 || row.ends_with(b"=") || quotes == 0 && in_header
}

/// Whether a line begins here.
pub(in crate::read) fn begins(row: &[u8]) -> bool {
    const FURTHEST: usize = 160;
    let window = &row[..row.len().min(FURTHEST)];
    header::position(window).is_some()
        || clock::rfc3339(row).is_some()
        || matches!(row.first(), Some(b'{' | b'`'))
}

/// Whether blanks fill up rows.
pub(super) fn is_padded(head: &[u8]) -> bool {
    is_filled(head) || rows(head).all(|row| row.ends_with(b" "))
}

/// Whether all rows are of one width, and blanks at the end of some make them so.
pub(super) fn is_filled(head: &[u8]) -> bool {
    let mut widths = rows(head).map(width);
    let first = widths.next();
    first.is_some_and(|first| WIDTHS.contains(&first))
        && rows(head).any(|row| row.ends_with(b"  "))
        && widths.all(|width| Some(width) == first)
}

pub(super) fn rows(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = memchr::memrchr(b'\n', head).unwrap_or(head.len());
    let rows = head[..end].split(|byte| *byte == b'\n');
    rows.filter(|row| !row.is_empty())
}

pub(super) fn trimmed(row: &[u8], padded: bool) -> &[u8] {
    if padded {
        row.trim_ascii_end()
    } else {
        row.strip_suffix(b"\r").unwrap_or(row)
    }
}

/// Without the marks of a quotation.
pub(super) fn unquoted(row: &[u8]) -> &[u8] {
    let mut text = row;
    while let Some(inner) = text.strip_prefix(b">") {
        text = inner.strip_prefix(b" ").unwrap_or(inner);
    }
    text
}

/// Columns: characters, that is.
pub(in crate::read) fn width(row: &[u8]) -> usize {
    row.iter().filter(|byte| (**byte & 0xc0) != 0x80).count()
}
