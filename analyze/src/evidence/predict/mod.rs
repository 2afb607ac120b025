//! What a load would take on a kernel, from loads that were made: instructions from replays,
//! seconds from runs.
//!
//! Instructions of a cold load are `s T + p A T + q A N` by its ledger: T entries, each of which
//! costs what an entry of that kube-proxy's rules costs; A new maps, for each of which the kernel
//! walks the entries and looks at the names of N sets. One fit a kernel, over all shapes: p and q
//! are the kernel's own, and only several shapes (or endpoints) tell one from the other.

mod load;
mod model;
mod splitting;
mod upgrades;

use std::collections::BTreeSet;

use transaction::Ledger;

use self::load::carried;
use self::model::{FARTHEST, Model, Parts, basis, model, within, work};
use self::splitting::splitting;
use self::upgrades::{first, other_kernels, other_shapes};
use crate::evidence::cost::{self, Load};
use crate::evidence::names::by_release;
use crate::report::words::counted;
use crate::report::{
    Basis, CostModel, PredictedLoad, PredictedSeconds, Prediction, ReplayFigure,
    ReplayedTransaction, Report,
};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// A kernel's series or version.
    pub kernel: String,
    /// `1.32`, `1.32.6` or `kube-proxy-1.32`.
    pub kube_proxy: String,
    /// The load.
    pub of: AskedLoad,
}

/// The load that is asked for.
#[derive(Debug, Clone, Copy)]
pub enum AskedLoad {
    /// Services, and endpoints of each.
    Scale(u64, u64),
    /// The ledger of a file.
    Ledger(Ledger),
}

/// A cold load of a kernel.
struct Loaded<'r> {
    of: &'r ReplayedTransaction,
    figure: &'r ReplayFigure,
    bundle: &'r str,
}

/// Predicts.
///
/// # Errors
/// A sentence: the kernel or kube-proxy is not among the replays, there are too few of them, or
/// the load is farther from them than eight times.
pub fn predict(report: &Report, asked: &Asked) -> Result<Prediction, String> {
    let all = loads(report);
    if all.is_empty() {
        return Err(
            "no replay of cold nftables loads by instructions is in what was given; \
                    `lab replay` makes some, samples/replay-nftables has some"
                .to_owned(),
        );
    }
    let kernel = kernel(&all, &asked.kernel)?;
    let mine: Vec<&Loaded<'_>> = all
        .iter()
        .filter(|one| one.figure.kernel == kernel)
        .collect();
    let shape = shape(&mine, &asked.kube_proxy, &kernel)?;
    let model = model(&mine).ok_or_else(|| {
        format!("too few loads of different sizes on {kernel}: at least five are needed")
    })?;
    let load = carried(asked.of, &shape)?;
    let basis = basis(&mine, &shape, &model);
    within(&load, &mine, &shape, &basis)?;
    let work = work(&model, &shape, &load, basis.check_pct);
    let mut upgrades = other_kernels(&all, &kernel, &shape, &load, work);
    upgrades.extend(other_shapes(&mine, &model, &shape, asked.of, work));
    let parts = Parts::of(&model, &shape, &load);
    let (split, split_note) = splitting(report, &all, (&kernel, &shape), &load, (work, parts));
    upgrades.extend(split);
    upgrades.sort_by(|a, b| b.saves_pct.total_cmp(&a.saves_pct));
    let mut notes = notes(&load, &basis, &model);
    notes.push(split_note);
    let seconds = seconds(report, &asked.kernel, &asked.kube_proxy, &load, &mut notes);
    Ok(Prediction {
        kernel,
        shape,
        load,
        work,
        basis,
        seconds,
        first: first(&upgrades, work),
        upgrades,
        notes,
    })
}

fn loads(report: &Report) -> Vec<Loaded<'_>> {
    let mut all = Vec::new();
    for replay in &report.replays {
        for figure in &replay.figures {
            let of = &replay.transactions[figure.transaction];
            let cold = of.from_replicas.is_none() && of.after.is_empty() && of.mode == "nftables";
            if cold && figure.exact && figure.pieces <= 1 && of.entries > 0 {
                let bundle = replay.path.as_str();
                all.push(Loaded { of, figure, bundle });
            }
        }
    }
    all
}

