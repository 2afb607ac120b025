//! Duration against scale on logarithmic axes, with fits and their bands.

use super::axis::{Axis, Unit};
use super::palette::{self, FAINT, MARGIN, SMALL, WIDTH};
use super::sheet::{Drawn, Sheet, Side, short};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::{count, duration, titles};
use crate::report::{Curve, CurveKind, Fit, Report, Study};

const TOP: i32 = 92;
const PLANE: i32 = 250;
const LEFT: i32 = 62;
/// Curves on one picture; the table has all.
const MOST_CURVES: usize = 16;
/// More points would hide each other; they are taken evenly.
const MOST_POINTS: usize = 400;

/// A kind of curve: its picture's name, title, and the name of its x.
const KINDS: [(CurveKind, &str, &str, &str); 1] = [(
    CurveKind::StepByEndpoints,
    "scaling-step",
    "Syncs that carried a ramp step",
    "endpoints in the kernel after it",
)];

/// A picture for each kind of curve that was measured at three scales or more.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Vec<Picture>, Error> {
    let mut pictures = Vec::new();
    for (kind, name, title, x) in KINDS {
        let curves: Vec<&Curve> = study
            .of(&report.scaling)
            .filter(|curve| curve.kind == kind)
            .filter(|curve| curve.fit.is_some())
            .take(MOST_CURVES)
            .collect();
        if curves.is_empty() {
            continue;
        }
        let finding = titles::growth(kind, &curves).unwrap_or_else(|| title.to_owned());
        let caption = Caption {
            study,
            bundle: None,
            kind: name,
            title: finding.clone(),
            description: describe(&curves),
        };
        let height = TOP + labels_height(&curves) + PLANE + 48;
        pictures.push(caption.draw(height, figures(report, &curves), |sheet| {
            sheet.heading(&finding, "time; both axes logarithmic")?;
            paint(report, study, &curves, x, sheet)
        })?);
    }
    Ok(pictures)
}

fn labels_height(curves: &[&Curve]) -> i32 {
    18 * curves.len() as i32
}

fn describe(curves: &[&Curve]) -> String {
    let one = |curve: &&Curve| match &curve.fit {
        Some(fit) => format!(
            "{}: grows to the power {:.2}, from {} to {}, n = {}",
            curve.group,
            fit.exponent,
            count(fit.range[0].round() as u64),
            count(fit.range[1].round() as u64),
            fit.n
        ),
        None => format!("{}: no fit", curve.group),
    };
    curves.iter().map(one).collect::<Vec<_>>().join(". ")
}

fn figures(report: &Report, curves: &[&Curve]) -> Figures {
    let mut figures = Figures::new(&["group", "x", "duration", "line"]);
    for curve in curves {
        for point in &curve.points {
            figures.push(point.sync, || {
                vec![
                    curve.group.clone(),
                    count(point.x.round() as u64),
                    duration(point.y),
                    super::line_of(report, point.sync),
                ]
            });
        }
    }
    figures
}

fn paint(
    report: &Report,
    study: &Study,
    curves: &[&Curve],
    x: &str,
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let points = || {
        curves
            .iter()
            .flat_map(|c| &c.points)
            .filter(|p| p.x > 0.0 && p.y > 0.0)
    };
    let top = TOP + labels_height(curves);
    let bottom = top + PLANE;
    let across = Axis::log(Unit::Count, points().map(|p| p.x), (LEFT, WIDTH - MARGIN));
    let up = Axis::log(Unit::Seconds, points().map(|p| p.y), (bottom, top));
    across.below(sheet, top, bottom)?;
    up.beside(sheet, LEFT, WIDTH - MARGIN)?;
    sheet.text((WIDTH - MARGIN, bottom + 32), x, SMALL, FAINT, Side::Left)?;
    for (line, curve) in curves.iter().enumerate() {
        let y = TOP - 4 + 18 * line as i32;
        one(report, study, curve, (&across, &up), y, sheet)?;
    }
    Ok(())
}

/// Whether a power law through the points means anything: only through syncs of one kind.
fn fits(curve: &Curve) -> bool {
    curve.kind == CurveKind::StepByEndpoints
}

/// The fit and its band, as far as they lie on the plane: cut there, not bent along its edge.
fn band(
    fit: &Fit,
    (across, up): (&Axis, &Axis),
    group: &str,
    colour: plotters::style::RGBColor,
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let inside: Vec<&[f64; 4]> = fit
        .band
        .iter()
        .filter(|[x, y, ..]| across.holds(*x) && up.holds(*y))
        .collect();
    let at = |x: f64, y: f64| (across.at(x), up.at(y));
    let upper = inside.iter().map(|[x, _, _, high]| at(*x, *high));
    let lower = inside.iter().rev().map(|[x, _, low, _]| at(*x, *low));
    let says = format!("{group}: 95 % band of the fit");
    sheet.area(upper.chain(lower).collect(), colour, 0.16, says)?;
    let line = inside.iter().map(|[x, y, _, _]| at(*x, *y)).collect();
    sheet.line(line, colour, 2)
}

/// A curve and, at height `label`, its name beside its mark.
fn one(
    report: &Report,
    study: &Study,
    curve: &Curve,
    (across, up): (&Axis, &Axis),
    label: i32,
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let place = super::place(study, &curve.group);
    let colour = palette::group(place);
    let at = |x: f64, y: f64| (across.at(x), up.at(y));
    if let Some(fit) = &curve.fit {
        // A line through syncs of different kinds misses them all: see `titles::growth`.
        if fits(curve) {
            band(fit, (across, up), &curve.group, colour, sheet)?;
        }
        sheet.mark((MARGIN + 6, label), place, colour, curve.group.clone())?;
        sheet.name(
            (MARGIN + 18, label),
            &short(report.names.short(&curve.group)),
            colour,
        )?;
        let words = if fits(curve) {
            format!("power {:.2}  n = {}", fit.exponent, fit.n)
        } else {
            format!("n = {}", curve.points.len())
        };
        sheet.text(
            (WIDTH - MARGIN, label),
            &words,
            SMALL,
            palette::INK,
            Side::Left,
        )?;
    }
    let usable = curve.points.iter().filter(|p| p.x > 0.0 && p.y > 0.0);
    let step = curve.points.len().div_ceil(MOST_POINTS).max(1);
    for point in usable.step_by(step) {
        let says = super::of_sync(report, point.sync);
        sheet.mark(at(point.x, point.y), place, colour, says)?;
    }
    Ok(())
}
