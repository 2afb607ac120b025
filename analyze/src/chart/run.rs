//! A run from beginning to end: the ramp's steps and EndpointSlices above, each node's syncs
//! and the kernel's complaints below.

use std::collections::BTreeMap;

use super::axis::{Axis, Unit};
use super::palette::{self, BAD, FAINT, INK, LABEL, MARGIN, SMALL, WIDTH};
use super::ramp::Ramp;
use super::sheet::{Drawn, Sheet, Side};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::duration;
use crate::report::{BundleFacts, Report, Study};

const TOP: i32 = 60;
const ROW: i32 = 62;
/// More nodes or bundles than a picture or a report holds are left to the tables.
const MOST_ROWS: usize = 12;
const MOST_BUNDLES: usize = 12;
/// Bars on one picture: the longest are kept, the others would be thinner than a pixel.
const MOST_BARS: usize = 600;
/// Loose logs can lie years apart; a picture of that shows nothing.
const LONGEST_S: f64 = 2.0 * 86_400.0;

/// A sync on the time line: seconds from the first start, and its place in `syncs`.
struct Bar {
    start: f64,
    build: Option<f64>,
    end: f64,
    sync: usize,
}

/// The syncs and complaints of one node.
#[derive(Default)]
struct Row {
    node: String,
    group: String,
    bars: Vec<Bar>,
    lockups: Vec<(f64, String)>,
}

/// The rows of a run, and the moment of its first start in seconds since the epoch.
struct Run {
    origin: f64,
    rows: Vec<Row>,
    end: f64,
    all: usize,
}

/// The pictures of one study's runs; none where no sync has a time, or they lie days apart.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Vec<Picture>, Error> {
    let of_study = report
        .bundles
        .iter()
        .filter(|b| study.bundles.contains(&b.id));
    let mut runs: Vec<Option<&BundleFacts>> = of_study.map(Some).take(MOST_BUNDLES).collect();
    if runs.is_empty() {
        runs.push(None);
    }
    let mut pictures = Vec::new();
    for bundle in runs {
        pictures.extend(one(report, study, bundle)?);
    }
    Ok(pictures)
}

fn one(
    report: &Report,
    study: &Study,
    bundle: Option<&BundleFacts>,
) -> Result<Option<Picture>, Error> {
    let Some(run) = run(report, study, bundle) else {
        return Ok(None);
    };
    let ramp = Ramp::of(bundle, run.origin);
    let shown: usize = run.rows.iter().map(|row| row.bars.len()).sum();
    let name = bundle.map_or(&study.title, |bundle| &bundle.id);
    let caption = Caption {
        study,
        bundle: bundle.map(|bundle| bundle.id.as_str()),
        kind: "run",
        title: format!("A run from beginning to end: {name}"),
        description: format!(
            "{} nodes, {} syncs over {}, {} ramp steps.",
            run.rows.len(),
            run.all,
            duration(run.end),
            ramp.len()
        ),
    };
    let height = TOP + ramp.height() + ROW * run.rows.len() as i32 + 62;
    let of = if shown < run.all {
        format!(
            "the {shown} longest of {} syncs; above: replicas asked for",
            run.all
        )
    } else {
        format!("{shown} syncs; numbers above: replicas asked for")
    };
    let picture = caption.draw(height, figures(report, &run), |sheet| {
        sheet.heading("Syncs over the run", &of)?;
        paint(report, study, &run, &ramp, sheet)
    })?;
    Ok(Some(picture))
}

fn run(report: &Report, study: &Study, bundle: Option<&BundleFacts>) -> Option<Run> {
    let at = report.syncs.studies.iter().position(|id| *id == study.id)?;
    let inside: Vec<bool> = report
        .inputs
        .iter()
        .map(|input| bundle.is_none_or(|bundle| input.bundle.as_ref() == Some(&bundle.id)))
        .collect();
    let mut timed: Vec<(i64, u64, usize)> = report
        .syncs
        .syncs
        .iter()
        .zip(&report.syncs.derived)
        .enumerate()
        .filter(|(_, (sync, derived))| {
            derived.study as usize == at && inside.get(sync.input as usize) == Some(&true)
        })
        .filter_map(|(place, (sync, _))| Some((sync.start_ns?, sync.elapsed_ns?, place)))
        .collect();
    let origin = timed.iter().map(|(start, ..)| *start).min()?;
    let last = timed
        .iter()
        .map(|(start, took, _)| start + *took as i64)
        .max()?;
    let end = (last - origin) as f64 / 1e9;
    if end > LONGEST_S {
        return None;
    }
    let all = timed.len();
    timed.sort_by_key(|(_, took, place)| (std::cmp::Reverse(*took), *place));
    timed.truncate(MOST_BARS);
    timed.sort_unstable();
    let rows = rows(report, bundle, origin, &timed);
    let origin = origin as f64 / 1e9;
    Some(Run {
        origin,
        rows,
        end,
        all,
    })
}

