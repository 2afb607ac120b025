//! The contract between `driver` and `analyze`: one directory a run.
//!
//! ```text
//! <bundle>/
//!   bundle.json                              the manifest: what ran, where, and is it all there
//!   timeline.csv                             one row per driver action, flushed as it happens
//!   kube-proxy-config.yaml                   optional: the ConfigMap as found
//!   nodes/<node>/kube-proxy.<instance>.log   raw container log with RFC 3339 time stamps (.gz, .zst too)
//!   nodes/<node>/kernel.log                  optional: dmesg or journal text
//!   nodes/<node>/metrics.before.prom         optional: kube-proxy /metrics; metrics.after.prom beside it
//!   nodes/<node>/transactions/               optional: what kube-proxy loaded, and index.csv: when
//!   nodes/<node>/profile.folded.gz           optional: stacks of the kernel under kube-proxy, each with its time
//! ```
//!
//! A bundle of the kind `replay` has neither nodes nor a timeline, but two tables:
//!
//! ```text
//! <bundle>/
//!   bundle.json        `"kind": "replay"`
//!   transactions.csv   one row a transaction: what it is and what it carries
//!   replays.csv        one row a measurement: a transaction loaded on a kernel
//!   builds.csv         optional: builds of nf_tables that were put into kernels; edits/ what with
//!   profiles.csv       optional: loads that were sampled; profiles/ their stacks
//! ```
//!
//! Everything raw stays raw and nothing derived is stored. The manifest is written first with
//! the verdict `incomplete` and replaced atomically at the end, so a run that dies leaves a
//! bundle that says what is missing. Unknown fields survive a read and a write; an unknown
//! major schema version is an error.
//!
//! ```
//! use bundle::{Bundle, Manifest, Tool, Writer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = std::env::temp_dir().join(format!("bundle-{}", std::process::id()));
//! let tool = Tool { name: "mine".to_owned(), version: "1".to_owned() };
//! let manifest = Manifest::begin("run-1".to_owned(), tool, chrono::Utc::now());
//! let writer = Writer::create(&directory, &manifest)?;
//! std::fs::write(writer.log_path("node-a", 0)?, "raw lines\n")?;
//!
//! // What dies here is incomplete, and says so.
//! let read = Bundle::open(&directory)?;
//! assert_eq!(read.manifest.run_id, "run-1");
//! # std::fs::remove_dir_all(directory)?;
//! # Ok(())
//! # }
//! ```

mod amend;
mod claim;
mod clock;
mod error;
mod kept;
mod layout;
mod manifest;
mod reader;
pub mod regular;
mod repetition;
mod replay;
mod schema;
pub mod shard;
mod timeline;
mod writer;

pub use claim::{Claim, Quantity, Scope};
pub use clock::{ClockSkew, SkewSample};
pub use error::Error;
pub use kept::{KeptTransaction, KeptWriter, kept_transactions, node_profile};
pub use layout::{
    BUILDS, DIRECTORY_MODE, EDITS, FILE_MODE, KEPT_DIRECTORY, KEPT_INDEX, KERNEL_LOG,
    KUBE_PROXY_CONFIG, MANIFEST, METRICS_AFTER, METRICS_BEFORE, NODE_OBJECT, NODES,
    PROFILE_DIRECTORY, PROFILES, REPLAYS, TIMELINE, TRANSACTIONS, is_bundle, kube_proxy_log_name,
    node_directory,
};
pub use manifest::{
    Capture, Cluster, Gap, Kind, KubeProxy, Manifest, Node, Origin, SCHEMA_MAJOR, Scenario, Tool,
    Verdict, Workload,
};
pub use reader::{Bundle, LogFile};
pub use repetition::{NoiseFloor, Repetition, Until};
pub use replay::{
    Build, Clock, Measurement, Outcome, Profile, Replay, ReplayWriter, Table, Transaction,
};
pub use schema::manifest_schema;
pub use shard::Shard;
pub use timeline::{Action, Row, Timeline};
pub use writer::Writer;
