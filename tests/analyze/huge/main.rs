//! Huge and hostile input: what a report weighs, what is refused, and what reaches a terminal.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

mod formed;
mod hostile;
#[path = "../../../analyze/benches/scale/input.rs"]
mod input;
mod names;
mod program;
mod same;
mod weight;
