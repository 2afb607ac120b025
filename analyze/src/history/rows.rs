//! A report's runs as rows of a history.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::visible::in_cell;
use crate::report::{BundleFacts, Report};

/// A row: one figure of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunFigure {
    /// When the run began, RFC 3339.
    pub time: String,
    /// The run's own identity.
    pub run: String,
    /// Its load, like `ramp 500x30 nftables`.
    pub load: String,
    /// `mean` or `convergence`.
    pub figure: String,
    /// The kernel's series, like `6.12`; a whole group's name where it is no release.
    pub of: String,
    /// The figure, in seconds, above 0.
    pub seconds: f64,
    /// Kernel release, or the group's name.
    pub kernel: String,
    /// kube-proxy's version; empty if unknown.
    pub kube_proxy: String,
    /// OS image; empty if unknown.
    pub image: String,
    /// What `--name` said; may be empty.
    pub name: String,
}

/// The rows of a report's bundles: of each run and group the mean of its trials, and the mean of its
/// ramp's steps. Of several nodes or runs of a bundle the mean.
#[must_use]
pub fn of_report(report: &Report, name: &str) -> Vec<RunFigure> {
    let mut rows = Vec::new();
    for bundle in &report.bundles {
        let runs = report.runs.iter();
        let runs = runs.filter(|run| run.bundle.as_ref() == Some(&bundle.id));
        let means = runs.filter_map(|run| Some((run.group.as_str(), run.mean_s?)));
        let ramps = report.convergence.iter();
        let ramps = ramps.filter(|ramp| ramp.bundle == bundle.id);
        let steps = ramps.filter_map(|ramp| Some((ramp.group.as_str(), ramp.mean_step_s?)));
        rows.extend(of_bundle(bundle, name, "mean", means));
        rows.extend(of_bundle(bundle, name, "convergence", steps));
    }
    rows
}

fn of_bundle<'r>(
    bundle: &BundleFacts,
    name: &str,
    figure: &str,
    values: impl Iterator<Item = (&'r str, f64)>,
) -> Vec<RunFigure> {
    let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (group, seconds) in values {
        groups.entry(group).or_default().push(seconds);
    }
    let row = |(group, seconds): (&str, Vec<f64>)| {
        let of_group = bundle
            .nodes
            .iter()
            .find(|node| node.kernel.as_deref() == Some(group));
        let node = of_group.or(bundle.nodes.first());
        // The file is opened in spreadsheets, and printed on terminals.
        let cell = |text: &str| in_cell(text).into_owned();
        let said = |text: Option<&String>| text.map(|text| cell(text)).unwrap_or_default();
        RunFigure {
            time: cell(&bundle.started),
            run: cell(&bundle.run_id),
            load: cell(&load(bundle, node.and_then(|node| node.mode.as_deref()))),
            figure: figure.to_owned(),
            of: cell(&kernel_series(group)),
            seconds: seconds.iter().sum::<f64>() / seconds.len() as f64,
            kernel: cell(group),
            kube_proxy: said(node.and_then(|node| node.kube_proxy.as_ref())),
            image: said(node.and_then(|node| node.os_image.as_ref())),
            name: cell(name),
        }
    };
    let rows = groups.into_iter().map(row);
    // A logarithm is taken of it.
    rows.filter(|row| row.seconds > 0.0).collect()
}

fn load(bundle: &BundleFacts, mode: Option<&str>) -> String {
    let most = bundle.replicas.iter().max();
    let scale = bundle
        .services
        .zip(most)
        .map(|(services, each)| format!("{services}x{each}"));
    let parts = [bundle.scenario.clone(), scale, mode.map(str::to_owned)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// `6.12` of `6.12.46-66.121.amzn2023.x86_64`.
fn kernel_series(release: &str) -> String {
    let number = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let two: Vec<&str> = release
        .splitn(3, ['.', '-'])
        .take(2)
        .filter(number)
        .collect();
    match two[..] {
        [major, minor] => format!("{major}.{minor}"),
        _ => release.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::kernel_series;

    #[test]
    fn a_release_is_of_its_series_and_a_name_of_itself() {
        for (release, series) in [
            ("6.12.46-66.121.amzn2023.x86_64", "6.12"),
            ("6.1.144", "6.1"),
            ("7.0-rc3", "7.0"),
            ("6.12", "6.12"),
            ("node-a", "node-a"),
            ("6", "6"),
        ] {
            assert_eq!(kernel_series(release), series);
        }
    }
}
