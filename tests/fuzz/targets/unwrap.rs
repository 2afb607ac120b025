//! Any text in every wrapping that a collector may give it: no panic, no sync that a person would
//! not see in the text, and in a wrapping no other than in the line itself.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube_proxy_logs::{Reading, Request, Silent, Source};
use libfuzzer_sys::fuzz_target;

fn read(text: &str) -> Option<Reading> {
    let folder = tempfile::tempdir_in(shared_memory()).ok()?;
    let path = folder.path().join("a.log");
    std::fs::write(&path, text).ok()?;
    let request = Request {
        sources: vec![Source::file(path)],
        year: Some(2025),
        threads: Some(1),
        ..Request::default()
    };
    kube_proxy_logs::read(&request, &Silent).ok()
}

/// Durations of completed syncs, in order.
fn durations(reading: &Reading) -> Vec<u64> {
    let mut all: Vec<u64> = reading
        .syncs
        .iter()
        .filter(|sync| sync.end_ns.is_some())
        .filter_map(|sync| sync.elapsed_ns)
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// How many syncs a person sees in a text at most: words of kube-proxy's, whatever colours, tags or
/// line ends stand between their letters.
fn seen(text: &str) -> usize {
    /// Some of them begin with a capital letter.
    const WORDS: [&str; 7] = [
        "yncProxyRules",
        "yncingproxyrules",
        "yncing",
        "eloadingservice",
        "stale",
        "yncfailed",
        "ailedtoexecute",
    ];
    let text = text.as_bytes();
    WORDS.iter().map(|word| spelled(text, word.as_bytes())).sum()
}

/// How often the letters of a word follow each other, not far apart.
fn spelled(text: &[u8], word: &[u8]) -> usize {
    const FURTHEST: usize = 80;
    let mut count = 0;
    let mut from = 0;
    while let Some(begin) = text[from..].iter().position(|byte| *byte == word[0]) {
        from += begin + 1;
        let mut at = from;
        let whole = word[1..].iter().all(|letter| {
            let window = &text[at..(at + FURTHEST).min(text.len())];
            let next = window.iter().position(|byte| byte == letter);
            at += next.unwrap_or(0) + 1;
            next.is_some()
        });
        if whole {
            count += 1;
            from = at;
        }
    }
    count
}

/// Whether kube-proxy itself writes such a line: with its whole header, and without a mark that could
/// belong to a wrapping, which is read as one. (Half a header before a field of CSV is neither.)
fn as_written(line: &str) -> bool {
    let Some((header, text)) = line.split_once("] ") else {
        return false;
    };
    let [level, time, thread, place] = header.split_ascii_whitespace().collect::<Vec<_>>()[..] else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole_header = level.strip_prefix(['I', 'E']).is_some_and(digits)
        && time.split([':', '.']).all(digits)
        && digits(thread)
        && place.split_once(".go:").is_some_and(|(_, line)| digits(line));
    whole_header
        && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        && !line.contains(['\\', '&', '<', '[', '{', '\'', '`'])
        && !text.contains("\"\"")
}

/// JSON's way of writing a text.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    // Whatever it is, it is read or it is not.
    let Some(reading) = read(text) else {
        return;
    };
    let seen = seen(text);
    assert!(reading.syncs.len() <= seen, "{seen} seen: {:?}", reading.syncs);
    // A line of kube-proxy's as it stands: in a wrapping it says the same.
    for line in text.lines().take(4) {
        if !as_written(line) {
            continue;
        }
        let Some(plain) = read(&format!("{line}\n")) else {
            continue;
        };
        let right = durations(&plain);
        // Shorter ones are taken for no text.
        let carried = match line.len() {
            48.. => STANDARD.encode(line),
            _ => quoted(line).trim_matches('"').to_owned(),
        };
        for wrapped in [
            format!("{{\"data\":\"{carried}\"}}\n"),
            format!("{{\"message\":{}}}\n", quoted(line)),
            format!("{{\"a\":[{{\"log\":{}}}]}}\n", quoted(line)),
            format!("kube-proxy-x kube-proxy {line}\n"),
            format!("\u{1b}[33m{line}\u{1b}[0m\n"),
        ] {
            if let Some(reading) = read(&wrapped) {
                assert_eq!(durations(&reading), right, "{wrapped}");
            }
        }
    }
});

/// Where files cost no disk, if there is such a place.
fn shared_memory() -> std::path::PathBuf {
    let place = std::path::Path::new("/dev/shm");
    if place.is_dir() {
        place.to_path_buf()
    } else {
        std::env::temp_dir()
    }
}
