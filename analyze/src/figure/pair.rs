//! Figures of a comparison.

use super::Figure;
use super::inputs::{self, Inputs};
use super::rule::{Of, Rule};
use super::unit::Unit::{Number, Percent, Seconds, Share};
use crate::report::{Comparison, Outcome, Report, of_study};

const BY_RUN: &str = "one value a run, its trials' mean: Welch 1947; paired where runs were made in \
                      blocks: Student 1908; free of a straight drift where one side ran first: \
                      Fisher 1932";

const PAIR: Rule<Comparison> = Rule {
    value: |_, _| None,
    about: |_, pair| {
        format!(
            "{}: {} -> {}, {} and {} runs",
            pair.study, pair.baseline, pair.candidate, pair.n[0], pair.n[1]
        )
    },
    missing: "too few runs, or not tested",
    computed: |_, _| None,
    chosen: |report, pair| inputs::rule(report, &pair.study, pair.matched),
    inputs: sides,
};

const CONVERGED: Rule<Comparison> = Rule {
    missing: "no ramp is in the kernels of both, or too few runs",
    chosen: |_, _| None,
    ..PAIR
};

pub(super) static FIGURES: [Figure; 10] = [
    Figure {
        name: "improvement",
        unit: Percent,
        help: "how much shorter the candidate's mean is",
        formula: "(mean(baseline) - mean(candidate)) / mean(baseline) x 100",
        source: "what the published benchmark calls \"73 % faster\"",
        of: Of::Pair(Rule {
            value: |_, pair| pair.improvement_pct,
            computed: |_, pair| {
                let (baseline, candidate) = pair.mean_s[0].zip(pair.mean_s[1])?;
                Some(format!(
                    "({baseline:.9} s - {candidate:.9} s) / {baseline:.9} s x 100 = {:.6} %",
                    pair.improvement_pct?
                ))
            },
            ..PAIR
        }),
    },
    Figure {
        name: "improvement_low",
        unit: Percent,
        help: "lower end of its 95 % interval, by run",
        formula: "100 (1 - exp(d + t s)), d the difference of the mean logarithms of runs, s its error",
        source: BY_RUN,
        of: Of::Pair(Rule {
            value: |_, pair| pair.ci95_pct.map(|[low, _]| low),
            computed: |_, pair| interval(pair),
            ..PAIR
        }),
    },
    Figure {
        name: "improvement_high",
        unit: Percent,
        help: "upper end",
        formula: "100 (1 - exp(d - t s)), d the difference of the mean logarithms of runs, s its error",
        source: BY_RUN,
        of: Of::Pair(Rule {
            value: |_, pair| pair.ci95_pct.map(|[_, high]| high),
            computed: |_, pair| interval(pair),
            ..PAIR
        }),
    },
    Figure {
        name: "speedup",
        unit: Number,
        help: "how many times as fast",
        formula: "mean(baseline) / mean(candidate)",
        source: "improvement = 100 (1 - 1 / speed-up)",
        of: Of::Pair(Rule {
            value: |_, pair| pair.speedup,
            computed: |_, pair| {
                let (baseline, candidate) = pair.mean_s[0].zip(pair.mean_s[1])?;
                let speedup = pair.speedup?;
                Some(format!("{baseline:.9} s / {candidate:.9} s = {speedup:.6}"))
            },
            ..PAIR
        }),
    },
    Figure {
        name: "p",
        unit: Share,
        help: "p-value of no difference, by run",
        formula: "P(|T| >= |d / s|), T Student's t, d the difference of the mean logarithms of runs",
        source: BY_RUN,
        of: Of::Test(Rule {
            value: |_, pair| pair.p_value,
            computed: |_, pair| {
                let ([n, m], freedom) = (pair.n, pair.freedom?);
                Some(format!(
                    "{}: {n} against {m} runs, {freedom:.3} degrees of freedom, p = {:.9}",
                    pair.test, pair.p_value?
                ))
            },
            ..PAIR
        }),
    },
    Figure {
        name: "p_holm",
        unit: Share,
        help: "the same, corrected over the study's comparisons",
        formula: "max over j <= i of (m - j + 1) p(j), the p-values of all that a study tests in \
                  ascending order",
        source: "Holm, \"A Simple Sequentially Rejective Multiple Test Procedure\", 1979",
        of: Of::Test(Rule {
            value: |_, pair| pair.p_holm,
            computed: |report, pair| Some(together(report, pair)),
            ..PAIR
        }),
    },
    Figure {
        name: "convergence_improvement",
        unit: Percent,
        help: "how much sooner the candidate's kernel holds a step of the ramp",
        formula: "(convergence(baseline) - convergence(candidate)) / convergence(baseline) x 100",
        source: "the timeline and kube-proxy's log; steps that every run's kernel came to hold",
        of: Of::Converged(Rule {
            value: |_, pair| pair.improvement_pct,
            computed: |_, pair| {
                let (baseline, candidate) = pair.mean_s[0].zip(pair.mean_s[1])?;
                Some(format!(
                    "({baseline:.9} s - {candidate:.9} s) / {baseline:.9} s x 100 = {:.6} %",
                    pair.improvement_pct?
                ))
            },
            ..CONVERGED
        }),
    },
    Figure {
        name: "convergence_p",
        unit: Share,
        help: "p-value of no difference in that, corrected as p_holm",
        formula: "max over j <= i of (m - j + 1) p(j), the p-values of all that a study tests in \
                  ascending order",
        source: BY_RUN,
        of: Of::Converged(Rule {
            value: |_, pair| pair.p_holm,
            computed: |report, pair| Some(together(report, pair)),
            ..CONVERGED
        }),
    },
    Figure {
        name: "shift",
        unit: Seconds,
        help: "Hodges-Lehmann shift, baseline - candidate",
        formula: "the median of all differences baseline - candidate of run means",
        source: "Hodges and Lehmann, \"Estimates of Location Based on Rank Tests\", 1963",
        of: Of::Pair(Rule {
            value: |_, pair| pair.shift_s,
            computed: |_, pair| {
                let differences = pair.n[0] * pair.n[1];
                Some(match pair.shift_ci95_s {
                    Some([low, high]) => {
                        format!("{differences} differences; 95 % interval {low:.6} to {high:.6} s")
                    }
                    None => {
                        format!("{differences} differences; too few runs for a 95 % interval")
                    }
                })
            },
            ..PAIR
        }),
    },
    Figure {
        name: "delta",
        unit: Number,
        help: "Cliff's delta, by run",
        formula: "share of pairs of runs with baseline > candidate - share with baseline < candidate",
        source: "Cliff, \"Dominance Statistics\", 1993",
        of: Of::Pair(Rule {
            value: |_, pair| pair.cliffs_delta,
            computed: |_, pair| Some(format!("{} pairs", pair.n[0] * pair.n[1])),
            ..PAIR
        }),
    },
];

