//! A fleet: distributions over its nodes, and the nodes that stand out.

use serde::Serialize;

use super::LineRef;

/// The layout of its JSON.
pub const FLEET_SCHEMA: u32 = 1;

/// Rows that a list of nodes has at most; beside it stands how many there are.
pub const MOST_NODES: usize = 50;

/// A fleet, as its data sets tell of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fleet {
    /// [`FLEET_SCHEMA`].
    pub schema: u32,
    /// The data sets.
    pub sets: Vec<String>,
    /// Runs in them; replays are none.
    pub runs: u64,
    /// Logs of these runs.
    pub logs: u64,
    /// Nodes, one for each run that it is in. A log without a node is its own.
    pub nodes: u64,
    /// Syncs of any outcome; one that several logs have is one.
    pub syncs: u64,
    /// What makes a group, beside mode and family.
    pub by: Vec<String>,
    /// The groups, that with the most syncs first.
    pub groups: Vec<FleetGroup>,
    /// How many nodes are far from the middle of their group's nodes.
    pub outlying: u64,
    /// Those furthest from it, the furthest first.
    pub outliers: Vec<OutlyingNode>,
    /// How many nodes had a sync that failed.
    pub failing: u64,
    /// Those with the most of them.
    pub most_failing: Vec<NodeCount>,
    /// How many nodes the kernel complained on: soft lockups, stalls, hung tasks.
    pub complaining: u64,
    /// Those with the most complaints.
    pub most_complaining: Vec<NodeCount>,
    /// How many nodes told of no sync.
    pub silent: u64,
    /// The first of them by name: run and node.
    pub silent_nodes: Vec<[String; 2]>,
}

/// Nodes that have in common what makes a group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FleetGroup {
    /// Its value of each of [`Fleet::by`]; absent where it is not known.
    pub values: Vec<Option<String>>,
    /// kube-proxy's mode; absent where its log does not say.
    pub mode: Option<String>,
    /// `IPv4`, `IPv6`, or absent: not said and not inferable.
    pub family: Option<String>,
    /// Its nodes, one for each run.
    pub nodes: u64,
    /// Syncs that failed.
    pub failed: u64,
    /// Syncs whose end no log tells.
    pub unfinished: u64,
    /// The middle over its nodes of the most endpoints that a sync of the node had; absent where no
    /// sync tells.
    pub endpoints: Option<f64>,
    /// Durations of all syncs that ended well; absent without any.
    pub syncs: Option<Durations>,
    /// Over its nodes: the middle of a node's durations.
    pub medians: Option<Durations>,
    /// Over its nodes: the longest of a node's durations.
    pub longest: Option<Durations>,
    /// Where the longest of all stands: node, and line.
    pub longest_at: Option<(String, LineRef)>,
}

/// How durations are spread, in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Durations {
    /// How many there are.
    pub n: u64,
    /// Arithmetic mean, exact.
    pub mean_s: f64,
    /// The shortest, exact.
    pub least_s: f64,
    /// 5th percentile.
    pub p5_s: f64,
    /// 25th percentile.
    pub p25_s: f64,
    /// Median.
    pub p50_s: f64,
    /// 75th percentile.
    pub p75_s: f64,
    /// 95th percentile.
    pub p95_s: f64,
    /// 99th percentile.
    pub p99_s: f64,
    /// The longest, exact.
    pub most_s: f64,
    /// How far a percentile may be off, as a share of itself; absent: they are exact.
    pub within: Option<f64>,
}

/// Which of a node's figures is far from its group's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeFigure {
    /// The middle of its durations.
    Median,
    /// The longest of them.
    Longest,
}

/// A node far from the middle of its group's nodes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutlyingNode {
    /// Its run.
    pub run: String,
    /// Its name.
    pub node: String,
    /// Place of its group in [`Fleet::groups`].
    pub group: usize,
    /// Which figure is far.
    pub figure: NodeFigure,
    /// That figure, in seconds.
    pub seconds: f64,
    /// How many times the middle of the group's nodes it is.
    pub times: f64,
    /// Modified z-score of its logarithm among the group's nodes.
    pub z: f64,
    /// Its syncs that ended well.
    pub syncs: u64,
    /// Complaints of its kernel.
    pub complaints: u64,
    /// Where its longest sync stands.
    pub longest_at: LineRef,
}

/// A node, and how many of something it had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeCount {
    /// Its run.
    pub run: String,
    /// Its name.
    pub node: String,
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: LineRef,
}
