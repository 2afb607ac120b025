//! What a kube-proxy's own histograms say: its metrics, where no log was kept.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Warning;

/// What was read of metrics.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metrics {
    /// Of all kube-proxies together, one a measure.
    pub together: Vec<Measured>,
    /// Of each kube-proxy, measure and IP family.
    pub each: Vec<Measured>,
    /// What could not be read, and what is doubtful.
    pub warnings: Vec<Warning>,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// A sync of rules, failed ones too.
    Sync,
    /// Those that wrote all rules.
    FullSync,
    /// Those that wrote only what had changed.
    PartialSync,
    /// From a change of endpoints to the rules for it, for each object.
    NetworkProgramming,
    /// Syncs whose rules the kernel's tools refused. Only counted.
    Failure,
}

/// What a histogram gained between the first scrape and the last.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// What was measured.
    pub measure: Measure,
    /// The kube-proxy, by its labels or its file; none of several.
    pub kube_proxy: Option<String>,
    /// `IPv4` or `IPv6`; none where the metrics tell both together.
    pub ip_family: Option<String>,
    /// The labels that it was scraped with.
    pub labels: BTreeMap<String, String>,
    /// kube-proxies that it is of.
    pub kube_proxies: usize,
    /// How many.
    pub n: u64,
    /// How many failed; none where that was not scraped.
    pub failed: Option<u64>,
    /// All durations together, in seconds.
    pub sum_s: Option<f64>,
    /// `sum_s / n`: exact, whatever the buckets.
    pub mean_s: Option<f64>,
    /// Where the median lies.
    pub p50: Option<Within>,
    /// Where the 90th percentile lies.
    pub p90: Option<Within>,
    /// Where the 99th percentile lies.
    pub p99: Option<Within>,
    /// Where the longest lies: in its bucket or, behind the last one, within what the others leave of
    /// the sum.
    pub longest: Option<Within>,
    /// What is longer than the histogram reaches.
    pub beyond: Option<BeyondBuckets>,
    /// How many in each bucket, not cumulated.
    pub buckets: Vec<Bucket>,
    /// Of which time it is.
    pub window: Window,
}

/// From one bound to the other; of a bucket, more than the lower one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Within {
    /// The lower bound, in seconds.
    pub above_s: f64,
    /// The upper bound, in seconds; none behind the last bucket.
    pub up_to_s: Option<f64>,
}

/// How many lie in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bucket {
    /// Its bounds.
    #[serde(flatten)]
    pub within: Within,
    /// How many.
    pub n: u64,
}

/// What is longer than the largest bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BeyondBuckets {
    /// The largest bound, in seconds.
    pub bound_s: f64,
    /// How many are longer.
    pub n: u64,
    /// Between what their mean lies, in seconds: what the others leave of the sum.
    pub mean_s: Option<[f64; 2]>,
}

/// Of which time something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Scrapes that it rests on.
    pub scrapes: usize,
    /// Whether it is all since kube-proxy's start: one scrape, nothing to take off.
    pub since_start: bool,
    /// The first scrape's time, RFC 3339; none if it was not told.
    pub first: Option<String>,
    /// The last scrape's.
    pub last: Option<String>,
    /// Where the first scrape stands: `input:line`, or `input data.result[N]`.
    pub first_at: String,
    /// Where the last one stands.
    pub last_at: String,
    /// Restarts of kube-proxy between scrapes: what it measured between the last scrape before one and
    /// the restart is in none.
    pub restarts: usize,
}
