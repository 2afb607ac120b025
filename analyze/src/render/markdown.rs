//! report.md, and the block that a README holds between its markers.

use serde::Serialize;

use super::{engine, rows};
use crate::chart::Picture;
use crate::error::Error;
use crate::report::{Report, Study};

/// What a template sees.
#[derive(Serialize)]
struct View<'r> {
    report: Summary<'r>,
    pictures: Vec<PictureRef<'r>>,
    /// Trials of the headline's study, each with its place.
    trials: Vec<crate::report::SyncRow<'r>>,
    /// The headline's study.
    main: Option<&'r Study>,
    /// Directory of the report as the document sees it, with its `/`; empty beside it.
    base: String,
}

/// The report without its syncs, which would make a context of gigabytes.
#[derive(Serialize)]
pub(super) struct Summary<'r> {
    tool: &'r crate::report::Tool,
    headline: &'r crate::report::Headline,
    selection: &'r crate::report::Selection,
    studies: &'r [Study],
    bundles: &'r [crate::report::BundleFacts],
    inputs: &'r [crate::report::InputFacts],
    groups: Vec<GroupRow<'r>>,
    matched_groups: Vec<GroupRow<'r>>,
    comparisons: &'r [crate::report::Comparison],
    claims: &'r [crate::report::ClaimCheck],
    time_split: &'r [crate::report::TimeSplit],
    ramp_steps: &'r [crate::report::RampStep],
    lockups: &'r [crate::report::LockupSummary],
    metrics: &'r [crate::report::MetricsCheck],
    scaling: Vec<CurveRow<'r>>,
    warnings: &'r [crate::report::Warning],
}

/// A group without its list of trials, but with the first place that it rests on.
#[derive(Serialize)]
struct GroupRow<'r> {
    study: &'r str,
    name: &'r str,
    n: usize,
    mean_s: Option<f64>,
    median_s: Option<f64>,
    sd_s: Option<f64>,
    min_s: Option<f64>,
    max_s: Option<f64>,
    p95_s: Option<f64>,
    ci95_s: Option<[f64; 2]>,
    endpoints: Option<[u64; 2]>,
}

/// A curve's fit without its points.
#[derive(Serialize)]
struct CurveRow<'r> {
    study: &'r str,
    group: &'r str,
    kind: crate::report::CurveKind,
    n: usize,
    exponent: Option<f64>,
    exponent_ci95: Option<[f64; 2]>,
    theil_sen: Option<f64>,
    r_squared: Option<f64>,
    range: Option<[f64; 2]>,
}

/// A picture by its name.
#[derive(Serialize)]
struct PictureRef<'r> {
    study: &'r str,
    file: &'r str,
    title: &'r str,
    description: &'r str,
}

pub(super) fn summary(report: &Report) -> Summary<'_> {
    Summary {
        tool: &report.tool,
        headline: &report.headline,
        selection: &report.selection,
        studies: &report.studies,
        bundles: &report.bundles,
        inputs: &report.inputs,
        groups: report.groups.iter().map(group_row).collect(),
        matched_groups: report.matched_groups.iter().map(group_row).collect(),
        comparisons: &report.comparisons,
        claims: &report.claims,
        time_split: &report.time_split,
        ramp_steps: &report.ramp_steps,
        lockups: &report.lockups,
        metrics: &report.metrics,
        scaling: report.scaling.iter().map(curve_row).collect(),
        warnings: &report.warnings,
    }
}

fn group_row(group: &crate::report::Group) -> GroupRow<'_> {
    GroupRow {
        study: &group.study,
        name: &group.name,
        n: group.n,
        mean_s: group.mean_s,
        median_s: group.median_s,
        sd_s: group.sd_s,
        min_s: group.min_s,
        max_s: group.max_s,
        p95_s: group.p95_s,
        ci95_s: group.ci95_s,
        endpoints: group.endpoints,
    }
}

fn curve_row(curve: &crate::report::Curve) -> CurveRow<'_> {
    let fit = curve.fit.as_ref();
    CurveRow {
        study: &curve.study,
        group: &curve.group,
        kind: curve.kind,
        n: curve.points.len(),
        exponent: fit.map(|fit| fit.exponent),
        exponent_ci95: fit.and_then(|fit| fit.exponent_ci95),
        theil_sen: fit.and_then(|fit| fit.theil_sen),
        r_squared: fit.and_then(|fit| fit.r_squared),
        range: fit.map(|fit| fit.range),
    }
}

/// report.md.
///
/// # Errors
/// [`Error::Internal`] for a broken template.
pub fn document(report: &Report, pictures: &[Picture]) -> Result<String, Error> {
    engine::render("report.md", &view(report, pictures, String::new()))
}

/// The README's block; `base` is the report's directory as the README sees it.
///
/// # Errors
/// [`Error::Internal`] for a broken template.
pub fn readme(report: &Report, pictures: &[Picture], base: &str) -> Result<String, Error> {
    let base = if base.is_empty() {
        String::new()
    } else {
        format!("{base}/")
    };
    let text = engine::render("readme.md", &view(report, pictures, base))?;
    Ok(text.trim().to_owned())
}

fn view<'r>(report: &'r Report, pictures: &'r [Picture], base: String) -> View<'r> {
    let main = report
        .headline
        .study
        .as_ref()
        .and_then(|id| report.studies.iter().find(|s| s.id == *id));
    let main = main.or_else(|| report.studies.first());
    let trials = main.map_or_else(Vec::new, |study| {
        report
            .groups
            .iter()
            .filter(|group| group.study == study.id)
            .flat_map(|group| &group.trials)
            .take(rows::MOST)
            .filter_map(|place| report.syncs.get(*place))
            .collect()
    });
    let pictures = pictures
        .iter()
        .map(|picture| PictureRef {
            study: &picture.study,
            file: &picture.file,
            title: &picture.title,
            description: &picture.description,
        })
        .collect();
    View {
        report: summary(report),
        pictures,
        trials,
        main,
        base,
    }
}
