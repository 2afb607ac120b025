//! What a run says of the repetitions that it is one of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where a run stands in a series of repetitions, each of which runs every kernel once.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Repetition {
    /// Which repetition, from 1.
    pub number: u32,
    /// Whether it is the second run of one kernel in this repetition, made to see how far runs of
    /// the very same kernel lie apart (`lab bench --aa`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// When repetitions end; absent where their number was fixed beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
    /// How far runs of one kernel lay apart in this series, once measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise_floor: Option<NoiseFloor>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Repetitions that go on until intervals are narrow: after each there is a look at the data, which
/// intervals and tests must allow for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Until {
    /// Percentage points that the interval of an improvement may span.
    pub width_pct: f64,
    /// The repetition after which the first look was taken.
    pub first_look: u32,
    /// The repetition after which the last one is taken, however wide intervals are.
    pub at_most: u32,
}

/// How far runs of one kernel lay apart under two names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NoiseFloor {
    /// The kernel.
    pub kernel: String,
    /// The 95 % interval of the difference of the two names reaches no further than this, in
    /// percent.
    pub pct: f64,
    /// Runs under each name.
    pub runs: u64,
}
