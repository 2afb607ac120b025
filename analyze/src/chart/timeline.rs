//! A run from beginning to end: the ramp's steps above, each node's syncs below.

use std::collections::BTreeMap;

use chrono::DateTime;
use plotters::prelude::*;

use super::durations::{Drawn, said, short};
use super::palette::{self, FAINT, GRID, INK, TEXT, WIDTH};
use super::{Picture, svg};
use crate::error::Error;
use crate::report::words::duration;
use crate::report::{BundleFacts, Report, Study, SyncRow};

const ROW: u32 = 66;
/// More rows than a picture holds are left to the table.
const MOST_ROWS: usize = 12;

/// A sync on the time line: seconds from the first start, and whether it is a trial.
struct Bar {
    start: f64,
    end: f64,
    trial: bool,
    outcome: &'static str,
}

/// The picture of one study's runs; none if no sync has a time, or if they lie days apart.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Vec<Picture>, Error> {
    let bundles: Vec<&BundleFacts> = report
        .bundles
        .iter()
        .filter(|bundle| study.bundles.contains(&bundle.id))
        .collect();
    let mut pictures = Vec::new();
    if bundles.is_empty() {
        pictures.extend(one(report, study, None)?);
    }
    for bundle in bundles.into_iter().take(MOST_ROWS) {
        pictures.extend(one(report, study, Some(bundle))?);
    }
    Ok(pictures)
}

fn one(
    report: &Report,
    study: &Study,
    bundle: Option<&BundleFacts>,
) -> Result<Option<Picture>, Error> {
    let Some((origin, rows)) = bars(report, study, bundle) else {
        return Ok(None);
    };
    let steps = steps(bundle, origin);
    let last = rows
        .values()
        .flatten()
        .map(|bar| bar.end)
        .fold(0.0, f64::max);
    let name = bundle.map_or(&study.id, |bundle| &bundle.id);
    let title = format!("Syncs over time: {}", short(name));
    let trials = rows.values().flatten().filter(|bar| bar.trial).count();
    let description = format!(
        "{} rows of syncs over {}; {} of them trials, {} ramp steps.",
        rows.len(),
        duration(last),
        trials,
        steps.len()
    );
    let mut drawn = String::new();
    paint(&rows, &steps, last, &title, &mut drawn).map_err(Error::making("the chart of a run"))?;
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .take(80)
        .collect();
    let id = format!("{}-{safe}", study.id);
    let file = if *name == study.id {
        format!("{}-timeline.svg", study.id)
    } else {
        format!("{id}-timeline.svg")
    };
    Ok(Some(Picture {
        study: study.id.clone(),
        svg: svg::finish(&drawn, &format!("t-{id}"), &title, &description),
        file,
        title,
        description,
    }))
}

