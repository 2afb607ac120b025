//! What a call of [`crate::read`] gives back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sync::Backend;
use crate::syncs::Syncs;

/// Everything read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The logs; a file with several pods or headings in it counts as several.
    pub inputs: Vec<Input>,
    /// The syncs, by input and time.
    pub syncs: Syncs,
    /// Kernel complaints, by input and line.
    pub kernel_events: Vec<KernelEvent>,
    /// What a reader must know.
    pub warnings: Vec<Warning>,
}

/// A log, or the part of a file that is one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Input {
    /// Path as given, with `/`.
    pub path: String,
    /// The part of the file: a pod, or a heading.
    pub section: Option<String>,
    /// How lines are wrapped, `+`-joined in order of frequency: `klog`, `cri` ...
    pub transport: String,
    /// Lines, complete or not.
    pub lines: u64,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Lines that look like what is sought and could not be read, by reason.
    pub malformed: BTreeMap<Fault, Count>,
    /// Kernel release and where it is from.
    pub kernel: Option<(String, KernelFrom)>,
    /// Node.
    pub node: Option<String>,
    /// Mode.
    pub backend: Option<Backend>,
    /// kube-proxy's version, as it logs it or as the source's hints have it.
    pub version: Option<String>,
    /// `--v`, if the log tells.
    pub verbosity: Option<u32>,
    /// Process starts seen.
    pub starts: u32,
    /// Whether sync durations are visible.
    pub visibility: Visibility,
    /// First and last time stamp, nanoseconds since the epoch.
    pub span_ns: Option<(i64, i64)>,
    /// Whether the year was guessed from the file's modification time.
    pub year_guessed: bool,
    /// Lines dropped because the same line was read before.
    pub duplicates: u64,
    /// Whether it was given as a kernel log.
    pub kernel_log: bool,
}

/// A number of lines and the first of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// How many.
    pub lines: u64,
    /// The first, from 1.
    pub first: u64,
}

/// Why a line that looks like what is sought could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fault {
    /// A complete message without `elapsed`, or with one that is no duration.
    NoDuration,
    /// A message without its numbers.
    NoCounts,
    /// A JSON line that is no JSON.
    BadJson,
    /// A line that no time stamp precedes.
    NoTime,
    /// A message like kube-proxy's from some other program.
    LookAlike,
    /// A line cut in the middle, as at the end of an excerpt.
    Cut,
    /// A line longer than 16 MB: passed over.
    TooLong,
}

impl Fault {
    /// The reason in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NoDuration => "no readable elapsed",
            Self::NoCounts => "no readable numServices and numEndpoints",
            Self::BadJson => "not valid JSON",
            Self::NoTime => "no time stamp",
            Self::LookAlike => "another program's message",
            Self::Cut => "cut in the middle",
            Self::TooLong => "longer than 16 MB",
        }
    }
}

/// Where a kernel release is from, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KernelFrom {
    /// The user's `--label`.
    Label,
    /// The bundle's manifest.
    Bundle,
    /// `kubectl get nodes -o json`.
    Metadata,
    /// The node's kernel log.
    KernelLog,
    /// A heading in the file.
    Heading,
    /// The file's path.
    Path,
}

impl KernelFrom {
    /// Its name in reports.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Bundle => "bundle",
            Self::Metadata => "metadata",
            Self::KernelLog => "kernel log",
            Self::Heading => "heading",
            Self::Path => "path",
        }
    }
}

/// Whether a log can hold sync durations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visibility {
    /// It holds some.
    Seen,
    /// kube-proxy speaks, at a verbosity that prints none; the flag to set is `--v=N`.
    TooLow(u32),
    /// kube-proxy speaks, at a sufficient verbosity, and completed no sync.
    NoSync,
    /// Nothing of kube-proxy's is in it.
    #[default]
    Nothing,
}

/// A complaint of the kernel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KernelEvent {
    /// Place of its log in [`Reading::inputs`].
    pub input: u32,
    /// Line, from 1.
    pub line: u64,
    /// What it is.
    pub kind: KernelKind,
    /// CPU.
    pub cpu: Option<u32>,
    /// The task's command.
    pub comm: Option<String>,
    /// The task's process id.
    pub pid: Option<u64>,
    /// The number as printed. A soft lockup's unit is 2^30 ns; see [`KernelEvent::seconds`].
    pub reported: Option<u64>,
    /// How long it was stuck in real seconds: `reported x 2^30 ns` for a soft lockup
    /// (`kernel/watchdog.c`, `get_timestamp`), `reported` itself for a workqueue lockup. None
    /// for a hung task: its number is the threshold that it crossed.
    pub seconds: Option<f64>,
    /// When it was printed, nanoseconds since the epoch, if the line tells.
    pub time_ns: Option<i64>,
    /// Seconds of uptime, if the line tells.
    pub uptime_s: Option<f64>,
    /// The kernel function that was running.
    pub function: Option<String>,
    /// The functions that called it, the nearest first: three at most.
    pub callers: Vec<String>,
    /// The kernel release in the report.
    pub release: Option<String>,
    /// Which episode of the reading it belongs to, from 0: reports of one task on one CPU with
    /// a growing counter, or each shortly after the one before, are one.
    pub episode: u32,
    /// The sync during which it happened: a place in [`Reading::syncs`].
    pub during_sync: Option<usize>,
}

/// The kind of a kernel complaint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KernelKind {
    /// `watchdog: BUG: soft lockup`.
    SoftLockup,
    /// `Watchdog detected hard LOCKUP`.
    HardLockup,
    /// `BUG: workqueue lockup`: work queued on a CPU that did not get to run.
    WorkqueueLockup,
    /// `rcu: INFO: ... stall`.
    RcuStall,
    /// `INFO: task ... blocked for more than`.
    HungTask,
}

/// Something that a reader must know about an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// A stable name.
    pub code: &'static str,
    /// What is the matter.
    pub message: String,
    /// Path of the input.
    pub input: Option<String>,
    /// Its line, from 1.
    pub line: Option<u64>,
}
