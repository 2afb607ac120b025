//! How long a node's kernel took to hold what was asked for: the outcome that does not depend on
//! how kube-proxy cut the work into syncs.

use kube_proxy_logs::{Outcome, Sync};

use super::net_change::endpoints;
use super::ramp::DriverStep;
use crate::report::{Convergence, RampStep};
use crate::stats::summary;

/// A node's whole ramp, from its first step to the sync after which the kernel holds the last
/// one's endpoints; none if no step was left to carry. `rows`: its steps, without those that were
/// in place when they began.
pub(super) fn of_node(
    steps: &[DriverStep],
    rows: &[RampStep],
    syncs: &[(usize, Sync)],
) -> Option<Convergence> {
    let (first, last) = (rows.first()?, rows.last()?);
    let at_line = |row: &RampStep| steps.iter().find(|step| step.line == row.line);
    let (from, to) = (at_line(first)?, at_line(last)?);
    let known: Vec<f64> = rows.iter().filter_map(|row| row.staleness_s).collect();
    let whole = last.sync.and_then(|place| whole(to, place, syncs));
    let end = whole.and_then(|(_, sync)| sync.end_ns);
    Some(Convergence {
        study: first.study.clone(),
        bundle: first.bundle.clone(),
        group: first.group.clone(),
        node: first.node.clone(),
        time: first.time.clone(),
        endpoints: last.endpoints,
        steps: rows.len(),
        carried: known.len(),
        in_place: steps.len() - rows.len(),
        mean_step_s: summary::mean(&known),
        ramp_s: end.map(|end| seconds(end.saturating_sub(from.time_ns))),
        from_slices_s: whole.and_then(|(_, sync)| from_slices(to, &sync)),
        sync: whole.map(|(place, _)| place),
        input: first.input.clone(),
        lines: [first.line, last.line],
    })
}

/// The sync that carried a step's last endpoint: from the one that carried the step on the first
/// with all of them, else that one.
fn whole(step: &DriverStep, carrying: usize, syncs: &[(usize, Sync)]) -> Option<(usize, Sync)> {
    let from = syncs.iter().position(|(place, _)| *place == carrying)?;
    let turn = step.turn_ns;
    let before_turn =
        |sync: &Sync| turn.is_none_or(|turn| sync.start_ns.is_some_and(|at| at < turn));
    let all = |count: u64| {
        if step.up {
            count >= step.endpoints
        } else {
            step.is_met_by(count as f64)
        }
    };
    syncs[from..]
        .iter()
        .take_while(|(_, sync)| before_turn(sync))
        .filter(|(_, sync)| sync.outcome == Outcome::Ok)
        .find(|(_, sync)| endpoints(sync).is_some_and(all))
        .or(syncs.get(from))
        .copied()
}

/// Least and most seconds from EndpointSlices carrying a step to the end of the sync that did:
/// looks at EndpointSlices tell it only as between two of them, and rules hold no more than
/// EndpointSlices did when they were built. None where no look saw them carry it.
pub(super) fn from_slices(step: &DriverStep, sync: &Sync) -> Option<[f64; 2]> {
    let ([after, by], end) = (step.in_slices?, sync.end_ns?);
    let built = end.saturating_sub_unsigned(sync.commit_ns.unwrap_or(0));
    let by = by.min(built).max(after);
    Some([end.saturating_sub(by), end.saturating_sub(after)].map(|ns| seconds(ns.max(0))))
}

fn seconds(ns: i64) -> f64 {
    ns as f64 / 1e9
}
