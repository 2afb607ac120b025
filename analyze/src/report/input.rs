//! What was read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// A log.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct InputFacts {
    /// Its path as given, with `/`.
    pub path: String,
    /// Identity of its bundle; absent for a loose log.
    pub bundle: Option<String>,
    /// How lines were wrapped: `klog`, `cri` ...
    pub transport: String,
    /// Lines in it.
    pub lines: u64,
    /// Bytes in it, uncompressed.
    pub bytes: u64,
    /// Lines that look like what is sought and could not be read.
    pub malformed_lines: u64,
    /// The same by reason.
    pub malformed: BTreeMap<String, u64>,
    /// Kernel release of its node.
    pub kernel: Option<String>,
    /// Where the kernel release is from.
    pub kernel_from: Option<String>,
    /// Its node.
    pub node: Option<String>,
    /// kube-proxy's mode.
    pub mode: Option<String>,
    /// kube-proxy's version.
    pub kube_proxy: Option<String>,
    /// Process starts seen.
    pub starts: u64,
    /// Whether kube-proxy ran at a verbosity that prints no sync.
    pub verbosity_too_low: bool,
    /// Syncs read from it.
    pub syncs: u64,
    /// First time stamp, RFC 3339.
    pub first: Option<String>,
    /// Last time stamp, RFC 3339.
    pub last: Option<String>,
}

/// A bundle.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BundleFacts {
    /// Identity: its directory's name, made unique.
    pub id: String,
    /// Its path as given, with `/`.
    pub path: String,
    /// The run's own identity.
    pub run_id: String,
    /// Identity of its study.
    pub study: String,
    /// Series it belongs to.
    pub series: Option<String>,
    /// `recorded`, or `rebuilt from ...`.
    pub origin: String,
    /// Whether its capture is complete.
    pub complete: bool,
    /// Why not.
    pub incomplete_reasons: Vec<String>,
    /// When the run began, RFC 3339.
    pub started: String,
    /// When it ended.
    pub finished: Option<String>,
    /// `ramp`, `churn`, `cold-start`.
    pub scenario: Option<String>,
    /// Services.
    pub services: Option<u64>,
    /// Replicas, step by step.
    pub replicas: Vec<u64>,
    /// The API server's version.
    pub server_version: Option<String>,
    /// Who runs the cluster.
    pub provider: Option<String>,
    /// Its nodes.
    pub nodes: Vec<NodeFacts>,
    /// Gaps in its captures.
    pub gaps: u64,
    /// Remarks that came with it.
    pub notes: Vec<String>,
    /// The driver's actions, in order.
    pub timeline: Vec<Action>,
}

/// An action of the driver: a row of `timeline.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Action {
    /// Its line.
    pub line: u64,
    /// When, RFC 3339.
    pub time: String,
    /// What: `scale`, `endpoints`, `settled` ...
    pub action: String,
    /// About what, for people.
    pub detail: String,
    /// What was asked for, in the action's own unit.
    pub requested: Option<f64>,
    /// What had been reached, in the same unit.
    pub achieved: Option<f64>,
    /// Replicas that a `scale` asked for.
    pub replicas: Option<u64>,
}

/// A node of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NodeFacts {
    /// Name.
    pub name: String,
    /// Kernel release.
    pub kernel: Option<String>,
    /// OS image.
    pub os_image: Option<String>,
    /// Instance type.
    pub instance_type: Option<String>,
    /// Architecture.
    pub architecture: Option<String>,
    /// kube-proxy's version.
    pub kube_proxy: Option<String>,
    /// kube-proxy's mode.
    pub mode: Option<String>,
    /// kube-proxy's verbosity.
    pub verbosity: Option<u32>,
    /// kube-proxy's minSyncPeriod.
    pub min_sync_period: Option<String>,
}
