//! The way to the API server: how it is reached, what its answers mean, what is tried again.

pub mod answer;
pub mod clock;
pub mod cluster;
pub(crate) mod pages;
pub mod patience;
pub(crate) mod watching;
