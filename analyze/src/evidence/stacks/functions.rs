//! The kernel's functions in stacks.

use std::collections::BTreeMap;

use crate::report::HotFunction;

/// Functions that are kept.
const MOST: usize = 40;
/// Callers of each.
const CALLERS: usize = 8;

/// Samples in all, and in the kernel.
pub(in crate::evidence) fn count(stacks: &[(String, u64)]) -> (u64, u64) {
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
pub(in crate::evidence) fn in_calls(stacks: &[(String, u64)]) -> u64 {
    let call = |stack: &str| {
        let first = stack.split(';').nth(1).unwrap_or_default();
        first.starts_with("entry_SYSCALL") || first == "do_syscall_64"
    };
    let calls = stacks.iter().filter(|(stack, _)| call(stack));
    calls.map(|(_, count)| count).sum()
}

/// The kernel's functions by their own samples, the hottest first.
pub(in crate::evidence) fn functions(stacks: &[(String, u64)]) -> Vec<HotFunction> {
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
