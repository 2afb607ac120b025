//! Folded stacks: a stack a line, with its samples behind it; the lab puts a time in front.

use std::collections::BTreeMap;

use super::spans::{Spans, seconds};

/// What the kernel is entered by: from there on a stack is in it.
const ENTRIES: [&str; 7] = [
    "entry_SYSCALL",
    "do_syscall_64",
    "asm_",
    "ret_from_fork",
    "el0",
    "el1",
    "secondary_startup",
];

/// A profile as read.
#[derive(Debug, Default, PartialEq)]
pub(in crate::evidence) struct Stacks {
    /// Each stack, the caller first, with its samples.
    pub(in crate::evidence) all: Vec<(String, u64)>,
    /// Samples that fall in none of the spans; none where the samples tell no time of day.
    pub(in crate::evidence) outside: Option<u64>,
    /// Lines that are no stack.
    pub(in crate::evidence) unread: u64,
}

/// Folded stacks have no line that begins with space, and end in a number.
pub(super) fn is_folded(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let stack = |line: &str| {
        let count = line
            .rsplit_once(' ')
            .map(|(_, count)| count.parse::<u64>().is_ok());
        !line.starts_with(char::is_whitespace) && count == Some(true)
    };
    lines.next().is_some_and(stack) && lines.next().is_none_or(stack)
}

/// `1764254400.123456 nft;entry_SYSCALL_64;f 1`.
pub(super) fn is_timed(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    let word = first.and_then(|line| line.split_once(' '));
    word.is_some_and(|(word, rest)| seconds(word).is_some() && rest.contains(' '))
}

/// Folded stacks with a time in front of each.
pub(super) fn timed(text: &str, spans: &[(i64, i64)]) -> Stacks {
    let spans = Spans(spans);
    let (mut kept, mut outside, mut unread) = (String::with_capacity(text.len()), 0, 0);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let parts = line
            .split_once(' ')
            .and_then(|(word, rest)| Some((seconds(word)?, rest)));
        match parts {
            Some((ns, rest)) if spans.hold(ns) => {
                kept.push_str(rest);
                kept.push('\n');
            }
            Some((_, rest)) => {
                let count = rest.rsplit_once(' ').map(|(_, count)| count.parse());
                outside += count.and_then(Result::ok).unwrap_or(1);
            }
            None => unread += 1,
        }
    }
    let mut stacks = folded(&kept, spans.are_told().then_some(outside));
    stacks.unread += unread;
    stacks
}

pub(super) fn folded(text: &str, outside: Option<u64>) -> Stacks {
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    let mut unread = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let told = line
            .rsplit_once(' ')
            .and_then(|(stack, count)| Some((stack, count.parse::<u64>().ok()?)));
        match told {
            Some((stack, count)) => *all.entry(plain(stack)).or_default() += count,
            None => unread += 1,
        }
    }
    Stacks {
        all: all.into_iter().collect(),
        outside,
        unread,
    }
}

/// A stack as the lab folds it: command, then the kernel's functions, or `[user]`.
fn plain(stack: &str) -> String {
    let mut frames = stack.split(';');
    let command = frames.next().unwrap_or_default();
    let frames: Vec<&str> = frames.collect();
    let of_kernel = |frame: &&str| {
        frame.ends_with("_[k]") || ENTRIES.iter().any(|entry| frame.starts_with(entry))
    };
    let from = frames.iter().position(of_kernel);
    let mut plain = command.to_owned();
    match from {
        Some(from) => {
            for frame in &frames[from..] {
                plain.push(';');
                plain.push_str(name(frame));
            }
        }
        None => plain += ";[user]",
    }
    plain
}

/// A function without what perf or the compiler has put behind it: `f.isra.0_[k]` is `f`.
fn name(frame: &str) -> &str {
    let frame = frame.strip_suffix("_[k]").unwrap_or(frame);
    let ends = [".isra.", ".constprop.", ".part.", ".cold", ".llvm."];
    let cut = ends.iter().filter_map(|end| frame.find(end)).min();
    &frame[..cut.unwrap_or(frame.len())]
}
