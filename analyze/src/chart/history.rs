//! A figure, run by run, and where it changed.

use super::axis::{Axis, Unit};
use super::palette::{BAD, FAINT, INK, MARGIN, SMALL, WIDTH};
use super::sheet::{self, Drawn, Sheet, Side};
use super::svg;
use crate::error::Error;
use crate::report::past::{PastChange, PastPoint, PastSeries};
use crate::report::words::duration;

const TOP: i32 = 62;
const PLANE: i32 = 130;
const LEFT: i32 = 62;

/// The picture of a series, an SVG document for the inside of a page; `id` is its own there.
///
/// # Errors
/// [`Error::Internal`] if plotters refuses a mark.
pub fn history(of: &PastSeries, id: &str) -> Result<String, Error> {
    let title = format!("{}, {}", of.name(), of.load);
    let describe = |change: &PastChange| {
        let from = duration(change.before_s);
        format!("{from} to {}", duration(change.after_s))
    };
    let changes: Vec<String> = of.changes.iter().map(describe).collect();
    let description = match changes.is_empty() {
        true => "no change is told".to_owned(),
        false => format!("changes: {}", changes.join("; ")),
    };
    let height = TOP + PLANE + 30;
    let (drawn, says) =
        sheet::draw(height, |sheet| paint(of, sheet)).map_err(Error::making("a picture"))?;
    Ok(svg::finish(&drawn, &says, id, &title, &description))
}

fn paint(of: &PastSeries, sheet: &mut Sheet<'_>) -> Drawn {
    let runs = format!("{} runs, oldest first; a point a run", of.points.len());
    sheet.heading(&of.name(), &runs)?;
    let right = WIDTH - MARGIN;
    let bottom = TOP + PLANE;
    let most = of.points.iter().map(|point| point.seconds);
    let axis = Axis::linear(Unit::Seconds, most.fold(0.0, f64::max), (bottom, TOP));
    axis.beside(sheet, LEFT, right)?;
    let last = of.points.len().saturating_sub(1).max(1) as i32;
    let x = |place: usize| LEFT + 8 + (right - LEFT - 16) * place as i32 / last;
    for (place, change) in of.changes.iter().enumerate() {
        let at = (x(change.at - 1) + x(change.at)) / 2;
        sheet.line(vec![(at, TOP), (at, bottom)], BAD, 2)?;
        let side = if at > (LEFT + right) / 2 {
            Side::Left
        } else {
            Side::Right
        };
        let away = if side == Side::Left { -5 } else { 5 };
        let text = format!("{:+.1} %", change.change_pct);
        // Neighbours would cover each other on one line.
        let y = TOP + 8 + 16 * (place % 3) as i32;
        sheet.text((at + away, y), &text, SMALL, BAD, side)?;
    }
    levels(of, sheet, &axis, &x)?;
    for (place, point) in of.points.iter().enumerate() {
        sheet.mark((x(place), axis.at(point.seconds)), 0, INK, said(point))?;
    }
    let y = bottom + 14;
    sheet.text((LEFT, y), day(of.points.first()), SMALL, FAINT, Side::Right)?;
    sheet.text((right, y), day(of.points.last()), SMALL, FAINT, Side::Left)
}

/// The mean of each stretch between changes.
fn levels(of: &PastSeries, sheet: &mut Sheet<'_>, axis: &Axis, x: &dyn Fn(usize) -> i32) -> Drawn {
    let mut from = 0;
    for change in &of.changes {
        let y = axis.at(change.before_s);
        sheet.line(vec![(x(from), y), (x(change.at - 1), y)], FAINT, 2)?;
        from = change.at;
    }
    match of.changes.last() {
        Some(change) => {
            let y = axis.at(change.after_s);
            sheet.line(vec![(x(from), y), (x(of.points.len() - 1), y)], FAINT, 2)
        }
        None => Ok(()),
    }
}

fn said(point: &PastPoint) -> String {
    let names = [&point.kernel, &point.kube_proxy, &point.image, &point.name];
    let names: Vec<&str> = names
        .iter()
        .map(|name| name.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    format!(
        "{}, {}, run {}: {}",
        duration(point.seconds),
        point.time,
        point.run,
        names.join(", ")
    )
}

/// The day of a run.
fn day(point: Option<&PastPoint>) -> &str {
    point.map_or("", |point| point.time.get(..10).unwrap_or(""))
}
