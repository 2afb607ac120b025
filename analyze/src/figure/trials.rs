//! Figures of a group's trials, all of them or those at matched scale.

use super::Figure;
use super::inputs::{self, Inputs};
use super::rule::{Of, Rule};
use super::target::full_name;
use super::unit::Unit::{Count, Seconds, Share};
use crate::report::words::counted;
use crate::report::{Group, Report};

const DURATIONS: &str = "kube-proxy's own `elapsed`, as logged with `SyncProxyRules complete`";
const PERCENTILE: &str = "type 7 of Hyndman and Fan, \"Sample Quantiles in Statistical Packages\", 1996; numpy's default";
const PHASES: &str = "kube-proxy's log: `Reloading service nftables data` parts the two, and \
                      start = complete - elapsed";

const TRIALS: Rule<Group> = Rule {
    value: |_, _| None,
    about,
    missing: "too few trials",
    computed: |_, _| None,
    chosen,
    inputs: |report, group| of_trials(report, group, |row| row.elapsed_s),
};

pub(super) static FIGURES: [Figure; 13] = [
    Figure {
        name: "mean",
        unit: Seconds,
        help: "mean duration",
        formula: "sum of the durations / n",
        source: DURATIONS,
        of: Of::Trials(Rule {
            value: |_, group| group.mean_s,
            computed: |_, group| {
                let (mean, n) = (group.mean_s?, group.n_trials);
                Some(format!("{:.9} s / {n} = {mean:.9} s", mean * n as f64))
            },
            ..TRIALS
        }),
    },
    Figure {
        name: "median",
        unit: Seconds,
        help: "median",
        formula: "the middle duration, or the mean of the two in the middle",
        source: DURATIONS,
        of: Of::Trials(Rule {
            value: |_, group| group.median_s,
            ..TRIALS
        }),
    },
    Figure {
        name: "sd",
        unit: Seconds,
        help: "sample standard deviation",
        formula: "sqrt(sum of (duration - mean)^2 / (n - 1))",
        source: "sample standard deviation",
        of: Of::Trials(Rule {
            value: |_, group| group.sd_s,
            computed: |_, group| {
                let (mean, n, sd) = (group.mean_s?, group.n_trials, group.sd_s?);
                Some(format!("mean {mean:.9} s, n = {n}: sd = {sd:.9} s"))
            },
            ..TRIALS
        }),
    },
    Figure {
        name: "cv",
        unit: Share,
        help: "sd / mean",
        formula: "sd / mean",
        source: "coefficient of variation",
        of: Of::Trials(Rule {
            value: |_, group| group.cv,
            computed: |_, group| {
                let (sd, mean, cv) = (group.sd_s?, group.mean_s?, group.cv?);
                Some(format!("{sd:.9} s / {mean:.9} s = {cv:.6}"))
            },
            ..TRIALS
        }),
    },
    Figure {
        name: "min",
        unit: Seconds,
        help: "shortest",
        formula: "the shortest duration",
        source: DURATIONS,
        of: Of::Trials(Rule {
            value: |_, group| group.min_s,
            ..TRIALS
        }),
    },
    Figure {
        name: "max",
        unit: Seconds,
        help: "longest",
        formula: "the longest duration",
        source: DURATIONS,
        of: Of::Trials(Rule {
            value: |_, group| group.max_s,
            ..TRIALS
        }),
    },
    Figure {
        name: "p5",
        unit: Seconds,
        help: "5th percentile",
        formula: "the value at 0.05 (n - 1), linear between neighbours",
        source: PERCENTILE,
        of: Of::Trials(Rule {
            value: |_, group| group.p5_s,
            ..TRIALS
        }),
    },
    Figure {
        name: "p25",
        unit: Seconds,
        help: "25th percentile",
        formula: "the value at 0.25 (n - 1), linear between neighbours",
        source: PERCENTILE,
        of: Of::Trials(Rule {
            value: |_, group| group.p25_s,
            ..TRIALS
        }),
    },
    Figure {
        name: "p75",
        unit: Seconds,
        help: "75th percentile",
        formula: "the value at 0.75 (n - 1), linear between neighbours",
        source: PERCENTILE,
        of: Of::Trials(Rule {
            value: |_, group| group.p75_s,
            ..TRIALS
        }),
    },
    Figure {
        name: "p95",
        unit: Seconds,
        help: "95th percentile",
        formula: "the value at 0.95 (n - 1), linear between neighbours",
        source: PERCENTILE,
        of: Of::Trials(Rule {
            value: |_, group| group.p95_s,
            ..TRIALS
        }),
    },
    Figure {
        name: "n",
        unit: Count,
        help: "number of runs with a trial",
        formula: "number of runs with a trial",
        source: "a run is one bundle and node; of loose logs a node, or what --run says",
        of: Of::Trials(Rule {
            value: |_, group| Some(group.n as f64),
            ..TRIALS
        }),
    },
    Figure {
        name: "build",
        unit: Seconds,
        help: "mean time to make the rules",
        formula: "sum of (Reloading - start) / n",
        source: PHASES,
        of: Of::Trials(Rule {
            value: |_, group| group.build_mean_s,
            inputs: |report, group| of_trials(report, group, |row| row.build_s),
            ..TRIALS
        }),
    },
    Figure {
        name: "commit",
        unit: Seconds,
        help: "mean time from there to the end: nft or iptables-restore whole, and what follows",
        formula: "sum of (complete - Reloading) / n",
        source: PHASES,
        of: Of::Trials(Rule {
            value: |_, group| group.commit_mean_s,
            inputs: |report, group| of_trials(report, group, |row| row.commit_s),
            ..TRIALS
        }),
    },
];

fn of_trials(report: &Report, group: &Group, value: inputs::OfSync) -> Vec<Inputs> {
    let rows = inputs::syncs(report, &group.trials, value);
    vec![Inputs::numbered(&group.name, rows)]
}

fn about(_: &Report, group: &Group) -> String {
    format!(
        "{}, {}, {}",
        full_name(group),
        counted(group.n as u64, "run"),
        counted(group.n_trials as u64, "trial")
    )
}

fn chosen(report: &Report, group: &Group) -> Option<String> {
    let matched = report
        .matched_groups
        .iter()
        .any(|one| std::ptr::eq(one, group));
    inputs::rule(report, &group.study, matched)
}
