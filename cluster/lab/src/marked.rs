//! The lab's processes, found by a mark in their environment that all they start inherits.
//!
//! A recorded process id may be another process's by now, and what dies before it is recorded is
//! lost. The mark is neither: it is there from the first instruction on, and goes with the
//! process.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::error::Error;

/// The variable whose value is the lab's name.
pub const VARIABLE: &str = "KUBE_PROXY_BENCH_LAB";
/// How long a killed process may take to go: one in the middle of a kernel transaction of nftables
/// ends only after it.
const LAST_BREATH: Duration = Duration::from_secs(60);

/// A process of a lab.
#[derive(Debug)]
pub struct Marked {
    /// Its id.
    pub pid: u32,
    /// The program's name and arguments.
    pub command: String,
    /// Memory in use that is its own, in KiB.
    pub resident_kib: u64,
    /// It, and never a successor of the same id.
    handle: OwnedFd,
}

/// The processes of a lab.
///
/// # Errors
/// Those of listing `/proc`.
pub fn processes(lab: &str) -> Result<Vec<Marked>, Error> {
    let proc = PathBuf::from("/proc");
    let entries = std::fs::read_dir(&proc).map_err(Error::io(&proc, "listing"))?;
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Ok(ids.filter_map(|id| marked(id, lab)).collect())
}

fn marked(id: u32, lab: &str) -> Option<Marked> {
    let pid = Pid::from_raw(id.try_into().ok()?)?;
    // First the handle, then the mark: what is read is then of the process that is held.
    let handle = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    let environment = std::fs::read(format!("/proc/{id}/environ")).ok()?;
    let mark = format!("{VARIABLE}={lab}");
    let has_mark = environment
        .split(|byte| *byte == 0)
        .any(|variable| variable == mark.as_bytes());
    has_mark.then(|| Marked {
        pid: id,
        command: command(id),
        resident_kib: resident(id),
        handle,
    })
}

fn command(id: u32) -> String {
    let bytes = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    let words = bytes.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    words.collect::<Vec<_>>().join(" ").trim_end().to_owned()
}

/// `RssAnon` of `/proc/PID/status`: what the process holds for itself, without the pages of
/// programs and files that it shares.
fn resident(id: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok())
        .unwrap_or(0)
}

/// Kills all processes of a lab and waits until they are gone. Returns how many there were.
///
/// # Errors
/// [`Error::Refused`] if one does not go.
pub fn kill_all(lab: &str) -> Result<usize, Error> {
    let own = std::process::id();
    let until = Instant::now() + LAST_BREATH;
    let mut killed = std::collections::BTreeSet::new();
    loop {
        // Again and again: a process may have started another one meanwhile.
        let living: Vec<Marked> = processes(lab)?
            .into_iter()
            .filter(|process| process.pid != own)
            .collect();
        let Some(first) = living.first() else {
            return Ok(killed.len());
        };
        if Instant::now() > until {
            let (pid, command) = (first.pid, &first.command);
            let problem = format!("process {pid} ({command}) does not end; `lab down` tries again");
            return Err(Error::Refused(problem));
        }
        for process in &living {
            // One that has ended meanwhile is what is wanted.
            if pidfd_send_signal(&process.handle, Signal::KILL).is_ok() {
                killed.insert(process.pid);
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
