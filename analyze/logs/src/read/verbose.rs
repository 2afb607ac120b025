//! `journalctl -o verbose`: an entry's time at the beginning of a line, its fields indented.
//!
//! ```text
//! Fri 2026-06-12 08:02:05.250000 UTC [s=0a1b;i=4;b=0c;m=1;t=2;x=3]
//!     _HOSTNAME=n1
//!     MESSAGE=I0612 08:02:05.250000       1 proxier.go:1190] "SyncProxyRules complete" ...
//! ```

use std::io::BufRead;

use super::chunks;
use super::export::Entry;
use super::finder::Finder;
use super::scan::Scan;
use crate::error::Error;
use crate::parse::clock::At;
use crate::parse::moment;
use crate::request::Source;

/// Whether a file begins like one: an entry's line among the first.
pub(crate) fn begins(head: &[u8]) -> bool {
    const FIRST: usize = 4;
    head.split(|byte| *byte == b'\n')
        .take(FIRST)
        .any(|line| time(line).is_some())
}

/// The time, in microseconds, of a line that begins an entry.
fn time(line: &[u8]) -> Option<i64> {
    if !line.first().is_some_and(u8::is_ascii_uppercase) {
        return None;
    }
    let bracket = memchr::memmem::find(line, b" [s=")?;
    match moment::read(&line[..bracket])? {
        (At::Known(ns), _) => Some(ns / 1_000),
        _ => None,
    }
}

/// Reads entries from beginning to end.
pub(crate) fn read(
    source: &Source,
    bytes: &mut dyn BufRead,
    finder: &Finder,
    scan: &mut Scan,
) -> Result<(), Error> {
    let (mut line, mut entry) = (Vec::new(), Entry::default());
    let mut kept = scan.found.len();
    loop {
        line.clear();
        let read = chunks::one_line(bytes, &mut line);
        let (count, too_long) = read.map_err(|error| Error::io(source, error))?;
        scan.bytes += count;
        if count == 0 {
            break;
        }
        if too_long {
            scan.too_long();
            continue;
        }
        scan.lines += 1;
        finder.memory.take(scan.found.len() - kept, source)?;
        kept = scan.found.len();
        let text = line.trim_ascii_end();
        if let Some(us) = time(text) {
            entry.finish(finder, scan, source.hints.kube_proxy);
            entry.set(
                b"__REALTIME_TIMESTAMP",
                us.to_string().as_bytes(),
                scan.lines,
            );
        } else if text.starts_with(b" ")
            && let Some(equals) = memchr::memchr(b'=', text)
        {
            let (name, value) = text
                .trim_ascii_start()
                .split_at(equals + text.trim_ascii_start().len() - text.len());
            entry.set(name, &value[1..], scan.lines);
        }
    }
    entry.finish(finder, scan, source.hints.kube_proxy);
    Ok(())
}
