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

use serde_json::Value as Json;

use super::finder::Finder;
use super::scan::Scan;
use crate::parse::header;
use crate::parse::line::Context;

mod block;

use block::{block, indent_of, pair};

/// Largest record; what is larger is read line by line.
const LARGEST: usize = 1024 * 1024;

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
    // Nearly all files end here: what they begin with is no key.
    let first = head
        .split(|byte| *byte == b'\n')
        .find(|line| !line.trim_ascii().is_empty())?;
    pair(std::str::from_utf8(first).ok()?.trim_end())?;
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
        let value = block(&mut lines, indent, block::DEEPEST)?;
        // Behind the last item of a list its object goes on.
        (lines.next().is_none() || value.is_array()).then_some(value)
    }
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
