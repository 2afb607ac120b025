//! Group against group, and claim against computation.

use schemars::JsonSchema;
use serde::Serialize;

/// A candidate against the baseline.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// Identity of its study.
    pub study: String,
    /// The side compared against, the same in all comparisons of a study: the slowest, at matched
    /// scale where there is one, unless `--baseline` names it.
    pub baseline: String,
    /// The other side.
    pub candidate: String,
    /// Whether only trials at a common scale were compared.
    pub matched: bool,
    /// Fewest and most endpoints among the trials compared.
    pub endpoints: Option<[u64; 2]>,
    /// Trials of baseline and candidate.
    pub n: [usize; 2],
    /// The trials of baseline and candidate: ids of `syncs`.
    pub trials: [Vec<usize>; 2],
    /// Means of baseline and candidate, in seconds.
    pub mean_s: [Option<f64>; 2],
    /// `(mean(baseline) - mean(candidate)) / mean(baseline) x 100`: "73 % faster" in the
    /// published benchmark's words.
    pub improvement_pct: Option<f64>,
    /// `mean(baseline) / mean(candidate)`: how many times as fast.
    pub speedup: Option<f64>,
    /// 95 % bootstrap interval of the improvement.
    pub ci95_pct: Option<[f64; 2]>,
    /// How that interval was made.
    pub ci_method: Option<String>,
    /// Of 100 such intervals this many hold the true improvement, as measured by simulation:
    /// below 95 where trials are few.
    pub ci95_coverage_pct: Option<f64>,
    /// 95 % interval of the improvement by Welch's t on the logarithm of the ratio of means,
    /// beside it.
    pub welch95_pct: Option<[f64; 2]>,
    /// 95 % bootstrap interval of the speed-up.
    pub ci95_speedup: Option<[f64; 2]>,
    /// Two-sided p-value; absent if a side has no trial.
    pub p_value: Option<f64>,
    /// The same after Holm's correction over all candidates of the study.
    pub p_holm: Option<f64>,
    /// The test and how it was computed.
    pub test: String,
    /// Smallest p-value that trials of these numbers can reach, however far apart they lie.
    pub smallest_p: Option<f64>,
    /// Trials a side that could reach p < 0.05.
    pub trials_needed: Option<usize>,
    /// Hodges-Lehmann shift baseline - candidate, in seconds.
    pub shift_s: Option<f64>,
    /// Its 95 % interval, from the test's own distribution; absent where trials are too few for
    /// any.
    pub shift_ci95_s: Option<[f64; 2]>,
    /// Cliff's delta: P(baseline > candidate) - P(baseline < candidate), -1 to 1.
    pub cliffs_delta: Option<f64>,
    /// What must be known before the comparison is believed.
    pub warnings: Vec<String>,
}

/// A published figure beside the computed one.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClaimCheck {
    /// Identity of the study whose trials it was checked against.
    pub study: String,
    /// The claim in its author's words.
    pub text: String,
    /// Where it was published.
    pub source: Option<String>,
    /// `mean_s`, `median_s`, `improvement_pct` or `speedup`.
    pub quantity: String,
    /// What it is of: a group, or `baseline -> candidate`.
    pub subject: String,
    /// `all` or `matched`.
    pub scope: String,
    /// The claimed value.
    pub claimed: f64,
    /// Largest difference at which the claim holds.
    pub tolerance: f64,
    /// The computed value; absent if there are no trials to compute it from.
    pub computed: Option<f64>,
    /// Whether the claim holds; absent if nothing could be computed.
    pub holds: Option<bool>,
    /// The trials that it was computed from: ids of `syncs`.
    pub trials: Vec<usize>,
}
