//! A value of a structured klog message, in all its renderings.

use std::borrow::Cow;

/// A value, without its quotes. Most are passed over, so nothing is copied before it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value<'a> {
    raw: &'a [u8],
    /// Whether escapes stand in it.
    escaped: bool,
    end: End,
}

/// What a value ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Its closing mark, or the space before the next pair.
    Mark,
    /// The line's: it is whole if the line is.
    Line,
    /// The line's, before its closing mark: it is cut.
    Cut,
}

impl<'a> Value<'a> {
    fn plain(raw: &'a [u8], end: End) -> Self {
        Self {
            raw,
            escaped: false,
            end,
        }
    }

    /// The text, escapes undone.
    pub(crate) fn text(self) -> Cow<'a, [u8]> {
        if self.escaped {
            unescape(self.raw)
        } else {
            Cow::Borrowed(self.raw)
        }
    }

    /// Whether something of it is missing, in a line that has its line end (`whole`) or lacks it.
    pub(crate) fn is_cut(self, whole: bool) -> bool {
        match self.end {
            End::Mark => false,
            End::Line => !whole,
            End::Cut => true,
        }
    }
}

/// Reads a value at the start of `text`; gives it and what follows.
pub(super) fn value(text: &[u8]) -> (Value<'_>, &[u8]) {
    match text.first() {
        Some(b'"') => quoted(text),
        Some(b'[' | b'{') => bracketed(text),
        _ => bare(text),
    }
}

fn bare(text: &[u8]) -> (Value<'_>, &[u8]) {
    let space = text.iter().position(|byte| matches!(byte, b' ' | b'\t'));
    let (raw, rest) = text.split_at(space.unwrap_or(text.len()));
    let end = if space.is_some() {
        End::Mark
    } else {
        End::Line
    };
    (Value::plain(raw, end), rest)
}

/// A Go-quoted string (`strconv.Quote`).
pub(crate) fn quoted(text: &[u8]) -> (Value<'_>, &[u8]) {
    let body = &text[1..];
    let (mut at, mut escaped) = (0, false);
    while let Some(rest) = body.get(at..)
        && let Some(next) = memchr::memchr2(b'"', b'\\', rest)
    {
        at += next;
        if body[at] == b'"' {
            let value = Value {
                raw: &body[..at],
                escaped,
                end: End::Mark,
            };
            return (value, &body[at + 1..]);
        }
        escaped = true;
        at += 2;
    }
    (Value::plain(body, End::Cut), &[])
}

/// The escapes that matter for what is read here; `\u00b5` is left to the duration's units.
fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(c @ (b'"' | b'\\')) => out.push(*c),
            Some(c) => out.extend_from_slice(&[b'\\', *c]),
            None => {}
        }
    }
    Cow::Owned(out)
}

/// A list or map: JSON from klog 2.100 on, Go's `%+v` before.
fn bracketed(text: &[u8]) -> (Value<'_>, &[u8]) {
    let (mut depth, mut at) = (0usize, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                let (_, rest) = quoted(&text[at..]);
                at = text.len() - rest.len();
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return (Value::plain(&text[..at], End::Mark), &text[at..]);
        }
    }
    (Value::plain(text, End::Cut), &[])
}
