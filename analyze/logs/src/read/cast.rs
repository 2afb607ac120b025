//! Recordings of a terminal by asciinema: what it printed, event by event, cut anywhere.
//!
//! ```text
//! {"version": 2, "width": 200, "height": 50, "timestamp": 1781251325}
//! [1.504, "o", "I0612 08:02:05.250000       1 proxier.go:1190] \"SyncProx"]
//! [1.511, "o", "yRules complete\" ipFamily=\"IPv4\" elapsed=\"2m3.25s\"\r\n"]
//! ```

use std::io::{self, BufRead as _, BufReader, Cursor, Read};

use serde_json::Value as Json;

use super::encoding::Bytes;

/// Longest event that is read.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Whether a file begins like one: with an object that tells the version and the terminal.
pub(super) fn begins(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or(head);
    let version = line
        .strip_prefix(b"{\"version\":")
        .map(<[u8]>::trim_ascii_start);
    let known = version.is_some_and(|rest| rest.starts_with(b"2,") || rest.starts_with(b"3,"));
    let terminal = |name: &[u8]| memchr::memmem::find(line, name).is_some();
    known && (terminal(b"\"width\"") || terminal(b"\"term\""))
}

/// What the terminal printed.
pub(super) struct Printed<'a> {
    events: BufReader<Bytes<'a>>,
    ready: Cursor<Vec<u8>>,
}

impl<'a> Printed<'a> {
    pub(super) fn new(inner: Bytes<'a>) -> Self {
        Self {
            events: BufReader::new(inner),
            ready: Cursor::default(),
        }
    }
}

impl Read for Printed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut event = Vec::new();
        loop {
            let count = self.ready.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            event.clear();
            let read = self
                .events
                .by_ref()
                .take(LONGEST)
                .read_until(b'\n', &mut event)?;
            if read == 0 {
                return Ok(0);
            }
            // The header, comments, what was typed, sizes.
            if let Ok(Json::Array(parts)) = serde_json::from_slice(&event)
                && let [_, Json::String(kind), Json::String(text)] = parts.as_slice()
                && kind == "o"
            {
                self.ready = Cursor::new(text.clone().into_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_and_nothing_else() {
        let text = "{\"version\": 2, \"width\": 80, \"height\": 24}\n[0.1, \"o\", \"ab\"]\n\
            [0.2, \"i\", \"x\"]\n[0.3, \"o\", \"\"]\n[0.4, \"o\", \"c\\r\\n\"]\n[0.5, \"r\", \"9x9\"]\n";
        assert!(begins(text.as_bytes()));
        assert!(!begins(b"{\"version\": 2}\n[1]\n"));
        assert!(!begins(b"I0612 08:02:05.250000 1 a.go:1] x\n"));
        let mut out = String::new();
        let inner: Bytes<'_> = Box::new(text.as_bytes());
        Printed::new(inner).read_to_string(&mut out).unwrap();
        assert_eq!(out, "abc\r\n");
    }
}
