//! Evidence, conditions and explanations, through the program as its user runs it, on bundles
//! that are built for the purpose: small enough that every figure can be had by hand.
#![allow(clippy::unwrap_used, clippy::panic)] // a test may stop at the first surprise

mod behind;
mod comparison;
mod crossed;
mod explain;
mod fixture;
mod gate;
mod matched;
mod predict;
mod profiles;
mod repetitions;
mod replays;
mod robust;
mod scenario;
