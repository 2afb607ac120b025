//! Formats of tools that people have: one file a format, its reader named at its head.
//!
//! They carry the model's figures and nothing else; names are written as the format allows.

pub(super) mod benchstat;
pub(super) mod dashboards;
pub(super) mod openmetrics;
pub(super) mod otava;
pub(super) mod perfdash;

use crate::report::{Group, Report};

/// A group with its name in one word: `eks-2025-10-15/6.1.144`.
fn full_name(group: &Group) -> String {
    format!("{}/{}", group.study, group.name)
}

/// Groups with a trial.
fn groups(report: &Report) -> impl Iterator<Item = &Group> {
    report.groups.iter().filter(|group| group.n_trials > 0)
}

/// Pretty JSON with a line end, as a file of its own has it.
fn json(value: &impl serde::Serialize) -> Result<String, crate::error::Error> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| crate::error::Error::Output(error.into()))?;
    Ok(text + "\n")
}
