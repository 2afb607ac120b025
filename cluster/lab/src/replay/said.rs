//! What a guest says while it loads a transaction.

use std::time::{Duration, Instant};

use bundle::Outcome;
use transaction::Mode;

use super::job::Job;

/// What the kernel says when something is wrong with it.
const COMPLAINTS: [&str; 6] = [
    "soft lockup",
    "WARNING:",
    "BUG:",
    "Oops",
    "detected stall",
    "blocked for more than",
];

/// What was said of the load of one piece.
#[derive(Debug, Default)]
pub(super) struct Load {
    began: Option<Instant>,
    /// Processor time of the loader.
    pub(super) all_ns: Option<u64>,
    /// The part of it in system calls.
    pub(super) kernel_ns: Option<u64>,
    pub(super) wall_s: Option<f64>,
    pub(super) peak_kib: Option<u64>,
    pub(super) kernel_memory_kib: Option<i64>,
}

/// What a guest has said so far.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) loader: String,
    /// A load of each piece that was begun.
    pub(super) loads: Vec<Load>,
    /// What takes samples says of itself.
    pub(super) sampler: String,
    /// Stacks, a line each.
    pub(super) stacks: String,
    /// Chains, rules, sets, elements; or chains alone; empty: not counted.
    pub(super) counts: Vec<u64>,
    pub(super) complaints: u64,
    /// How the kernel marks its nf_tables: with an `O` if it is not of the kernel's own build.
    pub(super) taint: String,
    pub(super) booted: bool,
    pub(super) done: bool,
    /// Its console is closed.
    pub(super) ended: bool,
    /// It was ended after this long.
    pub(super) late: Option<Duration>,
    /// No guest: this machine's own kernel.
    pub(super) on_host: bool,
    refused: Option<String>,
    unsupported: Option<String>,
    /// The last lines of the console, for where it ends badly.
    last: Vec<String>,
}

impl Load {
    /// Time outside of system calls.
    pub(super) fn outside_ns(&self) -> Option<u64> {
        let (all, kernel) = (self.all_ns?, self.kernel_ns?);
        all.checked_sub(kernel)
    }

    fn say(&mut self, key: &str, numbers: &[u64]) {
        match (key, numbers) {
            ("loaded", _) => self.wall_s = self.began.map(|at| at.elapsed().as_secs_f64()),
            // Microseconds: all, and by the ticks of the clock outside the kernel and inside.
            ("cpu", [all, _, _]) => self.all_ns = Some(all * 1000),
            // Microseconds in system calls, and how many there were.
            ("calls", [inside, _]) => self.kernel_ns = Some(inside * 1000),
            ("lost", [lost]) if *lost > 0 => self.kernel_ns = None,
            // On this machine: nanoseconds by the wall; microseconds outside the kernel and inside.
            ("wall", [ns]) => self.wall_s = Some(*ns as f64 / 1e9),
            ("rusage", [user, system]) => {
                self.all_ns = Some((user + system) * 1000);
                self.kernel_ns = Some(system * 1000);
            }
            ("peak", [kib]) => self.peak_kib = Some(*kib),
            ("memory", [before, after]) => {
                self.kernel_memory_kib = after.checked_signed_diff(*before);
            }
            _ => {}
        }
    }
}

