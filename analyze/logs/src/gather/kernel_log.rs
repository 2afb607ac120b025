//! Kernel lines into complaints, and complaints into episodes.

use super::boot;
use super::inputs::Part;
use super::split::KernelLine;
use crate::parse::kernel::{Complaint, KernelSaid, WATCHDOG_UNIT_NS};
use crate::reading::{KernelEvent, KernelKind};

/// Callers of a function that are kept.
const CALLERS: usize = 3;
/// A report's registers and release stand within so many lines below its first.
const REPORT_LINES: u64 = 80;

/// The kernel's complaints, without times that only other lines tell; the releases that it names
/// go to the parts.
pub(super) fn assemble(lines: Vec<KernelLine>, parts: &mut [Part]) -> Vec<KernelEvent> {
    let mut events: Vec<KernelEvent> = Vec::new();
    for line in lines {
        let open = events
            .last_mut()
            .filter(|event| event.input == line.input && line.line - event.line <= REPORT_LINES);
        match line.said {
            KernelSaid::Event(complaint) => {
                let event = event(line.input, line.line, line.time, complaint);
                if !repeats(&events, &event) {
                    events.push(event);
                }
            }
            KernelSaid::Function(name) => {
                if let Some(event) = open
                    && event.function.is_none()
                {
                    event.function = Some(name);
                }
            }
            KernelSaid::Caller(name) => {
                if let Some(event) = open
                    && event.function.as_ref().is_some_and(|of| *of != name)
                    && event.callers.len() < CALLERS
                {
                    event.callers.push(name);
                }
            }
            KernelSaid::StalledCpu(cpu) => {
                if let Some(event) = open
                    && event.kind == KernelKind::RcuStall
                    && event.cpu.is_none()
                {
                    event.cpu = Some(cpu);
                }
            }
            KernelSaid::Release(release) => {
                if let Some(part) = parts.get_mut(line.input as usize)
                    && !part.releases.contains(&release)
                {
                    part.releases.push(release.clone());
                }
                if let Some(event) = open
                    && event.release.is_none()
                {
                    event.release = Some(release);
                }
            }
        }
    }
    events
}

/// What only all logs together tell of complaints: times by the boot, and episodes. They are put
/// in order, by input and line.
pub(super) fn settle(events: &mut [KernelEvent], parts: &[Part]) {
    events.sort_by_key(|event| (event.input, event.line));
    boot::give_times(events, parts);
    number_episodes(events);
}

fn event(input: u32, line: u64, time_ns: Option<i64>, complaint: Complaint) -> KernelEvent {
    let reported = complaint.reported;
    KernelEvent {
        input,
        line,
        kind: complaint.kind,
        cpu: complaint.cpu,
        comm: complaint.comm,
        pid: complaint.pid,
        reported,
        seconds: reported.and_then(|units| seconds(complaint.kind, units)),
        time_ns,
        uptime_s: complaint.uptime_s,
        function: None,
        callers: Vec::new(),
        release: None,
        episode: 0,
        during_sync: None,
    }
}

/// How long it was stuck, in real seconds. A soft lockup counts in units of 2^30 ns; the number
/// of a hung task is the threshold that it crossed, and no duration.
fn seconds(kind: KernelKind, reported: u64) -> Option<f64> {
    match kind {
        KernelKind::SoftLockup => Some(reported as f64 * WATCHDOG_UNIT_NS as f64 / 1e9),
        KernelKind::WorkqueueLockup => Some(reported as f64),
        KernelKind::HardLockup | KernelKind::RcuStall | KernelKind::HungTask => None,
    }
}

/// An emergency message also reaches consoles and terminals: the same words without a time, or
/// at the same time, shortly after.
fn repeats(events: &[KernelEvent], event: &KernelEvent) -> bool {
    event.reported.is_some()
        && events.iter().rev().take(8).any(|known| {
            known.input == event.input
                && (known.kind, known.cpu, known.pid, known.reported)
                    == (event.kind, event.cpu, event.pid, event.reported)
                && known.comm == event.comm
                && (event.time_ns.is_none() && event.uptime_s.is_none()
                    || (known.time_ns, known.uptime_s) == (event.time_ns, event.uptime_s))
        })
}

/// Seconds within which the kernel complains again of the same thing: each watchdog's period
/// (soft lockups 20-odd, workqueues 30, RCU three times 21, hung tasks 120), and a little more.
fn period_s(kind: KernelKind) -> f64 {
    match kind {
        KernelKind::SoftLockup | KernelKind::HardLockup | KernelKind::WorkqueueLockup => 35.0,
        KernelKind::RcuStall => 70.0,
        KernelKind::HungTask => 130.0,
    }
}

/// A counter's growth and the clock's may differ by so many seconds: reports come late.
const COUNTER_SLACK_S: f64 = 15.0;

/// Whether a report goes on from the last one of the same task on the same CPU: it follows
/// within the watchdog's period, or its counter grew by as much time as went by.
fn goes_on(last: &KernelEvent, event: &KernelEvent) -> bool {
    let named = event.cpu.is_some() || event.pid.is_some();
    let grown = match (last.seconds, event.seconds) {
        (Some(before), Some(now)) if now > before => Some(now - before),
        _ => None,
    };
    match elapsed_s(last, event) {
        Some(gap) => {
            named && (0.0..=period_s(event.kind)).contains(&gap)
                || grown.is_some_and(|grown| (gap - grown).abs() <= COUNTER_SLACK_S)
        }
        None => grown.is_some(),
    }
}

fn elapsed_s(last: &KernelEvent, event: &KernelEvent) -> Option<f64> {
    let by_uptime = last.uptime_s.zip(event.uptime_s).map(|(a, b)| b - a);
    by_uptime.or_else(|| {
        let (a, b) = last.time_ns.zip(event.time_ns)?;
        Some(b.saturating_sub(a) as f64 / 1e9)
    })
}

/// Numbers the episodes: reports that go on from one another are one.
fn number_episodes(events: &mut [KernelEvent]) {
    let mut next = 0;
    for at in 0..events.len() {
        let (before, rest) = events.split_at_mut(at);
        let Some(event) = rest.first_mut() else {
            continue;
        };
        let last = before.iter().rev().find(|known| {
            known.input == event.input
                && (known.kind, known.cpu, known.pid) == (event.kind, event.cpu, event.pid)
                && known.comm == event.comm
        });
        event.episode = match last {
            Some(last) if goes_on(last, event) => last.episode,
            _ => {
                next += 1;
                next - 1
            }
        };
    }
}
