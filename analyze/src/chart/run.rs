//! A run from beginning to end: the ramp's steps and EndpointSlices above, each node's syncs
//! and the kernel's complaints below.

mod rows;

use super::axis::{Axis, Unit};
use super::palette::{self, BAD, FAINT, INK, LABEL, MARGIN, SMALL, WIDTH};
use super::ramp::Ramp;
use super::sheet::{Drawn, Sheet, Side};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::duration;
use crate::report::{BundleFacts, Report, Study};
use rows::{Bar, Run};

const TOP: i32 = 60;
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
