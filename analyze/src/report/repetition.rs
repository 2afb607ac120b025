//! What repetitions of one set-up were planned for.

use schemars::JsonSchema;
use serde::Serialize;

/// Repetitions that went on until intervals were narrow (`lab bench --until-width`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Sequence {
    /// Percentage points that each candidate's interval may span.
    pub width_pct: f64,
    /// Repetitions made.
    pub repetitions: u32,
    /// Repetitions planned at most.
    pub at_most: u32,
    /// Which look at the data this is, from 1: one after each repetition since the first look.
    pub look: u32,
    /// The level of this look, a part of 0.05: an interval of this study is one of `1 - level`,
    /// and the intervals of all looks together hold the truth in 95 of 100.
    pub level: f64,
    /// Percentage points that the widest interval of what leads spans: convergence where a timeline
    /// tells of steps, else trials; absent where a side has one run.
    pub widest_pct: Option<f64>,
}

/// How far runs of one kernel lie apart under two names (`lab bench --aa`).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct NoiseFloor {
    /// The kernel.
    pub kernel: String,
    /// The smallest difference to trust here, in percent: the 95 % interval of the difference of
    /// the two names reaches no further.
    pub pct: f64,
    /// That difference by run, and its interval; absent where only the bundles tell of the floor,
    /// and the runs that it was measured on are not among what was read.
    pub measured_pct: Option<f64>,
    /// The interval.
    pub ci95_pct: Option<[f64; 2]>,
    /// Runs under each name.
    pub runs: [usize; 2],
}
