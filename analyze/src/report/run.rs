//! Runs: the unit that n counts.

use schemars::JsonSchema;
use serde::Serialize;

/// How a run is known to be one of its own, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Independence {
    /// A recorded bundle and node.
    Recorded,
    /// `--run` says so.
    Told,
    /// Nobody says: a node of loose logs or of rebuilt lines, or trials an hour apart; a run at
    /// best.
    #[default]
    Unknown,
}

/// Trials of one bundle and node: measured again and again, not anew.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RunRow {
    /// Identity of its study.
    pub study: String,
    /// Its group.
    pub group: String,
    /// Its name: the bundle, the node, the file, or what `--run` says.
    pub name: String,
    /// Identity of its bundle.
    pub bundle: Option<String>,
    /// Its node.
    pub node: Option<String>,
    /// How it is known to be a run of its own.
    pub independence: Independence,
    /// Start of its first trial, RFC 3339.
    pub start: Option<String>,
    /// Place in time among the study's runs, from 1; runs made at one time share it.
    pub place: usize,
    /// Block of the study's runs that it stands in, from 1; absent where they make no blocks.
    pub block: Option<usize>,
    /// Mean seconds of its trials.
    pub mean_s: Option<f64>,
    /// Its trials: ids of `syncs`, by start.
    pub trials: Vec<usize>,
}
