//! How long each node's kernel held old rules, step by step of the ramp.

use super::axis::{Axis, Unit};
use super::palette::{self, BAD, FAINT, GRID, INK, MARGIN, SMALL, WIDTH};
use super::sheet::{Drawn, Sheet, Side};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::{count, duration, titles};
use crate::report::{LineRef, RampStep, Report, Study, Trace};

const TOP: i32 = 92;
const PLANE: i32 = 220;
const LEFT: i32 = 62;
/// More bundles of one study are left to their tables.
const MOST_BUNDLES: usize = 12;

/// A picture for each bundle of a study that was ramped.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Vec<Picture>, Error> {
    let mut pictures = Vec::new();
    for bundle in study.bundles.iter().take(MOST_BUNDLES) {
        let steps: Vec<&RampStep> = report
            .ramp_steps
            .iter()
            .filter(|step| step.study == study.id && step.bundle == *bundle)
            .collect();
        if steps.iter().all(|step| step.staleness_s.is_none()) {
            continue;
        }
        let title = titles::staleness(&steps);
        let caption = Caption {
            study,
            bundle: Some(bundle),
            kind: "staleness",
            title: title.clone(),
            description: describe(&steps),
        };
        let groups = groups(study, &steps);
        let height = TOP + 18 * groups.len() as i32 + PLANE + 48;
        pictures.push(caption.draw(height, figures(report, &steps), |sheet| {
            sheet.heading(&title, "from a ramp step to the sync that carried it")?;
            paint(report, &steps, &groups, sheet)
        })?);
    }
    Ok(pictures)
}

/// The groups of the steps, with their places in the study, in its order.
fn groups<'r>(study: &Study, steps: &[&'r RampStep]) -> Vec<(usize, &'r String)> {
    let places = steps
        .iter()
        .map(|step| (super::place(study, &step.group), &step.group));
    let mut groups: Vec<(usize, &String)> = places.collect();
    groups.sort();
    groups.dedup();
    groups
}

fn describe(steps: &[&RampStep]) -> String {
    let carried = steps.iter().filter_map(|step| step.staleness_s);
    let worst = carried.clone().fold(0.0, f64::max);
    format!(
        "{} of {} steps were carried, {} of them after the next step; the longest took {}.",
        carried.count(),
        steps.len(),
        steps.iter().filter(|step| step.late).count(),
        duration(worst)
    )
}

fn figures(report: &Report, steps: &[&RampStep]) -> Figures {
    let columns = [
        "time",
        "node",
        "group",
        "replicas",
        "endpoints",
        "stale for",
        "line",
    ];
    let mut figures = Figures::new(&columns);
    for step in steps {
        let cells = vec![
            step.time.clone(),
            step.node.clone(),
            step.group.clone(),
            step.replicas.to_string(),
            count(step.endpoints),
            step.staleness_s
                .map_or_else(|| "not carried".to_owned(), duration),
            step.sync
                .map_or_else(String::new, |sync| super::line_of(report, sync)),
        ];
        let line = LineRef {
            input: step.input.clone(),
            line: step.line,
        };
        let from = Trace {
            syncs: step.sync.into_iter().collect(),
            lines: vec![line],
        };
        figures.push_from(cells, from);
    }
    figures
}

fn paint(
    report: &Report,
    steps: &[&RampStep],
    groups: &[(usize, &String)],
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let mut times: Vec<(&String, u64)> = steps
        .iter()
        .map(|step| (&step.time, step.replicas))
        .collect();
    times.sort();
    times.dedup();
    let worst = steps
        .iter()
        .filter_map(|step| step.staleness_s)
        .fold(0.0, f64::max);
    let top = TOP + 18 * groups.len() as i32;
    let bottom = top + PLANE;
    let up = Axis::linear(Unit::Seconds, worst, (bottom, top + 14));
    up.beside(sheet, LEFT, WIDTH - MARGIN)?;
    let width = WIDTH - MARGIN - LEFT;
    let column = |n: usize| LEFT + (2 * n as i32 + 1) * width / (2 * times.len() as i32);
    let every = times.len().div_ceil(10).max(1);
    for (n, (_, replicas)) in times.iter().enumerate() {
        if n > 0 {
            let x = (column(n) + column(n - 1)) / 2;
            sheet.line(vec![(x, top), (x, bottom)], GRID, 1)?;
        }
        if n % every == 0 {
            let label = replicas.to_string();
            sheet.text((column(n), bottom + 12), &label, SMALL, FAINT, Side::Middle)?;
        }
    }
    let what = "replicas; ring: after the next step; top: never";
    sheet.text((MARGIN, bottom + 32), what, SMALL, FAINT, Side::Right)?;
    for (line, (place, group)) in groups.iter().enumerate() {
        let colour = palette::group(*place);
        let y = TOP - 4 + 18 * line as i32;
        sheet.mark((MARGIN + 6, y), *place, colour, (*group).clone())?;
        sheet.name((MARGIN + 18, y), report.names.short(group), colour)?;
        let mine: Vec<&&RampStep> = steps.iter().filter(|step| step.group == **group).collect();
        let n = format!("n = {}", mine.len());
        sheet.text((WIDTH - MARGIN, y), &n, SMALL, INK, Side::Left)?;
        for step in mine {
            let at = times.iter().position(|(time, _)| **time == step.time);
            let x = column(at.unwrap_or(0)) + (line as i32 * 2 - groups.len() as i32 + 1) * 5;
            let says = says(report, step);
            match step.staleness_s {
                Some(seconds) if step.late => sheet.ring((x, up.at(seconds)), colour, says)?,
                Some(seconds) => sheet.mark((x, up.at(seconds)), *place, colour, says)?,
                None => sheet.ring((x, top + 6), BAD, says)?,
            }
        }
    }
    Ok(())
}

fn says(report: &Report, step: &RampStep) -> String {
    let head = format!("{}, {} replicas", step.node, step.replicas);
    match (step.staleness_s, step.sync) {
        (Some(seconds), Some(sync)) => format!(
            "{head}: stale for {}; carried by a sync of {}",
            duration(seconds),
            super::of_sync(report, sync)
        ),
        _ => format!("{head}: no sync carried it"),
    }
}
