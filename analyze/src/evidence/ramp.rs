//! The ramp of a bundle, as its timeline tells it.

use bundle::{Action, Scenario};

use crate::corpus::{Corpus, OpenBundle, Studies};

/// Share of a step's endpoints from which it counts as carried: EndpointSlices and syncs arrive
/// one by one, and the last few endpoints may come later.
pub(super) const CARRIED: f64 = 0.99;
/// Endpoints of others' Services that a step down may leave.
pub(super) const OTHERS: f64 = 100.0;

/// A step of a ramp.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DriverStep {
    /// Its line in the timeline.
    pub(super) line: u64,
    /// When the driver acted.
    pub(super) time_ns: i64,
    /// What it asked for.
    pub(super) replicas: u64,
    /// The same in endpoints.
    pub(super) endpoints: u64,
    /// Endpoints that were asked for before it, where the timeline tells.
    pub(super) before: Option<u64>,
    /// Share of them that EndpointSlices carried at the last look before the next step.
    pub(super) propagated: Option<f64>,
    /// When EndpointSlices carried it: after the first moment, by the second.
    pub(super) in_slices: Option<[i64; 2]>,
    /// Whether it asks for more than the step before.
    pub(super) up: bool,
    /// When the ramp turns round after it.
    pub(super) turn_ns: Option<i64>,
}

impl DriverStep {
    /// Whether so many endpoints are what it asks for or, on the way up, more.
    pub(super) fn is_met_by(&self, endpoints: f64) -> bool {
        let wanted = self.endpoints as f64;
        if self.up {
            self.endpoints > 0 && endpoints >= wanted * CARRIED
        } else {
            endpoints <= wanted * (2.0 - CARRIED) + OTHERS
        }
    }
}

/// The steps of a bundle's ramp. What was scaled before all Services were there is set-up, and no
/// step: its endpoints came with the Services.
pub(super) fn steps(open: &OpenBundle) -> Vec<DriverStep> {
    let workload = open.bundle.manifest.workload.as_ref();
    let services = workload.map_or(0, |workload| workload.services);
    let mut steps: Vec<DriverStep> = Vec::new();
    let mut looks: Vec<Look> = Vec::new();
    for (line, row) in &open.bundle.timeline.rows {
        let Some(time_ns) = row.time.timestamp_nanos_opt() else {
            continue;
        };
        if row.action == Action::Generate {
            steps.clear();
            looks.clear();
        } else if let Some(replicas) = row.replicas() {
            let endpoints = services.saturating_mul(replicas);
            let replicas_before = row.achieved.filter(|n| *n >= 0.0 && *n < 1e9);
            let told = replicas_before.map(|n| services.saturating_mul(n as u64));
            let before = steps.last().map(|step| step.endpoints).or(told);
            steps.push(DriverStep {
                line: *line,
                time_ns,
                replicas,
                endpoints,
                before,
                propagated: None,
                in_slices: None,
                up: endpoints >= before.unwrap_or(0),
                turn_ns: None,
            });
        } else if row.action == Action::Endpoints
            && let Some(achieved) = row.achieved
        {
            looks.push(Look { time_ns, achieved });
            if let Some(step) = steps.last_mut().filter(|step| step.endpoints > 0) {
                // The last look before the next step is the one that counts.
                step.propagated = Some(achieved / step.endpoints as f64);
            }
        }
    }
    turns(&mut steps);
    in_slices(&mut steps, &looks);
    steps
}

/// The steps of each bundle's ramp.
pub(super) struct Ramps(Vec<Vec<DriverStep>>);

impl Ramps {
    /// Of every bundle that ramps towards endpoints of its own.
    pub(super) fn of(corpus: &Corpus) -> Self {
        let of_bundle = |open: &OpenBundle| {
            let workload = open.bundle.manifest.workload.as_ref();
            let ramps = workload.is_some_and(|load| load.scenario == Scenario::Ramp);
            let steps = if ramps { steps(open) } else { Vec::new() };
            let some = steps.iter().any(|step| step.endpoints > 0);
            if some { steps } else { Vec::new() }
        };
        Self(corpus.bundles.iter().map(of_bundle).collect())
    }

    /// For each input the steps of its bundle; none of a loose log.
    pub(super) fn by_input(&self, studies: &Studies) -> Vec<&[DriverStep]> {
        let of = |owner: &Option<usize>| {
            let steps = owner.and_then(|owner| self.0.get(owner));
            steps.map_or(&[][..], Vec::as_slice)
        };
        studies.owners.iter().map(of).collect()
    }
}

/// A look at EndpointSlices.
struct Look {
    time_ns: i64,
    achieved: f64,
}

/// When the ramp turns round after each step.
fn turns(steps: &mut [DriverStep]) {
    let mut later: Option<(bool, i64, Option<i64>)> = None;
    for step in steps.iter_mut().rev() {
        step.turn_ns = match later {
            Some((up, time, _)) if up != step.up => Some(time),
            Some((_, _, turn)) => turn,
            None => None,
        };
        later = Some((step.up, step.time_ns, step.turn_ns));
    }
}

/// Gives each step the looks between which EndpointSlices came to carry it. Steps of one
/// direction are met in their order, so that each look is taken once.
fn in_slices(steps: &mut [DriverStep], looks: &[Look]) {
    let mut look: usize = 0;
    for step in steps {
        let last = look.checked_sub(1).and_then(|at| looks.get(at));
        let mut after = step.time_ns.max(last.map_or(i64::MIN, |last| last.time_ns));
        while let Some(at) = looks.get(look) {
            if step.turn_ns.is_some_and(|turn| at.time_ns >= turn) {
                break;
            }
            if at.time_ns >= step.time_ns {
                if step.is_met_by(at.achieved) {
                    step.in_slices = Some([after, at.time_ns]);
                    break;
                }
                after = at.time_ns;
            }
            look += 1;
        }
    }
}

/// When a bundle's ramp began, after the last Service was made; none if its timeline makes none.
pub(super) fn began(open: &OpenBundle) -> Option<i64> {
    let generates = |(_, row): &(u64, bundle::Row)| row.action == Action::Generate;
    let first = || steps(open).first().map_or(i64::MAX, |step| step.time_ns);
    open.bundle.timeline.rows.iter().any(generates).then(first)
}
