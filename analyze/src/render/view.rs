//! What templates see of a report: its parts by study, each figure with the way to its lines.

use serde::Serialize;

use super::rows::{self, Addresses, Row};
use crate::chart::{Figures, Picture};
use crate::report::{
    BundleFacts, ClaimCheck, Comparison, Curve, CurveKind, Group, LockupSummary, MetricsCheck,
    RampStep, Report, Study, TimeSplit,
};

/// Rows of a table behind a picture, and of ramp steps, that a page holds.
const MOST_FIGURES: usize = 200;

/// A study with all that belongs to it.
#[derive(Serialize)]
pub(super) struct StudyView<'r> {
    study: &'r Study,
    /// Its page below the report's directory.
    page: String,
    groups: Vec<GroupView<'r>>,
    comparisons: Vec<Traced<&'r Comparison>>,
    claims: Vec<Traced<&'r ClaimCheck>>,
    time_split: Vec<&'r TimeSplit>,
    curves: Vec<CurveView<'r>>,
    ramp_steps: Vec<&'r RampStep>,
    lockups: Vec<&'r LockupSummary>,
    trials: Vec<Row<'r>>,
    trials_total: usize,
    runs: Vec<RunLink<'r>>,
    pictures: Vec<PictureView<'r>>,
}

/// A group over all its trials, or at matched scale.
#[derive(Serialize)]
struct GroupView<'r> {
    group: &'r Group,
    matched: bool,
    /// Links to the trials that it rests on, up to a dozen.
    trials: Vec<TrialLink>,
}

/// A figure's row with the way to the trials that it rests on.
#[derive(Serialize)]
struct Traced<T> {
    #[serde(flatten)]
    row: T,
    /// How many trials it rests on.
    of: usize,
    /// Links to them, up to a dozen.
    lines: Vec<TrialLink>,
}

/// The way to a trial.
#[derive(Serialize)]
struct TrialLink {
    href: String,
    line: String,
}

/// A curve's fit without its points.
#[derive(Serialize)]
struct CurveView<'r> {
    group: &'r str,
    kind: CurveKind,
    n: usize,
    exponent: f64,
    exponent_ci95: Option<[f64; 2]>,
    theil_sen: Option<f64>,
    r_squared: Option<f64>,
    range: [f64; 2],
}

/// A run's page.
#[derive(Serialize)]
pub(super) struct RunLink<'r> {
    id: &'r str,
    pub(super) page: String,
    pub(super) bundle: Option<&'r BundleFacts>,
}

/// A picture and the table behind it.
#[derive(Serialize)]
pub(super) struct PictureView<'r> {
    name: &'r str,
    title: &'r str,
    description: &'r str,
    svg: &'r str,
    columns: &'r [&'static str],
    figures: Vec<FigureView<'r>>,
    total: usize,
}

#[derive(Serialize)]
struct FigureView<'r> {
    cells: &'r [String],
    href: Option<String>,
}

/// How a page reaches the others.
pub(super) struct Way<'a> {
    /// Up to the report's directory: empty, or `../`.
    pub(super) root: &'a str,
    /// The pages of syncs.
    pub(super) addresses: &'a Addresses,
}

pub(super) fn study<'r>(
    report: &'r Report,
    pictures: &'r [Picture],
    way: &Way<'_>,
    study: &'r Study,
) -> StudyView<'r> {
    let places: Vec<usize> = report
        .groups
        .iter()
        .filter(|group| group.study == study.id)
        .flat_map(|group| group.trials.iter().copied())
        .collect();
    let trials_total = places.len();
    let shown = places.into_iter().take(rows::MOST);
    StudyView {
        study,
        page: rows::page_of_study(&study.id),
        groups: groups(report, way, study),
        comparisons: of(&report.comparisons, |c| c.study == study.id)
            .into_iter()
            .map(|row| traced(report, way, row, &row.trials.concat()))
            .collect(),
        claims: of(&report.claims, |claim| claim.study == study.id)
            .into_iter()
            .map(|row| traced(report, way, row, &row.trials))
            .collect(),
        time_split: of(&report.time_split, |split| split.study == study.id),
        curves: report
            .scaling
            .iter()
            .filter(|c| c.study == study.id)
            .filter_map(curve)
            .collect(),
        ramp_steps: of(&report.ramp_steps, |step| step.study == study.id),
        lockups: of(&report.lockups, |lockups| lockups.study == study.id),
        trials: rows::at(report, way.addresses, way.root, shown),
        trials_total,
        runs: runs(report, study),
        pictures: pictures
            .iter()
            .filter(|picture| picture.study == study.id)
            .map(|one| picture(report, way, one))
            .collect(),
    }
}

