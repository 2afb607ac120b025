//! What templates see of a report: its parts by study, each figure with the way to its lines.

use serde::Serialize;

use super::basis::{self, Basis, Traced, traced};
use super::compared::{self, ClaimView, ComparisonView, ConvergedView, ConvergenceView};
use super::facts::BundleView;
use super::room::{self, ROWS, heaviest};
use super::rows::{self, Row};
use super::way::Way;
use crate::chart::{Figures, Picture};
use crate::report::{BundleFacts, Curve, CurveKind, Group, MetricsCheck, Report, Rule, Study};

/// A study with all that belongs to it, as far as there is room.
#[derive(Serialize)]
pub(super) struct StudyView<'r> {
    study: StudyHead<'r>,
    /// Its page below the report's directory.
    page: String,
    /// What its headline rests on.
    basis: Basis<'r>,
    groups: Vec<GroupView<'r>>,
    groups_total: usize,
    comparisons: Vec<Traced<'r, ComparisonView<'r>>>,
    comparisons_total: usize,
    claims: Vec<Traced<'r, ClaimView<'r>>>,
    claims_total: usize,
    converged: Vec<Traced<'r, ConvergedView<'r>>>,
    convergence: Vec<Traced<'r, ConvergenceView<'r>>>,
    curves: Vec<Traced<'r, CurveView<'r>>>,
    curves_total: usize,
    findings: Vec<Traced<'r, Sentence<'r>>>,
    findings_total: usize,
    trials: Vec<Row<'r>>,
    trials_total: usize,
    pictures: Vec<PictureView<'r>>,
}

/// A study without its parts.
#[derive(Serialize)]
pub(super) struct StudyHead<'r> {
    pub(super) id: &'r str,
    title: &'r str,
    headline: &'r str,
    rule: &'r Rule,
    limitations: &'r [String],
    limitations_total: usize,
}

/// A group over all its trials, or at matched scale.
#[derive(Serialize)]
struct GroupView<'r> {
    group: GroupRow<'r>,
    matched: bool,
    basis: Basis<'r>,
}

/// A group's figures without its trials.
#[derive(Serialize)]
pub(super) struct GroupRow<'r> {
    study: &'r str,
    name: &'r str,
    n: usize,
    mean_s: Option<f64>,
    ci95_s: Option<[f64; 2]>,
    median_s: Option<f64>,
    sd_s: Option<f64>,
    min_s: Option<f64>,
    max_s: Option<f64>,
    endpoints: Option<[u64; 2]>,
    build_mean_s: Option<f64>,
    commit_mean_s: Option<f64>,
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
pub(super) struct RunLink<'r> {
    pub(super) id: &'r str,
    pub(super) page: String,
    pub(super) bundle: Option<&'r BundleFacts>,
}

/// The same as a template sees it.
#[derive(Serialize)]
pub(super) struct RunHead<'r> {
    pub(super) id: &'r str,
    pub(super) bundle: Option<BundleView<'r>>,
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

/// A study's view. Of many groups the baseline and the slowest are shown, of many comparisons
/// those that are sure, then the largest; of many trials the longest.
pub(super) fn study<'r>(
    report: &'r Report,
    pictures: &'r [Picture],
    way: &Way<'_>,
    study: &'r Study,
) -> StudyView<'r> {
    let (trials, trials_total) = trials(report, study);
    let (groups, groups_total) = groups(report, way, study);
    let (comparisons, comparisons_total) = compared::comparisons(report, way, study);
    let (claims, claims_total) = compared::claims(report, way, study);
    let (curves, curves_total) = curves(report, way, study);
    let findings = study.findings.iter().zip(&study.findings_from);
    let findings =
        findings.map(|(text, from)| traced(Sentence { text }, basis::of_trace(report, way, from)));
    StudyView {
        study: head(study),
        page: rows::page_of_study(&study.id),
        basis: basis::of_trace(report, way, &study.headline_from),
        groups,
        groups_total,
        comparisons,
        comparisons_total,
        claims,
        claims_total,
        curves,
        curves_total,
        findings: findings.take(ROWS).collect(),
        findings_total: study.findings.len(),
        trials: rows::at(report, way.addresses, way.root, trials.into_iter()),
        converged: compared::converged(report, way, study),
        convergence: compared::convergence(report, way, study),
        trials_total,
        pictures: pictures
            .iter()
            .filter(|picture| picture.study == study.id)
            // Of many runs each has its pictures on its own page.
            .filter(|picture| picture.bundle.is_none() || study.bundles.len() == 1)
            .map(|one| picture(report, way, one))
            .collect(),
    }
}

