//! What `perf script` prints: an event a paragraph.

use super::spans::{Spans, seconds};

/// The samples of `perf script`'s output within the spans, and how many are not; all of them, and
/// nothing, where their times are not of the day.
pub(super) fn within(text: &str, spans: &[(i64, i64)]) -> (String, Option<u64>) {
    let events: Vec<&str> = text.split("\n\n").collect();
    let times: Vec<Option<i64>> = events.iter().map(|event| time(event)).collect();
    // A clock since the boot says less than 2001.
    let of_day = times
        .iter()
        .flatten()
        .any(|ns| *ns > 1_000_000_000_000_000_000);
    let spans = Spans(if of_day { spans } else { &[] });
    let (mut kept, mut outside) = (String::with_capacity(text.len()), 0);
    for (event, ns) in events.iter().zip(times) {
        match ns {
            Some(ns) if !spans.hold(ns) => outside += 1,
            _ => one_sample(event, &mut kept),
        }
    }
    (kept, spans.are_told().then_some(outside))
}

/// An event without its period, by which inferno would weigh it: `1003009 cpu-clock:` is one
/// sample.
fn one_sample(event: &str, into: &mut String) {
    let event = event.trim_start_matches('\n');
    let (head, frames) = event.split_once('\n').unwrap_or((event, ""));
    let words: Vec<&str> = head.split_whitespace().collect();
    let named = words.len().checked_sub(2).filter(|at| {
        let is_number = words[*at].bytes().all(|b| b.is_ascii_digit());
        is_number && words[at + 1].ends_with(':')
    });
    match named.map(|at| words[at]) {
        Some(period) => into.push_str(&head.replacen(&format!(" {period} "), " ", 1)),
        None => into.push_str(head),
    }
    into.push('\n');
    into.push_str(frames);
    into.push_str("\n\n");
}

/// `nft 4711 [001] 1764254400.123456:  1000 cpu-clock:` has a time in seconds before a colon.
fn time(event: &str) -> Option<i64> {
    let head = event.lines().find(|line| !line.trim().is_empty())?;
    let mut words = head.split_whitespace();
    words.find_map(|word| seconds(word.strip_suffix(':')?))
}
