//! Build and commit of each group's trials, stacked.

use plotters::prelude::*;

use super::durations::{Drawn, said, short};
use super::palette::{self, FAINT, GRID, INK, TEXT, WIDTH};
use super::{Picture, svg};
use crate::error::Error;
use crate::report::words::duration;
use crate::report::{Report, Study, TimeSplit};

const ROW: u32 = 84;

/// The picture of a study's phases; none if no trial tells them.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Option<Picture>, Error> {
    let splits: Vec<&TimeSplit> = study
        .groups
        .iter()
        .filter_map(|group| {
            report
                .time_split
                .iter()
                .find(|s| s.study == study.id && s.group == *group)
        })
        .filter(|split| split.split_trials > 0)
        .collect();
    if splits.is_empty() {
        return Ok(None);
    }
    let title = "Where a trial's time goes: build, then commit (mean)".to_owned();
    let description = splits
        .iter()
        .map(|split| words(split))
        .collect::<Vec<_>>()
        .join(". ");
    let mut drawn = String::new();
    paint(&splits, &title, &mut drawn).map_err(Error::making("the chart of phases"))?;
    Ok(Some(Picture {
        study: study.id.clone(),
        svg: svg::finish(&drawn, &format!("p-{}", study.id), &title, &description),
        file: format!("{}-phases.svg", study.id),
        title,
        description,
    }))
}

/// Mean build and commit, in seconds.
fn means(split: &TimeSplit) -> (f64, f64) {
    let n = split.split_trials as f64;
    (split.build_s / n, split.commit_s / n)
}

fn words(split: &TimeSplit) -> String {
    let (build, commit) = means(split);
    format!(
        "{}: build {}, commit {}, n = {}",
        split.group,
        duration(build),
        duration(commit),
        split.split_trials
    )
}

fn paint(splits: &[&TimeSplit], title: &str, into: &mut String) -> Drawn {
    let height = 84 + ROW * splits.len() as u32;
    let longest = splits
        .iter()
        .map(|split| means(split))
        .map(|(b, c)| b + c)
        .fold(0.0, f64::max);
    let area = SVGBackend::with_string(into, (WIDTH, height)).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", TEXT + 3).into_font().color(&INK))
        .margin(14)
        .x_label_area_size(34)
        .build_cartesian_2d(0.0..longest.max(0.001) * 1.04, 0.0..splits.len() as f64)
        .map_err(said)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(FAINT)
        .x_labels(6)
        .x_label_formatter(&|seconds| duration(*seconds))
        .label_style(("sans-serif", TEXT - 1).into_font().color(&FAINT))
        .draw()
        .map_err(said)?;
    for (place, split) in splits.iter().enumerate() {
        let colour = palette::group(place);
        let bottom = (splits.len() - place) as f64 - 0.88;
        let (build, commit) = means(split);
        let label = format!(
            "{}  build {} + commit {}  n = {}",
            short(&split.group),
            duration(build),
            duration(commit),
            split.split_trials
        );
        let style = ("sans-serif", TEXT).into_font().color(&colour);
        chart
            .draw_series([Text::new(label, (0.0, bottom + 0.74), style)])
            .map_err(said)?;
        let bars = [
            Rectangle::new(
                [(0.0, bottom), (build, bottom + 0.4)],
                colour.mix(0.4).filled(),
            ),
            Rectangle::new(
                [(build, bottom), (build + commit, bottom + 0.4)],
                colour.filled(),
            ),
        ];
        chart.draw_series(bars).map_err(said)?;
    }
    area.present().map_err(said)
}