fn interval(pair: &Comparison) -> Option<String> {
    let [low, high] = pair.ci95_pct?;
    Some(format!(
        "{}: centre {:.6} %, {:.3} degrees of freedom, {low:.6} to {high:.6} %",
        pair.ci_method.as_deref().unwrap_or_default(),
        pair.by_run_pct?,
        pair.freedom?
    ))
}

/// The p-values that are corrected together.
fn together(report: &Report, pair: &Comparison) -> String {
    let both = report.convergence_comparisons.iter();
    let family = of_study(both.chain(&report.comparisons), &pair.study);
    let values: Vec<String> = family
        .filter_map(|one| {
            let (p, corrected) = one.p_value.zip(one.p_holm)?;
            let of = match one.outcome {
                Outcome::Trials => "",
                _ => " by convergence",
            };
            Some(format!("{}{of}: {p:.6} -> {corrected:.6}", one.candidate))
        })
        .collect();
    values.join("; ")
}

fn sides(report: &Report, pair: &Comparison) -> Vec<Inputs> {
    let names = [("baseline", &pair.baseline), ("candidate", &pair.candidate)];
    let side = |((role, name), trials): ((&str, &String), &Vec<usize>)| {
        let rows = match pair.outcome {
            Outcome::Trials => inputs::syncs(report, trials, |row| row.elapsed_s),
            _ => inputs::steps(report, steps(report, &pair.study, name)),
        };
        Inputs::numbered(&format!("{role} {name}"), rows)
    };
    names.into_iter().zip(&pair.trials).map(side).collect()
}

/// The steps that a group's convergence is of.
fn steps<'r>(report: &'r Report, study: &str, name: &str) -> &'r [usize] {
    let mine = of_study(&report.converged, study)
        .find(|one| one.name == name && one.outcome == Outcome::Steps);
    mine.map_or(&[][..], |one| &one.ramp_steps)
}
