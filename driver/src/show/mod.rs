//! What a person sees while it goes on.

pub mod board;
pub mod progress;
