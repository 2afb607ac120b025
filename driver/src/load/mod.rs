//! The load: what is made of Services and replicas, step by step, and how it is removed.

pub mod cleanup;
pub mod endpoints;
pub mod fanout;
pub mod foreign;
pub mod job;
mod kinds;
pub mod look;
pub mod plan;
pub mod ramp;
pub mod scenario;
pub mod settle;
pub mod tenure;
pub mod workload;
