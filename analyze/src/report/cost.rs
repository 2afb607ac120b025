//! What a sync costs, by what it carries.

use schemars::JsonSchema;
use serde::Serialize;

/// What seconds are paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostTerm {
    /// Each sync, however little changed.
    Sync,
    /// Each endpoint that it changed: the size of its net change.
    ChangedEndpoint,
    /// Each endpoint in all.
    Endpoint,
    /// Each million of changed Services times entries carried: the kernel walks a transaction
    /// for each Service that changed. Both are estimated from the log: at most as many Services
    /// as endpoints changed, and each with all its endpoints.
    ServicesTimesEntries,
}

/// What one unit of a term costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct UnitCost {
    /// The term.
    pub term: CostTerm,
    /// Seconds for each.
    pub seconds: f64,
    /// 95 % interval.
    pub ci95_s: Option<[f64; 2]>,
}

/// A term whose cost these syncs do not tell from that of others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct UntoldTerm {
    /// The term.
    pub term: CostTerm,
    /// How closely it follows the terms of the model, 0 to 1.
    pub correlation: f64,
}

/// A model checked by leaving one run out at a time; of more than fifty, a fiftieth of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CostCheck {
    /// Runs.
    pub runs: usize,
    /// Half of the syncs are off by no more, in percent.
    pub median_pct: f64,
    /// 9 of 10 are off by no more.
    pub p90_pct: f64,
}

/// A sync beside its model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CostPoint {
    /// Id of the sync.
    pub sync: usize,
    /// Its seconds.
    pub seconds: f64,
    /// The model's.
    pub model_s: f64,
}

/// What a sync costs in one group: `seconds = sum of unit costs x units`, none below 0.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostModel {
    /// Identity of the study.
    pub study: String,
    /// The group.
    pub group: String,
    /// The terms that these syncs tell apart.
    pub terms: Vec<UnitCost>,
    /// The others.
    pub untold: Vec<UntoldTerm>,
    /// Covariance of the terms' seconds, in their order.
    pub covariance: Vec<Vec<f64>>,
    /// Degrees of freedom of Student's t.
    pub freedom: f64,
    /// How much syncs scatter about the model, as a share of it.
    pub scatter: f64,
    /// Whether intervals are those of runs; else of one or two runs' syncs, and no other's.
    pub by_run: bool,
    /// Runs.
    pub runs: usize,
    /// Syncs that it rests on.
    pub syncs: usize,
    /// Fewest and most endpoints of these: outside, the model is an extrapolation.
    pub endpoints: [u64; 2],
    /// Fewest and most endpoints changed.
    pub changed: [u64; 2],
    /// Leaving one run out; absent with one.
    pub check: Option<CostCheck>,
    /// Syncs beside the model, evenly taken if there are many.
    pub points: Vec<CostPoint>,
}
