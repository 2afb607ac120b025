//! What a sentence rests on.

use schemars::JsonSchema;
use serde::Serialize;

use super::LineRef;

/// What a sentence rests on: the way from its numbers to log lines.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Trace {
    /// Syncs: ids of `syncs`.
    pub syncs: Vec<usize>,
    /// Lines that are no sync's: the kernel's words, steps of the timeline, metrics.
    pub lines: Vec<LineRef>,
}

impl Trace {
    /// Of syncs alone.
    #[must_use]
    pub fn of_syncs(syncs: Vec<usize>) -> Self {
        let lines = Vec::new();
        Self { syncs, lines }
    }
}
