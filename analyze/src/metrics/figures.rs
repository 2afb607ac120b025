//! Growth as figures.

use std::collections::BTreeMap;

use super::doubts::Doubts;
use super::growth::{self, Growth};
use super::sample::Labels;
use super::scrapes::{Moment, Series};
use crate::report::Warning;
use crate::report::metrics::{BeyondBuckets, Bucket, Measure, Measured, Metrics, Window, Within};
use crate::report::sync_table::rfc3339;
use crate::stats::histogram::Histogram;

/// Labels that name a kube-proxy, the best first.
const NAMES: [&str; 5] = ["node", "kubernetes_node", "nodename", "instance", "pod"];
const FAMILY: &str = "ip_family";
/// A sum may be beyond what the buckets allow by this share: sums of binary64 are rounded.
const SLACK: f64 = 1e-6;

/// The figures of one series, and what they were made of.
pub(super) struct One {
    of: Measured,
    owner: String,
    histogram: Option<Histogram>,
    ends_ms: [Option<i64>; 2],
}

/// The figures of each series of durations.
pub(super) fn of(series: &[Series], doubts: &mut Doubts) -> Vec<One> {
    let failures: BTreeMap<(&str, &Labels), u64> = series
        .iter()
        .filter(|one| one.measure == Measure::Failure)
        .filter_map(|one| Some(((&*one.owner, &one.labels), growth::of(one)?.n)))
        .collect();
    let durations = series.iter().filter(|one| one.measure != Measure::Failure);
    durations
        .filter_map(|one| {
            let Some(growth) = growth::of(one) else {
                doubt(
                    one,
                    "no_count",
                    "neither _count nor buckets: of a sum alone nothing is told",
                    doubts,
                );
                return None;
            };
            let failed = failures.get(&(&*one.owner, &one.labels));
            let failed = failed.filter(|_| one.measure == Measure::Sync);
            Some(figures(one, growth, failed.copied(), doubts))
        })
        .collect()
}

fn doubt(of: &Series, code: &'static str, problem: &str, doubts: &mut Doubts) {
    if let Some(last) = of.moments.last() {
        doubts.add(code, &last.input, Some(&last.place), problem);
    }
}

fn figures(of: &Series, growth: Growth, failed: Option<u64>, doubts: &mut Doubts) -> One {
    if growth.left_out {
        let problem = "parts of it were scraped at other moments than its count, and are not used: ask \
                       for _sum, _count and _bucket with one beginning, end and step";
        doubt(of, "other_moments", problem, doubts);
    }
    let histogram = Histogram::of_cumulative(&growth.buckets);
    if let (Some(histogram), Some(sum)) = (&histogram, growth.sum_s) {
        let [least, most] = histogram.sums();
        if sum < least * (1.0 - SLACK) || sum > most * (1.0 + SLACK) {
            let problem = format!(
                "the sum grew by {sum:.3} s, and the buckets allow {least:.3} to {most:.3} s: they do \
                 not belong together"
            );
            doubt(of, "sum_and_buckets", &problem, doubts);
        }
    }
    let mut labels = of.labels.clone();
    let family = labels.remove(FAMILY);
    let name = NAMES.iter().find_map(|name| labels.get(*name)).cloned();
    let [first, last] = growth.between.map(|at| &of.moments[at]);
    let window = window(first, last, &growth);
    let mut measured = with_buckets(growth.n, growth.sum_s, histogram.as_ref(), window);
    measured.measure = of.measure;
    measured.kube_proxy = Some(name.unwrap_or_else(|| of.owner.clone()));
    measured.ip_family = family;
    measured.labels = labels;
    measured.failed = failed;
    One {
        of: measured,
        owner: of.owner.clone(),
        histogram,
        ends_ms: [first.at_ms, last.at_ms],
    }
}

fn window(first: &Moment, last: &Moment, growth: &Growth) -> Window {
    let time = |ms: i64| rfc3339(ms.saturating_mul(1_000_000));
    let [from, to] = growth.between;
    Window {
        scrapes: to - from + 1,
        since_start: from == to,
        first: first.at_ms.map(time),
        last: last.at_ms.map(time),
        first_at: first.place.in_input(&first.input),
        last_at: last.place.in_input(&last.input),
        restarts: growth.restarts,
    }
}

