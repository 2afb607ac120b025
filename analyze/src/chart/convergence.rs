//! How soon each kernel held each step of the ramp, run by run.

use super::axis::{Axis, Unit};
use super::evenly::evenly;
use super::palette::{self, FAINT, GRID, INK, MARGIN, SMALL, WIDTH};
use super::sheet::{Drawn, Sheet, Side};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::{count, duration, titles};
use crate::report::{ConvergedGroup, LineRef, Outcome, Report, Study, Trace};

const TOP: i32 = 92;
const PLANE: i32 = 220;
const LEFT: i32 = 62;
/// Steps and groups that a picture holds; the table has all.
const MOST_STEPS: usize = 14;
const MOST_GROUPS: usize = 8;
/// More runs in a column would hide each other.
const MOST_POINTS: usize = 100;

/// The picture of a study whose ramps are compared; none where there is nothing to compare.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Option<Picture>, Error> {
    let all: Vec<&ConvergedGroup> = study
        .of(&report.converged)
        .filter(|one| one.outcome != Outcome::Ramp)
        .collect();
    let of = |outcome| {
        all.iter()
            .copied()
            .filter(move |one| one.outcome == outcome)
    };
    let means: Vec<&ConvergedGroup> = of(Outcome::Steps).take(MOST_GROUPS).collect();
    if means.len() < 2 {
        return Ok(None);
    }
    let mut steps: Vec<&ConvergedGroup> = of(Outcome::Step).collect();
    if steps.is_empty() {
        steps.clone_from(&means);
    }
    let title = titles::convergence(report, study);
    let caption = Caption {
        study,
        bundle: None,
        kind: "convergence",
        title: title.clone(),
        description: means
            .iter()
            .map(|one| describe(one))
            .collect::<Vec<_>>()
            .join(". "),
    };
    let height = TOP + 18 * means.len() as i32 + PLANE + 48;
    let picture = caption.draw(height, figures(report, &all), |sheet| {
        sheet.heading(&title, "until the kernel holds it; a point a run")?;
        paint(report, study, &means, &steps, sheet)
    })?;
    Ok(Some(picture))
}

fn describe(one: &ConvergedGroup) -> String {
    let interval = one.ci95_s.map_or_else(String::new, |[low, high]| {
        format!(", 95 % interval {} to {}", duration(low), duration(high))
    });
    format!(
        "{}: {} after a step on average{interval}, n = {}",
        one.name,
        duration(one.mean_s),
        one.n
    )
}

fn figures(report: &Report, all: &[&ConvergedGroup]) -> Figures {
    let columns = [
        "group",
        "step to",
        "mean",
        "95 % interval",
        "since EndpointSlices",
        "runs",
    ];
    let mut figures = Figures::new(&columns);
    for one in all {
        let pair = |pair: Option<[f64; 2]>| {
            pair.map_or_else(
                || "–".to_owned(),
                |[low, high]| format!("{} to {}", duration(low), duration(high)),
            )
        };
        let step = match one.outcome {
            Outcome::Step => count(one.endpoints),
            _ => "all steps".to_owned(),
        };
        let steps = one
            .ramp_steps
            .iter()
            .filter_map(|at| report.ramp_steps.get(*at));
        let cells = vec![
            one.name.clone(),
            step,
            duration(one.mean_s),
            pair(one.ci95_s),
            pair(one.from_slices_s),
            one.n.to_string(),
        ];
        let from = Trace {
            syncs: steps.clone().filter_map(|step| step.sync).collect(),
            lines: steps
                .map(|step| LineRef {
                    input: step.input.clone(),
                    line: step.line,
                })
                .collect(),
        };
        figures.push_from(|| (cells, from));
    }
    figures
}

/// A step's runs and seconds; of more than [`MOST_POINTS`] some, from the quickest to the slowest.
fn shown(step: &ConvergedGroup) -> Vec<(&str, f64)> {
    let runs = step.runs.iter().map(String::as_str);
    let mut all: Vec<(&str, f64)> = runs.zip(step.run_means_s.iter().copied()).collect();
    if all.len() > MOST_POINTS {
        all.sort_by(|a, b| a.1.total_cmp(&b.1));
    }
    evenly(&all, MOST_POINTS).copied().collect()
}

fn paint(
    report: &Report,
    study: &Study,
    means: &[&ConvergedGroup],
    steps: &[&ConvergedGroup],
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let mut keys: Vec<(usize, u64)> = steps.iter().map(|one| (one.time, one.endpoints)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.truncate(MOST_STEPS);
    let values = steps.iter().flat_map(|one| one.run_means_s.iter().copied());
    let worst = values.fold(0.0, f64::max);
    let top = TOP + 18 * means.len() as i32;
    let bottom = top + PLANE;
    let up = Axis::linear(Unit::Seconds, worst, (bottom, top + 6));
    up.beside(sheet, LEFT, WIDTH - MARGIN)?;
    columns(&keys, (top, bottom), sheet)?;
    let most = steps.iter().map(|one| one.runs.len()).max().unwrap_or(0);
    let what = if most > MOST_POINTS {
        format!("endpoints asked for; line: mean; points: {MOST_POINTS} of {most}")
    } else {
        "endpoints asked for; line: mean of the runs".to_owned()
    };
    sheet.text((MARGIN, bottom + 32), &what, SMALL, FAINT, Side::Right)?;
    for (line, of) in means.iter().enumerate() {
        let place = super::place(study, &of.name);
        let colour = palette::group(place);
        let y = TOP - 4 + 18 * line as i32;
        sheet.mark((MARGIN + 6, y), place, colour, of.name.clone())?;
        sheet.name((MARGIN + 18, y), report.names.short(&of.name), colour)?;
        let figures = format!("{}  n = {}", duration(of.mean_s), of.n);
        sheet.text((WIDTH - MARGIN, y), &figures, SMALL, INK, Side::Left)?;
        let aside = (line as i32 * 2 - means.len() as i32 + 1) * 5;
        let mut path = Vec::new();
        for (n, key) in keys.iter().enumerate() {
            let mine =
                |one: &&&ConvergedGroup| one.name == of.name && (one.time, one.endpoints) == *key;
            let Some(step) = steps.iter().find(mine) else {
                continue;
            };
            let x = column(n, keys.len()) + aside;
            path.push((x, up.at(step.mean_s)));
            for (run, seconds) in shown(step) {
                let says = format!("{}, {run}: {}", step.name, duration(seconds));
                sheet.mark((x, up.at(seconds)), place, colour, says)?;
            }
        }
        sheet.line(path, colour, 2)?;
    }
    Ok(())
}

/// The middle of a step's column, of so many.
fn column(n: usize, of: usize) -> i32 {
    let width = WIDTH - MARGIN - LEFT;
    LEFT + (2 * n as i32 + 1) * width / (2 * of as i32)
}

/// What parts the steps, and the endpoints below them.
fn columns(keys: &[(usize, u64)], (top, bottom): (i32, i32), sheet: &mut Sheet<'_>) -> Drawn {
    let column = |n: usize| column(n, keys.len());
    let every = keys.len().div_ceil(6).max(1);
    for (n, (_, endpoints)) in keys.iter().enumerate() {
        if n > 0 {
            let x = (column(n) + column(n - 1)) / 2;
            sheet.line(vec![(x, top), (x, bottom)], GRID, 1)?;
        }
        if n % every == 0 {
            let label = super::axis::thousands(*endpoints);
            sheet.text((column(n), bottom + 12), &label, SMALL, FAINT, Side::Middle)?;
        }
    }
    Ok(())
}
