//! `journalctl -o export`: fields a line each, a blank line behind each entry, and binary
//! fields as `KEY\n`, their length in 64 bits little-endian, and their bytes.
//!
//! Source: <https://systemd.io/JOURNAL_EXPORT_FORMATS/>.

use std::io::{BufRead, Read as _};

use serde_json::json;

use super::chunks;
use super::finder::Finder;
use super::scan::Scan;
use crate::error::Error;
use crate::parse::line::Context;
use crate::reading::Fault;
use crate::request::Source;

/// Longest field that is kept.
const LONGEST: u64 = 1024 * 1024;

/// Whether a file begins like an export.
pub(crate) fn begins(head: &[u8]) -> bool {
    head.starts_with(b"__CURSOR=") || head.starts_with(b"__REALTIME_TIMESTAMP=")
}

/// An entry under way.
#[derive(Debug, Default)]
pub(super) struct Entry {
    line: u64,
    message: Vec<u8>,
    time_us: String,
    host: String,
}

/// Reads an export from beginning to end.
pub(crate) fn read(
    source: &Source,
    bytes: &mut dyn BufRead,
    finder: &Finder,
    scan: &mut Scan,
) -> Result<(), Error> {
    let mut field = Vec::new();
    let mut entry = Entry::default();
    let mut kept = scan.found.len();
    loop {
        field.clear();
        let line = chunks::one_line(bytes, &mut field);
        let (read, too_long) = line.map_err(|error| Error::io(source, error))?;
        scan.bytes += read;
        if read == 0 {
            break;
        }
        if too_long {
            scan.too_long();
            continue;
        }
        scan.lines += 1;
        finder.memory.take(scan.found.len() - kept, source)?;
        kept = scan.found.len();
        let text = field.strip_suffix(b"\n").unwrap_or(&field);
        if text.is_empty() {
            entry.finish(finder, scan, source.hints.kube_proxy);
        } else if let Some(equals) = memchr::memchr(b'=', text) {
            entry.set(&text[..equals], &text[equals + 1..], scan.lines);
        } else {
            let key = text.to_vec();
            let line = scan.lines;
            match binary(bytes, scan).map_err(|error| Error::io(source, error))? {
                Some(value) => entry.set(&key, &value, line),
                None => {
                    scan.fault(Fault::Cut, line);
                    return Ok(());
                }
            }
        }
    }
    entry.finish(finder, scan, source.hints.kube_proxy);
    Ok(())
}

impl Entry {
    pub(super) fn set(&mut self, key: &[u8], value: &[u8], line: u64) {
        match key {
            b"MESSAGE" => {
                self.message = value.to_vec();
                self.line = line;
            }
            b"__REALTIME_TIMESTAMP" => self.time_us = String::from_utf8_lossy(value).into_owned(),
            b"_HOSTNAME" => self.host = String::from_utf8_lossy(value).into_owned(),
            _ => {}
        }
    }

    /// Ends it: its message is read.
    pub(super) fn finish(&mut self, finder: &Finder, scan: &mut Scan, kube_proxy: bool) {
        let entry = std::mem::take(self);
        if !finder.is_relevant(&entry.message) {
            return;
        }
        // The same reader as for `-o json`: one object an entry. Only a message's first line can
        // be klog's.
        let first = entry
            .message
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let object = json!({
            "MESSAGE": String::from_utf8_lossy(first),
            "__REALTIME_TIMESTAMP": entry.time_us,
            "_HOSTNAME": entry.host,
        });
        scan.line(
            object.to_string().as_bytes(),
            entry.line,
            Context {
                kube_proxy,
                whole: true,
                columns: None,
            },
        );
    }
}

/// A binary field's value; none if the file ends in it.
fn binary(bytes: &mut dyn BufRead, scan: &mut Scan) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    if bytes.read_exact(&mut length).is_err() {
        return Ok(None);
    }
    let length = u64::from_le_bytes(length);
    let mut value = Vec::new();
    let kept = bytes.take(length.min(LONGEST)).read_to_end(&mut value)? as u64;
    if kept < length.min(LONGEST) {
        return Ok(None);
    }
    // What is too long to keep is passed over, and the line end behind the field too.
    let rest = (length - kept).saturating_add(1);
    let passed = std::io::copy(&mut bytes.take(rest), &mut std::io::sink())?;
    scan.bytes += 8 + kept + passed;
    scan.lines += memchr::memchr_iter(b'\n', &value).count() as u64 + 1;
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_with_text_and_binary_messages() {
        let message = br#"I1129 08:37:39.9 1 proxier.go:1] "SyncProxyRules complete" elapsed="1s""#;
        let mut export =
            b"__CURSOR=a\n__REALTIME_TIMESTAMP=1764405459986065\n_HOSTNAME=n\nMESSAGE=".to_vec();
        export.extend_from_slice(message);
        export.extend_from_slice(b"\n\n__REALTIME_TIMESTAMP=1764405460986065\nMESSAGE\n");
        export.extend_from_slice(&(message.len() as u64 + 2).to_le_bytes());
        export.extend_from_slice(message);
        export.extend_from_slice(b"\nx\n\n");
        let mut scan = Scan::default();
        let source = Source::stdin();
        read(
            &source,
            &mut &export[..],
            &Finder::new().unwrap(),
            &mut scan,
        )
        .unwrap();
        let lines: Vec<u64> = scan.found.iter().map(|found| found.line).collect();
        assert_eq!(lines, [4, 7]);
    }
}
