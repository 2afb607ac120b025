//! A row of `replays.csv`: a transaction loaded on a kernel.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One load of a transaction, or of one piece of a transaction that was split.
///
/// The figures at the end are there only where it was loaded; each is none where it could not be
/// had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// When it ended, by this machine's clock.
    #[serde(rename = "time_utc")]
    pub time: DateTime<Utc>,
    /// What was loaded: a name in `transactions.csv`.
    pub transaction: String,
    /// What had been loaded before it on the same kernel; empty: an empty table.
    #[serde(default)]
    pub after: String,
    /// `uname -r` of the kernel.
    pub kernel_release: String,
    /// `6.1`, `6.12`.
    pub kernel_series: String,
    /// The upstream version that the release is built from, such as `6.1.192`, where the release
    /// itself does not say it.
    #[serde(default)]
    pub kernel_version: String,
    /// What counted the time.
    pub clock: Clock,
    /// On what it ran: `qemu 10.0.8` under the instruction clock, else the processor's model.
    pub host: String,
    /// What loaded it: `nft 1.0.6`, `iptables-restore 1.8.9 (nf_tables)`.
    #[serde(default)]
    pub loader: String,
    /// Which repetition, from 1.
    pub repetition: u32,
    /// Which piece of a transaction that was split, from 1.
    pub piece: u32,
    /// Pieces that the transaction was split into; 1: not split.
    pub pieces: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// What the loader or the kernel said where it did not end well; empty otherwise.
    #[serde(default)]
    pub problem: String,
    /// The loader's processor time outside of system calls, in nanoseconds of the clock. Under the
    /// instruction clock a nanosecond is one instruction. Page faults count here.
    pub user_ns: Option<u64>,
    /// The loader's time in system calls, likewise: what the kernel does with the transaction.
    pub kernel_ns: Option<u64>,
    /// Elapsed time of the load, likewise: user and kernel time, and what other threads of the
    /// kernel did meanwhile.
    pub elapsed_ns: Option<u64>,
    /// Seconds of this machine's wall clock, of the load alone.
    pub wall_s: Option<f64>,
    /// The loader's largest resident memory in KiB.
    pub peak_memory_kib: Option<u64>,
    /// Growth of the kernel's memory over the load in KiB; it can shrink.
    pub kernel_memory_kib: Option<i64>,
    /// Chains in the table afterwards.
    pub chains_after: Option<u64>,
    /// Rules in the table afterwards.
    pub rules_after: Option<u64>,
    /// Sets in the table afterwards, anonymous ones and maps among them.
    pub sets_after: Option<u64>,
    /// Elements in those sets.
    pub elements_after: Option<u64>,
    /// Complaints of the kernel during the load: soft lockups, stalls, warnings.
    pub complaints: Option<u64>,
    /// The build of nf_tables in that kernel: a name in `builds.csv`; empty: the distribution's.
    #[serde(default)]
    pub build: String,
}

/// What counted the time of a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Instructions executed, one a nanosecond: the same figure each time, on any machine. It does
    /// not see caches.
    Instructions,
    /// A processor's own time.
    Wall,
}

/// How a load ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was loaded, and the counts afterwards are what the file makes.
    Ok,
    /// The loader or the kernel said no; `problem` has the words, with the line.
    Refused,
    /// It was loaded, but the counts afterwards are not what the file makes.
    Mismatch,
    /// The kernel has no nf_tables.
    Unsupported,
    /// The guest went silent or ended before it was done.
    Silent,
}
