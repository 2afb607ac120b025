//! What templates see of a report: its parts by study, each figure with the way to its lines.

use serde::Serialize;

use super::basis::{self, Basis};
use super::rows::{self, Row};
use super::way::Way;
use crate::chart::{Figures, Picture};
use crate::report::{
    BundleFacts, ClaimCheck, Comparison, Curve, CurveKind, Group, MetricsCheck, Report, Study,
};

/// A study with all that belongs to it.
#[derive(Serialize)]
pub(super) struct StudyView<'r> {
    study: &'r Study,
    /// Its page below the report's directory.
    page: String,
    /// What its headline rests on.
    basis: Basis<'r>,
    groups: Vec<GroupView<'r>>,
    comparisons: Vec<Traced<'r, &'r Comparison>>,
    claims: Vec<Traced<'r, &'r ClaimCheck>>,
    curves: Vec<Traced<'r, CurveView<'r>>>,
    findings: Vec<Traced<'r, Sentence<'r>>>,
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
    basis: Basis<'r>,
}

/// A figure's row, or a sentence, with the way to the lines that it rests on.
#[derive(Serialize)]
struct Traced<'r, T> {
    #[serde(flatten)]
    row: T,
    basis: Basis<'r>,
}

/// A sentence.
#[derive(Serialize)]
struct Sentence<'r> {
    text: &'r str,
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
    pub(super) id: &'r str,
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
    /// The place of the one sync that it is about.
    href: Option<String>,
    basis: Basis<'r>,
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
        basis: basis::of_trace(report, way, &study.headline_from),
        groups: groups(report, way, study),
        comparisons: of(&report.comparisons, |c| c.study == study.id)
            .into_iter()
            .map(|row| traced(row, basis::of(report, way, &row.trials.concat(), &[])))
            .collect(),
        claims: of(&report.claims, |claim| claim.study == study.id)
            .into_iter()
            .map(|row| traced(row, basis::of(report, way, &row.trials, &[])))
            .collect(),
        curves: report
            .scaling
            .iter()
            .filter(|c| c.study == study.id)
            .filter_map(|one| curve(report, way, one))
            .collect(),
        findings: study
            .findings
            .iter()
            .zip(&study.findings_from)
            .map(|(text, from)| traced(Sentence { text }, basis::of_trace(report, way, from)))
            .collect(),
        trials: rows::at(report, way.addresses, way.root, shown),
        trials_total,
        runs: runs(report, study),
        pictures: pictures
            .iter()
            .filter(|picture| picture.study == study.id)
            // Of many runs each has its pictures on its own page.
            .filter(|picture| picture.bundle.is_none() || study.bundles.len() == 1)
            .map(|one| picture(report, way, one))
            .collect(),
    }
}

fn of<T>(all: &[T], keep: impl Fn(&T) -> bool) -> Vec<&T> {
    all.iter().filter(|one| keep(one)).collect()
}

fn traced<T>(row: T, basis: Basis<'_>) -> Traced<'_, T> {
    Traced { row, basis }
}

fn groups<'r>(report: &'r Report, way: &Way<'_>, study: &Study) -> Vec<GroupView<'r>> {
    let all = report.groups.iter().map(|group| (group, false));
    let matched = report.matched_groups.iter().map(|group| (group, true));
    all.chain(matched)
        .filter(|(group, _)| group.study == study.id)
        .map(|(group, matched)| GroupView {
            group,
            matched,
            basis: basis::of(report, way, &group.trials, &[]),
        })
        .collect()
}

fn curve<'r>(
    report: &'r Report,
    way: &Way<'_>,
    curve: &'r Curve,
) -> Option<Traced<'r, CurveView<'r>>> {
    let fit = curve.fit.as_ref()?;
    let syncs: Vec<usize> = curve.points.iter().map(|point| point.sync).collect();
    let row = CurveView {
        group: &curve.group,
        kind: curve.kind,
        n: fit.n,
        exponent: fit.exponent,
        exponent_ci95: fit.exponent_ci95,
        theil_sen: fit.theil_sen,
        r_squared: fit.r_squared,
        range: fit.range,
    };
    Some(traced(row, basis::of(report, way, &syncs, &[])))
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

pub(super) fn picture<'r>(
    report: &'r Report,
    way: &Way<'_>,
    picture: &'r Picture,
) -> PictureView<'r> {
    let Figures {
        columns,
        rows,
        total,
    } = &picture.figures;
    let row = |row: &'r crate::chart::FigureRow| FigureView {
        cells: &row.cells,
        href: match row.from.syncs[..] {
            [place] => Some(way.addresses.sync(report, place, way.root)),
            _ => None,
        },
        basis: basis::of_trace(report, way, &row.from),
    };
    PictureView {
        name: &picture.name,
        title: &picture.title,
        description: &picture.description,
        svg: &picture.inline,
        columns,
        figures: rows.iter().map(row).collect(),
        total: *total,
    }
}

/// The bundles' checks against metrics.
pub(super) fn metrics<'r>(report: &'r Report, bundle: &str) -> Vec<&'r MetricsCheck> {
    of(&report.metrics, |check| check.bundle == bundle)
}
