//! A thin load driver for kube-proxy: Services and replicas in, raw logs out, as a bundle.
//!
//! ```text
//! verbs      what the command line asks for, from beginning to end
//! check      what would go wrong, before anything is changed
//! load       Services, replicas step by step, churn, cold starts; and their removal
//! capture    every node's log, nothing lost
//! health     what is out of reach meanwhile: server, nodes, logs
//! watch      time in sync, lag and failures of a cluster that runs anyway
//! record     the bundle as it is written
//! survey     nodes and their kube-proxies, as found
//! show       what a person sees meanwhile
//! api        the API server: how it is reached, what its answers mean
//! settings   flags, environment and workload file, made whole
//! ```
//!
//! `verbs` uses the rooms below it; none of them uses `verbs`.

pub mod api;
pub mod capture;
pub mod check;
pub mod cli;
pub(crate) mod descriptors;
pub mod error;
pub mod health;
pub mod interrupt;
pub mod load;
pub mod record;
pub mod settings;
pub mod show;
pub mod span;
pub mod survey;
pub mod verbs;
pub mod watch;
