//! Ablations: what a piece of the kernel costs, by loading the same transactions with and without
//! it.

use schemars::JsonSchema;
use serde::Serialize;

use super::LineRef;

/// One kernel's nf_tables in several builds, each of which loaded the same cold transactions.
/// Seconds are the clock's: under the instruction clock a second is a billion instructions.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Ablation {
    /// The kernel's upstream version where known, else its release.
    pub kernel: String,
    /// `uname -r`.
    pub kernel_release: String,
    /// `nftables` or `iptables`.
    pub mode: String,
    /// Who wrote the transactions so.
    pub shape: String,
    /// Endpoints of each Service.
    pub endpoints_per_service: u64,
    /// `instructions` or `wall`.
    pub clock: String,
    /// What the builds were made from, and with.
    pub source: String,
    /// The builds: the distribution's own, the same built again, then one edit after another.
    pub builds: Vec<AblationBuild>,
    /// What each edit takes away of the control's quadratic part, and what is left.
    pub parts: Vec<AblationPart>,
    /// Largest difference between the distribution's own build and the control, in percent;
    /// absent where either has no figure.
    pub control_off_pct: Option<f64>,
}

/// A build and how its time grows.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AblationBuild {
    /// `stock`, `control`, or the names of its edits with `+` between them.
    pub name: String,
    /// What its last edit changes; empty without one.
    pub says: String,
    /// Services and seconds in the kernel, by size.
    pub points: Vec<[f64; 2]>,
    /// Seconds of the part that grows with the Services, at 1,000; absent with fewer than three
    /// sizes.
    pub linear_s: Option<f64>,
    /// Seconds of the part that grows with their square, at 1,000; likewise.
    pub quadratic_s: Option<f64>,
    /// Largest distance of a point from the curve, in percent of the point; likewise.
    pub worst_pct: Option<f64>,
    /// Exponent between the two largest sizes: log(time ratio) / log(size ratio); absent with one.
    pub exponent: Option<f64>,
    /// Its lines in `replays.csv`.
    pub lines: Vec<LineRef>,
}

/// A share of the control's quadratic part.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AblationPart {
    /// The edit's name; `rest`: what no edit takes away.
    pub name: String,
    /// What the edit changes; empty for the rest.
    pub says: String,
    /// Seconds at 1,000 Services.
    pub quadratic_s: f64,
    /// Share of the control's quadratic part, in percent.
    pub share_pct: f64,
}
