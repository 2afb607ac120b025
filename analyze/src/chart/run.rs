//! A run from beginning to end: endpoints above, each node's syncs and the kernel's complaints
//! below, on one time line that can be zoomed.

pub(super) mod rows;

use super::axis::{Axis, Unit};
use super::endpoints::Endpoints;
use super::palette::{self, BAD, FAINT, MARGIN, SMALL, WIDTH};
use super::sheet::{Drawn, Sheet, Side};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::{duration, titles};
use crate::report::{BundleFacts, Report, Study};
use rows::{Bar, Run};

const TOP: i32 = 92;
const LEFT: i32 = 54;
const RIGHT: i32 = WIDTH - 84;
const ROW: i32 = 62;
/// More bundles than a report holds are left to the tables.
const MOST_BUNDLES: usize = 12;

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
    let Some(run) = Run::of(report, study, bundle) else {
        return Ok(None);
    };
    let endpoints = Endpoints::of(report, study, bundle, &run);
    let shown: usize = run.rows.iter().map(|row| row.bars.len()).sum();
    let name = bundle.map_or(&study.id, |bundle| &bundle.id);
    let recording = report.recordings.iter().find(|one| one.id == *name);
    let title = titles::run(report, recording);
    let caption = Caption {
        study,
        bundle: bundle.map(|bundle| bundle.id.as_str()),
        kind: "run",
        title: title.clone(),
        description: format!(
            "{name}: {} nodes, {} syncs over {}.{}",
            run.rows.len(),
            run.all,
            duration(run.end),
            endpoints.words()
        ),
    };
    let height = TOP + endpoints.height() + ROW * run.rows.len() as i32 + 66;
    let of = match (endpoints.height(), shown < run.all) {
        (_, true) => format!("endpoints, and the {shown} longest of {} syncs", run.all),
        (0, false) => format!("{shown} syncs"),
        (_, false) => format!("endpoints, and {shown} syncs"),
    };
    let picture = caption.draw(height, figures(report, &run), |sheet| {
        sheet.heading(&title, &of)?;
        paint(report, study, &run, &endpoints, sheet)
    })?;
    Ok(Some(picture))
}

fn figures(report: &Report, run: &Run) -> Figures {
    let mut figures = Figures::new(&["node", "group", "start", "duration", "outcome", "line"]);
    for row in &run.rows {
        for bar in &row.bars {
            let Some(sync) = report.syncs.get(bar.sync) else {
                continue;
            };
            figures.push(bar.sync, || {
                vec![
                    row.node.clone(),
                    row.group.clone(),
                    sync.start.unwrap_or_default(),
                    sync.elapsed_s.map(duration).unwrap_or_default(),
                    sync.outcome.to_owned(),
                    super::line_of(report, bar.sync),
                ]
            });
        }
    }
    figures
}

fn paint(
    report: &Report,
    study: &Study,
    run: &Run,
    endpoints: &Endpoints,
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let axis = Axis::linear(Unit::Seconds, run.end, (LEFT, RIGHT));
    let first = TOP + endpoints.height();
    let bottom = first + ROW * run.rows.len() as i32 + 6;
    sheet.zoom(LEFT, RIGHT)?;
    axis.below(sheet, TOP, bottom)?;
    sheet.end()?;
    endpoints.paint(&axis, run.end, TOP, (LEFT, RIGHT), sheet)?;
    let since = if run.apart { "each node's" } else { "the" };
    let what = format!("since {since} first sync; full colour: commit");
    sheet.text((MARGIN, bottom + 32), &what, SMALL, FAINT, Side::Right)?;
    let what = "faint: build; frame: failed; triangle: kernel stuck";
    sheet.text((MARGIN, bottom + 51), what, SMALL, FAINT, Side::Right)?;
    for (line, row) in run.rows.iter().enumerate() {
        let top = first + ROW * line as i32;
        let colour = palette::group(super::place(study, &row.group));
        let name = match report.names.short(&row.group) {
            group if *group == row.node => row.node.clone(),
            group => format!("{}, {group}", super::sheet::short(&row.node)),
        };
        sheet.name((LEFT, top + 12), &name, colour)?;
        sheet.zoom(LEFT, RIGHT)?;
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
        sheet.end()?;
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
    let says = match sync.why_not {
        Some(why) => format!("{says}; no trial: {why}"),
        None => format!("{says}; a trial"),
    };
    let between = bar.build.map_or(from, |build| axis.at(bar.start + build));
    if between > from {
        let corners = [(from, top), (between, top + 18)];
        sheet.bar(corners, colour, 0.45, format!("build of {says}"))?;
    }
    if to > between || between == from {
        sheet.bar([(between, top), (to, top + 18)], colour, 1.0, says)?;
    }
    Ok(())
}
