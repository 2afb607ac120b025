//! `bundle.json`.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::claim::Claim;
use crate::clock::ClockSkew;
use crate::repetition::Repetition;
use crate::shard::Shard;

/// The major schema version that this crate reads and writes.
pub const SCHEMA_MAJOR: u32 = 1;
/// The schema version that brought replays; 1.2 brought [`Repetition`], 1.3 [`Shard`]. A bundle says
/// the oldest one that describes all that is in it.
const SCHEMA_OF_REPLAYS: &str = "1.1";
const SCHEMA_OF_SHARDS: &str = "1.3";

/// `bundle.json`: what ran, where, and whether all of it was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// `major.minor`. A reader refuses an unknown major and ignores unknown fields.
    pub schema_version: String,
    /// What the bundle holds; absent: a run.
    #[serde(default, skip_serializing_if = "Kind::is_run")]
    pub kind: Kind,
    /// Identity of the run: a UUIDv7, or any unique name for a bundle made by hand.
    pub run_id: String,
    /// Name that repetitions of one set-up share: bundles of one series are analysed together,
    /// all others each on their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// Which repetition of the series it is; absent where none was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<Repetition>,
    /// Which part of the cluster's nodes it holds, of a capture that many processes shared: the other
    /// parts are bundles of their own, of the same series. Absent: all that were chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The program that wrote the bundle.
    pub tool: Tool,
    /// When the run began.
    pub started: DateTime<Utc>,
    /// When it ended; absent while it runs or after it died.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<DateTime<Utc>>,
    /// Where the logs come from.
    #[serde(default)]
    pub origin: Origin,
    /// What was asked of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload: Option<Workload>,
    /// The cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Cluster>,
    /// The nodes whose logs were taken.
    #[serde(default)]
    pub nodes: Vec<Node>,
    /// What was captured: one entry per node and container instance.
    #[serde(default)]
    pub capture: Vec<Capture>,
    /// Figures that somebody published about this run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// Whether all that should be here is here.
    pub verdict: Verdict,
    /// Remarks for the report's reader.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Manifest {
    /// A manifest as a run begins: the verdict is `incomplete` because the run is not over.
    #[must_use]
    pub fn begin(run_id: String, tool: Tool, started: DateTime<Utc>) -> Self {
        Self {
            schema_version: format!("{SCHEMA_MAJOR}.1"),
            kind: Kind::Run,
            run_id,
            series: None,
            repetition: None,
            shard: None,
            tool,
            started,
            finished: None,
            origin: Origin::Recorded,
            workload: None,
            cluster: None,
            nodes: Vec::new(),
            capture: Vec::new(),
            claims: Vec::new(),
            verdict: Verdict::Incomplete {
                reasons: vec!["the run did not reach its end".to_owned()],
            },
            notes: Vec::new(),
            other: Map::new(),
        }
    }

    /// Says which part of the cluster's nodes it holds.
    pub fn say_shard(&mut self, shard: Shard) {
        self.shard = Some(shard);
        SCHEMA_OF_SHARDS.clone_into(&mut self.schema_version);
    }

    /// A manifest as a replay begins: no cluster, no nodes, no logs.
    #[must_use]
    pub fn begin_replay(run_id: String, tool: Tool, started: DateTime<Utc>) -> Self {
        Self {
            schema_version: SCHEMA_OF_REPLAYS.to_owned(),
            kind: Kind::Replay,
            verdict: Verdict::Incomplete {
                reasons: vec!["the replay did not reach its end".to_owned()],
            },
            ..Self::begin(run_id, tool, started)
        }
    }
}

/// What a bundle holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A run on a cluster: logs of its nodes, a timeline.
    #[default]
    Run,
    /// Transactions loaded on kernels without a cluster: `transactions.csv`, `replays.csv`.
    Replay,
}

impl Kind {
    /// Whether it is the kind that a manifest does not name.
    #[must_use]
    pub fn is_run(&self) -> bool {
        *self == Self::Run
    }
}

