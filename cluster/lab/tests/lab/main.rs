//! The lab as a person uses it, through its command line.

#![allow(clippy::unwrap_used, clippy::panic)] // a test may stop at the first surprise

mod calls;
mod cluster;
mod guests;
mod host;
mod interrupts;
mod own;
mod replay;
mod replay_faults;
