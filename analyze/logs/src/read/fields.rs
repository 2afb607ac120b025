//! Records of which each field has a line of its own: consoles of databases, PowerShell's lists,
//! the collector of OpenTelemetry.
//!
//! ```text
//! *************************** 1. row ***************************
//!      ts: 2026-06-12 08:02:05.250
//!    host: n1
//! message: I0612 08:02:05.250000       1 proxier.go:1190] "SyncProxyRules complete" elapsed="2m3.25s"
//! ```

use serde_json::{Map, Value as Json};

use crate::parse::header;
use crate::wrap::roles;

/// Fields of a record, at most.
const MOST: usize = 200;

/// Whether a file begins with such records: a field that holds a line of a log stands beside one
/// whose name tells the time, the node or the pod.
pub(super) fn begins(head: &[u8]) -> bool {
    let rows: Vec<&[u8]> = head.split(|byte| *byte == b'\n').collect();
    let known = |row: &&[u8]| field(row).is_some_and(|(name, _)| roles::is_known(name));
    (0..rows.len()).any(|at| {
        let beside = &rows[at.saturating_sub(3)..(at + 4).min(rows.len())];
        field(rows[at]).is_some_and(|(_, value)| holds_line(value)) && beside.iter().any(known)
    })
}

fn holds_line(value: &str) -> bool {
    const FURTHEST: usize = 5;
    header::position(value.as_bytes()).is_some_and(|at| at <= FURTHEST)
}

/// `message: I0612 ...`, `Message     : I0612 ...`, `message | I0612 ...`, `     -> host: Str(n1)`.
fn field(row: &[u8]) -> Option<(&str, &str)> {
    const LONGEST: usize = 60;
    let row = std::str::from_utf8(row).ok()?.trim();
    let row = row.strip_prefix("-> ").unwrap_or(row);
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '@' | '-');
    let name = &row[..row.find(|c| !part(c))?];
    let rest = row[name.len()..].trim_start();
    let value = rest.strip_prefix([':', '|'])?;
    let apart = value.is_empty() || value.starts_with(' ');
    let letters = name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '@'));
    (apart && letters && name.len() < LONGEST).then(|| (name, unwrapped(value.trim())))
}

/// `Str(n1)`, as OpenTelemetry's collector prints values.
fn unwrapped(value: &str) -> &str {
    let inner = value.strip_prefix("Str(");
    inner
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(value)
}

/// Puts records together.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// Line of the field that holds a line of a log, or of the first.
    line: u64,
    fields: Map<String, Json>,
}

impl Records {
    /// Takes the next line; gives the record that it shows to be whole, and whether the line is
    /// none of a record's.
    pub(super) fn push(&mut self, line: u64, text: &[u8]) -> (Option<(u64, Json)>, bool) {
        let Some((name, value)) = field(text) else {
            return (self.close(), true);
        };
        // `Attributes:` and `Row 2:` hold nothing themselves.
        if value.is_empty() {
            return (None, false);
        }
        let again = self.fields.contains_key(name) || self.fields.len() >= MOST;
        let before = if again { self.close() } else { None };
        if self.fields.is_empty() || holds_line(value) {
            self.line = line;
        }
        self.fields
            .insert(name.to_owned(), Json::String(value.to_owned()));
        (before, false)
    }

    /// The record that the end of the file ends.
    pub(super) fn close(&mut self) -> Option<(u64, Json)> {
        let fields = std::mem::take(&mut self.fields);
        (!fields.is_empty()).then_some((self.line, Json::Object(fields)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"I0612 08:02:05.250000       1 proxier.go:1190] "done""#;

    fn read(text: &str) -> Vec<(u64, String)> {
        let mut records = Records::default();
        let mut all = Vec::new();
        for (row, line) in text.lines().zip(1..) {
            all.extend(records.push(line, row.as_bytes()).0);
        }
        all.extend(records.close());
        all.iter()
            .map(|(line, record)| (*line, record.to_string()))
            .collect()
    }

    #[test]
    fn records_of_many_consoles() {
        for text in [
            format!("*** 1. row ***\n    ts: 2026\n  host: n1\nmessage: {LINE}\n"),
            format!(
                "ts          : 2026\nhost        : n1\n\nts          : 2026\nhost : n2\nmessage     : {LINE}\n"
            ),
            format!(
                "LogRecord #0\nts: 2026\nmessage: Str({LINE})\nAttributes:\n     -> host: Str(n1)\n"
            ),
        ] {
            assert!(begins(text.as_bytes()), "{text}");
            let found = read(&text);
            let (line, last) = found.last().unwrap();
            let place = text.lines().position(|row| row.contains("I0612")).unwrap();
            assert_eq!(*line, place as u64 + 1, "{text}");
            assert!(
                last.contains("\"host\":") && last.contains("I0612"),
                "{last}"
            );
        }
    }

    #[test]
    fn prefixes_are_no_fields() {
        for text in [
            format!("n1: {LINE}\nn2: {LINE}\n"),
            format!("Node: n1\n{LINE}\n"),
            format!("kube-proxy.log:12:{LINE}\n"),
            format!("It hangs: {LINE}\n"),
        ] {
            assert!(!begins(text.as_bytes()), "{text}");
        }
    }
}