impl Said {
    /// Takes a line of the console.
    pub(super) fn line(&mut self, line: &str) {
        let Some((_, said)) = line.split_once("#replay ") else {
            self.complaints += u64::from(COMPLAINTS.iter().any(|words| line.contains(words)));
            self.last.push(line.to_owned());
            if self.last.len() > 5 {
                self.last.remove(0);
            }
            return;
        };
        let (key, value) = said.split_once(' ').unwrap_or((said, ""));
        let numbers: Vec<u64> = value
            .split_whitespace()
            .filter_map(|n| n.parse().ok())
            .collect();
        if key == "loading" {
            self.loads.push(Load {
                began: Some(Instant::now()),
                ..Load::default()
            });
            return;
        }
        if let Some(load) = self.loads.last_mut() {
            load.say(key, &numbers);
        }
        match (key, numbers.as_slice()) {
            ("version", _) => self.loader = value.to_owned(),
            ("taint", _) => value.clone_into(&mut self.taint),
            ("booted", _) => self.booted = true,
            ("sampler", _) => value.clone_into(&mut self.sampler),
            ("stack", _) => {
                self.stacks.push_str(value);
                self.stacks.push('\n');
            }
            ("counts", counts) => self.counts = counts.to_vec(),
            ("refused", _) => self.refused = Some(value.to_owned()),
            ("unsupported", _) => self.unsupported = Some(value.to_owned()),
            ("done", _) => self.done = true,
            _ => {}
        }
    }

    /// Samples in all, and those in the kernel.
    pub(super) fn samples(&self) -> (u64, u64) {
        let lines = self.stacks.lines().filter_map(|line| {
            let (stack, count) = line.rsplit_once(' ')?;
            Some((stack, count.parse::<u64>().ok()?))
        });
        lines.fold((0, 0), |(all, kernel), (stack, count)| {
            let inside = if stack.ends_with(";[user]") { 0 } else { count };
            (all + count, kernel + inside)
        })
    }

    /// How it ended, and why where it did not end well.
    pub(super) fn outcome(&self, job: &Job) -> (Outcome, String) {
        if let Some(words) = &self.unsupported {
            let problem = format!("the kernel has no nf_tables that can be used: {words}");
            return (Outcome::Unsupported, problem);
        }
        if let Some(words) = &self.refused {
            return (Outcome::Refused, of_file(words, job));
        }
        if self.counts.is_empty() || !self.done {
            let what = if self.on_host {
                "the load"
            } else {
                "the guest"
            };
            let how = match (self.ended, self.late) {
                (true, _) => "ended".to_owned(),
                (false, None) => "said nothing more".to_owned(),
                (false, Some(patience)) => format!(
                    "was not done within --patience ({} s) and was ended",
                    patience.as_secs()
                ),
            };
            let when = if self.booted {
                "while it loaded"
            } else {
                "before it was up"
            };
            let last = match self.last.is_empty() {
                true if self.booted => "it said nothing of why".to_owned(),
                true => "it said not a word: is this a kernel that QEMU can boot?".to_owned(),
                false => format!("its last words: {}", self.last.join(" | ")),
            };
            return (Outcome::Silent, format!("{what} {how} {when}; {last}"));
        };
        let made = &job.ledger;
        let wanted = match job.mode {
            Mode::Nftables => [
                made.table_chains,
                made.table_rules,
                made.table_sets,
                made.table_elements,
            ],
            Mode::Iptables => [made.table_chains, made.table_rules, 0, 0],
        };
        if !wanted.starts_with(&self.counts) {
            let problem = format!(
                "chains, rules, sets, elements: the kernel has {:?}, the file makes {wanted:?}",
                self.counts
            );
            return (Outcome::Mismatch, problem);
        }
        (Outcome::Ok, String::new())
    }
}

/// What the loader said, with the file's name in place of the one that it was loaded by:
/// `/replay/load.1:2:5-9: Error: ...` of the whole is line 2 of the file.
fn of_file(words: &str, job: &Job) -> String {
    let (file, said) = words.split_once(' ').unwrap_or((words, ""));
    let name = match (file, job.is_cut()) {
        ("prepare", _) => job.row.after.clone(),
        (_, false) => job.row.transaction.clone(),
        (piece, true) => format!(
            "{}, piece {}",
            job.row.transaction,
            piece.trim_start_matches("load.")
        ),
    };
    let said = said.replace(&format!("/replay/{file}"), &name);
    let said = said.replace(&format!("{file}:"), &format!("{name}:"));
    match said.contains(&name) {
        true => said,
        // iptables-restore says the line alone.
        false => format!("{name}: {said}"),
    }
}
