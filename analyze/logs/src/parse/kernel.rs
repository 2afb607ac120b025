//! The kernel's complaints: lockups, RCU stalls, hung tasks, in all printed forms.
//!
//! A report begins its line, after what a log puts before it, and ends it: a sentence that
//! quotes one is none.
//!
//! Source: Linux `kernel/watchdog.c`, `kernel/workqueue.c`, `kernel/rcu/tree_stall.h`,
//! `kernel/hung_task.c`.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::clock::{self, At};
use crate::reading::KernelKind;

/// What a kernel line says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum KernelSaid {
    /// A complaint begins.
    Event(Complaint),
    /// A function that was running, in the report of the last complaint.
    Function(String),
    /// A function on the stack of what was running.
    Caller(String),
    /// The kernel's release, in a report or at boot.
    Release(String),
    /// The CPU that an RCU stall is about, on the line below it.
    StalledCpu(u32),
}

/// A complaint.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Complaint {
    pub(crate) kind: KernelKind,
    pub(crate) cpu: Option<u32>,
    pub(crate) comm: Option<String>,
    pub(crate) pid: Option<u64>,
    pub(crate) reported: Option<u64>,
    pub(crate) at: At,
    pub(crate) uptime_s: Option<f64>,
}

/// Nanoseconds in the unit of "stuck for": `running_clock() >> 30`.
pub(crate) const WATCHDOG_UNIT_NS: u64 = 1 << 30;

/// One of these stands in every line that is sought: most texts are told apart by one search.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::new([
        "soft lockup - CPU#",
        "hard LOCKUP on cpu ",
        "workqueue lockup - pool ",
        "INFO: ",
        "+0x",
        " #",
        "Linux version ",
        "GPs behind) idle=",
        "ticks this GP) idle=",
    ])
    .ok()
});

/// Reads a line of a kernel log; `at` is what its wrapper tells of the time.
pub(crate) fn read(line: &[u8], at: At) -> Option<KernelSaid> {
    if WORDS.as_ref().is_some_and(|words| !words.is_match(line)) {
        return None;
    }
    let text = String::from_utf8_lossy(line);
    lockup(&text, at)
        .or_else(|| hard_lockup(&text, at))
        .or_else(|| workqueue_lockup(&text, at))
        .or_else(|| stall(&text, at))
        .or_else(|| hung(&text, at))
        .map(KernelSaid::Event)
        .or_else(|| function(&text).map(KernelSaid::Function))
        .or_else(|| release(&text).map(KernelSaid::Release))
        .or_else(|| caller(&text).map(KernelSaid::Caller))
        .or_else(|| stalled_cpu(&text).map(KernelSaid::StalledCpu))
}

/// ```text
/// [13823.963595] watchdog: BUG: soft lockup - CPU#22 stuck for 335s! [nft:257620]
/// [Sat Nov 29 10:00:26 2025] watchdog: BUG: soft lockup - CPU#22 stuck for 335s! [nft:257620]
/// NMI watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [kworker/0:3:370]
/// ```
fn lockup(text: &str, at: At) -> Option<Complaint> {
    let (before, rest) = split_report(text, "BUG: soft lockup - CPU#")?;
    let (cpu, rest) = number(rest)?;
    let (reported, rest) = number(rest.strip_prefix(" stuck for ")?)?;
    let rest = rest.strip_prefix("s!")?.trim();
    // comm may hold colons and brackets of its own: `kworker/0:3:370`, `runc:[1:CHILD]:185318`.
    let task = match rest {
        "" => None,
        named => Some(
            named
                .strip_prefix('[')?
                .strip_suffix(']')?
                .rsplit_once(':')?,
        ),
    };
    let pid = match task {
        Some((_, pid)) => Some(pid.parse().ok()?),
        None => None,
    };
    Some(Complaint {
        cpu: u32::try_from(cpu).ok(),
        comm: task.map(|(comm, _)| comm.to_owned()),
        pid,
        reported: Some(reported),
        ..complaint(KernelKind::SoftLockup, before, at)
    })
}

