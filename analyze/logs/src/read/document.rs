//! JSON objects printed over several lines: `gcloud logging read --format=json`,
//! `journalctl -o json-pretty`, the lists of `kubectl cluster-info dump`.
//!
//! Who prints JSON for people begins an object with a line that holds nothing but `{` and ends
//! it with a line of the same indentation that holds `}`, so that lines tell objects apart.

use serde_json::Value as Json;

/// Largest object that is put together; the rest of a larger one is dropped and counted.
const LARGEST: usize = 64 * 1024 * 1024;
/// Deepest indentation at which an entry begins: that of an array's elements.
const DEEPEST: usize = 8;

/// Whether a file begins with an object over several lines, or an array of such.
pub(crate) fn begins(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    let inside = text.strip_prefix(b"[").unwrap_or(text).trim_ascii_start();
    inside
        .strip_prefix(b"{")
        .is_some_and(|rest| rest.starts_with(b"\n") || rest.starts_with(b"\r\n"))
}

/// What a line is to the objects.
pub(crate) enum Step {
    /// None of theirs.
    Line,
    /// One of an object that is not complete yet.
    Within,
    /// The last of an object.
    Whole {
        /// Line of its `{`, from 1.
        line: u64,
        object: Json,
    },
    /// The last of an object that is none, or too large.
    Broken {
        /// Line of its `{`, from 1.
        line: u64,
    },
}

/// Puts objects together.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    line: u64,
    indent: usize,
    text: Vec<u8>,
}

impl Documents {
    /// Takes the next line.
    pub(crate) fn push(&mut self, line: u64, text: &[u8]) -> Step {
        let bare = text.trim_ascii();
        let indent = text.len() - text.trim_ascii_start().len();
        let Some(open) = &mut self.open else {
            if bare != b"{" || indent > DEEPEST {
                // The marks between an array's elements say nothing.
                return match bare {
                    b"[" | b"]" | b"," => Step::Within,
                    _ => Step::Line,
                };
            }
            self.open = Some(Open {
                line,
                indent,
                text: b"{\n".to_vec(),
            });
            return Step::Within;
        };
        let ends = indent == open.indent && matches!(bare, b"}" | b"},");
        if open.text.len() + bare.len() < LARGEST {
            open.text.extend_from_slice(if ends { b"}" } else { bare });
            open.text.push(b'\n');
        }
        if !ends {
            return Step::Within;
        }
        let line = open.line;
        let object = serde_json::from_slice(&open.text)
            .ok()
            .or_else(|| serde_json::from_str(&as_json(&open.text)).ok());
        self.open = None;
        match object {
            Some(object) => Step::Whole { line, object },
            None => Step::Broken { line },
        }
    }

    /// Line of the `{` of an object that is not complete.
    pub(crate) fn open_since(&self) -> Option<u64> {
        self.open.as_ref().map(|open| open.line)
    }
}

/// Ruby's way of printing an object, as Logstash's `rubydebug` has it, in JSON's.
///
/// ```text
/// {
///     "@timestamp" => 2026-06-12T08:02:05.250Z,
///        "message" => "I0612 ..."
/// }
/// ```
fn as_json(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for line in String::from_utf8_lossy(text).lines() {
        let Some((name, value)) = line.split_once(" => ") else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let bare = value.trim_end_matches(',');
        let marked = bare.starts_with(['"', '{', '['])
            || matches!(bare, "true" | "false")
            || bare.parse::<f64>().is_ok();
        let shown = match bare {
            "nil" => "null".to_owned(),
            _ if marked => bare.to_owned(),
            _ => Json::from(bare).to_string(),
        };
        let comma = if value.ends_with(',') { "," } else { "" };
        out.push_str(&format!("{name}: {shown}{comma}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_an_array_and_lines_between_objects() {
        let text =
            "[\n  {\n    \"a\": {\n      \"b\": 1\n    }\n  },\n  {\n  }\n]\nplain\n{\n x\n}\n{";
        let mut documents = Documents::default();
        let mut seen = Vec::new();
        for (line, number) in text.split('\n').zip(1..) {
            match documents.push(number, line.as_bytes()) {
                Step::Whole { line, object } => seen.push(format!("{line} {object}")),
                Step::Broken { line } => seen.push(format!("{line} broken")),
                Step::Line => seen.push(line.to_owned()),
                Step::Within => {}
            }
        }
        assert_eq!(seen, [r#"2 {"a":{"b":1}}"#, "7 {}", "plain", "11 broken"]);
        assert_eq!(documents.open_since(), Some(14));
        assert!(begins(text.as_bytes()));
        assert!(!begins(b"{\"log\":\"x\"}"));
    }
}
