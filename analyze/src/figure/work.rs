//! Figures of a group's work: what its syncs cost, and how much of the time they take.

use super::Figure;
use super::inputs::{self, Input, Inputs};
use super::rule::{Of, Rule};
use super::unit::Unit::{Seconds, Share};
use super::whose::Whose;
use crate::report::words::counted;
use crate::report::{CostModel, CostTerm, Report, TimeInSync, UnitCost, in_sync, of_study};

const LOGS: &str = "kube-proxy's log, from its first to its last line, without gaps";
const MODEL: &str = "seconds = sum of unit costs x units, none below 0, by least squares of \
                     relative errors";
const LEAST_SQUARES: &str = "Lawson and Hanson, \"Solving Least Squares Problems\", 1995, \
                             chapter 23";

const TIME: Rule<Whose> = Rule {
    value: |_, _| None,
    about: |report, group| {
        let logs = whole(report, group).count() as u64;
        format!("{}, {}", group.full_name(), counted(logs, "whole log"))
    },
    missing: "no log is whole: syncs may be missing from it",
    computed: |_, _| None,
    chosen: |_, _| None,
    inputs: |report, group| vec![Inputs::numbered(&group.name, nodes(report, group))],
};

/// A unit cost; absent where the syncs do not tell it from the others.
const COST: Rule<Whose> = Rule {
    about: |report, group| match model(report, group) {
        Some(model) => format!(
            "{}, {} of {}",
            group.full_name(),
            counted(model.syncs as u64, "sync"),
            counted(model.runs as u64, "run")
        ),
        None => group.full_name(),
    },
    missing: "these syncs do not tell this cost",
    inputs: |report, group| {
        let rows = model(report, group).map_or_else(Vec::new, |model| points(report, model));
        vec![Inputs::numbered(&group.name, rows)]
    },
    ..TIME
};

pub(super) static FIGURES: [Figure; 6] = [
    Figure {
        name: "in_sync",
        unit: Share,
        help: "share of the time in a sync, all nodes together",
        formula: "seconds in which a sync ran / seconds that the logs cover, each summed over nodes",
        source: LOGS,
        of: Of::Group(Rule {
            value: |report, group| in_sync::together(whole(report, group)),
            ..TIME
        }),
    },
    Figure {
        name: "in_sync_worst_hour",
        unit: Share,
        help: "the same of the worst hour of any node",
        formula: "the largest (seconds in which a sync ran in 3,600 s / 3,600 s)",
        source: LOGS,
        of: Of::Group(Rule {
            value: |report, group| {
                let worst = whole(report, group).filter_map(|one| one.worst_hour);
                worst.reduce(f64::max)
            },
            missing: "no whole log covers an hour",
            ..TIME
        }),
    },
    Figure {
        name: "cost_sync",
        unit: Seconds,
        help: "what a sync costs however little changed",
        formula: MODEL,
        source: LEAST_SQUARES,
        of: Of::Group(Rule {
            value: |report, group| seconds(report, group, CostTerm::Sync),
            computed: |report, group| interval(report, group, CostTerm::Sync),
            ..COST
        }),
    },
    Figure {
        name: "cost_changed_endpoint",
        unit: Seconds,
        help: "what each endpoint changed costs a sync",
        formula: MODEL,
        source: LEAST_SQUARES,
        of: Of::Group(Rule {
            value: |report, group| seconds(report, group, CostTerm::ChangedEndpoint),
            computed: |report, group| interval(report, group, CostTerm::ChangedEndpoint),
            ..COST
        }),
    },
    Figure {
        name: "cost_endpoint",
        unit: Seconds,
        help: "what each endpoint in all costs a sync",
        formula: MODEL,
        source: LEAST_SQUARES,
        of: Of::Group(Rule {
            value: |report, group| seconds(report, group, CostTerm::Endpoint),
            computed: |report, group| interval(report, group, CostTerm::Endpoint),
            ..COST
        }),
    },
    Figure {
        name: "cost_walks",
        unit: Seconds,
        help: "what each million of changed Services times entries carried costs a sync",
        formula: MODEL,
        source: LEAST_SQUARES,
        of: Of::Group(Rule {
            value: |report, group| seconds(report, group, CostTerm::ServicesTimesEntries),
            computed: |report, group| interval(report, group, CostTerm::ServicesTimesEntries),
            ..COST
        }),
    },
];

/// The group's nodes whose logs are whole.
fn whole<'r>(report: &'r Report, group: &'r Whose) -> impl Iterator<Item = &'r TimeInSync> + Clone {
    of_study(&report.in_sync, &group.study)
        .filter(|one| one.group == group.name && one.censored.is_empty())
}

/// A row a node; its place is its longest sync.
fn nodes(report: &Report, group: &Whose) -> Vec<Input> {
    let row = |one: &TimeInSync| {
        let longest = one.longest.and_then(|id| report.syncs.get(id));
        Input {
            value: format!("{:.6} s of {:.6} s", one.syncing_s, one.observed_s),
            about: format!(
                "{}, {}; its longest",
                one.node,
                counted(one.syncs as u64, "sync")
            ),
            place: longest.map(|row| inputs::place(&row)).unwrap_or_default(),
        }
    };
    whole(report, group).map(row).collect()
}

fn model<'r>(report: &'r Report, group: &Whose) -> Option<&'r CostModel> {
    group.of(&report.costs, |one| &one.group)
}

fn term(report: &Report, group: &Whose, term: CostTerm) -> Option<UnitCost> {
    let mut terms = model(report, group)?.terms.iter();
    terms.find(|one| one.term == term).copied()
}

fn seconds(report: &Report, group: &Whose, of: CostTerm) -> Option<f64> {
    Some(term(report, group, of)?.seconds)
}

fn interval(report: &Report, group: &Whose, of: CostTerm) -> Option<String> {
    let (one, model) = (term(report, group, of)?, model(report, group)?);
    let [low, high] = one.ci95_s?;
    let whose = if model.by_run {
        "by run"
    } else {
        "of these syncs alone"
    };
    Some(format!(
        "{:.9} s, 95 % interval {low:.9} to {high:.9} s, {whose}; measured from {} to {} \
         endpoints: beyond is an extrapolation",
        one.seconds, model.endpoints[0], model.endpoints[1]
    ))
}

/// The syncs that it rests on, evenly taken if there are many.
fn points(report: &Report, model: &CostModel) -> Vec<Input> {
    let rows = model.points.iter().filter_map(|point| {
        let row = report.syncs.get(point.sync)?;
        Some(Input {
            value: format!("{:.9} s", point.seconds),
            about: format!("by the model {:.9} s", point.model_s),
            place: inputs::place(&row),
        })
    });
    rows.collect()
}