fn of<T>(all: &[T], keep: impl Fn(&T) -> bool) -> Vec<&T> {
    all.iter().filter(|one| keep(one)).collect()
}

/// Links to the first dozen of these trials.
fn links(report: &Report, way: &Way<'_>, trials: &[usize]) -> Vec<TrialLink> {
    const MOST_LINKS: usize = 12;
    let link = |place: &usize| {
        let row = report.syncs.get(*place)?;
        Some(TrialLink {
            href: way.addresses.sync(report, *place, way.root),
            line: format!("{}:{}", row.input, row.line),
        })
    };
    trials.iter().take(MOST_LINKS).filter_map(link).collect()
}

fn traced<T>(report: &Report, way: &Way<'_>, row: T, trials: &[usize]) -> Traced<T> {
    Traced {
        row,
        of: trials.len(),
        lines: links(report, way, trials),
    }
}

fn groups<'r>(report: &'r Report, way: &Way<'_>, study: &Study) -> Vec<GroupView<'r>> {
    let all = report.groups.iter().map(|group| (group, false));
    let matched = report.matched_groups.iter().map(|group| (group, true));
    all.chain(matched)
        .filter(|(group, _)| group.study == study.id)
        .map(|(group, matched)| GroupView {
            group,
            matched,
            trials: links(report, way, &group.trials),
        })
        .collect()
}

fn curve(curve: &Curve) -> Option<CurveView<'_>> {
    let fit = curve.fit.as_ref()?;
    Some(CurveView {
        group: &curve.group,
        kind: curve.kind,
        n: fit.n,
        exponent: fit.exponent,
        exponent_ci95: fit.exponent_ci95,
        theil_sen: fit.theil_sen,
        r_squared: fit.r_squared,
        range: fit.range,
    })
}

/// The pages of a study's runs: one a bundle, or one for its loose logs.
pub(super) fn runs<'r>(report: &'r Report, study: &'r Study) -> Vec<RunLink<'r>> {
    let link = |id: &'r str, bundle: Option<&'r BundleFacts>| RunLink {
        id,
        page: rows::page_of_run(id),
        bundle,
    };
    if study.bundles.is_empty() {
        return vec![link(&study.id, None)];
    }
    let bundles = report
        .bundles
        .iter()
        .filter(|b| study.bundles.contains(&b.id));
    bundles
        .map(|bundle| link(&bundle.id, Some(bundle)))
        .collect()
}

pub(super) fn picture<'r>(report: &Report, way: &Way<'_>, picture: &'r Picture) -> PictureView<'r> {
    let Figures { columns, rows } = &picture.figures;
    let row = |row: &'r crate::chart::FigureRow| FigureView {
        cells: &row.cells,
        href: row
            .sync
            .map(|place| way.addresses.sync(report, place, way.root)),
    };
    PictureView {
        name: &picture.name,
        title: &picture.title,
        description: &picture.description,
        svg: &picture.inline,
        columns,
        figures: rows.iter().take(MOST_FIGURES).map(row).collect(),
        total: rows.len(),
    }
}

/// The bundles' checks against metrics.
pub(super) fn metrics<'r>(report: &'r Report, bundle: &str) -> Vec<&'r MetricsCheck> {
    of(&report.metrics, |check| check.bundle == bundle)
}
