//! Convergence by group: how long kernels took to hold what was asked for, compared run by run.
//!
//! It does not depend on how kube-proxy cut the work into syncs, so it leads wherever a timeline
//! tells of steps. The figure that is tested is a run's mean over its steps; each step, and the
//! whole ramp, stand beside it with their intervals.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Field;
use super::examine;
use super::groups::Summarised;
use super::order::{Order, Span, Timed};
use super::runs::{Run, Source, Sources};
use crate::report::{Comparison, ConvergedGroup, Group, Outcome, RampStep, Report, of_study};
use crate::stats::{summary, welch};

/// A step of a ramp: its endpoints, and which step to so many it is, from 1.
type Key = (u64, usize);

/// The ramps of one run: usually one, of one node.
struct Ramped<'r> {
    group: &'r str,
    source: Source,
    span: Span,
    /// Its steps that a sync carried: seconds, and places in the report.
    steps: BTreeMap<Key, Vec<(f64, usize)>>,
    /// Steps that no sync carried before the log's end.
    open: usize,
    /// Seconds of its whole ramps.
    ramps: Vec<f64>,
}

impl Ramped<'_> {
    /// Seconds of a step.
    fn step(&self, key: Key) -> Option<f64> {
        let of: Vec<f64> = self.steps.get(&key)?.iter().map(|step| step.0).collect();
        summary::mean(&of)
    }

    /// Its places of some steps.
    fn places(&self, keys: &[Key]) -> Vec<usize> {
        let of = keys.iter().filter_map(|key| self.steps.get(key)).flatten();
        of.map(|step| step.1).collect()
    }
}

/// What a figure is of.
#[derive(Clone, Copy)]
struct Figure<'k> {
    outcome: Outcome,
    keys: &'k [Key],
}

impl Figure<'_> {
    /// Its value in a run.
    fn of(self, run: &Ramped<'_>) -> Option<f64> {
        if self.outcome == Outcome::Ramp {
            return summary::mean(&run.ramps);
        }
        let steps: Option<Vec<f64>> = self.keys.iter().map(|key| run.step(*key)).collect();
        summary::mean(&steps?)
    }
}

/// Puts a study's convergence into its report: each group's, and candidates against the baseline.
pub(super) fn put_in(report: &mut Report, sources: Sources<'_>, study: usize, level: f64) {
    let id = &sources.table.studies[study];
    let runs = runs(report, sources, id);
    let Some(keys) = common(&runs) else {
        return;
    };
    let order = Order::of(&timed(&runs));
    let mut figures = vec![Figure {
        outcome: Outcome::Steps,
        keys: &keys,
    }];
    if keys.len() > 1 {
        figures.extend(keys.chunks(1).map(|keys| Figure {
            outcome: Outcome::Step,
            keys,
        }));
        figures.push(Figure {
            outcome: Outcome::Ramp,
            keys: &keys,
        });
    }
    let mut groups = Vec::new();
    let mut comparisons = Vec::new();
    for figure in figures {
        let summarised = summarised(id, &runs, figure, &report.ramp_steps);
        groups.extend(summarised.iter().filter_map(|of| {
            let mine = of.places.iter().filter_map(|at| runs.get(*at));
            converged(
                &of.group,
                &mine.collect::<Vec<_>>(),
                figure,
                &report.ramp_steps,
            )
        }));
        let field = Field {
            groups: &summarised,
            order: &order,
            outcome: figure.outcome,
            matched: true,
            tested: figure.outcome == Outcome::Steps,
            margin: sources.plan.margin,
            level,
        };
        comparisons.extend(examine::comparisons(sources.plan, field));
    }
    for comparison in &mut comparisons {
        comparison.warnings.extend(open_ends(comparison, &runs));
    }
    report.converged.extend(groups);
    report.convergence_comparisons.extend(comparisons);
}

/// The runs of a study that were ramped, by their first step.
fn runs<'r>(report: &'r Report, sources: Sources<'_>, study: &str) -> Vec<Ramped<'r>> {
    let mut by_node: BTreeMap<(&str, &str), Vec<(usize, &RampStep)>> = BTreeMap::new();
    let all = report.ramp_steps.iter().enumerate();
    for (place, step) in all.filter(|(_, step)| step.study == study) {
        let node = (step.bundle.as_str(), step.node.as_str());
        by_node.entry(node).or_default().push((place, step));
    }
    let mut found: BTreeMap<(&str, Source), Ramped<'r>> = BTreeMap::new();
    for whole in of_study(&report.convergence, study) {
        let node = (whole.bundle.as_str(), whole.node.as_str());
        let Some(steps) = by_node.get(&node) else {
            continue;
        };
        let inputs = steps.iter().filter_map(|(_, step)| {
            let sync = sources.table.syncs.get(step.sync?)?;
            Some((sync.input as usize, sync.end_ns?))
        });
        let inputs: Vec<(usize, i64)> = inputs.collect();
        let Some(source) = inputs.first().and_then(|(at, _)| sources.source(*at)) else {
            continue;
        };
        let start_ns = time(&whole.time).unwrap_or_default();
        let end_ns = inputs.iter().map(|(_, end)| *end).max().unwrap_or(start_ns);
        let run = found
            .entry((&whole.group, source.clone()))
            .or_insert_with(|| Ramped {
                group: &whole.group,
                source,
                span: Span { start_ns, end_ns },
                steps: BTreeMap::new(),
                open: 0,
                ramps: Vec::new(),
            });
        run.span.start_ns = run.span.start_ns.min(start_ns);
        run.span.end_ns = run.span.end_ns.max(end_ns);
        run.ramps.extend(whole.ramp_s);
        let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
        for (place, step) in steps.iter().copied() {
            let nth = seen.entry(step.endpoints).or_default();
            *nth += 1;
            match step.staleness_s {
                Some(seconds) => run
                    .steps
                    .entry((step.endpoints, *nth))
                    .or_default()
                    .push((seconds, place)),
                None => run.open += 1,
            }
        }
    }
    let mut runs: Vec<Ramped<'r>> = found.into_values().collect();
    runs.sort_by_key(|run| run.span.start_ns);
    runs
}