/// Rows of bars by node and group, and the first start in seconds since the epoch.
fn bars(
    report: &Report,
    study: &Study,
    bundle: Option<&BundleFacts>,
) -> Option<(f64, BTreeMap<String, Vec<Bar>>)> {
    const A_DAY: f64 = 86_400.0;
    let inside: Vec<&str> = report
        .inputs
        .iter()
        .filter(|input| bundle.is_none_or(|bundle| input.bundle.as_ref() == Some(&bundle.id)))
        .map(|input| input.path.as_str())
        .collect();
    let mut all: Vec<(String, f64, f64, SyncRow<'_>)> = Vec::new();
    for row in report
        .syncs
        .rows()
        .filter(|row| row.study == study.id.as_str())
    {
        let moment = |text: &Option<String>| {
            let time = DateTime::parse_from_rfc3339(text.as_ref()?).ok()?;
            Some(time.timestamp_micros() as f64 / 1e6)
        };
        let (Some(start), Some(elapsed)) = (moment(&row.start), row.elapsed_s) else {
            continue;
        };
        // Syncs too short to be seen on any time line.
        if elapsed < 0.2 || !inside.contains(&&*row.input) {
            continue;
        }
        let name = format!(
            "{}  {}",
            row.node.as_deref().unwrap_or("node unknown"),
            row.group
        );
        all.push((name, start, start + elapsed, row));
    }
    let origin = all
        .iter()
        .map(|(_, start, ..)| *start)
        .fold(f64::INFINITY, f64::min);
    let last = all.iter().map(|(_, _, end, _)| *end).fold(0.0, f64::max);
    if all.is_empty() || last - origin > A_DAY || all.len() > 4_000 {
        return None;
    }
    let mut rows: BTreeMap<String, Vec<Bar>> = BTreeMap::new();
    for (name, start, end, row) in all {
        let bar = Bar {
            start: start - origin,
            end: end - origin,
            trial: row.trial,
            outcome: row.outcome,
        };
        rows.entry(name).or_default().push(bar);
    }
    while rows.len() > MOST_ROWS {
        rows.pop_last();
    }
    Some((origin, rows))
}

/// Seconds from the origin and replicas of each ramp step.
fn steps(bundle: Option<&BundleFacts>, origin: f64) -> Vec<(f64, String)> {
    let Some(bundle) = bundle else {
        return Vec::new();
    };
    bundle
        .timeline
        .iter()
        .filter(|[_, action, _]| action == "scale")
        .filter_map(|[time, _, detail]| {
            let time = DateTime::parse_from_rfc3339(time).ok()?;
            let at = time.timestamp() as f64 - origin;
            let replicas = detail.strip_prefix("replicas=").unwrap_or(detail);
            (at >= 0.0).then(|| (at, replicas.chars().take(6).collect()))
        })
        .collect()
}

fn paint(
    rows: &BTreeMap<String, Vec<Bar>>,
    steps: &[(f64, String)],
    last: f64,
    title: &str,
    into: &mut String,
) -> Drawn {
    let height = 118 + ROW * rows.len() as u32;
    let top = rows.len() as f64 + 0.5;
    let area = SVGBackend::with_string(into, (WIDTH, height)).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", TEXT + 3).into_font().color(&INK))
        .margin(14)
        .x_label_area_size(40)
        .build_cartesian_2d(0.0..last * 1.03, 0.0..top)
        .map_err(said)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .light_line_style(TRANSPARENT)
        .bold_line_style(TRANSPARENT)
        .axis_style(FAINT)
        .x_desc("time since the first sync; vertical lines: replicas asked for")
        .x_labels(6)
        .x_label_formatter(&|seconds| duration(*seconds))
        .label_style(("sans-serif", TEXT - 2).into_font().color(&FAINT))
        .draw()
        .map_err(said)?;
    for (at, replicas) in steps.iter().filter(|(at, _)| *at <= last * 1.03) {
        let line = PathElement::new([(*at, 0.0), (*at, top - 0.25)], GRID.stroke_width(1));
        chart.draw_series([line]).map_err(said)?;
        let style = ("sans-serif", TEXT - 3).into_font().color(&FAINT);
        chart
            .draw_series([Text::new(replicas.clone(), (*at, top), style)])
            .map_err(said)?;
    }
    for (place, (name, bars)) in rows.iter().enumerate() {
        let colour = palette::group(place);
        let bottom = (rows.len() - place) as f64 - 0.95;
        let style = ("sans-serif", TEXT - 1).into_font().color(&colour);
        chart
            .draw_series([Text::new(short(name), (0.0, bottom + 0.82), style)])
            .map_err(said)?;
        for bar in bars {
            let corners = [(bar.start, bottom), (bar.end, bottom + 0.42)];
            let strength = if bar.trial { 1.0 } else { 0.35 };
            let filled = bar.outcome == "ok";
            let style = ShapeStyle {
                color: colour.mix(strength),
                filled,
                stroke_width: 1,
            };
            chart
                .draw_series([Rectangle::new(corners, style)])
                .map_err(said)?;
        }
    }
    area.present().map_err(said)
}
