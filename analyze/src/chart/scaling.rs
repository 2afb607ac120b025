//! Duration against endpoints on logarithmic axes, with fits and bands.

use plotters::prelude::*;

use super::durations::{Drawn, said, short};
use super::palette::{self, FAINT, GRID, INK, TEXT, WIDTH};
use super::{Picture, svg};
use crate::error::Error;
use crate::report::words::{count, duration};
use crate::report::{Curve, CurveKind, Report, Study};

const HEIGHT: u32 = 430;

/// The picture of syncs that carried a step, or of builds where there are none.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Option<Picture>, Error> {
    let of = |kind| -> Vec<&Curve> {
        study
            .groups
            .iter()
            .filter_map(|group| {
                report
                    .scaling
                    .iter()
                    .find(|c| c.study == study.id && c.kind == kind && c.group == *group)
            })
            .filter(|curve| {
                curve
                    .points
                    .iter()
                    .any(|point| point.x > 0.0 && point.y > 0.0)
            })
            .collect()
    };
    let steps = of(CurveKind::StepByEndpoints);
    let (curves, what) = if steps.is_empty() {
        (of(CurveKind::BuildByEndpoints), "building the rules")
    } else {
        (steps, "syncs that carried a step of the ramp")
    };
    if curves.is_empty() {
        return Ok(None);
    }
    let title = format!("Duration against endpoints: {what}");
    let description = describe(&curves);
    let mut drawn = String::new();
    paint(&curves, &title, &mut drawn).map_err(Error::making("the chart of scaling"))?;
    Ok(Some(Picture {
        study: study.id.clone(),
        svg: svg::finish(&drawn, &format!("s-{}", study.id), &title, &description),
        file: format!("{}-scaling.svg", study.id),
        title,
        description,
    }))
}

fn describe(curves: &[&Curve]) -> String {
    let parts: Vec<String> = curves
        .iter()
        .map(|curve| match &curve.fit {
            Some(fit) => format!(
                "{}: grows to the power {:.2}, from {} to {} endpoints, n = {}",
                curve.group,
                fit.exponent,
                count(fit.range[0].round() as u64),
                count(fit.range[1].round() as u64),
                fit.n
            ),
            None => format!(
                "{}: {} points, too few for a fit",
                curve.group,
                curve.points.len()
            ),
        })
        .collect();
    parts.join(". ")
}

fn paint(curves: &[&Curve], title: &str, into: &mut String) -> Drawn {
    let points = || {
        curves
            .iter()
            .flat_map(|c| &c.points)
            .filter(|p| p.x > 0.0 && p.y > 0.0)
    };
    let span = |value: fn(&crate::report::CurvePoint) -> f64| {
        let least = points().map(value).fold(f64::INFINITY, f64::min);
        let most = points().map(value).fold(0.0, f64::max);
        (least / 1.5)..(most * 1.8)
    };
    let area = SVGBackend::with_string(into, (WIDTH, HEIGHT)).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", TEXT + 3).into_font().color(&INK))
        .margin(14)
        .x_label_area_size(44)
        .y_label_area_size(76)
        .build_cartesian_2d(span(|p| p.x).log_scale(), span(|p| p.y).log_scale())
        .map_err(said)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(FAINT)
        .x_desc("endpoints")
        .x_labels(5)
        .y_labels(6)
        .x_label_formatter(&|x| count(x.round() as u64))
        .y_label_formatter(&|y| duration(*y))
        .label_style(("sans-serif", TEXT - 1).into_font().color(&FAINT))
        .draw()
        .map_err(said)?;
    for (place, curve) in curves.iter().enumerate() {
        let colour = palette::group(place);
        let step = curve.points.len().div_ceil(500).max(1);
        let shown = curve
            .points
            .iter()
            .step_by(step)
            .filter(|p| p.x > 0.0 && p.y > 0.0);
        chart
            .draw_series(shown.map(|p| Circle::new((p.x, p.y), 4, colour.filled())))
            .map_err(said)?;
        if let Some(fit) = &curve.fit {
            let upper = fit.band.iter().map(|[x, _, _, high]| (*x, *high));
            let lower = fit.band.iter().rev().map(|[x, _, low, _]| (*x, *low));
            let outline: Vec<(f64, f64)> = upper.chain(lower).collect();
            chart
                .draw_series([Polygon::new(outline, colour.mix(0.16))])
                .map_err(said)?;
            let line = fit.band.iter().map(|[x, y, _, _]| (*x, *y));
            chart
                .draw_series(LineSeries::new(line, colour.stroke_width(2)))
                .map_err(said)?;
        }
        let label = match &curve.fit {
            Some(fit) => format!(
                "{}  ~ endpoints^{:.2}  n = {}",
                short(&curve.group),
                fit.exponent,
                fit.n
            ),
            None => format!("{}  n = {}", short(&curve.group), curve.points.len()),
        };
        let style = ("sans-serif", TEXT).into_font().color(&colour);
        let at = (92, 46 + 22 * place as i32);
        area.draw(&Text::new(label, at, style)).map_err(said)?;
    }
    area.present().map_err(said)
}
