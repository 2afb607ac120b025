//! What somebody published about a run, so that it can be checked against the run itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A published figure. `analyze` computes the same figure and says whether the claim holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// The claim in its author's words.
    pub text: String,
    /// Where it was published: a title or an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What was claimed.
    pub quantity: Quantity,
    /// The claimed value, in the quantity's unit.
    pub value: f64,
    /// Largest difference at which the claim still holds, in the quantity's unit: half of the
    /// last digit that was printed, so that rounding is no fault.
    pub tolerance: f64,
    /// The group that a `mean` or `median` is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The slower side of an `improvement` or `speedup`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// The faster side of an `improvement` or `speedup`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<String>,
    /// The trials that the claim speaks of.
    #[serde(default)]
    pub scope: Scope,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A figure that can be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Mean duration of a group's trials, in seconds.
    MeanS,
    /// Median duration of a group's trials, in seconds.
    MedianS,
    /// `(mean(baseline) - mean(candidate)) / mean(baseline) x 100`, in percent.
    ImprovementPct,
    /// `mean(baseline) / mean(candidate)`, a ratio.
    Speedup,
}

/// Which trials a claim speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every trial.
    #[default]
    All,
    /// Only trials at a scale that every group has.
    Matched,
}
