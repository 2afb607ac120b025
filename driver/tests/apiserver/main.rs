//! The driver against an API server played in memory, with the faults of real ones: refusals,
//! lost answers, full ranges. No cluster is needed.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise
#![allow(unreachable_pub)] // modules of a test: nothing is reachable

mod check;
mod cleanup;
mod endpoints;
mod fanout;
mod fleet;
mod proxy;
mod server;
mod tenure;