/// A study without its parts.
pub(super) fn head(study: &Study) -> StudyHead<'_> {
    let (limitations, limitations_total) = room::first(&study.limitations, ROWS);
    StudyHead {
        id: &study.id,
        title: &study.title,
        headline: &study.headline,
        rule: &study.rule,
        limitations,
        limitations_total,
    }
}

fn trials(report: &Report, study: &Study) -> (Vec<usize>, usize) {
    let mine = study.of(&report.groups);
    let places: Vec<usize> = mine
        .flat_map(|group| group.trials.iter().copied())
        .collect();
    let took = |place: &usize| {
        let sync = report.syncs.syncs.get(*place);
        sync.and_then(|sync| sync.elapsed_ns).unwrap_or(0) as f64
    };
    heaviest(places, room::MANY, took)
}

fn groups<'r>(report: &'r Report, way: &Way<'_>, study: &Study) -> (Vec<GroupView<'r>>, usize) {
    let all = study.of(&report.groups).map(|group| (group, false));
    let matched = study.of(&report.matched_groups).map(|group| (group, true));
    let both = all.chain(matched);
    let mine: Vec<(&Group, bool)> = both.collect();
    let slow = |(group, _): &(&Group, bool)| match study.groups.first() {
        Some(first) if *first == group.name => f64::INFINITY,
        _ => group.mean_s.unwrap_or(0.0),
    };
    let (mine, total) = heaviest(mine, ROWS, slow);
    let view = |(group, matched): (&'r Group, bool)| GroupView {
        group: group_row(group),
        matched,
        basis: basis::of(report, way, &group.trials, &[]),
    };
    (mine.into_iter().map(view).collect(), total)
}

/// A group's figures without its trials.
pub(super) fn group_row(group: &Group) -> GroupRow<'_> {
    GroupRow {
        study: &group.study,
        name: &group.name,
        n: group.n,
        mean_s: group.mean_s,
        ci95_s: group.ci95_s,
        median_s: group.median_s,
        sd_s: group.sd_s,
        min_s: group.min_s,
        max_s: group.max_s,
        endpoints: group.endpoints,
        build_mean_s: group.build_mean_s,
        commit_mean_s: group.commit_mean_s,
    }
}

fn curves<'r>(
    report: &'r Report,
    way: &Way<'_>,
    study: &Study,
) -> (Vec<Traced<'r, CurveView<'r>>>, usize) {
    let mine = study.of(&report.scaling);
    let fitted: Vec<&Curve> = mine.filter(|curve| curve.fit.is_some()).collect();
    let steep = |curve: &&Curve| curve.fit.as_ref().map_or(0.0, |fit| fit.exponent);
    let (fitted, total) = heaviest(fitted, ROWS, steep);
    let view = |one: &'r Curve| curve(report, way, one);
    (fitted.into_iter().filter_map(view).collect(), total)
}

fn curve<'r>(
    report: &'r Report,
    way: &Way<'_>,
    curve: &'r Curve,
) -> Option<Traced<'r, CurveView<'r>>> {
    let fit = curve.fit.as_ref()?;
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
    let syncs = curve.points.iter().map(|point| point.sync);
    let basis = basis::of_many(report, way, curve.points.len(), syncs);
    Some(traced(row, basis))
}

/// The pages of a study's runs: one a bundle, or one for its loose logs. `bundles`: by identity.
pub(super) fn runs<'r>(bundles: &rows::Bundles<'r>, study: &'r Study) -> Vec<RunLink<'r>> {
    let link = |id: &'r str, bundle: Option<&'r BundleFacts>| RunLink {
        id,
        page: rows::page_of_run(id),
        bundle,
    };
    if study.bundles.is_empty() {
        return vec![link(&study.id, None)];
    }
    let known = study.bundles.iter();
    let known = known.filter_map(|id| bundles.get(id.as_str()).copied());
    known.map(|bundle| link(&bundle.id, Some(bundle))).collect()
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
    let mine = report.metrics.iter().filter(|check| check.bundle == bundle);
    mine.collect()
}