fn rows(
    report: &Report,
    bundle: Option<&BundleFacts>,
    origin: i64,
    timed: &[(i64, u64, usize)],
) -> Vec<Row> {
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
    let seconds = |ns: i64| (ns - origin) as f64 / 1e9;
    for (start, took, sync) in timed {
        let Some(row) = report.syncs.get(*sync) else {
            continue;
        };
        let node = row.node.as_deref().unwrap_or(&row.input).to_owned();
        let group = row.group.into_owned();
        let entry = rows
            .entry((group.clone(), node.clone()))
            .or_insert_with(|| Row {
                node,
                group,
                ..Row::default()
            });
        entry.bars.push(Bar {
            start: seconds(*start),
            build: row.build_s,
            end: seconds(start + *took as i64),
            sync: *sync,
        });
    }
    for row in rows.values_mut() {
        row.lockups = lockups(report, bundle, &row.node, origin);
    }
    rows.into_values().take(MOST_ROWS).collect()
}

/// The kernel's complaints on a node, in seconds from the origin.
fn lockups(
    report: &Report,
    bundle: Option<&BundleFacts>,
    node: &str,
    origin: i64,
) -> Vec<(f64, String)> {
    let of_node = report.kernel_events.iter().filter(|event| {
        event.node.as_deref() == Some(node)
            && bundle.is_none_or(|bundle| event.study == bundle.study)
    });
    of_node
        .filter_map(|event| {
            let time = chrono::DateTime::parse_from_rfc3339(event.time.as_ref()?).ok()?;
            let at = (time.timestamp_nanos_opt()? - origin) as f64 / 1e9;
            let function = event.function.as_deref().unwrap_or("unknown function");
            let stuck = event
                .seconds
                .map_or_else(String::new, |s| format!(" for {}", duration(s)));
            let kind = event.kind.replace('_', " ");
            let place = format!("{}:{}", event.input, event.line);
            Some((at, format!("{kind}{stuck} in {function}, {place}")))
        })
        .collect()
}

fn figures(report: &Report, run: &Run) -> Figures {
    let mut figures = Figures::new(&["node", "group", "start", "duration", "outcome", "line"]);
    for row in &run.rows {
        for bar in &row.bars {
            let Some(sync) = report.syncs.get(bar.sync) else {
                continue;
            };
            let cells = vec![
                row.node.clone(),
                row.group.clone(),
                sync.start.unwrap_or_default(),
                sync.elapsed_s.map(duration).unwrap_or_default(),
                sync.outcome.to_owned(),
                super::line_of(report, bar.sync),
            ];
            figures.push(cells, Some(bar.sync));
        }
    }
    figures
}

fn paint(report: &Report, study: &Study, run: &Run, ramp: &Ramp, sheet: &mut Sheet<'_>) -> Drawn {
    let axis = Axis::linear(Unit::Seconds, run.end, (MARGIN, WIDTH - MARGIN));
    let first = TOP + ramp.height();
    let bottom = first + ROW * run.rows.len() as i32 + 6;
    axis.below(sheet, first, bottom)?;
    ramp.paint(&axis, run.end, TOP - 6, bottom, sheet)?;
    let what = "time since the first sync began";
    sheet.text(
        (WIDTH - MARGIN, bottom + 30),
        what,
        SMALL,
        FAINT,
        Side::Left,
    )?;
    let what = "light: build; pale: no trial; frame: failed; triangle: kernel stuck";
    sheet.text((MARGIN, bottom + 46), what, SMALL, FAINT, Side::Right)?;
    for (line, row) in run.rows.iter().enumerate() {
        let top = first + ROW * line as i32;
        let colour = palette::group(super::place(study, &row.group));
        sheet.name((MARGIN, top + 12), &row.node, colour)?;
        if row.group != row.node {
            let group = super::sheet::short(&row.group);
            sheet.text(
                (WIDTH - MARGIN, top + 12),
                &group,
                LABEL - 1,
                INK,
                Side::Left,
            )?;
        }
        for bar in &row.bars {
            one_bar(report, bar, &axis, colour, top + 24, sheet)?;
        }
        for (at, says) in row
            .lockups
            .iter()
            .filter(|(at, _)| (0.0..=run.end).contains(at))
        {
            let (x, y) = (axis.at(*at), top + 46);
            let triangle = vec![(x, y), (x + 5, y + 9), (x - 5, y + 9)];
            sheet.area(triangle, BAD, 1.0, says.clone())?;
        }
    }
    Ok(())
}

fn one_bar(
    report: &Report,
    bar: &Bar,
    axis: &Axis,
    colour: plotters::style::RGBColor,
    top: i32,
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let Some(sync) = report.syncs.get(bar.sync) else {
        return Ok(());
    };
    let mut says = super::of_sync(report, bar.sync);
    let (from, to) = (axis.at(bar.start), axis.at(bar.end));
    if sync.outcome != "ok" {
        says = format!("{}: {says}", sync.outcome);
        return sheet.frame([(from, top), (to, top + 18)], BAD, says);
    }
    let strength = if sync.trial { 1.0 } else { 0.5 };
    let says = match sync.why_not {
        Some(why) => format!("{says}; no trial: {why}"),
        None => format!("{says}; a trial"),
    };
    let between = bar.build.map_or(from, |build| axis.at(bar.start + build));
    if between > from {
        let corners = [(from, top), (between, top + 18)];
        sheet.bar(corners, colour, strength * 0.4, format!("build of {says}"))?;
    }
    if to > between || between == from {
        sheet.bar([(between, top), (to, top + 18)], colour, strength, says)?;
    }
    Ok(())
}
