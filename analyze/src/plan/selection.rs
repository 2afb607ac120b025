//! The options that chose trials and groups, as reports show them.

use schemars::JsonSchema;
use serde::Serialize;

/// The options that chose trials and groups, as given or by default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Selection {
    /// What makes a group: `kernel`, `node`, `mode` ...
    pub group_by: String,
    /// `ipv4`, `ipv6`, `all`, or absent: the family with the most endpoints.
    pub family: Option<String>,
    /// `--min-endpoints` as given.
    pub min_endpoints: Option<String>,
    /// `--max-endpoints` as given.
    pub max_endpoints: Option<String>,
    /// `--min-elapsed`, in seconds.
    pub min_elapsed_s: Option<f64>,
    /// `--include-small-changes`.
    pub include_small_changes: bool,
    /// `--margin`, in percent.
    pub margin_pct: Option<f64>,
    /// `--since`, RFC 3339.
    pub since: Option<String>,
    /// `--until`, RFC 3339.
    pub until: Option<String>,
}