impl Manifest {
    /// The clock that the logs were written by, as far as it is known to differ from the
    /// driver's: the node's whose skew is the median of all; the API server's where no node's is
    /// known.
    #[must_use]
    pub fn clock_of_logs(&self) -> Option<&ClockSkew> {
        let mut clocks: Vec<&ClockSkew> =
            self.nodes.iter().filter_map(|n| n.clock.as_ref()).collect();
        clocks.sort_by(|a, b| a.ahead_s.total_cmp(&b.ahead_s));
        let middle = clocks.len().saturating_sub(1) / 2;
        let server = || self.cluster.as_ref()?.clock.as_ref();
        clocks.get(middle).copied().or_else(server)
    }
}

/// A program and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Its name: `driver`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Where the logs come from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Origin {
    /// Recorded from a running kube-proxy.
    #[default]
    Recorded,
    /// Written from published figures: the lines are rebuilt, their durations are the source's.
    Rebuilt {
        /// What they were rebuilt from.
        from: String,
    },
}

/// What was asked of the cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Workload {
    /// The procedure.
    pub scenario: Scenario,
    /// Namespace of the load.
    pub namespace: String,
    /// Services that select the Deployment.
    pub services: u64,
    /// Replicas, step by step.
    pub replicas: Vec<u64>,
    /// Seconds between two steps of the ramp (`fixed`), or the longest wait (`converge`).
    pub step_pause_s: f64,
    /// Seconds between the fan-out and the ramp.
    pub stabilise_s: f64,
    /// Whether a step waits for EndpointSlices to carry every replica: `fixed` or `converge`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Workload {
    /// Endpoints at the ramp's top: services x largest replicas.
    #[must_use]
    pub fn target_endpoints(&self) -> Option<u64> {
        self.replicas
            .iter()
            .max()
            .map(|replicas| replicas.saturating_mul(self.services))
    }
}

/// A procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// Replicas climb step by step.
    Ramp,
    /// Pods are deleted at full scale, again and again.
    Churn,
    /// kube-proxy is restarted at full scale.
    ColdStart,
}

/// The cluster.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Cluster {
    /// The API server's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_version: Option<String>,
    /// What the nodes' providerID or labels say of who runs it: `aws`, `gce`, `kwok` ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// How far the API server's clock is ahead of the driver's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockSkew>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A node, as the API server and its kube-proxy pod describe it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    /// Its name, as the cluster has it; [`crate::node_directory`] makes the directory's name.
    pub name: String,
    /// `status.nodeInfo.kernelVersion`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel_version: Option<String>,
    /// `status.nodeInfo.osImage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_image: Option<String>,
    /// Label `node.kubernetes.io/instance-type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    /// Label `topology.kubernetes.io/zone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// `status.nodeInfo.architecture`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// `status.nodeInfo.kubeletVersion`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubelet_version: Option<String>,
    /// How far its clock is ahead of the driver's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockSkew>,
    /// Its kube-proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kube_proxy: Option<KubeProxy>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A node's kube-proxy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct KubeProxy {
    /// Image with tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Version, from the image's tag or the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `nftables`, `iptables`, `ipvs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// `--v`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verbosity: Option<u32>,
    /// `minSyncPeriod` of its mode, as configured (a Go duration).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_sync_period: Option<String>,
    /// Name of its pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    /// UID of its pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_uid: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What was captured of one kube-proxy container instance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Capture {
    /// The node's name.
    pub node: String,
    /// Which container instance of this node in the run, from 0; part of the file's name.
    pub instance: u32,
    /// UID of the pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_uid: Option<String>,
    /// The container's `restartCount` in that pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<u32>,
    /// Path below the bundle, with `/`.
    pub file: String,
    /// Time stamp of the first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<DateTime<Utc>>,
    /// Time stamp of the last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<DateTime<Utc>>,
    /// Lines in the file.
    pub lines: u64,
    /// Bytes in the file.
    pub bytes: u64,
    /// Spans of time in which lines may be missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A span of time in which lines may be missing from a captured log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The last instant that is known to be covered.
    pub from: DateTime<Utc>,
    /// The first instant that is covered again; absent if none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
    /// Why.
    pub reason: String,
}

/// Whether all that should be in the bundle is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Verdict {
    /// Every chosen node's log is whole, from before the load to after it.
    Complete,
    /// Something is missing.
    Incomplete {
        /// What, one sentence each.
        reasons: Vec<String>,
    },
}
