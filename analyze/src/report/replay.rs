//! Replays: the same transaction on one kernel after another, without a cluster.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Ablation, LineRef};

/// A bundle of replays. Seconds are the clock's: under the instruction clock a second is a
/// billion instructions.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Replay {
    /// Identity, unique in the report and safe in a file name.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Its path as given.
    pub path: String,
    /// Kernels, the earliest release first.
    pub kernels: Vec<String>,
    /// What was loaded.
    pub transactions: Vec<ReplayedTransaction>,
    /// What each kernel took for each: one row a transaction, kernel, clock and splitting.
    pub figures: Vec<ReplayFigure>,
    /// How the kernel's time grows with the number of Services.
    pub costs: Vec<ReplayCost>,
    /// Kernels by who writes the rules, of one load; absent where there are not two of each.
    pub factors: Option<TwoFactors>,
    /// Loads that were cut into several transactions.
    pub splits: Vec<SplitCurve>,
    /// Kernels that loaded the same transactions with pieces of nf_tables changed.
    pub ablations: Vec<Ablation>,
    /// What was found, a sentence each.
    pub findings: Vec<String>,
    /// What the figures rest on or leave out, a sentence each.
    pub notes: Vec<String>,
}

/// A transaction and its ledger: what was counted in the file, without a kernel.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReplayedTransaction {
    /// Its name.
    pub name: String,
    /// `nftables` or `iptables`.
    pub mode: String,
    /// Who wrote it so: `kube-proxy-1.32`, `captured`, `own`.
    pub shape: String,
    /// Services, where known.
    pub services: Option<u64>,
    /// Endpoints of each, where known.
    pub endpoints_per_service: Option<u64>,
    /// What had been loaded before it; empty: the table was empty.
    pub after: String,
    /// Endpoints of each Service before it; absent: the table was empty.
    pub from_replicas: Option<u64>,
    /// Bytes of the file.
    pub bytes: u64,
    /// Commands in it.
    pub commands: u64,
    /// New anonymous sets and maps: A.
    pub anonymous_maps: u64,
    /// Entries of the kernel's transaction: T.
    pub entries: u64,
    /// A x T: how often an entry is passed where the kernel walks all of them for each new map.
    pub maps_times_entries: u64,
    /// Sets in the table afterwards: N.
    pub table_sets: u64,
    /// Its line in `transactions.csv`.
    pub line: u64,
}

/// What a kernel took for a transaction.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReplayFigure {
    /// The transaction: a place in `transactions`.
    pub transaction: usize,
    /// The kernel's upstream version where known, else its release.
    pub kernel: String,
    /// `uname -r`.
    pub kernel_release: String,
    /// `instructions` or `wall`.
    pub clock: String,
    /// On what it ran.
    pub host: String,
    /// Transactions that the change was cut into; 1: none.
    pub pieces: u32,
    /// Repetitions.
    pub n: usize,
    /// Seconds in the kernel, all pieces: the median of the repetitions.
    pub kernel_s: f64,
    /// Seconds of the loader outside the kernel, likewise.
    pub user_s: Option<f64>,
    /// The longest piece's seconds in the kernel: what others wait for at one stretch.
    pub longest_s: f64,
    /// Largest against smallest repetition, in percent; absent with one.
    pub spread_pct: Option<f64>,
    /// Whether the same load gives the same figure again: it counts instructions.
    pub exact: bool,
    /// `kernel_s` against that of the earliest kernel that took the same load by the same clock.
    pub ratio: Option<f64>,
    /// Its lines in `replays.csv`.
    pub lines: Vec<LineRef>,
}

/// A load on one kernel, whole and cut into several transactions.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SplitCurve {
    /// The load: a place in `transactions`.
    pub transaction: usize,
    /// Places in `figures`, by number of transactions.
    pub figures: Vec<usize>,
    /// That of these which takes the least: a place in `figures`.
    pub best: usize,
    /// How much less it takes than the load in one transaction, in percent.
    pub saves_pct: f64,
    /// How much shorter the longest of its transactions is than that one, in percent.
    pub longest_saves_pct: f64,
}

/// How the kernel's time of a cold transaction grows with the number of Services: a part that
/// grows as they do, and a part that grows with their square.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReplayCost {
    /// The kernel, as in `figures`.
    pub kernel: String,
    /// `nftables` or `iptables`.
    pub mode: String,
    /// Who wrote the transactions so.
    pub shape: String,
    /// `instructions` or `wall`.
    pub clock: String,
    /// Endpoints of each Service.
    pub endpoints_per_service: u64,
    /// Services and seconds in the kernel, by size.
    pub points: Vec<[f64; 2]>,
    /// Seconds of the linear part at 1,000 Services.
    pub linear_s: f64,
    /// Seconds of the quadratic part at 1,000 Services.
    pub quadratic_s: f64,
    /// Largest distance of a point from the curve, in percent of the point.
    pub worst_pct: f64,
}

/// The same cold load on several kernels, as several kube-proxies and modes write it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TwoFactors {
    /// Services.
    pub services: u64,
    /// Endpoints of each.
    pub endpoints_per_service: u64,
    /// Kernels that took the load of every writer, the earliest release first.
    pub kernels: Vec<String>,
    /// Who writes the rules.
    pub writers: Vec<RuleWriter>,
    /// Places in `figures`: a row a kernel, a column a writer.
    pub cells: Vec<Vec<usize>>,
    /// The last kernel's time against the first one's, by writer.
    pub ratios: Vec<f64>,
    /// The largest of these against the smallest: 1 where what the kernel changes does not depend
    /// on who writes the rules.
    pub interaction: f64,
}

/// Who writes rules.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RuleWriter {
    /// `nftables` or `iptables`.
    pub mode: String,
    /// Which kube-proxy: `kube-proxy-1.32`.
    pub shape: String,
}
