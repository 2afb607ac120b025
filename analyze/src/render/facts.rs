//! A bundle's set-up as templates see it, as far as there is room: without its timeline.

use serde::Serialize;

use super::room::{self, REMARKS, ROWS};
use crate::report::{BundleFacts, NodeFacts};

/// A bundle.
#[derive(Serialize)]
pub(super) struct BundleView<'r> {
    id: &'r str,
    path: &'r str,
    run_id: &'r str,
    series: Option<&'r str>,
    origin: &'r str,
    complete: bool,
    incomplete_reasons: &'r [String],
    started: &'r str,
    finished: Option<&'r str>,
    scenario: Option<&'r str>,
    services: Option<u64>,
    replicas: &'r [u64],
    server_version: Option<&'r str>,
    provider: Option<&'r str>,
    nodes: &'r [NodeFacts],
    nodes_total: usize,
    gaps: u64,
    notes: &'r [String],
    notes_total: usize,
}

pub(super) fn of(bundle: &BundleFacts) -> BundleView<'_> {
    let (nodes, nodes_total) = room::first(&bundle.nodes, ROWS);
    let (notes, notes_total) = room::first(&bundle.notes, REMARKS);
    BundleView {
        id: &bundle.id,
        path: &bundle.path,
        run_id: &bundle.run_id,
        series: bundle.series.as_deref(),
        origin: &bundle.origin,
        complete: bundle.complete,
        incomplete_reasons: room::first(&bundle.incomplete_reasons, REMARKS).0,
        started: &bundle.started,
        finished: bundle.finished.as_deref(),
        scenario: bundle.scenario.as_deref(),
        services: bundle.services,
        replicas: room::first(&bundle.replicas, ROWS).0,
        server_version: bundle.server_version.as_deref(),
        provider: bundle.provider.as_deref(),
        nodes,
        nodes_total,
        gaps: bundle.gaps,
        notes,
        notes_total,
    }
}
