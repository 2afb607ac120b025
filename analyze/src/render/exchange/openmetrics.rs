//! OpenMetrics text with time stamps, for `promtool tsdb create-blocks-from openmetrics`
//! (<https://github.com/OpenObservability/OpenMetrics/blob/main/specification/OpenMetrics.md>).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::report::{Report, SyncRow};

/// Name, unit and help of a family, and what of a sync it holds.
type Family = (
    &'static str,
    &'static str,
    &'static str,
    fn(&SyncRow<'_>) -> Option<f64>,
);

const FAMILIES: [Family; 4] = [
    (
        "kube_proxy_sync_duration_seconds",
        "seconds",
        "Duration of a sync of rules, at its end, as logged.",
        |sync| sync.elapsed_s,
    ),
    (
        "kube_proxy_sync_build_seconds",
        "seconds",
        "Part of it before the rules were handed over.",
        |sync| sync.build_s,
    ),
    (
        "kube_proxy_sync_commit_seconds",
        "seconds",
        "Part of it from then on: nft or iptables-restore whole, and what follows.",
        |sync| sync.commit_s,
    ),
    (
        "kube_proxy_sync_endpoints",
        "",
        "Endpoints that the sync programmed.",
        |sync| sync.endpoints.map(|n| n as f64),
    ),
];

/// Every sync whose end is known, one sample a family, series by series in order of time.
pub(in super::super) fn document(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    for (name, unit, help, value) in FAMILIES {
        writeln!(text, "# TYPE {name} gauge").unwrap_or_default();
        if !unit.is_empty() {
            writeln!(text, "# UNIT {name} {unit}").unwrap_or_default();
        }
        writeln!(text, "# HELP {name} {help}").unwrap_or_default();
        for (labels, samples) in series(report, value) {
            for (at, value) in samples {
                writeln!(text, "{name}{{{labels}}} {value} {at}").unwrap_or_default();
            }
        }
    }
    text + "# EOF\n"
}

/// Samples by their labels, in order of time; of two at one moment the last one counts.
fn series(
    report: &Report,
    value: fn(&SyncRow<'_>) -> Option<f64>,
) -> BTreeMap<String, Vec<(Moment, f64)>> {
    let mut by: BTreeMap<String, BTreeMap<Moment, f64>> = BTreeMap::new();
    for (place, sync) in report.syncs.syncs.iter().enumerate() {
        let row = report.syncs.get(place);
        if let (Some(end), Some(row)) = (sync.end_ns, row)
            && let Some(value) = value(&row)
        {
            let samples = by.entry(labels(&row)).or_default();
            samples.insert(Moment(end), value);
        }
    }
    let sorted = by.into_iter();
    sorted
        .map(|(labels, samples)| (labels, samples.into_iter().collect()))
        .collect()
}

fn labels(row: &SyncRow<'_>) -> String {
    let pairs = [
        ("study", row.study.as_ref()),
        ("group", row.group.as_ref()),
        ("node", row.node.as_deref().unwrap_or_default()),
        ("log", row.input.as_ref()),
        ("ip_family", row.family.unwrap_or_default()),
        ("outcome", row.outcome),
    ];
    let labels: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
        .collect();
    labels.join(",")
}

/// A label's value: `\`, `"` and line ends are written by a `\`.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.replace('\n', "\\n")
}

/// Nanoseconds since the epoch, written as seconds with milliseconds: what Prometheus keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(i64);

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = self.0.div_euclid(1_000_000);
        write!(f, "{}.{:03}", ms.div_euclid(1_000), ms.rem_euclid(1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_labels_cannot_end_them() {
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    }

    #[test]
    fn moments_are_seconds_with_milliseconds() {
        for (ns, text) in [(1_500_000_000, "1.500"), (-1, "-1.999"), (0, "0.000")] {
            assert_eq!(Moment(ns).to_string(), text);
        }
    }
}
