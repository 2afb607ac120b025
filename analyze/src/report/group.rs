//! A side of a comparison.

use schemars::JsonSchema;
use serde::Serialize;

/// A group's trials, summarised. Durations are in seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Group {
    /// Identity of its study.
    pub study: String,
    /// Its name: a kernel version unless `--group-by` says otherwise.
    pub name: String,
    /// Runs that have a trial: what is independent. Trials of one run are the same measured again.
    pub n: usize,
    /// Trials.
    pub n_trials: usize,
    /// The runs: places in `runs`, by start.
    pub runs: Vec<usize>,
    /// Mean seconds of each run's trials in this scope, in the order of `runs`.
    pub run_means_s: Vec<f64>,
    /// How much runs scatter: standard deviation of the logarithms of their means, close to their
    /// coefficient of variation where small; absent if n < 2.
    pub run_scatter: Option<f64>,
    /// Arithmetic mean of the trials; absent if n = 0, as all the following.
    pub mean_s: Option<f64>,
    /// Median.
    pub median_s: Option<f64>,
    /// Sample standard deviation of the trials; absent with fewer than two.
    pub sd_s: Option<f64>,
    /// Coefficient of variation, `sd / mean`; absent with fewer than two trials.
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
    /// 95 % interval of a typical run: Student's t on the logarithms of run means, so that it is
    /// one of their geometric mean; absent if n < 2.
    pub ci95_s: Option<[f64; 2]>,
    /// How the interval was made.
    pub ci_method: Option<String>,
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

impl Group {
    /// A group of which nothing is known.
    #[must_use]
    pub fn nothing(study: &str, name: &str) -> Self {
        Self {
            study: study.to_owned(),
            name: name.to_owned(),
            ..Self::default()
        }
    }
}