/// All that follows from a count, a sum and buckets.
fn with_buckets(n: u64, sum_s: Option<f64>, of: Option<&Histogram>, window: Window) -> Measured {
    let quantile = |p: f64| Some(within(of?.quantile(p)?));
    let beyond = of.and_then(|of| of.beyond(sum_s));
    let buckets = of.into_iter().flat_map(|of| of.buckets());
    Measured {
        measure: Measure::Sync,
        kube_proxy: None,
        ip_family: None,
        labels: Labels::new(),
        kube_proxies: 1,
        n,
        failed: None,
        sum_s,
        mean_s: sum_s.filter(|_| n > 0).map(|sum| sum / n as f64),
        p50: quantile(0.5),
        p90: quantile(0.9),
        p99: quantile(0.99),
        longest: beyond
            .and_then(|beyond| beyond.largest)
            .map(outward)
            .or(quantile(1.0)),
        beyond: beyond.map(|beyond| BeyondBuckets {
            bound_s: beyond.bound,
            n: beyond.n,
            mean_s: beyond
                .mean
                .map(outward)
                .map(|mean| [mean.above_s, mean.up_to_s.unwrap_or(mean.above_s)]),
        }),
        buckets: buckets
            .map(|(bounds, n)| Bucket {
                within: within(bounds),
                n,
            })
            .collect(),
        window,
    }
}

/// Where the longer of two lies.
fn longer(one: Within, other: Within) -> Within {
    let up_to = one.up_to_s.zip(other.up_to_s);
    Within {
        above_s: one.above_s.max(other.above_s),
        up_to_s: up_to.map(|(one, other)| one.max(other)),
    }
}

/// To milliseconds, so that all that was within still is.
fn outward([least, most]: [f64; 2]) -> Within {
    within([(least * 1e3).floor() / 1e3, (most * 1e3).ceil() / 1e3])
}

fn within([above, up_to]: [f64; 2]) -> Within {
    Within {
        above_s: above,
        up_to_s: up_to.is_finite().then_some(up_to),
    }
}

/// The figures of each, and of all together.
pub(super) fn report(each: Vec<One>, warnings: Vec<Warning>) -> Metrics {
    let mut by: BTreeMap<Measure, Vec<&One>> = BTreeMap::new();
    for one in &each {
        by.entry(one.of.measure).or_default().push(one);
    }
    let together = by.into_iter().filter_map(|(measure, all)| {
        Some(Measured {
            measure,
            ..together(&all)?
        })
    });
    Metrics {
        together: together.collect(),
        each: each.into_iter().map(|one| one.of).collect(),
        warnings,
    }
}

fn together(all: &[&One]) -> Option<Measured> {
    let histograms: Option<Vec<&Histogram>> =
        all.iter().map(|one| one.histogram.as_ref()).collect();
    let histogram = histograms.and_then(|all| Histogram::merged(&all));
    let sums: Option<Vec<f64>> = all.iter().map(|one| one.of.sum_s).collect();
    let failed: Option<Vec<u64>> = all.iter().map(|one| one.of.failed).collect();
    let first = all.iter().min_by_key(|one| one.ends_ms[0])?;
    let last = all.iter().max_by_key(|one| one.ends_ms[1])?;
    // Of one kube-proxy's two families each tells the same restarts.
    let mut by_kube_proxy: BTreeMap<(&str, &Labels), usize> = BTreeMap::new();
    for one in all {
        let restarts = by_kube_proxy
            .entry((&one.owner, &one.of.labels))
            .or_default();
        *restarts = one.of.window.restarts.max(*restarts);
    }
    let windows = || all.iter().map(|one| &one.of.window);
    let window = Window {
        scrapes: windows().map(|one| one.scrapes).max()?,
        since_start: windows().all(|one| one.since_start),
        first: first.of.window.first.clone(),
        last: last.of.window.last.clone(),
        first_at: first.of.window.first_at.clone(),
        last_at: last.of.window.last_at.clone(),
        restarts: by_kube_proxy.values().sum(),
    };
    let n = all.iter().map(|one| one.of.n).sum();
    let sum_s = sums.map(|sums| sums.iter().sum());
    let longest: Option<Vec<Within>> = all
        .iter()
        .filter(|one| one.of.n > 0)
        .map(|one| one.of.longest)
        .collect();
    Some(Measured {
        kube_proxies: by_kube_proxy.len(),
        longest: longest.and_then(|all| all.into_iter().reduce(longer)),
        failed: failed.map(|failed| failed.iter().sum()),
        ..with_buckets(n, sum_s, histogram.as_ref(), window)
    })
}
