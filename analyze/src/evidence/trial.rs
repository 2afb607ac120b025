//! The rule that makes a sync a trial.

mod words;

use std::collections::BTreeMap;

use bundle::{Action, Scenario};
use kube_proxy_logs::{Family, Outcome, Sync};

use super::full_scale::FullScale;
use super::load::Load;
use super::net_change;
use crate::corpus::{Corpus, Studies};
use crate::plan::{FamilyChoice, Plan};
use crate::report::{Clause, LeftOut, Rule};

/// Smallest net change that counts as load: 1 % of the endpoints.
const SMALL_CHANGE: f64 = 0.01;

/// What is known of a sync beside what it says itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circumstances {
    /// Its endpoints minus those of the sync before.
    pub net_change: Option<i64>,
    /// What it carried of the load.
    pub load: Load,
    /// Whether it is its node's first to begin after an action of the timeline.
    pub answers: bool,
    /// Whether it only waited for the other family's transaction.
    pub waited: bool,
}

/// The rule of one study, with its numbers.
#[derive(Debug)]
pub struct TrialRule<'a> {
    plan: &'a Plan,
    family: Option<Family>,
    /// Whether any sync tells its endpoints: without, no clause can ask for them.
    endpoints_told: bool,
    scale: FullScale,
    scenario: Option<Scenario>,
    /// Whether timelines tell the steps of some, and of all, of its logs.
    steps_told: [bool; 2],
    /// Moments that the timeline decides by, in churn and cold-start runs; with the node.
    actions: Vec<(i64, Option<String>)>,
}

impl<'a> TrialRule<'a> {
    /// The rule for the syncs of one study, which `mine` gives. `has_steps`: for each input whether
    /// its bundle's timeline tells of a ramp.
    pub fn of<I: Iterator<Item = Sync>>(
        plan: &'a Plan,
        corpus: &Corpus,
        studies: &Studies,
        study: usize,
        mine: impl Fn() -> I,
        has_steps: &[bool],
    ) -> Self {
        let manifests = || {
            studies.studies[study]
                .bundles
                .iter()
                .filter_map(|place| corpus.bundles.get(*place))
        };
        let family = match plan.family {
            None => largest_family(mine()),
            Some(FamilyChoice::Ipv4) => Some(Family::Ipv4),
            Some(FamilyChoice::Ipv6) => Some(Family::Ipv6),
            Some(FamilyChoice::All) => None,
        };
        let of_family = mine().filter(|sync| family.is_none_or(|family| sync.family == family));
        let scenario = manifests()
            .filter_map(|open| open.bundle.manifest.workload.as_ref().map(|w| w.scenario))
            .find(|scenario| *scenario != Scenario::Ramp);
        let told = |sync: Sync| has_steps.get(sync.input as usize).copied() == Some(true);
        Self {
            plan,
            family,
            endpoints_told: mine().any(|sync| sync.endpoints.is_some()),
            steps_told: [mine().any(told), mine().all(told)],
            scale: FullScale::of(corpus, &studies.owners, of_family),
            scenario,
            actions: manifests().flat_map(|open| actions(&open.bundle)).collect(),
        }
    }

    /// The clause that leaves a sync out; none for a trial.
    #[must_use]
    pub fn why_not(&self, sync: &Sync, of: Circumstances) -> Option<Clause> {
        let unwelcome = || match sync.outcome {
            Outcome::Failed => Some(Clause::Failed),
            Outcome::Unfinished => Some(Clause::Unfinished),
            Outcome::Ok => None,
        };
        let window = || !self.plan.window.holds(sync.end_ns);
        let other = || self.family.is_some_and(|family| family != sync.family);
        let when = |holds: bool, clause: Clause| holds.then_some(clause);
        unwelcome()
            .or_else(|| when(window(), Clause::OutsideWindow))
            .or_else(|| when(other(), Clause::OtherFamily))
            .or_else(|| when(of.waited, Clause::Waited))
            .or_else(|| self.off_scale(sync, of.load))
            .or_else(|| when(self.too_short(sync), Clause::TooShort))
            .or_else(|| self.no_load(sync, of))
    }

    /// Whether it is too small or too large.
    fn off_scale(&self, sync: &Sync, load: Load) -> Option<Clause> {
        let Some(endpoints) = net_change::endpoints(sync) else {
            return self.endpoints_told.then_some(Clause::EndpointsUnknown);
        };
        let full = self.scale.at(sync.input);
        // A sync that carried the load of a step to full scale may itself end well below.
        let reached = match load {
            Load::Carried { step_to } if !self.min_is_asked_for() => step_to.max(Some(endpoints)),
            _ => Some(endpoints),
        };
        if self.min(full).is_some_and(|min| reached < Some(min)) {
            Some(Clause::TooFewEndpoints)
        } else if self.max(full).is_some_and(|max| endpoints > max) {
            Some(Clause::TooManyEndpoints)
        } else {
            None
        }
    }