/// ```text
/// watchdog: Watchdog detected hard LOCKUP on cpu 3
/// NMI watchdog: Watchdog detected hard LOCKUP on cpu 3
/// watchdog: CPU0: Watchdog detected hard LOCKUP on cpu 3
/// ```
fn hard_lockup(text: &str, at: At) -> Option<Complaint> {
    let (before, rest) = text.split_once("Watchdog detected hard LOCKUP on cpu ")?;
    let before = before.trim_end();
    // The CPU that looked, which newer kernels name.
    let before = match before.rsplit_once("CPU") {
        Some((known, cpu)) if number(cpu).is_some_and(|(_, rest)| rest == ":") => known,
        _ => before,
    };
    let before = printed(before)?;
    let (cpu, rest) = number(rest)?;
    // Old kernels printed no end of line here.
    (rest.trim().is_empty() || rest.starts_with("Modules linked in")).then_some(())?;
    Some(Complaint {
        cpu: u32::try_from(cpu).ok(),
        ..complaint(KernelKind::HardLockup, before, at)
    })
}

/// ```text
/// BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 331s!
/// BUG: workqueue lockup - pool cpus=0-3 flags=0x4 nice=0 stuck for 31s!
/// ```
/// The CPU is that of a pool with one; the seconds are real ones.
fn workqueue_lockup(text: &str, at: At) -> Option<Complaint> {
    let (before, rest) = split_report(text, "BUG: workqueue lockup - pool ")?;
    let (pool, rest) = rest.rsplit_once(" stuck for ")?;
    let (reported, rest) = number(rest)?;
    (rest.trim() == "s!").then_some(())?;
    let cpus = pool
        .split_whitespace()
        .find_map(|one| one.strip_prefix("cpus="));
    Some(Complaint {
        cpu: cpus.and_then(|cpus| cpus.parse().ok()),
        reported: Some(reported),
        ..complaint(KernelKind::WorkqueueLockup, before, at)
    })
}

fn complaint(kind: KernelKind, before: &str, at: At) -> Complaint {
    Complaint {
        kind,
        cpu: None,
        comm: None,
        pid: None,
        reported: None,
        at: time(before, at),
        uptime_s: uptime(before),
    }
}

/// ```text
/// [ 3267.743574] rcu: INFO: rcu_preempt self-detected stall on CPU
/// [ 3267.743574] rcu: INFO: rcu_sched detected stalls on CPUs/tasks:
/// INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...D } 21 jiffies s: 1
/// INFO: rcu_sched self-detected stall on CPU
/// ```
fn stall(text: &str, at: At) -> Option<Complaint> {
    let (before, rest) = split_report(text, "INFO: rcu_")?;
    let stalls = ["detected stall", "detected expedited stall"];
    stalls
        .iter()
        .any(|words| rest.contains(words))
        .then(|| complaint(KernelKind::RcuStall, before, at))
}

/// ```text
/// [ 4000.000001] INFO: task kube-proxy:1234 blocked for more than 122 seconds.
/// [ 4000.000001] INFO: task kube-proxy:1234 blocked in I/O wait for more than 122 seconds.
/// ```
fn hung(text: &str, at: At) -> Option<Complaint> {
    let (before, rest) = split_report(text, "INFO: task ")?;
    let (task, rest) = rest
        .split_once(" blocked for more than ")
        .or_else(|| rest.split_once(" blocked in I/O wait for more than "))?;
    let (reported, rest) = number(rest)?;
    (rest.trim() == "seconds." || rest.trim() == "seconds").then_some(())?;
    let (comm, pid) = task.rsplit_once(':')?;
    Some(Complaint {
        comm: Some(comm.to_owned()),
        pid: Some(pid.parse().ok()?),
        reported: Some(reported),
        ..complaint(KernelKind::HungTask, before, at)
    })
}

/// What stands before and after a report's first words, if a log could have put it there.
fn split_report<'t>(text: &'t str, words: &str) -> Option<(&'t str, &'t str)> {
    let (before, rest) = text.split_once(words)?;
    Some((printed(before)?, rest))
}

/// What a log puts before the kernel's words, without the kernel's own `watchdog:` and `rcu:`;
/// nothing if it is a sentence.
fn printed(before: &str) -> Option<&str> {
    let mut left = before.trim_end();
    for own in ["rcu:", "watchdog:", "NMI"] {
        left = left.strip_suffix(own).unwrap_or(left).trim_end();
    }
    let last = left.rsplit(char::is_whitespace).next().unwrap_or(left);
    let clock = |c: char| c.is_ascii_digit() || ":.,+-TZ".contains(c);
    let digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let stamped = last.ends_with(']') && digit(left);
    let timed = digit(last) && last.contains(':') && last.chars().all(clock);
    // Syslog's tag, a console's prompt, the priority of /dev/kmsg.
    let tagged = ["kernel:", "klogd:", "login:"]
        .iter()
        .any(|tag| last.ends_with(tag));
    let priority = last.starts_with('<') && last.ends_with('>') && digit(last);
    // A file's name, as grep prints it.
    let file = last == left.trim_start() && last.ends_with(':') && last.contains(['.', '/']);
    (last.is_empty() || stamped || timed || tagged || priority || file).then_some(left)
}

