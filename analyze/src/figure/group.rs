//! Figures of all that a group did; never at matched scale.

use super::Figure;
use super::inputs::{self, Inputs};
use super::rule::{Of, Rule};
use super::unit::Unit::{Count, Seconds, Share};
use super::whose::Whose;
use crate::report::words::counted;
use crate::report::{Complaint, ConvergedGroup, LockupSummary, Outcome, Report, of_study};
use crate::report::{Staleness, TimeSplit};

const RAMP: &str = "the timeline and kube-proxy's log";

const GROUP: Rule<Whose> = Rule {
    value: |_, _| None,
    about: |_, group| group.full_name(),
    missing: "",
    computed: |_, _| None,
    chosen: |_, _| None,
    inputs: |_, _| Vec::new(),
};

const STALENESS: Rule<Whose> = Rule {
    about: |report, group| match staleness(report, group) {
        Some(one) => format!(
            "{}, {} of {} steps",
            group.full_name(),
            one.carried,
            one.steps
        ),
        None => group.full_name(),
    },
    missing: "no sync carried a step of a ramp",
    inputs: |report, group| {
        let steps = staleness(report, group).map_or(&[][..], |one| &one.ramp_steps);
        vec![Inputs::numbered(&group.name, inputs::steps(report, steps))]
    },
    ..GROUP
};

const CONVERGENCE: Rule<Whose> = Rule {
    missing: "no ramp is in the kernel of every run",
    inputs: |report, group| {
        let of = converged(report, group, Outcome::Steps);
        let steps = of.map_or(&[][..], |one| &one.ramp_steps);
        vec![Inputs::numbered(&group.name, inputs::steps(report, steps))]
    },
    ..GROUP
};

pub(super) static FIGURES: [Figure; 7] = [
    Figure {
        name: "commit_share",
        unit: Share,
        help: "share of the commit in the trials' time",
        formula: "commit / (build + commit), each summed over the trials",
        source: "kube-proxy's log: `Reloading service nftables data` parts the two, and start = \
                 complete - elapsed",
        of: Of::Group(Rule {
            value: |report, group| split(report, group)?.commit_share,
            missing: "no trial tells its commit",
            computed: |report, group| {
                let split = split(report, group)?;
                Some(format!(
                    "{:.6} s / ({:.6} s + {:.6} s) = {:.6}",
                    split.commit_s, split.build_s, split.commit_s, split.commit_share?
                ))
            },
            chosen: |report, group| inputs::rule(report, &group.study, false),
            inputs: |report, group| {
                let trials = split(report, group).map_or(&[][..], |one| &one.split_trial_ids);
                let rows = inputs::syncs(report, trials, |row| row.commit_s);
                vec![Inputs::numbered(&group.name, rows)]
            },
            ..GROUP
        }),
    },
    Figure {
        name: "failed",
        unit: Count,
        help: "number of syncs that failed",
        formula: "number of syncs before whose end `Sync failed` is logged",
        source: "kube-proxy's log",
        of: Of::Group(Rule {
            value: |report, group| Some(split(report, group)?.failed as f64),
            missing: "no sync was read",
            inputs: |report, group| {
                let failed = split(report, group).map_or(&[][..], |one| &one.failed_ids);
                let rows = inputs::syncs(report, failed, |row| row.elapsed_s);
                vec![Inputs::numbered(&group.name, rows)]
            },
            ..GROUP
        }),
    },
    Figure {
        name: "staleness",
        unit: Seconds,
        help: "mean time from a step of the ramp to the sync that carried it",
        formula: "sum of (end of the sync that carried the step - the driver's action) / steps carried",
        source: RAMP,
        of: Of::Group(Rule {
            value: |report, group| staleness(report, group)?.mean_s,
            ..STALENESS
        }),
    },
    Figure {
        name: "staleness_max",
        unit: Seconds,
        help: "the longest",
        formula: "the longest (end of the sync that carried the step - the driver's action)",
        source: RAMP,
        of: Of::Group(Rule {
            value: |report, group| staleness(report, group)?.worst_s,
            ..STALENESS
        }),
    },
    Figure {
        name: "convergence",
        unit: Seconds,
        help: "mean time from a step of the ramp until the kernel holds it, by run",
        formula: "mean over runs of: sum of (end of the sync after which the kernel holds the step \
                  - the driver's action) / steps",
        source: "the timeline and kube-proxy's log; steps that every run's kernel came to hold",
        of: Of::Group(Rule {
            value: |report, group| Some(converged(report, group, Outcome::Steps)?.mean_s),
            about: |report, group| by_run(report, group, Outcome::Steps),
            ..CONVERGENCE
        }),
    },
    Figure {
        name: "ramp",
        unit: Seconds,
        help: "mean time from a ramp's first step to its last endpoint in the kernel, by run",
        formula: "mean over runs of: end of the sync with the last endpoint - the first step",
        source: RAMP,
        of: Of::Group(Rule {
            value: |report, group| Some(converged(report, group, Outcome::Ramp)?.mean_s),
            about: |report, group| by_run(report, group, Outcome::Ramp),
            ..CONVERGENCE
        }),
    },
    Figure {
        name: "lockups",
        unit: Seconds,
        help: "longest soft lockup that the kernel reported",
        formula: "the longest `stuck for N` x 2^30 ns (1.0737 s)",
        source: "kernel/watchdog.c, get_timestamp(): running_clock() >> 30",
        of: Of::Group(Rule {
            // A kernel that reports no soft lockup has 0 seconds of one.
            value: |report, group| {
                Some(soft_lockups(report, group).map_or(0.0, |one| one.longest_s))
            },
            about: |report, group| match soft_lockups(report, group) {
                Some(one) => format!("{}, {} reports", group.full_name(), one.reports),
                None => format!("{}, no soft lockup was read", group.full_name()),
            },
            inputs: |report, group| {
                let rows = inputs::soft_lockups(report, group);
                vec![Inputs::numbered(&group.name, rows)]
            },
            ..GROUP
        }),
    },
];

fn split<'r>(report: &'r Report, group: &Whose) -> Option<&'r TimeSplit> {
    group.of(&report.time_split, |one| &one.group)
}

fn staleness<'r>(report: &'r Report, group: &Whose) -> Option<&'r Staleness> {
    group.of(&report.staleness, |one| &one.group)
}

/// A group's convergence. A ramp of one step is that step.
fn converged<'r>(
    report: &'r Report,
    group: &Whose,
    outcome: Outcome,
) -> Option<&'r ConvergedGroup> {
    let mine = || of_study(&report.converged, &group.study).filter(|one| one.name == group.name);
    let only = || mine().find(|one| one.outcome == Outcome::Steps && one.steps == 1);
    mine().find(|one| one.outcome == outcome).or_else(only)
}

fn by_run(report: &Report, group: &Whose, outcome: Outcome) -> String {
    match converged(report, group, outcome) {
        Some(one) => format!(
            "{}, {}, {} each",
            group.full_name(),
            counted(one.n as u64, "run"),
            counted(one.steps as u64, "step")
        ),
        None => group.full_name(),
    }
}

fn soft_lockups<'r>(report: &'r Report, group: &Whose) -> Option<&'r LockupSummary> {
    of_study(&report.lockups, &group.study)
        .find(|one| one.group == group.name && one.kind == Complaint::SoftLockup)
}
