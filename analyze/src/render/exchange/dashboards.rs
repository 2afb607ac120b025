//! JSON of continuous benchmarks: github-action-benchmark's `customSmallerIsBetter`
//! (<https://github.com/benchmark-action/github-action-benchmark>) and Bencher's Metric Format
//! (<https://bencher.dev/docs/reference/bencher-metric-format/>).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{full_name, groups, json};
use crate::error::Error;
use crate::report::words::counted;
use crate::report::{Group, Report};

#[derive(Serialize)]
struct Entry {
    name: String,
    unit: &'static str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

/// For the GitHub action: the mean of each group's trials, their standard deviation as range.
///
/// # Errors
/// [`Error::Output`] if it cannot be written as JSON.
pub(in super::super) fn github_action(report: &Report) -> Result<String, Error> {
    let entry = |group: &Group| {
        let runs = counted(group.n as u64, "run");
        let trials = counted(group.n_trials as u64, "trial");
        Some(Entry {
            name: full_name(group),
            unit: "s",
            value: group.mean_s?,
            range: group.sd_s.map(|sd| format!("± {sd}")),
            extra: format!("{runs}, {trials}"),
        })
    };
    json(&groups(report).filter_map(entry).collect::<Vec<Entry>>())
}

#[derive(Serialize)]
struct Metric {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_value: Option<f64>,
}

/// For Bencher: the mean of each group's trials as latency in nanoseconds, between the least and
/// the most.
///
/// # Errors
/// [`Error::Output`] if it cannot be written as JSON.
pub(in super::super) fn bencher(report: &Report) -> Result<String, Error> {
    let ns = |seconds: f64| seconds * 1e9;
    let entry = |group: &Group| {
        let metric = Metric {
            value: ns(group.mean_s?),
            lower_value: group.min_s.map(ns),
            upper_value: group.max_s.map(ns),
        };
        Some((full_name(group), BTreeMap::from([("latency", metric)])))
    };
    json(&groups(report).filter_map(entry).collect::<BTreeMap<_, _>>())
}
