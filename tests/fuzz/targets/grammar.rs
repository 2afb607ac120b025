//! Any text as what stands in a sync's line: no panic; a line that is cut tells the duration
//! that it told whole, or none; what is read as a duration is a duration.
#![no_main]

use kube_proxy_logs::{Hints, Outcome, Reading, Request, Silent, Source, parse_duration};
use libfuzzer_sys::fuzz_target;

const HEADER: &str = "I1129 08:37:39.988112       1 proxier.go:1193] ";

fn read(text: &[u8]) -> Option<Reading> {
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .ok()?;
    let path = folder.path().join("a.log");
    std::fs::write(&path, text).ok()?;
    let hints = Hints {
        kube_proxy: true,
        ..Hints::default()
    };
    let request = Request {
        sources: vec![Source::file(path).with(hints)],
        year: Some(2025),
        threads: Some(1),
        max_memory: None,
        ..Request::default()
    };
    kube_proxy_logs::read(&request, &Silent).ok()
}

fn durations(reading: &Reading) -> Vec<Option<u64>> {
    let ended = reading
        .syncs
        .iter()
        .filter(|sync| sync.outcome != Outcome::Unfinished);
    ended.map(|sync| sync.elapsed_ns).collect()
}

fuzz_target!(|input: (&[u8], &str, u8)| {
    let (line, duration, cut) = input;
    // Any line at all.
    let _ = read(line);
    // Any text as the duration of a line that is otherwise kube-proxy's.
    let body =
        format!("{HEADER}\"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"{duration}\"");
    // A control mark is where a line was torn: what stands before it may be a duration.
    let one_value = !duration.contains(|c: char| c.is_control() || matches!(c, '"' | '\\'));
    let Some(whole) = read(body.as_bytes()) else {
        return;
    };
    if one_value {
        let expected = parse_duration(duration).filter(|_| duration.ends_with('s'));
        let found = durations(&whole);
        assert_eq!(found.first().copied().flatten(), expected, "{duration:?}");
        let end = body
            .len()
            .saturating_sub(usize::from(cut))
            .max(HEADER.len());
        if let Some(part) = read(&body.as_bytes()[..end]) {
            for elapsed in durations(&part) {
                // A text of several durations holds shorter ones, which Go never prints.
                assert!(
                    elapsed == expected || go(duration).is_none(),
                    "{duration:?} {cut}"
                );
            }
        }
    }
});

/// Whether a text is a duration as Go prints it: each unit once, from the largest down.
fn go(duration: &str) -> Option<()> {
    duration.ends_with('s').then_some(())?;
    let mut letters = duration
        .split(|c: char| c.is_ascii_digit() || c == '.')
        .filter(|unit| !unit.is_empty());
    let first = letters.next()?;
    let rest: Vec<&str> = letters.collect();
    match (first, rest.as_slice()) {
        ("h", ["m", "s"]) | ("m", ["s"]) | ("s" | "ms" | "µs" | "ns", []) => Some(()),
        _ => None,
    }
}
