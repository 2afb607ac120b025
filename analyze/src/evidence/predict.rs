//! What a load would take on a kernel, from loads that were made: instructions from replays,
//! seconds from runs.
//!
//! Instructions of a cold load are `s T + p A T + q A N` by its ledger: T entries, each of which
//! costs what an entry of that kube-proxy's rules costs; A new maps, for each of which the kernel
//! walks the entries and looks at the names of N sets. One fit a kernel, over all shapes: p and q
//! are the kernel's own, and only several shapes (or endpoints) tell one from the other.

use std::collections::BTreeSet;

use transaction::{Ledger, Mode, Request, Shape, Tables, generate};

use super::cost::{self, Load};
use super::names::by_release;
use crate::report::{
    Basis, PredictedLoad, PredictedSeconds, Prediction, ReplayFigure, ReplayedTransaction, Report,
    Upgrade, UpgradeKind, Work,
};
use crate::stats::cost::{Fitted, Row, fit};

/// As far beyond what was loaded a model is asked for, times.
const FARTHEST: f64 = 8.0;
/// Numbers of transactions that splitting is tried with.
const PIECES: [u32; 9] = [2, 4, 8, 16, 32, 64, 128, 256, 512];
const NANO: f64 = 1e-9;
/// Products of counts are in thousands, so that the fit's numbers are of like size.
const KILO: f64 = 1e3;

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

