//! A row of `profiles.csv`: where a kernel's time went while it loaded a transaction.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Clock;

/// One load that was sampled. It is not a measurement, and no measurement is ever sampled: taking
/// the samples is time of the kernel's too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
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
    /// The upstream version that the release is built from, where the release does not say it.
    #[serde(default)]
    pub kernel_version: String,
    /// What counted the time.
    pub clock: Clock,
    /// On what it ran.
    pub host: String,
    /// What took the samples: `perf version 6.1.187, cpu-clock`.
    pub sampler: String,
    /// Samples a second of the clock. So many samples in system calls, beside the measurement of
    /// the same load, say what taking them costs.
    pub frequency_hz: u32,
    /// Samples of the loader, in the kernel and outside.
    pub samples: u64,
    /// Those in the kernel.
    pub kernel_samples: u64,
    /// The stacks in the directory `profiles`: a line each, the caller first, functions with `;`
    /// between them, then a space and how many samples. A stack outside the kernel is the
    /// loader's name and `[user]`.
    pub file: String,
}
