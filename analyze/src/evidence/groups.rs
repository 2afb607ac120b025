//! Groups, summarised.

use super::matched::is_at;
use crate::frame::GroupTrials;
use crate::report::{Group, SyncTable};
use crate::stats::{coverage, interval, outlier, summary, t_interval};

/// Summarises a group's trials.
#[must_use]
pub fn summarise(trials: &GroupTrials, study: &str, name: &str) -> Group {
    let of = summary::summary(&trials.elapsed_s);
    let endpoints = trials
        .endpoints
        .iter()
        .min()
        .zip(trials.endpoints.iter().max());
    let outliers = outlier::outliers(&trials.elapsed_s);
    let ci95_s = interval::of_mean(&trials.elapsed_s);
    Group {
        study: study.to_owned(),
        name: name.to_owned(),
        n: trials.elapsed_s.len(),
        mean_s: of.map(|of| of.mean),
        median_s: of.map(|of| of.median),
        sd_s: of.and_then(|of| of.sd),
        cv: of.and_then(|of| of.cv),
        min_s: of.map(|of| of.min),
        max_s: of.map(|of| of.max),
        p5_s: of.map(|of| of.p5),
        p25_s: of.map(|of| of.p25),
        p75_s: of.map(|of| of.p75),
        p95_s: of.map(|of| of.p95),
        ci95_s,
        ci_method: ci95_s.map(|_| interval::method(trials.elapsed_s.len()).to_owned()),
        ci95_coverage_pct: ci95_s.and_then(|_| coverage::of_mean(trials.elapsed_s.len())),
        t95_s: t_interval::of_mean(&trials.elapsed_s),
        endpoints: endpoints.map(|(least, most)| [*least, *most]),
        build_mean_s: summary::mean(&trials.build_s),
        commit_mean_s: summary::mean(&trials.commit_s),
        trials: trials.places.clone(),
        outliers: outliers
            .iter()
            .filter_map(|at| trials.places.get(*at).copied())
            .collect(),
    }
}

/// The trials of a group that are at a scale.
#[must_use]
pub fn at_scale(trials: &GroupTrials, table: &SyncTable, scale: u64) -> GroupTrials {
    let mut at = GroupTrials {
        study: trials.study,
        group: trials.group,
        ..GroupTrials::default()
    };
    for place in &trials.places {
        let Some(sync) = table.syncs.get(*place) else {
            continue;
        };
        let Some(endpoints) = sync.endpoints.filter(|endpoints| is_at(*endpoints, scale)) else {
            continue;
        };
        let seconds = |ns: Option<u64>| ns.map(crate::report::sync_table::seconds);
        at.places.push(*place);
        at.endpoints.push(endpoints);
        at.elapsed_s.extend(seconds(sync.elapsed_ns));
        at.build_s.extend(seconds(sync.build_ns));
        at.commit_s.extend(seconds(sync.commit_ns));
    }
    at
}
