//! Stacks of a profile: folded ones, or what `perf script` prints, which is folded here.

use std::collections::BTreeMap;
use std::io::BufReader;

use inferno::collapse::Collapse as _;
use inferno::collapse::perf::{Folder, Options};

use crate::report::HotFunction;

/// Functions that are kept.
const MOST: usize = 40;
/// Callers of each.
const CALLERS: usize = 8;
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
pub(super) struct Stacks {
    /// Each stack, the caller first, with its samples.
    pub(super) all: Vec<(String, u64)>,
    /// Samples that fall in none of the spans; none where the samples tell no time of day.
    pub(super) outside: Option<u64>,
    /// Lines that are no stack.
    pub(super) unread: u64,
}

/// Reads a profile of any kind: folded stacks, the same with a time in front as the lab writes
/// them of a node, or what `perf script` prints. Where the samples have the time of day, only those
/// within `spans` (nanoseconds since 1970), if there are any.
///
/// # Errors
/// What inferno says of a text that is neither.
pub(super) fn read(text: &str, spans: &[(i64, i64)]) -> Result<Stacks, String> {
    if is_folded(text) {
        return Ok(match is_timed(text) {
            true => timed(text, spans),
            false => folded(text, None),
        });
    }
    let (text, outside) = within(text, spans);
    let mut options = Options::default();
    options.annotate_kernel = true;
    let mut out = Vec::new();
    let mut folder = Folder::from(options);
    if outside.is_some() && text.trim().is_empty() {
        return Ok(folded("", outside));
    }
    if folder.is_applicable(&text) != Some(true) {
        return Err("no event with a stack below it".to_owned());
    }
    let collapsed = folder.collapse(BufReader::new(text.as_bytes()), &mut out);
    collapsed.map_err(|error| error.to_string())?;
    Ok(folded(&String::from_utf8_lossy(&out), outside))
}

/// Folded stacks have no line that begins with space, and end in a number.
fn is_folded(text: &str) -> bool {
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
fn is_timed(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    let word = first.and_then(|line| line.split_once(' '));
    word.is_some_and(|(word, rest)| seconds(word).is_some() && rest.contains(' '))
}

/// Folded stacks with a time in front of each.
fn timed(text: &str, spans: &[(i64, i64)]) -> Stacks {
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

/// Spans in which a sample counts; without any, all count.
struct Spans<'s>(&'s [(i64, i64)]);

impl Spans<'_> {
    fn are_told(&self) -> bool {
        !self.0.is_empty()
    }

    fn hold(&self, ns: i64) -> bool {
        let inside = |(from, to): &(i64, i64)| (*from..=*to).contains(&ns);
        !self.are_told() || self.0.iter().any(inside)
    }
}

