//! PerfData, which perfdash and the scalability tests of Kubernetes keep
//! (`kubernetes/perf-tests`, `perfdash/perftype.go`: version, dataItems of data, unit, labels).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{groups, json};
use crate::error::Error;
use crate::report::{Group, Report};

#[derive(Serialize)]
struct PerfData<'r> {
    version: &'static str,
    #[serde(rename = "dataItems")]
    data_items: Vec<DataItem<'r>>,
}

#[derive(Serialize)]
struct DataItem<'r> {
    data: BTreeMap<&'static str, f64>,
    unit: &'static str,
    labels: BTreeMap<&'r str, String>,
}

/// One item a group: percentiles of its trials in seconds.
///
/// # Errors
/// [`Error::Output`] if it cannot be written as JSON.
pub(in super::super) fn document(report: &Report) -> Result<String, Error> {
    json(&PerfData {
        version: "v1",
        data_items: groups(report).map(|group| item(report, group)).collect(),
    })
}

fn item<'r>(report: &'r Report, group: &Group) -> DataItem<'r> {
    let data = [
        ("Perc05", group.p5_s),
        ("Perc25", group.p25_s),
        ("Perc50", group.median_s),
        ("Perc75", group.p75_s),
        ("Perc95", group.p95_s),
        ("Average", group.mean_s),
        ("Min", group.min_s),
        ("Max", group.max_s),
    ];
    let labels = [
        ("Metric", "kube_proxy_sync_duration".to_owned()),
        ("study", group.study.clone()),
        (report.selection.group_by.as_str(), group.name.clone()),
        ("runs", group.n.to_string()),
        ("trials", group.n_trials.to_string()),
    ];
    DataItem {
        data: data
            .into_iter()
            .filter_map(|(name, s)| Some((name, s?)))
            .collect(),
        unit: "s",
        labels: labels.into_iter().collect(),
    }
}