fn time(text: &str) -> Option<i64> {
    let time = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    time.timestamp_nanos_opt()
}

/// The steps that the kernel of every run came to hold; none if there is none.
fn common(runs: &[Ramped<'_>]) -> Option<Vec<Key>> {
    let (first, rest) = runs.split_first()?;
    let held = |key: &&Key| rest.iter().all(|run| run.steps.contains_key(key));
    let keys: Vec<Key> = first.steps.keys().filter(held).copied().collect();
    (!keys.is_empty()).then_some(keys)
}

fn timed(runs: &[Ramped<'_>]) -> Vec<Timed> {
    let names: BTreeSet<&str> = runs.iter().map(|run| run.group).collect();
    let group = |name: &str| names.iter().position(|known| *known == name);
    let one = |run: &Ramped<'_>| Timed {
        group: group(run.group).unwrap_or_default(),
        bundle: run.source.bundle,
        span: Some(run.span),
    };
    runs.iter().map(one).collect()
}

/// The groups of a study by one figure, as they are compared.
fn summarised(
    study: &str,
    runs: &[Ramped<'_>],
    figure: Figure<'_>,
    all: &[RampStep],
) -> Vec<Summarised> {
    let names: BTreeSet<&str> = runs.iter().map(|run| run.group).collect();
    let of_group = |name: &str| {
        let mut of = Summarised {
            group: Group::nothing(study, name),
            runs: Vec::new(),
            places: Vec::new(),
        };
        let mine = runs.iter().enumerate().filter(|(_, run)| run.group == name);
        for (place, run) in mine {
            let Some(value) = figure.of(run) else {
                continue;
            };
            let steps = run.places(figure.keys);
            let syncs = steps.iter().filter_map(|at| all.get(*at)?.sync);
            of.group.trials.extend(syncs);
            of.group.run_means_s.push(value);
            of.places.push(place);
            of.runs.push(Run {
                name: run.source.name.clone(),
                bundle: run.source.bundle,
                node: run.source.node.clone(),
                independence: run.source.independence,
                span: Some(run.span),
                trials: Vec::new(),
            });
        }
        of.group.n = of.runs.len();
        of.group.n_trials = of.group.n * figure.keys.len();
        of.group.mean_s = summary::mean(&of.group.run_means_s);
        of.group.ci95_s = welch::of_runs(&of.group.run_means_s);
        let endpoints = || figure.keys.iter().map(|key| key.0);
        of.group.endpoints = endpoints()
            .min()
            .zip(endpoints().max())
            .map(|(a, b)| [a, b]);
        of
    };
    let all = names.into_iter().map(of_group);
    all.filter(|of| of.group.n > 0).collect()
}

fn converged(
    group: &Group,
    runs: &[&Ramped<'_>],
    figure: Figure<'_>,
    all: &[RampStep],
) -> Option<ConvergedGroup> {
    let places: Vec<usize> = runs
        .iter()
        .flat_map(|run| run.places(figure.keys))
        .collect();
    let steps = || places.iter().filter_map(|at| all.get(*at));
    let slices: Option<Vec<[f64; 2]>> = steps().map(|step| step.from_slices_s).collect();
    let bound = |at: usize| {
        let of: Vec<f64> = slices.as_ref()?.iter().map(|pair| pair[at]).collect();
        summary::mean(&of)
    };
    let worst = match figure.outcome {
        Outcome::Ramp => group.run_means_s.iter().copied().fold(0.0, f64::max),
        _ => steps()
            .filter_map(|step| step.staleness_s)
            .fold(0.0, f64::max),
    };
    Some(ConvergedGroup {
        study: group.study.clone(),
        name: group.name.clone(),
        outcome: figure.outcome,
        endpoints: figure.keys.iter().map(|key| key.0).max()?,
        time: match figure.keys {
            [(_, nth)] => *nth,
            _ => 1,
        },
        steps: figure.keys.len(),
        n: group.n,
        runs: runs.iter().map(|run| run.source.name.clone()).collect(),
        run_means_s: group.run_means_s.clone(),
        mean_s: group.mean_s?,
        ci95_s: group.ci95_s,
        worst_s: worst,
        from_slices_s: bound(0)
            .zip(bound(1))
            .filter(|_| figure.outcome != Outcome::Ramp)
            .map(|(least, most)| [least, most]),
        ramp_steps: places,
    })
}

/// Steps that a side's kernels did not come to hold: left out on all sides, they flatter it.
fn open_ends(of: &Comparison, runs: &[Ramped<'_>]) -> Vec<String> {
    let open = |name: &String| -> usize {
        let mine = runs.iter().filter(|run| run.group == *name);
        mine.map(|run| run.open).sum()
    };
    [&of.baseline, &of.candidate]
        .into_iter()
        .map(|name| (name, open(name)))
        .filter(|(_, open)| *open > 0)
        .map(|(name, open)| {
            format!(
                "{open} ramp {} of {name} {} not in its kernel before the log's end: left out on \
                 both sides, which favours {name}",
                if open == 1 { "step" } else { "steps" },
                if open == 1 { "was" } else { "were" },
            )
        })
        .collect()
}
