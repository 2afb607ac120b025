//! Records of YAML: what `gcloud logging read` prints, and `kubectl get -o yaml`.
//!
//! ```text
//! ---
//! labels:
//!   compute.googleapis.com/resource_name: n1
//! textPayload: 'I0612 08:02:05.250000       1 proxier.go:1190] "SyncProxyRules
//!   complete" ipFamily="IPv4" elapsed="2m3.25s"'
//! timestamp: '2026-06-12T08:02:05.250000000Z'
//! ```
//!
//! What people's tools print is read: blocks, and texts that are plain, quoted, folded or literal.
//! A record in which nothing is found so is read line by line, as any other text. (The crate that
//! reads all of YAML changes features under polars.)

use std::iter::Peekable;

use serde_json::{Map, Value as Json};

use super::finder::Finder;
use super::scan::Scan;
use crate::parse::header;
use crate::parse::line::Context;
use crate::wrap::quoted;

/// Largest record; what is larger is read line by line.
const LARGEST: usize = 1024 * 1024;
/// Deepest block.
const DEEPEST: u8 = 24;

/// Whether a file begins with a record.
pub(super) fn begins(head: &[u8]) -> bool {
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    let Some(first) = lines.next() else {
        return false;
    };
    let key = |line: &[u8]| std::str::from_utf8(line).is_ok_and(|line| pair(line).is_some());
    let item = |line: &[u8]| line.strip_prefix(b"- ").is_some_and(key);
    let own = (first == b"---" || item(first))
        && lines.next().is_some_and(|next| {
            let next = next.trim_ascii_start();
            key(next) || item(next)
        });
    own || items(head).is_some()
}

/// The indentation of the items of a list that holds lines of klog's, below a key of an object that
/// the file begins with.
///
/// ```text
/// kind: List
/// items:
/// - message: 'I0612 08:02:05.250000       1 proxier.go:1190] "SyncProxyRules complete" ...'
/// ```
fn items(head: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let at_margin = |line: &str| indent_of(line) == 0 && pair(line).is_some();
    let mut above = lines.next().filter(|line| at_margin(line))?;
    // What stands above the list are pairs, of objects too.
    let first = loop {
        let line = lines.next()?;
        let item = line.trim_start().starts_with("- ");
        if item && above.ends_with(':') && !above.starts_with(' ') {
            break line;
        }
        if item || pair(line.trim_start()).is_none() {
            return None;
        }
        above = line;
    };
    let klog = memchr::memmem::find(head, first.as_bytes())
        .map(|at| &head[at..])
        .is_some_and(|items| {
            items
                .split(|byte| *byte == b'\n')
                .any(|line| header::position(line).is_some())
        });
    let object = first
        .trim_start()
        .strip_prefix("- ")
        .and_then(pair)
        .is_some();
    (klog && object).then(|| indent_of(first))
}

/// Puts records together.
#[derive(Debug, Default)]
pub(super) struct Records {
    open: Option<Record>,
    /// Indentation of the items that are records.
    indent: usize,
}

/// The lines of a record, and the number of the first.
#[derive(Debug)]
pub(super) struct Record {
    line: u64,
    text: Vec<u8>,
}

impl Records {
    /// For a file that begins so.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        begins(head).then(|| Self {
            open: None,
            indent: items(head).unwrap_or(0),
        })
    }

    /// Takes the next line; gives the record that it shows to be whole.
    pub(super) fn push(&mut self, line: u64, text: &[u8]) -> Option<Record> {
        let bare = text.trim_ascii_end();
        let item = text.get(self.indent..).unwrap_or_default();
        let item = item.starts_with(b"- ") && text[..self.indent].iter().all(|byte| *byte == b' ');
        let begins = bare == b"---" || item;
        let full = |open: &Record| open.text.len() > LARGEST;
        let before = match &self.open {
            Some(open) if begins || full(open) => self.open.take(),
            _ => None,
        };
        let open = self.open.get_or_insert(Record {
            line,
            text: Vec::new(),
        });
        open.text.extend_from_slice(bare);
        open.text.push(b'\n');
        before
    }

    /// The record that the end of the file ends.
    pub(super) fn close(&mut self) -> Option<Record> {
        self.open.take()
    }
}

