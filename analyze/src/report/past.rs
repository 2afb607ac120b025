//! Figures of runs over time, and where they changed.

use serde::Serialize;

/// Fewest runs of a series in which a change can be told.
pub const FEWEST_RUNS: usize = 6;

/// A figure of one kind of run, over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PastSeries {
    /// The figure: `mean`, the mean of a run's trials, or `convergence`, the mean of its ramp's steps.
    pub figure: String,
    /// What it is of: the kernel's series, like `6.12`.
    pub of: String,
    /// The load, like `ramp 500x30 nftables`: only runs of one load stand in one series.
    pub load: String,
    /// The runs, oldest first.
    pub points: Vec<PastPoint>,
    /// Where it changed, oldest first.
    pub changes: Vec<PastChange>,
    /// Fewer runs than a change can be told in.
    pub too_few: bool,
}

impl PastSeries {
    /// Its name in conditions: `mean(6.12)`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}({})", self.figure, self.of)
    }
}

/// A run's figure: a row of the history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PastPoint {
    /// When the run began, RFC 3339.
    pub time: String,
    /// The run's own identity.
    pub run: String,
    /// The figure, in seconds.
    pub seconds: f64,
    /// Kernel release.
    pub kernel: String,
    /// kube-proxy's version.
    pub kube_proxy: String,
    /// OS image.
    pub image: String,
    /// The name that `--name` gave its runs, if any.
    pub name: String,
    /// Its line in the history.
    pub line: u64,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PastChange {
    /// Place in `points` of the first run behind it.
    pub at: usize,
    /// Geometric mean of the runs since the change before, in seconds.
    pub before_s: f64,
    /// The same of the runs up to the next change.
    pub after_s: f64,
    /// `(after - before) / before x 100`.
    pub change_pct: f64,
    /// Share of shuffled series that differ as much somewhere.
    pub p_value: f64,
    /// What is not the same in the runs on its two sides: what, before, after.
    pub beside: Vec<[String; 3]>,
}