    /// Whether it carried no load.
    fn no_load(&self, sync: &Sync, of: Circumstances) -> Option<Clause> {
        if self.by_timeline() {
            return (!of.answers).then_some(Clause::NoAnswer);
        }
        let (Some(change), Some(endpoints)) = (of.net_change, sync.endpoints) else {
            return None;
        };
        let small = (change as f64) < endpoints as f64 * SMALL_CHANGE;
        match of.load {
            _ if self.plan.include_small_changes => None,
            Load::Carried { step_to: Some(_) } => None,
            _ if change < 0 => Some(Clause::FewerEndpoints),
            _ if small => Some(Clause::SmallChange),
            Load::Part => Some(Clause::NotTheLoad),
            Load::Carried { step_to: None } | Load::Unknown => None,
        }
    }

    /// Whether the timeline decides instead of the net change.
    #[must_use]
    pub fn by_timeline(&self) -> bool {
        self.scenario.is_some() && !self.actions.is_empty() && !self.plan.include_small_changes
    }

    /// The actions that the timeline decides by: nanoseconds since the epoch, and the node
    /// where only one is meant.
    #[must_use]
    pub fn actions(&self) -> &[(i64, Option<String>)] {
        &self.actions
    }

    /// The family that it selects; none: all.
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        self.family
    }

    fn min(&self, full: Option<u64>) -> Option<u64> {
        self.plan.min_endpoints.at(full)
    }

    fn max(&self, full: Option<u64>) -> Option<u64> {
        self.plan.max_endpoints.and_then(|bound| bound.at(full))
    }

    fn too_short(&self, sync: &Sync) -> bool {
        self.plan
            .min_elapsed_s
            .is_some_and(|least| sync.elapsed_ns.is_none_or(|ns| (ns as f64) < least * 1e9))
    }

    /// Whether `--min-endpoints` was given: then it is taken at its word.
    fn min_is_asked_for(&self) -> bool {
        self.plan.selection.min_endpoints.is_some()
    }

    /// The rule as reports print it, with how many of the study's syncs each clause left out.
    #[must_use]
    pub fn report(&self, why_not: impl Iterator<Item = Option<Clause>>) -> Rule {
        let mut counts: BTreeMap<Option<Clause>, u64> = BTreeMap::new();
        for why in why_not {
            *counts.entry(why).or_default() += 1;
        }
        let trials = counts.remove(&None).unwrap_or(0);
        let left_out: Vec<LeftOut> = counts
            .into_iter()
            .filter_map(|(clause, syncs)| {
                let clause = clause?.words().to_owned();
                Some(LeftOut { clause, syncs })
            })
            .collect();
        let full = self.scale.common();
        Rule {
            text: self.words(),
            family: self.family_words().to_owned(),
            target_endpoints: full,
            target_from: self.scale.from().to_owned(),
            min_endpoints: self.endpoints_told.then(|| self.min(full)).flatten(),
            max_endpoints: self.max(full),
            syncs: trials + left_out.iter().map(|left| left.syncs).sum::<u64>(),
            trials,
            left_out,
        }
    }
}

/// The family with the most endpoints; where none tells any, the one that a log has most of.
fn largest_family(syncs: impl Iterator<Item = Sync>) -> Option<Family> {
    let mut largest: [(u64, u64, Option<Family>); 3] = [(0, 0, None); 3];
    for sync in syncs {
        let slot = &mut largest[sync.family as usize];
        slot.0 = slot.0.max(sync.endpoints.unwrap_or(0));
        slot.1 += 1;
        slot.2 = Some(sync.family);
    }
    // On a tie the first: IPv4 before IPv6 before unnamed.
    let best = largest
        .iter()
        .rev()
        .max_by_key(|(endpoints, count, _)| (*endpoints, *count))?;
    best.2
}

/// What the timeline decides by: pods deleted, kube-proxies restarted.
fn actions(bundle: &bundle::Bundle) -> Vec<(i64, Option<String>)> {
    bundle
        .timeline
        .rows
        .iter()
        .filter_map(|(_, row)| {
            let node = match row.action {
                Action::Churn => None,
                Action::Restart => Some(row.detail.clone()),
                _ => return None,
            };
            Some((row.time.timestamp_nanos_opt()?, node))
        })
        .collect()
}
