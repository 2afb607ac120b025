//! Offline analyzer of kube-proxy's rule syncs.
//!
//! Dependencies point one way:
//!
//! ```text
//! cli       what was asked for, as a command line
//! plan      the same, checked: what every room below may know of it
//! corpus    paths -> bundles and logs; which of them may be compared
//! (kube-proxy-logs: bytes -> syncs and kernel events)
//! ingest    logs and bundles -> a data set, part by part
//! dataset   what was read, as Parquet: layout, runs, parts
//! store     directories and object stores
//! frame     syncs as a polars frame: selection, grouping, parquet
//! stats     numbers in, numbers out
//! evidence  trials, matched scale, comparisons, claims, scaling, phases, staleness, lockups
//! report    the model: all that any renderer prints
//! chart     pictures by plotters
//! render    HTML, Markdown, CSV, JSON, terminal
//! publish   files, README, --check
//! sums      what a report's directory lists as its own
//! figure    figures by name, one row each: value, formula, inputs
//! gate      --fail-if: conditions on figures, JUnit XML
//! history   figures of runs over time, and where they changed
//! fleet     what a data set tells of thousands of nodes, without holding their syncs
//! metrics   what a kube-proxy's own histograms say, where no log was kept
//! explain   a figure's formula, inputs and lines
//! ```
//!
//! polars appears only in `frame`, plotters only in `chart`, tera only in `render`, clap only
//! in `cli`. A renderer computes nothing.
//!
//! ```
//! use analyze::figure;
//!
//! // What `--fail-if` and `explain` can be asked for is a table.
//! let mean = figure::named("mean").ok_or("none")?;
//! assert_eq!(mean.formula, "sum of the durations / n");
//! assert!(mean.accepts(1) && !mean.accepts(0));
//! # Ok::<(), &str>(())
//! ```

pub mod chart;
pub mod cli;
pub mod corpus;
pub mod dataset;
mod error;
pub mod evidence;
pub mod explain;
pub mod figure;
pub mod fleet;
pub mod frame;
pub mod gate;
pub mod history;
pub mod ingest;
pub mod metrics;
pub mod plan;
mod progress;
pub mod publish;
pub mod render;
pub mod report;
mod run;
pub mod stats;
pub mod store;
pub mod sums;

pub use cli::Cli;
pub use error::Error;
pub use run::{Verdict, run};
