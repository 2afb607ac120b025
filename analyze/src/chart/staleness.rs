//! How long each node's kernel held old rules, step by step of the ramp.

use std::collections::BTreeSet;

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
/// Groups on one picture; the tables have all.
const MOST_GROUPS: usize = 16;
/// Steps on one picture: those that took longest, the others would hide each other.
const MOST_STEPS: usize = 600;
/// Steps of the ramp that lines part; of more the lines would be the picture.
const MOST_LINES: usize = 60;

/// A picture for each bundle of a study that was ramped.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Vec<Picture>, Error> {
    let mut pictures = Vec::new();
    for bundle in study.bundles.iter().take(MOST_BUNDLES) {
        let steps: Vec<&RampStep> = study
            .of(&report.ramp_steps)
            .filter(|step| step.bundle == *bundle)
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
        let shown = Shown::of(study, &steps);
        let height = TOP + 18 * shown.groups.len() as i32 + PLANE + 48;
        pictures.push(caption.draw(height, figures(report, &steps), |sheet| {
            sheet.heading(&title, &shown.words(steps.len()))?;
            paint(report, &shown, sheet)
        })?);
    }
    Ok(pictures)
}

/// What a picture has room for.
struct Shown<'r> {
    steps: Vec<&'r RampStep>,
    /// Groups of those, with their places in the study, in its order.
    groups: Vec<(usize, &'r String)>,
}

impl<'r> Shown<'r> {
    fn of(study: &Study, all: &[&'r RampStep]) -> Self {
        let names: BTreeSet<&String> = all.iter().map(|step| &step.group).collect();
        let names = names.into_iter().take(MOST_GROUPS);
        let mut groups: Vec<(usize, &String)> = names
            .map(|group| (super::place(study, group), group))
            .collect();
        groups.sort();
        let named = |step: &&&RampStep| groups.iter().any(|(_, group)| **group == step.group);
        let mut steps: Vec<&RampStep> = all.iter().filter(named).copied().collect();
        if steps.len() > MOST_STEPS {
            let stale = |step: &RampStep| step.staleness_s.unwrap_or(f64::INFINITY);
            steps.sort_by(|a, b| stale(b).total_cmp(&stale(a)));
            steps.truncate(MOST_STEPS);
            steps.sort_by(|a, b| (&a.time, &a.node).cmp(&(&b.time, &b.node)));
        }
        Self { steps, groups }
    }

    fn words(&self, all: usize) -> String {
        match self.steps.len() {
            shown if shown < all => format!("the {shown} slowest of {} steps", count(all as u64)),
            _ => "from a ramp step to the sync that carried it".to_owned(),
        }
    }
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
        figures.push_from(|| {
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
            (cells, from)
        });
    }
    figures
}

fn paint(report: &Report, Shown { steps, groups }: &Shown<'_>, sheet: &mut Sheet<'_>) -> Drawn {
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
        if n > 0 && times.len() <= MOST_LINES {
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
            let at = times.partition_point(|(time, _)| **time < step.time);
            let x = column(at) + (line as i32 * 2 - groups.len() as i32 + 1) * 5;
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
