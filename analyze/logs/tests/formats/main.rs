//! Real lines of every format, version and pitfall, read as a caller of the crate reads them.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

mod archives;
mod clocks;
mod corpus;
mod failures;
mod grammar;
mod honesty;
mod kernel;
mod limits;
mod pairing;
mod properties;
mod reading;
mod thresholds;
mod transports;
mod trees;
mod wrappers;
