//! The whole program, run as its user runs it.
#![allow(clippy::unwrap_used, clippy::panic)] // a test may stop at the first surprise

#[path = "../../calls.rs"]
mod calls;
mod data_sets;
mod documented;
mod fleet;
mod formats;
mod history;
mod metrics;
mod pictures;
mod predictions;
mod program;
mod publishing;
mod samples;
mod traces;
