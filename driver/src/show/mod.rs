//! What a person sees while it goes on.

pub mod board;
pub mod nodes;
pub mod progress;
pub mod sync;
