//! The year of a log, from what stands above its lines.

use crate::parse::{header, moment};

/// A time that tells the year of lines that tell none.
///
/// ```text
/// -- Logs begin at Mon 2026-06-01 00:00:00 UTC, end at Fri 2026-06-12 09:00:00 UTC. --
///    Active: active (running) since Wed 2019-03-06 04:35:08 CST; 2 days ago
/// 2026-06-12 08:02:05,250 DEBG 'kube-proxy' stderr output:       (supervisord, above each line)
/// =INFO REPORT==== 12-Jun-2026::08:02:05.250 ===                 (Erlang)
/// ```
pub(super) fn near(begin: &[u8]) -> Option<i64> {
    of_heading(begin).or_else(|| stamped_above(begin))
}

/// The time that stands on a line of its own above one of klog's that was logged in its minute.
fn stamped_above(begin: &[u8]) -> Option<i64> {
    const FIRST: usize = 200;
    const CLOSE_NS: u64 = 60_000_000_000;
    let mut above: &[u8] = b"";
    let mut klog = true;
    for line in begin.split(|byte| *byte == b'\n').take(FIRST) {
        let below_klog = klog;
        let header = header::parse(line);
        klog = header.is_some();
        if let Some((header, _)) = header
            && !below_klog
            && let Some((stamp, _, _)) = moment::find(above)
            && let Some(near) = stamp.known()
            && header.time.near(near).abs_diff(near) < CLOSE_NS
        {
            return Some(near);
        }
        above = line;
    }
    None
}

/// What a heading that is known tells.
fn of_heading(begin: &[u8]) -> Option<i64> {
    const WORDS: [&[u8]; 4] = [
        b"-- Logs begin at ",
        b"-- Journal begins at ",
        b"Active: active (running) since ",
        b"Active: failed ",
    ];
    let at = WORDS
        .iter()
        .find_map(|words| memchr::memmem::find(begin, words))?;
    let line = &begin[at..];
    let mut rest = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
    // Of two the last: the log ended then.
    let mut near = None;
    while let Some((found, _, end)) = moment::find(rest) {
        near = found.known().or(near);
        rest = &rest[end.max(1)..];
    }
    near
}