impl Record {
    /// Reads it: as an object, or line by line.
    pub(super) fn scan(&self, finder: &Finder, scan: &mut Scan, context: Context<'_>) {
        if !finder.is_relevant(&self.text) && !self.folded(finder) {
            return;
        }
        if let Some(object) = self.object() {
            let (found, text) = (scan.found.len(), object.to_string());
            scan.line(text.as_bytes(), self.place(finder), context);
            if scan.found.len() > found {
                return;
            }
        }
        for (text, number) in self.text.split(|byte| *byte == b'\n').zip(self.line..) {
            if finder.is_relevant(text) {
                scan.line(text, number, context);
            }
        }
    }

    /// What is sought may be broken over two lines.
    fn folded(&self, finder: &Finder) -> bool {
        self.object()
            .is_some_and(|object| finder.is_relevant(object.to_string().as_bytes()))
    }

    /// Line of a record's log line: the first that holds what is sought, or that of its beginning.
    fn place(&self, finder: &Finder) -> u64 {
        let mut lines = self.text.split(|byte| *byte == b'\n').zip(self.line..);
        let found = lines.find(|(text, _)| finder.is_relevant(text));
        found.map_or(self.line, |(_, number)| number)
    }

    fn object(&self) -> Option<Json> {
        let text = std::str::from_utf8(&self.text).ok()?;
        let mut lines = text.lines().filter(|line| *line != "---").peekable();
        let indent = indent_of(lines.peek()?);
        let value = block(&mut lines, indent, DEEPEST)?;
        // Behind the last item of a list its object goes on.
        (lines.next().is_none() || value.is_array()).then_some(value)
    }
}

/// A block of pairs or of items, each at the same indentation. None for what is no such block.
fn block<'t>(
    lines: &mut Peekable<impl Iterator<Item = &'t str>>,
    indent: usize,
    depth: u8,
) -> Option<Json> {
    let (mut map, mut items) = (Map::new(), Vec::new());
    if depth == 0 {
        return None;
    }
    while let Some(line) = lines.peek().copied() {
        let own = indent_of(line);
        if line.trim().is_empty() {
            lines.next();
            continue;
        }
        if own < indent {
            break;
        }
        let text = line.get(own..)?;
        if own > indent {
            return None;
        }
        let item = text.strip_prefix("- ");
        if item.is_none() && !items.is_empty() {
            break;
        }
        lines.next();
        if let Some(item) = item {
            items.push(entry(item.trim_start(), lines, own + 2, depth)?);
        } else {
            let (name, value) = pair(text)?;
            map.insert(name.to_owned(), scalar(value, lines, own, depth)?);
        }
    }
    match (map.is_empty(), items.is_empty()) {
        (_, true) => Some(Json::Object(map)),
        (true, false) => Some(Json::Array(items)),
        (false, false) => None,
    }
}

/// An item: a text, or the first pair of an object whose others stand below it.
fn entry<'t>(
    text: &'t str,
    lines: &mut Peekable<impl Iterator<Item = &'t str>>,
    indent: usize,
    depth: u8,
) -> Option<Json> {
    let Some((name, value)) = pair(text).filter(|_| !text.starts_with(['"', '\''])) else {
        return scalar(text, lines, indent, depth);
    };
    let first = scalar(value, lines, indent, depth)?;
    let rest = block(lines, indent, depth - 1)?;
    let mut map = rest.as_object().cloned().unwrap_or_default();
    map.insert(name.to_owned(), first);
    Some(Json::Object(map))
}

/// What stands behind a key at `indent`, and on the lines below it.
fn scalar<'t>(
    value: &'t str,
    lines: &mut Peekable<impl Iterator<Item = &'t str>>,
    indent: usize,
    depth: u8,
) -> Option<Json> {
    if value.is_empty() {
        let next = lines.peek().copied().unwrap_or_default();
        let inner = indent_of(next);
        let item = next.trim_start().starts_with("- ");
        return match inner > indent || inner == indent && item {
            true => items_or_pairs(lines, inner, depth - 1),
            false => Some(Json::Null),
        };
    }
    let literal = matches!(value, "|" | "|-" | "|+");
    if literal || matches!(value, ">" | ">-" | ">+") {
        let below: Vec<&str> = below(lines, indent).collect();
        let inner = below.iter().map(|line| indent_of(line)).min().unwrap_or(0);
        let rows: Vec<&str> = below.iter().filter_map(|line| line.get(inner..)).collect();
        return Some(rows.join(if literal { "\n" } else { " " }).into());
    }
    let mut text = value.to_owned();
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            while !is_closed(&text, quote) {
                let next = lines.next()?;
                // In double quotes a backslash at the end stands for nothing at all.
                match text.strip_suffix('\\').filter(|_| quote == '"') {
                    Some(open) => {
                        text = open.to_owned() + next.trim_start().trim_start_matches('\\');
                    }
                    None => text = text + " " + next.trim(),
                }
                if text.len() > LARGEST {
                    return None;
                }
            }
            let inside = text.get(1..text.len() - 1)?;
            Some(match quote {
                '"' => String::from_utf8_lossy(&quoted::unescaped(inside.as_bytes())).into(),
                _ => inside.replace("''", "'").into(),
            })
        }
        _ => {
            for line in below(lines, indent) {
                text = text + " " + line.trim();
            }
            Some(text.into())
        }
    }
}

