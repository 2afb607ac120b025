//! Group against group, and claim against computation.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Independence, Outcome};

/// What a comparison shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The candidate is faster, and surely so.
    Faster,
    /// The candidate is slower, and surely so.
    Slower,
    /// Any difference is smaller than the margin that was asked for.
    Equivalent,
    /// None of these is shown.
    #[default]
    Undecided,
}

/// A candidate against the baseline.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// Identity of its study.
    pub study: String,
    /// The side compared against, the same in all comparisons of a study: the lowest release, or
    /// the first name in natural order, unless `--baseline` names it. Never chosen by outcome.
    pub baseline: String,
    /// The other side.
    pub candidate: String,
    /// Whether both are one kernel under two names, which is tested for nothing: it tells how far
    /// runs of the same kernel lie apart.
    pub same_kernel: bool,
    /// What is compared.
    pub outcome: Outcome,
    /// Whether only trials at a common scale were compared; steps of a ramp are always the same on
    /// both sides.
    pub matched: bool,
    /// Fewest and most endpoints among the trials compared.
    pub endpoints: Option<[u64; 2]>,
    /// Runs of baseline and candidate: what is independent.
    pub n: [usize; 2],
    /// Trials of baseline and candidate; of convergence, steps.
    pub n_trials: [usize; 2],
    /// The runs of baseline and candidate: places in `runs`; empty of convergence, whose runs
    /// `converged` names.
    pub runs: [Vec<usize>; 2],
    /// The trials of baseline and candidate: ids of `syncs`; of convergence, the syncs that
    /// carried the steps.
    pub trials: [Vec<usize>; 2],
    /// How runs are known to be runs of their own: the least sure of both sides.
    pub independence: Independence,
    /// Arithmetic means of the trials of baseline and candidate, in seconds; of convergence, of
    /// the runs.
    pub mean_s: [Option<f64>; 2],
    /// `(mean(baseline) - mean(candidate)) / mean(baseline) x 100` of these means: "73 % faster"
    /// in the published benchmark's words.
    pub improvement_pct: Option<f64>,
    /// `mean(baseline) / mean(candidate)`: how many times as fast.
    pub speedup: Option<f64>,
    /// The improvement by run, the centre of the interval: `100 (1 - ratio)` of the geometric means
    /// of runs, in pairs or free of drift where `ci_method` says so. Differs from
    /// `improvement_pct` where trials or runs scatter. Absent with one run on a side, as all that
    /// follows to `runs_needed`.
    pub by_run_pct: Option<f64>,
    /// Standard error of the natural logarithm of that ratio of geometric means.
    pub log_error: Option<f64>,
    /// 95 % interval of that improvement, in percent; of all looks together where repetitions went
    /// on until it was narrow.
    pub ci95_pct: Option<[f64; 2]>,
    /// 95 % interval of the speed-up.
    pub ci95_speedup: Option<[f64; 2]>,
    /// How the interval was made.
    pub ci_method: Option<String>,
    /// Blocks in which runs of both sides were made; absent where runs stand each for itself.
    pub blocks: Option<usize>,
    /// Degrees of freedom of Student's t.
    pub freedom: Option<f64>,
    /// Two-sided p-value of no difference, from the same t as the interval, below 0.05 exactly if
    /// that leaves out no difference; absent too in the
    /// scope that is not tested: a study tests its trials at matched scale where it has one, and
    /// all trials else, never both.
    pub p_value: Option<f64>,
    /// The same after Holm's correction over all that is tested in the study: convergence, and
    /// trials in one scope.
    pub p_holm: Option<f64>,
    /// The test.
    pub test: String,
    /// Two-sided p-value of an exact test that assumes no distribution: exchanges within blocks,
    /// or Mann-Whitney by run.
    pub exact_p: Option<f64>,
    /// That test.
    pub exact_test: Option<String>,
    /// The least that it can give with so many runs, however far apart they lie.
    pub exact_least_p: Option<f64>,
    /// Whether the difference is shown: p below 0.05 after correction, two runs a side or more,
    /// and runs known to be runs of their own.
    pub sure: bool,
    /// What the comparison shows.
    pub verdict: Verdict,
    /// `--margin`, in percent.
    pub margin_pct: Option<f64>,
    /// p-value of a difference smaller than the margin, by two one-sided tests, Holm-corrected.
    pub p_equivalent: Option<f64>,
    /// The 95 % interval leaves room for no difference larger than this, in percent of the
    /// baseline.
    pub largest_pct: Option<f64>,
    /// Runs a side that would tell a difference of 10 % in 80 of 100 experiments, by the scatter
    /// measured; absent where more than 10,000 would be needed.
    pub runs_needed: Option<usize>,
    /// Hodges-Lehmann shift baseline - candidate of run means, in seconds.
    pub shift_s: Option<f64>,
    /// Its 95 % interval, from the rank test's own distribution; absent where runs are too few for
    /// any.
    pub shift_ci95_s: Option<[f64; 2]>,
    /// Cliff's delta of run means: P(baseline > candidate) - P(baseline < candidate), -1 to 1.
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
    /// Whether the claim agrees with what was computed, to the digits it was published with;
    /// absent if nothing could be computed.
    pub holds: Option<bool>,
    /// `computed - claimed`.
    pub difference: Option<f64>,
    /// The same in percent of what was computed; absent too for claims in percent.
    pub difference_pct: Option<f64>,
    /// The trials that it was computed from: ids of `syncs`.
    pub trials: Vec<usize>,
}
