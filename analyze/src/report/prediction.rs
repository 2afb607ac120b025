//! What a load would take, and what an upgrade would give.

use serde::Serialize;

/// A load that nobody ran, and what it would take.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// The kernel that it is told for.
    pub kernel: String,
    /// Whose rules they are: `kube-proxy-1.32`.
    pub shape: String,
    /// What the load carries.
    pub load: PredictedLoad,
    /// Work of the kernel.
    pub work: Work,
    /// What that rests on.
    pub basis: Basis,
    /// Seconds of real syncs, by each cost model of that kernel.
    pub seconds: Vec<PredictedSeconds>,
    /// What one change would give, the best first.
    pub upgrades: Vec<Upgrade>,
    /// Which of them pay first: places in `upgrades`. Several: their intervals overlap, so that
    /// they cannot be told apart; none: none is told apart from what is now.
    pub first: Vec<usize>,
    /// What is left out or assumed, a sentence each.
    pub notes: Vec<String>,
}

/// What a load carries.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PredictedLoad {
    /// Services, where that was asked.
    pub services: Option<u64>,
    /// Endpoints of each.
    pub endpoints_per_service: Option<u64>,
    /// Entries of the kernel's transaction: T.
    pub entries: f64,
    /// New anonymous sets and maps: A.
    pub anonymous_maps: f64,
    /// Sets in the table afterwards: N.
    pub table_sets: f64,
}

/// Work of the kernel, in billions of instructions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Work {
    /// The expected work.
    pub billion: f64,
    /// Where it is likely to lie.
    pub range: [f64; 2],
    /// The part that grows with the entries.
    pub linear_billion: f64,
    /// The part that grows with maps times entries and maps times sets.
    pub quadratic_billion: f64,
}

/// The loads that a model was fitted to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Basis {
    /// Cold loads of that kernel, of all shapes.
    pub loads: usize,
    /// Bundles that they are in.
    pub bundles: Vec<String>,
    /// Fewest and most entries of those of this shape.
    pub entries: [u64; 2],
    /// Endpoints of each Service that were loaded in this shape.
    pub endpoints_per_service: Vec<u64>,
    /// How far the largest of these is from what those of at most half its entries predict, in
    /// percent; absent with fewer than three smaller ones.
    pub check_pct: Option<f64>,
    /// Instructions for each entry, for each map times entry, for each map times set.
    pub instructions: [f64; 3],
}

/// Seconds of a sync.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictedSeconds {
    /// Identity of the study.
    pub study: String,
    /// The group.
    pub group: String,
    /// The expected seconds of a sync that carries all of it.
    pub seconds: f64,
    /// Where 95 of 100 such syncs are expected.
    pub likely_s: [f64; 2],
    /// Syncs and runs that it rests on.
    pub syncs: usize,
    /// Likewise.
    pub runs: usize,
    /// Fewest and most endpoints of these.
    pub endpoints: [u64; 2],
}

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UpgradeKind {
    /// Another kernel.
    Kernel,
    /// Another kube-proxy.
    KubeProxy,
    /// The same change in several transactions.
    Splitting,
}

/// One change alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Upgrade {
    /// What is changed.
    pub kind: UpgradeKind,
    /// To what.
    pub to: String,
    /// The kernel's work then, in billions of instructions.
    pub billion: f64,
    /// Where that is likely to lie.
    pub range: [f64; 2],
    /// How much less, in percent; below 0: more.
    pub saves_pct: f64,
    /// The longest single transaction then: what everybody else waits for at one stretch.
    pub longest_billion: f64,
}
