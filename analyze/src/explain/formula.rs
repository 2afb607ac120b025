//! What each figure is, and who says so.

use crate::gate::{Call, Function, Target};
use crate::report::Report;

/// A formula and its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Formula {
    /// The formula, in words and signs.
    pub(super) text: &'static str,
    /// Where it is from.
    pub(super) source: &'static str,
}

const DURATIONS: &str = "kube-proxy's own `elapsed`, as logged with `SyncProxyRules complete`";
const PERCENTILE: &str = "type 7 of Hyndman and Fan, \"Sample Quantiles in Statistical Packages\", 1996; numpy's default";
const BY_RUN: &str = "one value a run, its trials' mean: Welch 1947; paired where runs were made in \
                      blocks: Student 1908; free of a straight drift where one side ran first: \
                      Fisher 1932";
const PHASES: &str = "kube-proxy's log: `Reloading service nftables data` parts the two, and \
                      start = complete - elapsed";
/// The formula of a figure.
pub(super) fn of(function: Function) -> Formula {
    let (text, source) = match function {
        Function::Mean => ("sum of the durations / n", DURATIONS),
        Function::Median => (
            "the middle duration, or the mean of the two in the middle",
            DURATIONS,
        ),
        Function::Sd => (
            "sqrt(sum of (duration - mean)^2 / (n - 1))",
            "sample standard deviation",
        ),
        Function::Cv => ("sd / mean", "coefficient of variation"),
        Function::Min => ("the shortest duration", DURATIONS),
        Function::Max => ("the longest duration", DURATIONS),
        Function::P5 => (
            "the value at 0.05 (n - 1), linear between neighbours",
            PERCENTILE,
        ),
        Function::P25 => (
            "the value at 0.25 (n - 1), linear between neighbours",
            PERCENTILE,
        ),
        Function::P75 => (
            "the value at 0.75 (n - 1), linear between neighbours",
            PERCENTILE,
        ),
        Function::P95 => (
            "the value at 0.95 (n - 1), linear between neighbours",
            PERCENTILE,
        ),
        Function::N => (
            "number of runs with a trial",
            "a run is one bundle and node; of loose logs a node, or what --run says",
        ),
        Function::Build => ("sum of (Reloading - start) / n", PHASES),
        Function::Commit => ("sum of (complete - Reloading) / n", PHASES),
        Function::CommitShare => (
            "commit / (build + commit), each summed over the trials",
            PHASES,
        ),
        Function::Failed => (
            "number of syncs before whose end `Sync failed` is logged",
            "kube-proxy's log",
        ),
        Function::Staleness => (
            "sum of (end of the sync that carried the step - the driver's action) / steps carried",
            "the timeline and kube-proxy's log",
        ),
        Function::StalenessMax => (
            "the longest (end of the sync that carried the step - the driver's action)",
            "the timeline and kube-proxy's log",
        ),
        Function::Lockups => (
            "the longest `stuck for N` x 2^30 ns (1.0737 s)",
            "kernel/watchdog.c, get_timestamp(): running_clock() >> 30",
        ),
        Function::Improvement => (
            "(mean(baseline) - mean(candidate)) / mean(baseline) x 100",
            "what the published benchmark calls \"73 % faster\"",
        ),
        Function::ImprovementLow => (
            "100 (1 - exp(d + t s)), d the difference of the mean logarithms of runs, s its error",
            BY_RUN,
        ),
        Function::ImprovementHigh => (
            "100 (1 - exp(d - t s)), d the difference of the mean logarithms of runs, s its error",
            BY_RUN,
        ),
        Function::Speedup => (
            "mean(baseline) / mean(candidate)",
            "improvement = 100 (1 - 1 / speed-up)",
        ),
        Function::P => (
            "P(|T| >= |d / s|), T Student's t, d the difference of the mean logarithms of runs",
            BY_RUN,
        ),
        Function::PHolm => (
            "max over j <= i of (m - j + 1) p(j), the p-values of a study's m comparisons in ascending \
             order",
            "Holm, \"A Simple Sequentially Rejective Multiple Test Procedure\", 1979",
        ),
        Function::Shift => (
            "the median of all differences baseline - candidate of run means",
            "Hodges and Lehmann, \"Estimates of Location Based on Rank Tests\", 1963",
        ),
        Function::Delta => (
            "share of pairs of runs with baseline > candidate - share with baseline < candidate",
            "Cliff, \"Dominance Statistics\", 1993",
        ),
        Function::Exponent => (
            "slope of least squares through ln(seconds) against ln(scale)",
            "Draper and Smith, \"Applied Regression Analysis\", 1998, chapter 1",
        ),
        Function::Warnings => ("number of warnings", "this report"),
        Function::Incomplete => (
            "whether a bundle's verdict is `incomplete`",
            "bundle.json, `verdict`",
        ),
    };
    Formula { text, source }
}

/// What chose the inputs: the study's rule, and the scale where that is matched.
pub(super) fn rule(report: &Report, call: &Call, target: Target<'_>) -> Option<String> {
    let study = match target {
        Target::Whole | Target::Curve(..) => return None,
        Target::Group(group) => &group.study,
        Target::Pair(pair) => &pair.study,
    };
    let counts = !matches!(
        call.function,
        Function::Failed | Function::Staleness | Function::StalenessMax | Function::Lockups
    );
    let study = report
        .studies
        .iter()
        .find(|one| one.id == *study)
        .filter(|_| counts)?;
    let scale = match (call.matched, study.matched_scale) {
        (true, Some(scale)) => {
            format!(" Of these, the trials within 2 % of {scale} endpoints, which every group has.")
        }
        _ => String::new(),
    };
    Some(format!("{}{scale}", study.rule.text))
}
