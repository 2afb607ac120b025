//! The rule that makes a sync a trial.

use bundle::{Action, Scenario};
use kube_proxy_logs::{Family, Outcome, Sync};

use super::full_scale::FullScale;
use crate::cli::{FamilyChoice, Plan};
use crate::corpus::{Corpus, Studies};
use crate::report::{LeftOut, Rule};

/// The clauses, in the order in which they are tried; each is also a sync's `why_not`.
const CLAUSES: [&str; 11] = [
    "failed",
    "unfinished",
    "outside the time window",
    "other family",
    "waited for the other family",
    "endpoints unknown",
    "too few endpoints",
    "too many endpoints",
    "too short",
    "small change",
    "no answer to an action",
];

/// Smallest net change that counts as load: 1 % of the endpoints.
const SMALL_CHANGE: f64 = 0.01;

/// What is known of a sync beside what it says itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circumstances {
    /// Its endpoints minus those of the sync before.
    pub net_change: Option<i64>,
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
    /// Moments that the timeline decides by, in churn and cold-start runs; with the node.
    actions: Vec<(i64, Option<String>)>,
}

impl<'a> TrialRule<'a> {
    /// The rule for the syncs of one study.
    pub fn of(
        plan: &'a Plan,
        corpus: &Corpus,
        studies: &Studies,
        study: usize,
        syncs: &[Sync],
    ) -> Self {
        let mine = || {
            syncs
                .iter()
                .filter(|sync| studies.of_input.get(sync.input as usize) == Some(&study))
        };
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
        Self {
            plan,
            family,
            endpoints_told: mine().any(|sync| sync.endpoints.is_some()),
            scale: FullScale::of(corpus, &studies.owners, of_family),
            scenario,
            actions: manifests().flat_map(|open| actions(&open.bundle)).collect(),
        }
    }

    /// The clause that leaves a sync out; none for a trial.
    #[must_use]
    pub fn why_not(&self, sync: &Sync, of: Circumstances) -> Option<&'static str> {
        let clause = |holds: bool, at: usize| holds.then(|| CLAUSES[at]);
        let endpoints = sync.endpoints;
        let full = self.scale.at(sync.input);
        let below = self
            .min(full)
            .is_some_and(|min| endpoints.is_some_and(|count| count < min));
        let above = self
            .max(full)
            .is_some_and(|max| endpoints.is_some_and(|count| count > max));
        clause(sync.outcome == Outcome::Failed, 0)
            .or_else(|| clause(sync.outcome == Outcome::Unfinished, 1))
            .or_else(|| clause(!self.plan.window.holds(sync.end_ns), 2))
            .or_else(|| clause(self.family.is_some_and(|family| family != sync.family), 3))
            .or_else(|| clause(of.waited, 4))
            .or_else(|| clause(self.endpoints_told && endpoints.is_none(), 5))
            .or_else(|| clause(below, 6))
            .or_else(|| clause(above, 7))
            .or_else(|| clause(self.too_short(sync), 8))
            .or_else(|| clause(!self.by_timeline() && self.small(sync, of.net_change), 9))
            .or_else(|| clause(self.by_timeline() && !of.answers, 10))
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

    fn small(&self, sync: &Sync, net_change: Option<i64>) -> bool {
        let (Some(change), Some(endpoints)) = (net_change, sync.endpoints) else {
            return false;
        };
        !self.plan.include_small_changes && (change as f64) < endpoints as f64 * SMALL_CHANGE
    }

    /// The rule as reports print it, with how many of the study's syncs each clause left out.
    #[must_use]
    pub fn report(&self, why_not: impl Iterator<Item = Option<&'static str>>) -> Rule {
        let (mut trials, mut counts) = (0, [0; CLAUSES.len()]);
        for why in why_not {
            match CLAUSES.iter().position(|clause| Some(*clause) == why) {
                Some(at) => counts[at] += 1,
                None => trials += 1,
            }
        }
        let left_out = CLAUSES
            .iter()
            .zip(counts)
            .filter(|(_, syncs)| *syncs > 0)
            .map(|(clause, syncs)| LeftOut {
                clause: (*clause).to_owned(),
                syncs,
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
            syncs: trials + counts.iter().sum::<u64>(),
            trials,
            left_out,
        }
    }

    /// The clauses on endpoints.
    fn scale_words(&self) -> Vec<String> {
        let full = self.scale.common();
        let from = self.scale.from();
        let mut clauses = Vec::new();
        if let (Some(min), Some(full)) = (self.min(full), full) {
            clauses.push(format!(
                "it programmed at least {min} endpoints (full scale, {from}: {full})"
            ));
        } else if let Some([least, most]) = self.scale.range() {
            let min = self.plan.min_endpoints;
            clauses.push(format!(
                "it programmed at least {min} of its own bundle's endpoints (full scale, {from}: \
                 {least} to {most})"
            ));
        }
        if let Some(max) = self.plan.max_endpoints {
            clauses.push(match self.max(full) {
                Some(max) => format!("it programmed at most {max} endpoints"),
                None => format!("it programmed at most {max} of its own bundle's endpoints"),
            });
        }
        clauses
    }

    fn family_words(&self) -> &'static str {
        match self.family {
            None => "all",
            Some(Family::Ipv4) => "IPv4",
            Some(Family::Ipv6) => "IPv6",
            Some(Family::Unknown) => "not named in the log",
        }
    }

    fn words(&self) -> String {
        let mut clauses = vec!["it succeeded".to_owned()];
        match self.family {
            None => {}
            Some(Family::Unknown) => clauses.push("the log names no family".to_owned()),
            Some(_) => clauses.push(format!("its family is {}", self.family_words())),
        }
        if self.family != Some(Family::Unknown) {
            clauses.push("it did not only wait for the other family's transaction".to_owned());
        }
        if !self.endpoints_told {
            clauses.push("endpoints are not asked for, because no sync tells them".to_owned());
        } else {
            clauses.extend(self.scale_words());
        }
        if let Some(seconds) = self.plan.min_elapsed_s {
            clauses.push(format!("it took at least {seconds} s"));
        }
        if self.by_timeline() {
            clauses
                .push("it is the node's first to begin after an action of the timeline".to_owned());
        } else if !self.plan.include_small_changes && self.endpoints_told {
            clauses.push("its net change is at least 1 % of its endpoints, or unknown".to_owned());
        }
        format!("A sync is a trial if {}.", clauses.join("; "))
    }
}

/// The family with the most endpoints; where none tells any, the one that a log has most of.
fn largest_family<'s>(syncs: impl Iterator<Item = &'s Sync>) -> Option<Family> {
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