fn folded(text: &str, outside: Option<u64>) -> Stacks {
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

/// The samples of `perf script`'s output within the spans, and how many are not; all of them, and
/// nothing, where their times are not of the day.
fn within(text: &str, spans: &[(i64, i64)]) -> (String, Option<u64>) {
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

/// Nanoseconds of `1764254400.123456`.
fn seconds(word: &str) -> Option<i64> {
    let (whole, fraction) = word.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let nanoseconds: i64 = format!("{fraction:0<9.9}").parse().ok()?;
    whole.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
}

/// Samples in all, and in the kernel.
pub(super) fn count(stacks: &[(String, u64)]) -> (u64, u64) {
    stacks.iter().fold((0, 0), |(all, kernel), (stack, count)| {
        let inside = if stack.ends_with(";[user]") {
            0
        } else {
            *count
        };
        (all + count, kernel + inside)
    })
}

/// Samples in system calls.
pub(super) fn in_calls(stacks: &[(String, u64)]) -> u64 {
    let call = |stack: &str| {
        let first = stack.split(';').nth(1).unwrap_or_default();
        first.starts_with("entry_SYSCALL") || first == "do_syscall_64"
    };
    let calls = stacks.iter().filter(|(stack, _)| call(stack));
    calls.map(|(_, count)| count).sum()
}

/// The kernel's functions by their own samples, the hottest first.
pub(super) fn functions(stacks: &[(String, u64)]) -> Vec<HotFunction> {
    let (all, kernel) = count(stacks);
    let mut by: BTreeMap<&str, BTreeMap<Vec<&str>, u64>> = BTreeMap::new();
    for (stack, count) in stacks {
        let mut frames: Vec<&str> = stack.split(';').skip(1).collect();
        let Some(leaf) = frames.pop().filter(|leaf| *leaf != "[user]") else {
            continue;
        };
        frames.reverse();
        frames.truncate(CALLERS);
        *by.entry(leaf).or_default().entry(frames).or_default() += count;
    }
    let share = |samples: u64, of: u64| samples as f64 / of.max(1) as f64 * 100.0;
    let mut functions: Vec<HotFunction> = by
        .into_iter()
        .map(|(function, callers)| {
            let samples = callers.values().sum();
            let most = callers.into_iter().max_by_key(|(_, count)| *count);
            HotFunction {
                function: function.to_owned(),
                samples,
                share_pct: share(samples, all),
                kernel_pct: share(samples, kernel),
                callers: most
                    .map(|(frames, _)| frames.into_iter().map(str::to_owned).collect())
                    .unwrap_or_default(),
            }
        })
        .collect();
    functions.sort_by(|a, b| {
        b.samples
            .cmp(&a.samples)
            .then_with(|| a.function.cmp(&b.function))
    });
    functions.truncate(MOST);
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "nft  4711 [001] 1764254400.500000:    1003009 cpu-clock:pppH: \n\
        \tffffffff81000001 __nft_set_trans_bind.isra.0+0x10 ([kernel.kallsyms])\n\
        \tffffffff81000002 nf_tables_newrule+0x1 ([kernel.kallsyms])\n\
        \tffffffff81000003 entry_SYSCALL_64_after_hwframe+0x76 ([kernel.kallsyms])\n\
        \t    7f0000000001 __libc_sendmsg+0x1 (/usr/lib/libc.so.6)\n\n\
        nft  4711 [001] 1764254401.250000:    1003009 cpu-clock:pppH: \n\
        \t    7f0000000002 main+0x1 (/usr/sbin/nft)\n\n";

    #[test]
    fn what_perf_prints_is_folded_to_the_kernels_own() {
        let read = read(SCRIPT, &[]).unwrap();
        let wanted = [
            ("nft;[user]", 1),
            (
                "nft;entry_SYSCALL_64_after_hwframe;nf_tables_newrule;__nft_set_trans_bind",
                1,
            ),
        ];
        assert_eq!(read.all, wanted.map(|(stack, n)| (stack.to_owned(), n)));
        assert_eq!((read.outside, read.unread), (None, 0));
        assert_eq!((count(&read.all), in_calls(&read.all)), ((2, 1), 1));
        let [hot] = &functions(&read.all)[..] else {
            panic!("one function of the kernel");
        };
        assert_eq!((hot.share_pct, hot.kernel_pct), (50.0, 100.0));
        assert_eq!(
            hot.callers,
            ["nf_tables_newrule", "entry_SYSCALL_64_after_hwframe"]
        );
    }

    #[test]
    fn samples_outside_of_commits_are_left_out_where_the_clock_is_of_the_day() {
        const AT: i64 = 1_764_254_400_500_000_000;
        for (span, kept, outside) in [
            ((AT, AT), 1, Some(1)),
            ((AT + 1, AT + 2), 0, Some(2)),
            ((AT, AT + 750_000_000), 2, Some(0)),
        ] {
            let read = read(SCRIPT, &[span]).unwrap();
            assert_eq!(
                (count(&read.all).0, read.outside),
                (kept, outside),
                "{span:?}"
            );
        }
        // A clock that begins with the boot says nothing of a commit.
        let booted = SCRIPT.replace("17642544", "");
        let read = read(&booted, &[(AT, AT)]).unwrap();
        assert_eq!((count(&read.all).0, read.outside), (2, None));
    }

    #[test]
    fn of_folded_stacks_with_times_those_within_a_commit_count() {
        const AT: i64 = 1_764_254_400_500_000_000;
        let text = "1764254400.500000 nft;do_syscall_64;f 1\n1764254400.500001 nft;[user] 1\n\
                    1764254401.250000 nft;do_syscall_64;f 2\nnft;x 1\n";
        for (spans, kept, outside) in [
            (&[][..], 4, None),
            (&[(AT, AT)], 1, Some(3)),
            (&[(AT - 1, AT + 1000)], 2, Some(2)),
            (&[(AT + 1001, AT + 749_999_999)], 0, Some(4)),
            (
                &[(AT, AT), (AT + 750_000_000, AT + 750_000_000)],
                3,
                Some(1),
            ),
        ] {
            let read = read(text, spans).unwrap();
            let found = (count(&read.all).0, read.outside, read.unread);
            assert_eq!(found, (kept, outside, 1), "{spans:?}");
        }
    }

    #[test]
    fn folded_stacks_of_others_are_read_and_what_is_none_is_counted() {
        let text = "nft;main;entry_SYSCALL_64;f.constprop.0_[k] 3\nnft;main 2\nnft;x y\n";
        let read = read(text, &[]).unwrap();
        let wanted = [("nft;[user]", 2), ("nft;entry_SYSCALL_64;f", 3)];
        assert_eq!(read.all, wanted.map(|(stack, n)| (stack.to_owned(), n)));
        assert_eq!(read.unread, 1);
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in [
            "",
            "a\n\tb\n",
            "no profile at all, just words\nand more of them\n",
            "\t\n\n",
        ] {
            assert!(read(text, &[]).is_err(), "{text:?}");
        }
    }
}