/// A kernel's model.
struct Model {
    fitted: Fitted,
    shapes: Vec<String>,
    told_apart: bool,
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
    upgrades.extend(other_shapes(&model, &shape, asked.of, work));
    let (split, split_note) = splitting(report, &all, &kernel, &shape, &load, work);
    upgrades.extend(split);
    upgrades.sort_by(|a, b| b.saves_pct.total_cmp(&a.saves_pct));
    let mut notes = notes(&load, &basis, &model);
    notes.extend(split_note);
    let seconds = seconds(report, &asked.kernel, &asked.kube_proxy, &load, &mut notes);
    Ok(Prediction {
        kernel,
        shape,
        load,
        work,
        basis,
        seconds,
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

/// The terms of a load: an entry of each shape, maps times entries, maps times sets.
fn terms(shapes: &[String], told_apart: bool, shape: &str, load: &PredictedLoad) -> Vec<f64> {
    let entry = |one: &String| if one == shape { load.entries } else { 0.0 };
    let mut x: Vec<f64> = shapes.iter().map(entry).collect();
    x.push(load.anonymous_maps * load.entries / KILO);
    if told_apart {
        x.push(load.anonymous_maps * load.table_sets / KILO);
    }
    x
}

fn model(mine: &[&Loaded<'_>]) -> Option<Model> {
    let shapes: BTreeSet<&str> = mine.iter().map(|one| one.of.shape.as_str()).collect();
    let shapes: Vec<String> = shapes.into_iter().map(str::to_owned).collect();
    let kinds: BTreeSet<(&str, Option<u64>)> = mine
        .iter()
        .map(|one| (one.of.shape.as_str(), one.of.endpoints_per_service))
        .collect();
    let told_apart = kinds.len() > 1;
    let row = |one: &&Loaded<'_>| Row {
        x: terms(&shapes, told_apart, &one.of.shape, &ledger_of(one.of)),
        y: one.figure.kernel_s / NANO,
        run: 0,
    };
    let rows: Vec<Row> = mine.iter().map(row).collect();
    if rows.len() < 5 || rows.len() < shapes.len() + 3 {
        return None;
    }
    Some(Model {
        fitted: fit(&rows)?,
        shapes,
        told_apart,
    })
}

fn ledger_of(of: &ReplayedTransaction) -> PredictedLoad {
    PredictedLoad {
        services: of.services,
        endpoints_per_service: of.endpoints_per_service,
        entries: of.entries as f64,
        anonymous_maps: of.anonymous_maps as f64,
        table_sets: of.table_sets as f64,
    }
}

/// What the load carries. Each Service adds the same, so that two small tables tell of any.
fn carried(of: AskedLoad, shape: &str) -> Result<PredictedLoad, String> {
    let (services, endpoints) = match of {
        AskedLoad::Ledger(ledger) => {
            return Ok(PredictedLoad {
                services: None,
                endpoints_per_service: None,
                entries: ledger.entries as f64,
                anonymous_maps: ledger.anonymous as f64,
                table_sets: ledger.table_sets as f64,
            });
        }
        AskedLoad::Scale(services, endpoints) => (services, endpoints),
    };
    let shape: Shape = shape.parse()?;
    let each =
        u32::try_from(endpoints).map_err(|_| format!("{endpoints} endpoints are too many"))?;
    let ledger = |services: u32| {
        let text = generate(&Request {
            mode: Mode::Nftables,
            shape,
            services,
            endpoints: each,
            from_replicas: None,
            local: 0,
            has_api_endpoint: true,
        });
        let ledger = Tables::default().load(&text);
        ledger.map_err(|error| error.to_string())
    };
    const SMALL: [u32; 2] = [8, 16];
    let (few, more) = (ledger(SMALL[0])?, ledger(SMALL[1])?);
    let at = |of: fn(&Ledger) -> u64| {
        let (few, more) = (of(&few) as f64, of(&more) as f64);
        let each = (more - few) / f64::from(SMALL[1] - SMALL[0]);
        few + each * (services as f64 - f64::from(SMALL[0]))
    };
    Ok(PredictedLoad {
        services: Some(services),
        endpoints_per_service: Some(endpoints),
        entries: at(|ledger| ledger.entries),
        anonymous_maps: at(|ledger| ledger.anonymous),
        table_sets: at(|ledger| ledger.table_sets),
    })
}

fn basis(mine: &[&Loaded<'_>], shape: &str, model: &Model) -> Basis {
    let of_shape = || mine.iter().filter(|one| one.of.shape == shape);
    let entries = || of_shape().map(|one| one.of.entries);
    let each: BTreeSet<u64> = of_shape()
        .filter_map(|one| one.of.endpoints_per_service)
        .collect();
    let bundles: BTreeSet<&str> = mine.iter().map(|one| one.bundle).collect();
    let at = model.shapes.iter().position(|one| one == shape);
    let b = &model.fitted.coefficients;
    let own = model.shapes.len();
    let coefficient = |at: usize| b.get(at).copied().unwrap_or(0.0);
    Basis {
        loads: mine.len(),
        bundles: bundles.into_iter().map(str::to_owned).collect(),
        entries: [entries().min().unwrap_or(0), entries().max().unwrap_or(0)],
        endpoints_per_service: each.into_iter().collect(),
        check_pct: check(mine, shape),
        instructions: [
            at.map_or(0.0, coefficient),
            coefficient(own) / KILO,
            coefficient(own + 1) / KILO,
        ],
    }
}

/// The largest load of a shape, predicted from all those of at most half its entries.
fn check(mine: &[&Loaded<'_>], shape: &str) -> Option<f64> {
    let of_shape = mine.iter().filter(|one| one.of.shape == shape);
    let largest = of_shape.max_by_key(|one| one.of.entries)?;
    let services = largest.of.services?;
    let smaller = |one: &&&Loaded<'_>| one.of.services.is_some_and(|n| n <= services / 2);
    let smaller: Vec<&Loaded<'_>> = mine.iter().filter(smaller).copied().collect();
    let model = model(&smaller)?;
    model.shapes.iter().find(|one| *one == shape)?;
    let x = terms(
        &model.shapes,
        model.told_apart,
        shape,
        &ledger_of(largest.of),
    );
    let told = model.fitted.seconds(&x).seconds * NANO;
    Some((told / largest.figure.kernel_s - 1.0) * 100.0)
}

/// A load that is farther away than was ever tried is refused.
fn within(
    load: &PredictedLoad,
    mine: &[&Loaded<'_>],
    shape: &str,
    basis: &Basis,
) -> Result<(), String> {
    let of_shape = || mine.iter().filter(|one| one.of.shape == shape);
    let range = |of: fn(&ReplayedTransaction) -> Option<u64>| {
        let all = || of_shape().filter_map(|one| of(one.of));
        Some([all().min()?, all().max()?])
    };
    let checks: [(&str, Option<f64>, Option<[u64; 2]>); 4] = [
        (
            "Services",
            load.services.map(|n| n as f64),
            range(|of| of.services),
        ),
        (
            "endpoints of each Service",
            load.endpoints_per_service.map(|n| n as f64),
            range(|of| of.endpoints_per_service),
        ),
        ("entries", Some(load.entries), Some(basis.entries)),
        (
            "new maps",
            Some(load.anonymous_maps),
            range(|of| Some(of.anonymous_maps)),
        ),
    ];
    for (what, asked, loaded) in checks {
        let (Some(asked), Some([least, most])) = (asked, loaded) else {
            continue;
        };
        if asked > most as f64 * FARTHEST || asked * FARTHEST < least as f64 {
            return Err(format!(
                "{asked:.0} {what}: loads of {least} to {most} were made, and more than eight \
                 times beyond these nothing is told; `lab replay` can load what is nearer"
            ));
        }
    }
    Ok(())
}

fn work(model: &Model, shape: &str, load: &PredictedLoad, check_pct: Option<f64>) -> Work {
    let x = terms(&model.shapes, model.told_apart, shape, load);
    let told = model.fitted.seconds(&x);
    // The fit knows how loads scatter about it, not how it bends beyond them: that is in the check.
    let bends = check_pct.map_or(0.0, |percent| percent.abs() / 100.0 * told.seconds);
    let own = model.shapes.len();
    let parts = x
        .iter()
        .zip(&model.fitted.coefficients)
        .map(|(x, b)| x * b * NANO);
    let parts: Vec<f64> = parts.collect();
    Work {
        billion: told.seconds * NANO,
        range: [
            (told.likely_s[0] - bends).max(0.0) * NANO,
            (told.likely_s[1] + bends) * NANO,
        ],
        linear_billion: parts[..own].iter().sum(),
        quadratic_billion: parts[own..].iter().sum(),
    }
}

fn upgrade(kind: UpgradeKind, to: String, billion: f64, longest: f64, now: Work) -> Upgrade {
    Upgrade {
        kind,
        to,
        billion,
        saves_pct: (1.0 - billion / now.billion) * 100.0,
        longest_billion: longest,
    }
}

/// The same load on each other kernel.
fn other_kernels(
    all: &[Loaded<'_>],
    kernel: &str,
    shape: &str,
    load: &PredictedLoad,
    now: Work,
) -> Vec<Upgrade> {
    let names: BTreeSet<&str> = all.iter().map(|one| one.figure.kernel.as_str()).collect();
    let later = names
        .into_iter()
        .filter(|name| by_release(name, kernel).is_gt());
    let one = |name: &str| {
        let mine: Vec<&Loaded<'_>> = all.iter().filter(|one| one.figure.kernel == name).collect();
        let model = model(&mine).filter(|model| model.shapes.iter().any(|one| one == shape))?;
        let billion = work(&model, shape, load, None).billion;
        Some(upgrade(
            UpgradeKind::Kernel,
            name.to_owned(),
            billion,
            billion,
            now,
        ))
    };
    later.filter_map(one).collect()
}

/// As another kube-proxy would write it: known for a scale, not for a file.
fn other_shapes(model: &Model, shape: &str, of: AskedLoad, now: Work) -> Vec<Upgrade> {
    if matches!(of, AskedLoad::Ledger(_)) {
        return Vec::new();
    }
    let others = model.shapes.iter().filter(|one| one.as_str() > shape);
    let one = |other: &String| {
        let load = carried(of, other).ok()?;
        let billion = work(model, other, &load, None).billion;
        let to = other.trim_start_matches("kube-proxy-").to_owned();
        Some(upgrade(UpgradeKind::KubeProxy, to, billion, billion, now))
    };
    others.filter_map(one).collect()
}

/// In several transactions: what grows with a transaction's length shrinks, and each reads the
/// table before it, which loads that were split tell the cost of.
fn splitting(
    report: &Report,
    all: &[Loaded<'_>],
    kernel: &str,
    shape: &str,
    load: &PredictedLoad,
    now: Work,
) -> (Option<Upgrade>, Option<String>) {
    let splits: Vec<(&ReplayedTransaction, &ReplayFigure)> = report
        .replays
        .iter()
        .flat_map(|replay| {
            let of = |figure: &ReplayFigure| &replay.transactions[figure.transaction];
            let mine = replay.figures.iter();
            mine.filter(|figure| figure.pieces > 1 && figure.exact)
                .map(move |figure| (of(figure), figure))
        })
        .filter(|(of, _)| of.shape == shape && of.from_replicas.is_none())
        .collect();
    let own = splits.iter().any(|(_, figure)| figure.kernel == kernel);
    let mut reads = Vec::new();
    for (of, figure) in &splits {
        if own && figure.kernel != kernel {
            continue;
        }
        let mine: Vec<&Loaded<'_>> = all
            .iter()
            .filter(|one| one.figure.kernel == figure.kernel)
            .collect();
        let Some(model) = model(&mine) else { continue };
        let whole = work(&model, shape, &ledger_of(of), None);
        let k = f64::from(figure.pieces);
        let ideal = whole.linear_billion + whole.quadratic_billion / k;
        reads.push((figure.kernel_s - ideal) / (of.entries as f64 * (k - 1.0) / 2.0));
    }
    let Some(each) = crate::stats::summary::median(&reads).map(|each| each.max(0.0)) else {
        let note = format!("No split load of {shape} was replayed: splitting is not told.");
        return (None, Some(note));
    };
    let cost = |pieces: u32| {
        let k = f64::from(pieces);
        let read = each * load.entries * (k - 1.0);
        let total = now.linear_billion + now.quadratic_billion / k + read / 2.0;
        let last = now.linear_billion / k + now.quadratic_billion / (k * k) + read / k;
        (pieces, total, last)
    };
    let best = PIECES
        .into_iter()
        .map(cost)
        .min_by(|a, b| a.1.total_cmp(&b.1));
    let note = (!own).then(|| format!("Splitting was replayed on other kernels than {kernel}."));
    let one = best.map(|(pieces, total, last)| {
        let to = format!("{pieces} transactions");
        upgrade(UpgradeKind::Splitting, to, total, last, now)
    });
    (one, note)
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
    let mut found = Vec::new();
    let mut too_far = 0;
    let series = |name: &str| {
        name.strip_prefix(kernel)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    };
    let version = kube_proxy
        .trim_start_matches("kube-proxy-")
        .trim_start_matches('v');
    let bundles = |study: &str| -> Vec<&str> {
        let mine = report.bundles.iter().filter(|one| one.study == study);
        mine.map(|one| one.id.as_str()).collect()
    };
    for model in report.costs.iter().filter(|model| series(&model.group)) {
        let of = bundles(&model.study);
        let mut logs = report.inputs.iter().filter(|input| {
            input.syncs > 0 && input.bundle.as_deref().is_some_and(|id| of.contains(&id))
        });
        let alike = logs.all(|input| {
            let proxy = input.kube_proxy.as_deref().unwrap_or_default();
            input.mode.as_deref() == Some("nftables")
                && proxy.trim_start_matches('v').starts_with(version)
        });
        if !alike {
            continue;
        }
        let [least, most] = model.endpoints.map(|n| n as f64);
        let asked = endpoints as f64;
        if asked > most * FARTHEST || asked * FARTHEST < least {
            too_far += 1;
            continue;
        }
        let told = cost::predict(
            model,
            Load {
                endpoints,
                changed: endpoints,
                services,
            },
        );
        found.push(PredictedSeconds {
            study: model.study.clone(),
            group: model.group.clone(),
            seconds: told.seconds,
            likely_s: told.likely_s,
            syncs: model.syncs,
            runs: model.runs,
            endpoints: model.endpoints,
        });
    }
    if found.is_empty() {
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
