//! Studies, and the rule that chose their trials.

use schemars::JsonSchema;
use serde::Serialize;

use super::{NoiseFloor, Sequence, Trace};
use crate::plan::is_at;

/// Trials that may be compared with each other: those of one bundle, of a series of bundles,
/// or of all loose logs together.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Study {
    /// Identity, unique in the report and safe in a file name.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Identities of its bundles; empty for loose logs.
    pub bundles: Vec<String>,
    /// Names of its groups, the baseline first.
    pub groups: Vec<String>,
    /// The rule in force.
    pub rule: Rule,
    /// One sentence that says what this study shows.
    pub headline: String,
    /// What that sentence rests on.
    pub headline_from: Trace,
    /// What was found, a sentence each.
    pub findings: Vec<String>,
    /// What each finding rests on, in the same order.
    pub findings_from: Vec<Trace>,
    /// What it does not show, a sentence each.
    pub limitations: Vec<String>,
    /// Share of endpoints within which two scales count as one, in percent, and that scale;
    /// absent where no scale is common to all groups.
    pub matched_scale: Option<u64>,
    /// Net change of the trials at that scale that are compared, to within 2 % of the scale;
    /// absent where none of them tells it.
    pub matched_net_change: Option<i64>,
    /// Whether its runs change with time, whatever is compared; absent where they are too few, or
    /// were made at one time.
    pub drift: Option<Drift>,
    /// Where repetitions went on until intervals were narrow, and intervals and tests allow for the
    /// looks taken; absent where their number was fixed beforehand.
    pub sequence: Option<Sequence>,
    /// How far runs of one kernel lie apart; absent where it was not measured.
    pub noise_floor: Option<NoiseFloor>,
}

/// A straight drift of a study's runs, common to all its groups.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Drift {
    /// What it is by: `repetition` where runs were made in blocks, else `run`.
    pub per: String,
    /// Change of a run's duration from one to the next, in percent: below 0 where runs get faster.
    pub pct: f64,
    /// Its 95 % interval.
    pub ci95_pct: Option<[f64; 2]>,
    /// Two-sided p-value of no drift.
    pub p_value: Option<f64>,
    /// Runs that it was measured on: places in `runs`.
    pub runs: Vec<usize>,
}

/// The rule that makes a sync a trial.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Rule {
    /// The rule in words.
    pub text: String,
    /// The family it selects: `IPv4`, `IPv6`, `all`.
    pub family: String,
    /// Endpoints at full scale; absent where no sync tells any, or bundles differ in it: then
    /// each one's own counts, and `text` says so.
    pub target_endpoints: Option<u64>,
    /// Where the target comes from: `workload` or `largest seen`.
    pub target_from: String,
    /// Fewest endpoints of a trial.
    pub min_endpoints: Option<u64>,
    /// Most endpoints of a trial.
    pub max_endpoints: Option<u64>,
    /// Syncs that the rule was applied to.
    pub syncs: u64,
    /// Syncs that it accepted.
    pub trials: u64,
    /// Syncs that it left out, by clause, in the order in which clauses are tried.
    pub left_out: Vec<LeftOut>,
}

/// A clause of the rule and how many syncs it left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeftOut {
    /// The clause, as in a sync's `why_not`.
    pub clause: String,
    /// Syncs left out by it, and by no earlier clause.
    pub syncs: u64,
}

/// Whether two endpoint counts are one scale to a reader.
#[must_use]
pub fn same_scale(least: u64, most: u64) -> bool {
    is_at(least, most)
}