/// Items may stand at their key's own indentation, and end where a pair follows.
fn items_or_pairs<'t>(
    lines: &mut Peekable<impl Iterator<Item = &'t str>>,
    indent: usize,
    depth: u8,
) -> Option<Json> {
    let is_item = |line: &str| indent_of(line) == indent && line.trim_start().starts_with("- ");
    if !lines.peek().is_some_and(|line| is_item(line)) {
        return block(lines, indent, depth);
    }
    let mut items = Vec::new();
    while let Some(line) = lines.next_if(|line| is_item(line)) {
        let item = line.trim_start().trim_start_matches("- ").trim_start();
        items.push(entry(item, lines, indent + 2, depth.checked_sub(1)?)?);
    }
    Some(Json::Array(items))
}

/// The lines that stand deeper than `indent`.
fn below<'t>(
    lines: &mut Peekable<impl Iterator<Item = &'t str>>,
    indent: usize,
) -> impl Iterator<Item = &'t str> {
    std::iter::from_fn(move || {
        lines.next_if(|line| indent_of(line) > indent && !line.trim().is_empty())
    })
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Whether a quoted text has its closing quote, behind which nothing follows.
fn is_closed(text: &str, quote: char) -> bool {
    let Some(inside) = text.strip_prefix(quote) else {
        return true;
    };
    if quote == '\'' {
        return inside.ends_with('\'') && inside.matches('\'').count() % 2 == 1;
    }
    let escapes = inside.trim_end_matches('"');
    let backslashes = escapes.len() - escapes.trim_end_matches('\\').len();
    inside.len() > escapes.len() && (inside.len() - escapes.len() > 1 || backslashes % 2 == 0)
}

/// `key: value`, `key:`.
fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = match text.split_once(": ") {
        Some((name, value)) => (name, value.trim()),
        None => (text.strip_suffix(':')?, ""),
    };
    let name = name.trim_matches(['"', '\'']);
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-./@".contains(c);
    (!name.is_empty() && name.chars().all(fits)).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(text: &str) -> Option<Json> {
        let record = Record {
            line: 1,
            text: text.as_bytes().to_vec(),
        };
        record.object()
    }

    #[test]
    fn what_tools_print() {
        for (text, expected) in [
            ("---\na: 1\nb: 'it''s'\n", json!({"a": "1", "b": "it's"})),
            (
                "a:\n  b.c/d: x\n  e: y\nf: z\n",
                json!({"a": {"b.c/d": "x", "e": "y"}, "f": "z"}),
            ),
            (
                "a: 'one\n  two'\nb: three\n  four\n",
                json!({"a": "one two", "b": "three four"}),
            ),
            ("a: \"x\\\"y\\\n  \\ z\"\n", json!({"a": "x\"y z"})),
            (
                "a: |\n  one\n  two\nb: >-\n  three\n  four\n",
                json!({"a": "one\ntwo", "b": "three four"}),
            ),
            (
                "a:\n- b: 1\n  c: 2\n- d\ne: f\n",
                json!({"a": [{"b": "1", "c": "2"}, "d"], "e": "f"}),
            ),
            (
                "- a: 1\n  b:\n    c: 2\n",
                json!([{"a": "1", "b": {"c": "2"}}]),
            ),
            ("a:\nb: 1\n", json!({"a": null, "b": "1"})),
        ] {
            assert_eq!(object(text), Some(expected), "{text}");
        }
        for text in ["some words\n", "a: 1\n   b: 2\nwords\n", "a: 'open\n"] {
            assert_eq!(object(text), None, "{text}");
        }
    }

    #[test]
    fn a_record_begins_a_file_or_does_not() {
        for (head, yes) in [
            ("---\ninsertId: a\n", true),
            ("- time: x\n  log: y\n", true),
            ("---\n\n# Title\nwords\n", false),
            ("- one\n- two\n", false),
            ("I0612 08:02:05.250000 1 a.go:1] x\n", false),
        ] {
            assert_eq!(begins(head.as_bytes()), yes, "{head}");
        }
    }
}
