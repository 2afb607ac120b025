//! The lab as a person uses it, through its command line.

mod cluster;
mod guests;
mod host;
