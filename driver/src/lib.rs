//! A thin load driver for kube-proxy: Services and replicas in, raw logs out, as a bundle.
//!
//! ```text
//! check      what would go wrong          plan      what would be done, and how long it takes
//! fanout     thousands of Services        ramp      replicas, step by step
//! look       endpoints, counted           settle    until every kube-proxy is quiet
//! scenario   churn, cold starts           capture   logs, nothing lost
//! optional   metrics, kernel logs         cleanup   by label alone
//! ```

pub mod answer;
pub mod board;
pub mod capture;
pub mod check;
pub mod choices;
pub mod cleanup;
pub mod cli;
pub mod cluster;
pub mod endpoints;
pub mod error;
pub mod fanout;
pub mod interrupt;
pub mod job;
pub mod kube_proxy;
pub mod look;
pub mod optional;
pub mod owned;
pub mod patience;
pub mod plan;
pub mod progress;
pub mod ramp;
pub mod record;
pub mod recording;
pub mod run;
pub mod scenario;
pub mod session;
pub mod settings;
pub mod settle;
pub mod span;
pub mod survey;
pub mod workload;
