//! What was read, as reports show it.

use chrono::SecondsFormat;
use kube_proxy_logs::{Input, Visibility};

use crate::corpus::{Corpus, OpenBundle, Studies};
use crate::report::sync_table::rfc3339;
use crate::report::{Action, BundleFacts, InputFacts, NodeFacts, SyncTable, Warning};

/// The logs.
#[must_use]
pub(super) fn inputs(
    corpus: &Corpus,
    studies: &Studies,
    inputs: &[Input],
    table: &SyncTable,
) -> Vec<InputFacts> {
    let mut syncs = vec![0u64; inputs.len()];
    for sync in &table.syncs {
        if let Some(count) = syncs.get_mut(sync.input as usize) {
            *count += 1;
        }
    }
    inputs
        .iter()
        .zip(&studies.owners)
        .zip(syncs)
        .map(|((input, owner), syncs)| {
            let bundle = owner.and_then(|at| corpus.bundles.get(at));
            one_input(bundle.map(|open| &open.id), input, syncs)
        })
        .collect()
}

fn one_input(bundle: Option<&String>, input: &Input, syncs: u64) -> InputFacts {
    InputFacts {
        path: input.path.clone(),
        bundle: bundle.cloned(),
        transport: input.transport.clone(),
        lines: input.lines,
        bytes: input.bytes,
        malformed_lines: input.malformed.values().map(|count| count.lines).sum(),
        malformed: input
            .malformed
            .iter()
            .map(|(fault, count)| (fault.words().to_owned(), count.lines))
            .collect(),
        kernel: input.kernel.as_ref().map(|(kernel, _)| kernel.clone()),
        kernel_from: input
            .kernel
            .as_ref()
            .map(|(_, from)| from.words().to_owned()),
        node: input.node.clone().or_else(|| input.section.clone()),
        mode: input
            .backend
            .and_then(|backend| backend.name())
            .map(str::to_owned),
        kube_proxy: input.version.clone(),
        starts: u64::from(input.starts),
        verbosity_too_low: matches!(input.visibility, Visibility::TooLow(_)),
        syncs,
        first: input.span_ns.map(|(first, _)| rfc3339(first)),
        last: input.span_ns.map(|(_, last)| rfc3339(last)),
    }
}

/// The bundles.
#[must_use]
pub(super) fn bundles(corpus: &Corpus, studies: &Studies) -> Vec<BundleFacts> {
    let of_bundles = studies.of_bundles();
    corpus
        .bundles
        .iter()
        .enumerate()
        .map(|(place, open)| {
            let study = of_bundles.get(&place);
            let study = study.and_then(|at| studies.studies.get(*at));
            one_bundle(
                open,
                study.map(|study| study.id.clone()).unwrap_or_default(),
            )
        })
        .collect()
}

fn one_bundle(open: &OpenBundle, study: String) -> BundleFacts {
    let manifest = &open.bundle.manifest;
    let time =
        |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let workload = manifest.workload.as_ref();
    let cluster = manifest.cluster.as_ref();
    let (complete, incomplete_reasons) = match &manifest.verdict {
        bundle::Verdict::Complete => (true, Vec::new()),
        bundle::Verdict::Incomplete { reasons } => (false, reasons.clone()),
    };
    BundleFacts {
        id: open.id.clone(),
        path: open.path.clone(),
        run_id: manifest.run_id.clone(),
        study,
        series: manifest.series.clone(),
        origin: match &manifest.origin {
            bundle::Origin::Recorded => "recorded".to_owned(),
            bundle::Origin::Rebuilt { from } => format!("rebuilt from {from}"),
        },
        complete,
        incomplete_reasons,
        started: time(manifest.started),
        finished: manifest.finished.map(time),
        scenario: workload.map(|workload| match workload.scenario {
            bundle::Scenario::Ramp => "ramp".to_owned(),
            bundle::Scenario::Churn => "churn".to_owned(),
            bundle::Scenario::ColdStart => "cold-start".to_owned(),
        }),
        services: workload.map(|workload| workload.services),
        replicas: workload
            .map(|workload| workload.replicas.clone())
            .unwrap_or_default(),
        server_version: cluster.and_then(|cluster| cluster.server_version.clone()),
        provider: cluster.and_then(|cluster| cluster.provider.clone()),
        nodes: manifest.nodes.iter().map(one_node).collect(),
        gaps: manifest
            .capture
            .iter()
            .map(|capture| capture.gaps.len() as u64)
            .sum(),
        notes: manifest.notes.clone(),
        timeline: open
            .bundle
            .timeline
            .rows
            .iter()
            .map(|(line, row)| action(*line, row))
            .collect(),
    }
}

fn action(line: u64, row: &bundle::Row) -> Action {
    Action {
        line,
        time: row.time.to_rfc3339_opts(SecondsFormat::Millis, true),
        action: String::from(row.action.clone()),
        detail: row.detail.clone(),
        requested: row.requested,
        achieved: row.achieved,
        replicas: row.replicas(),
    }
}

fn one_node(node: &bundle::Node) -> NodeFacts {
    let proxy = node.kube_proxy.as_ref();
    NodeFacts {
        name: node.name.clone(),
        kernel: node.kernel_version.clone(),
        os_image: node.os_image.clone(),
        instance_type: node.instance_type.clone(),
        architecture: node.architecture.clone(),
        kube_proxy: proxy.and_then(|proxy| proxy.version.clone()),
        mode: proxy.and_then(|proxy| proxy.mode.clone()),
        verbosity: proxy.and_then(|proxy| proxy.verbosity),
        min_sync_period: proxy.and_then(|proxy| proxy.min_sync_period.clone()),
    }
}

/// Warnings of the logs and of the bundles.
#[must_use]
pub(super) fn warnings(logs: Vec<kube_proxy_logs::Warning>, corpus: &Corpus) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = logs
        .into_iter()
        .map(|warning| Warning {
            code: warning.code.to_owned(),
            message: warning.message,
            input: warning.input,
            line: warning.line,
            study: None,
        })
        .collect();
    for open in &corpus.bundles {
        let manifest = format!("{}/bundle.json", open.path);
        let mut warn = |code: &str, message: String| {
            warnings.push(Warning::new(code, message).at(manifest.clone(), None));
        };
        if let bundle::Verdict::Incomplete { reasons } = &open.bundle.manifest.verdict {
            warn(
                "incomplete_capture",
                format!("the capture is incomplete: {}", reasons.join("; ")),
            );
        }
        let unlisted = open.bundle.unlisted();
        if !unlisted.is_empty() {
            warn(
                "unlisted_nodes",
                format!(
                    "`nodes` does not list {}: what lies there was not read",
                    unlisted.join(", ")
                ),
            );
        }
        let gaps: usize = open
            .bundle
            .manifest
            .capture
            .iter()
            .map(|capture| capture.gaps.len())
            .sum();
        if gaps > 0 {
            warn(
                "capture_gaps",
                format!("{gaps} gaps in the captured logs: lines may be missing"),
            );
        }
        let timeline = format!("{}/timeline.csv", open.path);
        for (line, problem) in &open.bundle.timeline.faults {
            warnings.push(
                Warning::new("bad_timeline_row", problem.clone()).at(timeline.clone(), Some(*line)),
            );
        }
    }
    warnings
}
