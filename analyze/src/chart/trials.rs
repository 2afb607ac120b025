//! Every trial as a point, with each group's mean and interval.

use std::collections::HashMap;

use super::axis::{Axis, Unit};
use super::levels::Levels;
use super::palette::{self, INK, LABEL, MARGIN, SMALL, WIDTH};
use super::sheet::{Drawn, Sheet, Side};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::{count, duration, titles};
use crate::report::{Group, Report, Study};

const TOP: i32 = 82;
const ROW: i32 = 72;
/// More groups than a picture holds are left to the table.
const MOST_GROUPS: usize = 16;
/// More points would hide each other; they are taken evenly.
const MOST_POINTS: usize = 400;

/// The picture of a study's trials; none without any.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Option<Picture>, Error> {
    let groups = shown(report, study);
    if groups.is_empty() {
        return Ok(None);
    }
    let of = scope(report, study, &groups);
    let title = titles::trials(report, study);
    let caption = Caption {
        study,
        bundle: None,
        kind: "trials",
        title: title.clone(),
        description: format!("{of}. {}", describe(&groups)),
    };
    let rows = groups.len().min(MOST_GROUPS) as i32;
    let picture = caption.draw(TOP + ROW * rows + 44, figures(report, &groups), |sheet| {
        sheet.heading(&title, &of)?;
        paint(report, study, &groups[..rows as usize], sheet)
    })?;
    Ok(Some(picture))
}

/// Groups at matched scale where there are any, else over all trials; the baseline first.
fn shown<'r>(report: &'r Report, study: &Study) -> Vec<&'r Group> {
    let of = |groups: &'r [Group]| -> Vec<&'r Group> {
        let mine = study.of(groups).filter(|g| g.n > 0);
        let mut by_name: HashMap<&String, &Group> = HashMap::new();
        for group in mine {
            by_name.entry(&group.name).or_insert(group);
        }
        let named = |name: &String| by_name.get(name).copied();
        study.groups.iter().filter_map(named).collect()
    };
    let matched = of(&report.matched_groups);
    if matched.is_empty() {
        of(&report.groups)
    } else {
        matched
    }
}

/// What the points are, in words.
fn scope(report: &Report, study: &Study, groups: &[&Group]) -> String {
    let matched = study.of(&report.matched_groups).next().is_some();
    let hidden = match groups.len().checked_sub(MOST_GROUPS) {
        Some(more) if more > 0 => format!("; {more} more groups in the table"),
        _ => String::new(),
    };
    match study.matched_scale.filter(|_| matched) {
        Some(scale) => format!(
            "a sync of {} endpoints; a point a trial{hidden}",
            count(scale)
        ),
        None => format!("time of a sync; a point a trial{hidden}"),
    }
}

fn describe(groups: &[&Group]) -> String {
    let one = |group: &&Group| {
        let interval = group.ci95_s.map_or_else(String::new, |[low, high]| {
            format!(", 95 % interval {} to {}", duration(low), duration(high))
        });
        let mean = group.mean_s.map(duration).unwrap_or_default();
        format!("{}: mean {mean}{interval}, n = {}", group.name, group.n)
    };
    let words: Vec<String> = groups.iter().take(MOST_GROUPS).map(one).collect();
    words.join(". ")
}

fn figures(report: &Report, groups: &[&Group]) -> Figures {
    let mut figures = Figures::new(&["group", "duration", "endpoints", "end", "line"]);
    for group in groups {
        for place in &group.trials {
            figures.push(*place, || {
                let row = report.syncs.get(*place);
                let row = row.as_ref();
                let of = |seconds: Option<f64>| seconds.map(duration).unwrap_or_default();
                vec![
                    group.name.clone(),
                    of(row.and_then(|row| row.elapsed_s)),
                    row.and_then(|row| row.endpoints)
                        .map(count)
                        .unwrap_or_default(),
                    row.and_then(|row| row.end.clone()).unwrap_or_default(),
                    super::line_of(report, *place),
                ]
            });
        }
    }
    figures
}

fn paint(report: &Report, study: &Study, groups: &[&Group], sheet: &mut Sheet<'_>) -> Drawn {
    let longest = groups.iter().filter_map(|g| g.max_s).fold(0.0, f64::max);
    let upper = groups
        .iter()
        .filter_map(|g| g.ci95_s.map(|[_, high]| high))
        .fold(longest, f64::max);
    let axis = Axis::linear(Unit::Seconds, upper, (MARGIN, WIDTH - MARGIN));
    let bottom = TOP + ROW * groups.len() as i32;
    axis.below(sheet, TOP - 6, bottom)?;
    sheet.text(
        (MARGIN, bottom + 30),
        "line: mean; box: its 95 % interval",
        SMALL,
        palette::FAINT,
        Side::Right,
    )?;
    for (line, group) in groups.iter().enumerate() {
        row(report, study, group, &axis, TOP + ROW * line as i32, sheet)?;
    }
    Ok(())
}

fn row(
    report: &Report,
    study: &Study,
    group: &Group,
    axis: &Axis,
    top: i32,
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let place = super::place(study, &group.name);
    let colour = palette::group(place);
    let mean = group.mean_s.unwrap_or(0.0);
    sheet.name((MARGIN, top + 9), report.names.short(&group.name), colour)?;
    let figures = format!("{}  n = {}", duration(mean), group.n);
    sheet.text((WIDTH - MARGIN, top + 9), &figures, LABEL, INK, Side::Left)?;
    let middle = top + 44;
    if let Some([low, high]) = group.ci95_s {
        let says = format!(
            "{}: 95 % interval of the mean, {} to {}",
            group.name,
            duration(low),
            duration(high)
        );
        let corners = [(axis.at(low), middle - 17), (axis.at(high), middle + 17)];
        sheet.bar(corners, colour, 0.2, says)?;
    }
    let x = axis.at(mean);
    sheet.line(vec![(x, middle - 21), (x, middle + 21)], colour, 3)?;
    let step = group.trials.len().div_ceil(MOST_POINTS).max(1);
    let mut points: Vec<(i32, usize)> = group
        .trials
        .iter()
        .step_by(step)
        .filter_map(|trial| Some((axis.at(report.syncs.get(*trial)?.elapsed_s?), *trial)))
        .collect();
    points.sort_unstable();
    let mut levels = Levels::default();
    for (x, trial) in points {
        let at = (x, middle + levels.next(x));
        sheet.mark(at, place, colour, super::of_sync(report, trial))?;
    }
    Ok(())
}
