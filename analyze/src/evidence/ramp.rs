//! The ramp of a bundle, as its timeline tells it.

use bundle::Action;

use crate::corpus::OpenBundle;

/// A step of a ramp.
pub(super) struct Step {
    /// Its line in the timeline.
    pub(super) line: u64,
    /// When the driver acted.
    pub(super) time_ns: i64,
    /// What it asked for.
    pub(super) replicas: u64,
    /// The same in endpoints.
    pub(super) endpoints: u64,
    /// Share of them that EndpointSlices carried at the last look before the next step.
    pub(super) propagated: Option<f64>,
    /// Whether it asks for more than the step before.
    pub(super) up: bool,
}

/// The steps of a bundle's ramp. What was scaled before all Services were there is set-up, and no
/// step: its endpoints came with the Services.
pub(super) fn steps(open: &OpenBundle) -> Vec<Step> {
    let workload = open.bundle.manifest.workload.as_ref();
    let services = workload.map_or(0, |workload| workload.services);
    let mut steps: Vec<Step> = Vec::new();
    for (line, row) in &open.bundle.timeline.rows {
        let Some(time_ns) = row.time.timestamp_nanos_opt() else {
            continue;
        };
        if row.action == Action::Generate {
            steps.clear();
        } else if let Some(replicas) = row.replicas() {
            let endpoints = services.saturating_mul(replicas);
            let before = steps.last().map_or(0, |step| step.endpoints);
            steps.push(Step {
                line: *line,
                time_ns,
                replicas,
                endpoints,
                propagated: None,
                up: endpoints >= before,
            });
        } else if row.action == Action::Endpoints
            && let (Some(step), Some(achieved)) = (steps.last_mut(), row.achieved)
            && step.endpoints > 0
        {
            // The last look before the next step is the one that counts.
            step.propagated = Some(achieved / step.endpoints as f64);
        }
    }
    steps
}

/// When a bundle's ramp began, after the last Service was made; none if its timeline makes none.
pub(super) fn began(open: &OpenBundle) -> Option<i64> {
    let generates = |(_, row): &(u64, bundle::Row)| row.action == Action::Generate;
    let first = || steps(open).first().map_or(i64::MAX, |step| step.time_ns);
    open.bundle.timeline.rows.iter().any(generates).then(first)
}
