//! Every trial as a point, with each group's mean and interval.

use plotters::prelude::*;

use super::palette::{self, FAINT, GRID, INK, TEXT, WIDTH};
use super::{Picture, svg};
use crate::error::Error;
use crate::report::words::{count, duration};
use crate::report::{Group, Report, Study};

const ROW: u32 = 96;

/// The picture of a study's trials; none without any.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Option<Picture>, Error> {
    let groups = shown(report, study);
    if groups.is_empty() {
        return Ok(None);
    }
    let matched = report
        .matched_groups
        .iter()
        .any(|group| group.study == study.id);
    let scope = match study.matched_scale.filter(|_| matched) {
        Some(scale) => format!("trials at {} endpoints (\u{b1} 2 %)", count(scale)),
        None => "all trials".to_owned(),
    };
    let title = format!("Duration of a sync, {scope}");
    let description = describe(&groups);
    let mut drawn = String::new();
    paint(report, &groups, &title, &mut drawn).map_err(Error::making("the chart of durations"))?;
    let file = format!("{}-durations.svg", study.id);
    Ok(Some(Picture {
        study: study.id.clone(),
        svg: svg::finish(&drawn, &format!("d-{}", study.id), &title, &description),
        file,
        title,
        description,
    }))
}

/// Groups at matched scale where there are any, else over all trials; the baseline first.
fn shown<'r>(report: &'r Report, study: &Study) -> Vec<&'r Group> {
    let of = |groups: &'r [Group]| -> Vec<&'r Group> {
        study
            .groups
            .iter()
            .filter_map(|name| {
                groups
                    .iter()
                    .find(|g| g.study == study.id && g.name == *name && g.n > 0)
            })
            .collect()
    };
    let matched = of(&report.matched_groups);
    if matched.is_empty() {
        of(&report.groups)
    } else {
        matched
    }
}

fn describe(groups: &[&Group]) -> String {
    let parts: Vec<String> = groups
        .iter()
        .map(|group| {
            let interval = group.ci95_s.map_or_else(String::new, |[low, high]| {
                format!(", 95 % interval {} to {}", duration(low), duration(high))
            });
            let mean = group.mean_s.map(duration).unwrap_or_default();
            format!("{}: mean {mean}{interval}, n = {}", group.name, group.n)
        })
        .collect();
    parts.join(". ")
}

/// The error is plotters' own words.
pub(super) type Drawn = Result<(), String>;

fn paint(report: &Report, groups: &[&Group], title: &str, into: &mut String) -> Drawn {
    let height = 84 + ROW * groups.len() as u32;
    let longest = groups
        .iter()
        .filter_map(|group| group.max_s)
        .fold(0.0, f64::max);
    let area = SVGBackend::with_string(into, (WIDTH, height)).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", TEXT + 3).into_font().color(&INK))
        .margin(14)
        .x_label_area_size(34)
        .build_cartesian_2d(0.0..longest.max(0.001) * 1.04, 0.0..groups.len() as f64)
        .map_err(said)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(FAINT)
        .x_labels(6)
        .x_label_formatter(&|seconds| duration(*seconds))
        .label_style(("sans-serif", TEXT - 1).into_font().color(&FAINT))
        .draw()
        .map_err(said)?;
    for (place, group) in groups.iter().enumerate() {
        let middle = (groups.len() - place) as f64 - 0.62;
        row(report, &mut chart, group, palette::group(place), middle)?;
    }
    area.present().map_err(said)
}

/// The backend writes to a string and fails at nothing; what plotters says all the same.
pub(super) fn said<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> String {
    error.to_string()
}

type Plane<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
>;

fn row(
    report: &Report,
    chart: &mut Plane<'_, '_>,
    group: &Group,
    colour: RGBColor,
    middle: f64,
) -> Drawn {
    let mean = group.mean_s.unwrap_or(0.0);
    let label = format!(
        "{}  mean {}  n = {}",
        short(&group.name),
        duration(mean),
        group.n
    );
    let style = ("sans-serif", TEXT).into_font().color(&colour);
    chart
        .draw_series([Text::new(label, (0.0, middle + 0.52), style)])
        .map_err(said)?;
    if let Some([low, high]) = group.ci95_s {
        let box_ = Rectangle::new(
            [(low, middle - 0.16), (high, middle + 0.16)],
            colour.mix(0.22).filled(),
        );
        chart.draw_series([box_]).map_err(said)?;
    }
    let tick = PathElement::new(
        [(mean, middle - 0.24), (mean, middle + 0.24)],
        colour.stroke_width(3),
    );
    chart.draw_series([tick]).map_err(said)?;
    let points = sampled(group).filter_map(|place| report.syncs.get(place)?.elapsed_s);
    chart
        .draw_series(points.map(|seconds| Circle::new((seconds, middle), 5, colour.filled())))
        .map_err(said)?;
    Ok(())
}

/// Up to 400 trials, evenly taken: more points hide each other.
fn sampled(group: &Group) -> impl Iterator<Item = usize> {
    let step = group.trials.len().div_ceil(400).max(1);
    group.trials.iter().copied().step_by(step)
}

/// A name that fits a picture.
pub(super) fn short(name: &str) -> String {
    match name.char_indices().nth(40) {
        Some((cut, _)) => format!("{}\u{2026}", &name[..cut]),
        None => name.to_owned(),
    }
}