/// ```text
/// RIP: 0010:__nft_set_trans_bind.isra.0+0x64/0x90 [nf_tables]
/// pc : nf_tables_newset+0xa94/0xdb8 [nf_tables]
/// ```
/// `RIP: 0033:` is an address in user space.
fn function(text: &str) -> Option<String> {
    let rest = match text.split_once("RIP: 0010:") {
        Some((_, rest)) => rest,
        None => text.split_once("pc : ")?.1,
    };
    let (name, _) = rest.trim_start().split_once("+0x")?;
    function_name(name)
}

/// What the compiler made of a function is the function still.
fn function_name(name: &str) -> Option<String> {
    let name = [".isra.", ".constprop.", ".part.", ".cold"]
        .iter()
        .fold(name, |name, mark| name.split(mark).next().unwrap_or(name));
    (!name.is_empty() && !name.contains(' ')).then(|| name.to_owned())
}

/// ```text
///  nf_tables_bind_set+0x132/0x180 [nf_tables]
///  ? nf_tables_register_hook.part.0+0x100/0x100 [nf_tables]
/// ```
/// A frame with `?` is a guess, and none.
fn caller(text: &str) -> Option<String> {
    let line = text.trim_end();
    let line = line.strip_suffix(']').map_or(line, |with_module| {
        with_module.rsplit_once(" [").map_or(line, |(line, _)| line)
    });
    let mut words = line.split_whitespace().rev();
    let (name, at) = words.next()?.split_once("+0x")?;
    let (offset, size) = at.split_once("/0x")?;
    let hex = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    let sure = words.next() != Some("?");
    (hex(offset) && hex(size) && sure)
        .then(|| function_name(name))
        .flatten()
}

/// ```text
/// CPU: 22 PID: 257620 Comm: nft Tainted: G             L     6.1.144 #1
/// CPU: 22 UID: 0 PID: 96465 Comm: nft Not tainted 6.12.55 #1
/// Linux version 6.1.144 (builder@host) ...
/// ```
fn release(text: &str) -> Option<String> {
    let token = if let Some((_, rest)) = text.split_once("Linux version ") {
        rest.split_whitespace().next()?
    } else if text.contains(" Comm: ") || text.contains("ainted: ") || text.contains("Not tainted")
    {
        text.rsplit_once(" #")?.0.split_whitespace().next_back()?
    } else {
        return None;
    };
    let dotted = token
        .split('.')
        .take(2)
        .all(|part| part.bytes().next().is_some_and(|b| b.is_ascii_digit()));
    (dotted && token.contains('.')).then(|| token.to_owned())
}

/// ```text
/// rcu: \t10-....: (1 GPs behind) idle=f3b/1/0x4000000000000000 softirq=1/2 fqs=3
/// \t10-....: (59923 ticks this GP) idle=...
/// ```
fn stalled_cpu(text: &str) -> Option<u32> {
    let (before, rest) = text.split_once(": (")?;
    let counted = rest.contains("GPs behind) idle=") || rest.contains("ticks this GP) idle=");
    let (before, _) = before.rsplit_once('-')?;
    let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    counted
        .then(|| before[before.len() - digits..].parse().ok())
        .flatten()
}

/// `[13823.963595]`, `[ 3267.7][ T96465]`: seconds of uptime.
fn uptime(before: &str) -> Option<f64> {
    before.split('[').skip(1).find_map(|part| {
        let (number, _) = part.split_once(']')?;
        let number = number.trim();
        (number.contains('.') && number.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
            .then(|| number.parse().ok())?
    })
}

/// What the line itself tells of the time, else what its wrapper did.
fn time(before: &str, at: At) -> At {
    if !matches!(at, At::Never) {
        return at;
    }
    let bytes = before.as_bytes();
    let inside = memchr::memchr(b'[', bytes).map(|open| &bytes[open + 1..]);
    [Some(bytes), inside]
        .into_iter()
        .flatten()
        .find_map(|text| {
            clock::ctime(text)
                .or_else(|| clock::rfc3339(text))
                .map(|(ns, _)| At::Known(ns))
                .or_else(|| clock::syslog(text).map(|(moment, _)| At::Yearless(moment)))
        })
        .unwrap_or(At::Never)
}

fn number(text: &str) -> Option<(u64, &str)> {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests;
