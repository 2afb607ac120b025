//! What to do next with what was read.

use std::collections::HashSet;

use super::count;
use crate::report::names::series;
use crate::report::{Recording, Report};

/// Steps of one report: more would not be read.
const MOST: usize = 3;
/// Of more nodes than this a table has no place for each.
const A_FLEET: usize = 100;

/// The most useful steps.
pub(super) fn steps(report: &Report) -> Vec<String> {
    let mut steps = Vec::new();
    steps.extend(label(report));
    let failed: usize = report.recordings.iter().map(|one| one.failed).sum();
    if failed > 0 {
        steps.push(
            "Look at the failed syncs first: rules in the kernel stay old until one succeeds."
                .to_owned(),
        );
    }
    if !report.recordings.iter().any(|one| one.bundle) {
        steps.extend(kernel_log(report));
        steps.extend(other_side(report));
    }
    steps.extend(fleet(report));
    steps.truncate(MOST);
    steps
}

/// What shows how many nodes are spread.
fn fleet(report: &Report) -> Option<String> {
    let spoke = report.inputs.iter().filter(|input| input.syncs > 0);
    let nodes: HashSet<&String> = spoke
        .map(|input| input.node.as_ref().unwrap_or(&input.path))
        .collect();
    (nodes.len() > A_FLEET).then(|| {
        let nodes = count(nodes.len() as u64);
        format!(
            "How the {nodes} nodes are spread, and which stand out: analyze ingest PATH -o set/ && \
             analyze fleet set/"
        )
    })
}

/// The option that names the kernels of logs that tell none.
fn label(report: &Report) -> Option<String> {
    if report.selection.group_by != "kernel" {
        return None;
    }
    let unknown = report
        .inputs
        .iter()
        .filter(|input| input.kernel.is_none() && input.syncs > 0);
    let labels: Vec<String> = unknown
        .take(3)
        .map(|input| format!("--label {}=KERNEL", input.path))
        .collect();
    (!labels.is_empty()).then(|| {
        format!(
            "The kernel is in no line of these logs. To name it, add: {}",
            labels.join(" ")
        )
    })
}

fn kernel_log(report: &Report) -> Option<String> {
    let seen = report
        .recordings
        .iter()
        .map(|one| one.complaints)
        .sum::<usize>()
        > 0;
    (!seen)
        .then(|| "For soft lockups give the node's kernel log too: dmesg > kernel.log".to_owned())
}

/// A log of one kernel can be compared with one of another.
fn other_side(report: &Report) -> Option<String> {
    let kernels = report
        .recordings
        .iter()
        .flat_map(|one: &Recording| &one.groups);
    let known = kernels.filter(|group| series(group).is_some()).count();
    let file = &report.inputs.iter().find(|input| input.syncs > 0)?.path;
    (known <= 1 && report.comparisons.is_empty())
        .then(|| format!("To compare with another node: analyze {file} OTHER.log"))
}
