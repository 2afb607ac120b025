//! A side of a comparison.

use schemars::JsonSchema;
use serde::Serialize;

/// A group's trials, summarised. Durations are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Group {
    /// Identity of its study.
    pub study: String,
    /// Its name: a kernel version unless `--group-by` says otherwise.
    pub name: String,
    /// Trials.
    pub n: usize,
    /// Arithmetic mean; absent if n = 0, as all the following.
    pub mean_s: Option<f64>,
    /// Median.
    pub median_s: Option<f64>,
    /// Sample standard deviation; absent if n < 2.
    pub sd_s: Option<f64>,
    /// Coefficient of variation, `sd / mean`; absent if n < 2.
    pub cv: Option<f64>,
    /// Shortest trial.
    pub min_s: Option<f64>,
    /// Longest trial.
    pub max_s: Option<f64>,
    /// 5th percentile (type 7).
    pub p5_s: Option<f64>,
    /// 25th percentile.
    pub p25_s: Option<f64>,
    /// 75th percentile.
    pub p75_s: Option<f64>,
    /// 95th percentile.
    pub p95_s: Option<f64>,
    /// 95 % bootstrap interval of the mean; absent if n < 2.
    pub ci95_s: Option<[f64; 2]>,
    /// How the interval was made.
    pub ci_method: Option<String>,
    /// Of 100 such intervals this many hold the true mean, as measured by simulation: below 95
    /// where trials are few.
    pub ci95_coverage_pct: Option<f64>,
    /// 95 % interval of the mean by Student's t, beside it; absent if n < 2.
    pub t95_s: Option<[f64; 2]>,
    /// Fewest and most endpoints among the trials.
    pub endpoints: Option<[u64; 2]>,
    /// Mean build time of trials that tell it.
    pub build_mean_s: Option<f64>,
    /// Mean commit time of trials that tell it.
    pub commit_mean_s: Option<f64>,
    /// The trials: ids of `syncs`, by start.
    pub trials: Vec<usize>,
    /// Trials far from the group's median (modified z-score above 3.5): ids of `syncs`.
    pub outliers: Vec<usize>,
}