/// The version that is meant: the latest of a series.
fn kernel(all: &[Loaded<'_>], asked: &str) -> Result<String, String> {
    let mut known: Vec<&str> = all.iter().map(|one| one.figure.kernel.as_str()).collect();
    known.sort_by(|a, b| by_release(a, b));
    known.dedup();
    let meant = |name: &&&str| {
        **name == asked
            || name
                .strip_prefix(asked)
                .is_some_and(|rest| rest.starts_with(['.', '-']))
    };
    let found = known.iter().rfind(meant).map(|name| (*name).to_owned());
    found.ok_or_else(|| {
        format!(
            "no replay of a kernel {asked}; there are {}",
            known.join(", ")
        )
    })
}

fn shape(mine: &[&Loaded<'_>], asked: &str, kernel: &str) -> Result<String, String> {
    let version = asked
        .trim_start_matches("kube-proxy-")
        .trim_start_matches('v');
    let numbers: Vec<&str> = version.splitn(3, '.').take(2).collect();
    let wanted = format!("kube-proxy-{}", numbers.join("."));
    let known: BTreeSet<&str> = mine.iter().map(|one| one.of.shape.as_str()).collect();
    if known.contains(wanted.as_str()) {
        return Ok(wanted);
    }
    let known: Vec<&str> = known.into_iter().collect();
    Err(format!(
        "no replay of kube-proxy {asked} on {kernel}; there are {}",
        known.join(", ")
    ))
}

fn notes(load: &PredictedLoad, basis: &Basis, model: &Model) -> Vec<String> {
    let mut notes = vec![
        "Instructions are the kernel's alone, without caches, which long lists miss: seconds of a \
         processor grow faster."
            .to_owned(),
    ];
    let asked = load.endpoints_per_service;
    if let Some(asked) = asked.filter(|asked| !basis.endpoints_per_service.contains(asked)) {
        let loaded: Vec<String> = basis
            .endpoints_per_service
            .iter()
            .map(u64::to_string)
            .collect();
        notes.push(format!(
            "Only {} endpoints a Service were loaded: {asked} rest on entries costing the same.",
            loaded.join(", ")
        ));
    }
    if !model.told_apart {
        notes.push(
            "One shape was loaded: what walks over entries cost is not told from what looks at \
             names cost."
                .to_owned(),
        );
    }
    notes
}

/// Seconds whose interval ends at more than so many times its beginning say nothing.
const WIDEST: f64 = 4.0;

fn says_something([least, most]: [f64; 2]) -> bool {
    least > 0.0 && most <= least * WIDEST
}

/// Whether a group is of a kernel, or of one of its series.
fn is_of_series(group: &str, kernel: &str) -> bool {
    let rest = group.strip_prefix(kernel);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}

/// Seconds by the cost models of runs on that kernel.
fn seconds(
    report: &Report,
    kernel: &str,
    kube_proxy: &str,
    load: &PredictedLoad,
    notes: &mut Vec<String>,
) -> Vec<PredictedSeconds> {
    let (Some(services), Some(each)) = (load.services, load.endpoints_per_service) else {
        notes.push("Seconds are told by Services and endpoints, not for a file.".to_owned());
        return Vec::new();
    };
    let endpoints = services.saturating_mul(each);
    let load = Load {
        endpoints,
        changed: endpoints,
        services,
    };
    let version = kube_proxy
        .trim_start_matches("kube-proxy-")
        .trim_start_matches('v');
    let mut found = Vec::new();
    let (mut too_far, mut too_wide) = (0, Vec::new());
    let models = report
        .costs
        .iter()
        .filter(|one| is_of_series(&one.group, kernel));
    for model in models.filter(|one| nftables_of(report, &one.study, version)) {
        match told(model, load) {
            Told::TooFar => too_far += 1,
            Told::TooWide => too_wide.push(format!(
                "{} ({}, {})",
                model.study,
                counted(model.syncs as u64, "sync"),
                counted(model.runs as u64, "run")
            )),
            Told::Seconds(seconds) => found.push(seconds),
        }
    }
    if !too_wide.is_empty() {
        notes.push(format!(
            "No seconds are told from {}: syncs of one load scatter so much there that the interval \
             of 95 of 100 ends at more than {WIDEST:.0} times its beginning.",
            too_wide.join(", ")
        ));
    }
    if found.is_empty() && too_wide.is_empty() {
        notes.push(if too_far > 0 {
            format!(
                "Runs on {kernel} carried less than an eighth of {endpoints} endpoints: no seconds \
                 are told."
            )
        } else {
            format!(
                "No run in nftables mode with kube-proxy {version} on {kernel} tells what a sync \
                 costs: no seconds are told."
            )
        });
    }
    found
}

/// Whether all logs of a study that have syncs are of this kube-proxy in nftables mode.
fn nftables_of(report: &Report, study: &str, version: &str) -> bool {
    let bundles = report.bundles.iter().filter(|one| one.study == study);
    let bundles: Vec<&str> = bundles.map(|one| one.id.as_str()).collect();
    let mut logs = report.inputs.iter().filter(|input| {
        let bundle = input.bundle.as_deref();
        input.syncs > 0 && bundle.is_some_and(|id| bundles.contains(&id))
    });
    logs.all(|input| {
        let proxy = input.kube_proxy.as_deref().unwrap_or_default();
        input.mode.as_deref() == Some("nftables")
            && proxy.trim_start_matches('v').starts_with(version)
    })
}

/// What a cost model tells of a load.
enum Told {
    Seconds(PredictedSeconds),
    /// The load is too far from those measured.
    TooFar,
    /// The interval says nothing.
    TooWide,
}

fn told(model: &CostModel, load: Load) -> Told {
    let [least, most] = model.endpoints.map(|n| n as f64);
    let asked = load.endpoints as f64;
    if asked > most * FARTHEST || asked * FARTHEST < least {
        return Told::TooFar;
    }
    let told = cost::predict(model, load);
    if !says_something(told.likely_s) {
        return Told::TooWide;
    }
    Told::Seconds(PredictedSeconds {
        study: model.study.clone(),
        group: model.group.clone(),
        seconds: told.seconds,
        likely_s: told.likely_s,
        syncs: model.syncs,
        runs: model.runs,
        endpoints: model.endpoints,
    })
}

#[cfg(test)]
mod tests {
    use super::{is_of_series, says_something};

    #[test]
    fn a_series_is_more_than_the_beginning_of_a_name() {
        for (group, of) in [
            ("6.12", true),
            ("6.12.46", true),
            ("6.12-rc3", true),
            ("6.1.144", false),
            ("6.120", false),
            ("unknown kernel", false),
        ] {
            assert_eq!(is_of_series(group, "6.12"), of, "{group}");
        }
    }

    #[test]
    fn an_interval_that_reaches_from_next_to_nothing_says_nothing() {
        assert!(says_something([1.0, 4.0]) && says_something([2.0, 2.0]));
        assert!(!says_something([1.0, 4.01]) && !says_something([0.0, 1.0]));
        assert!(!says_something([0.0, 0.0]));
    }
}
