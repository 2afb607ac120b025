//! The cost model against the syncs that it was fitted to.

use super::axis::{Axis, Unit};
use super::palette::{self, FAINT, INK, MARGIN, SMALL, WIDTH};
use super::sheet::{Drawn, Sheet, Side};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::{cost_in_words, duration, titles};
use crate::report::{CostModel, Report, Study};

const TOP: i32 = 92;
const PLANE: i32 = 250;
const LEFT: i32 = 62;
/// More groups are left to the table.
const MOST_GROUPS: usize = 8;

/// The picture of a study's models; none without any.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Option<Picture>, Error> {
    let mine = study.of(&report.costs);
    let models: Vec<&CostModel> = mine.take(MOST_GROUPS).collect();
    if models.is_empty() {
        return Ok(None);
    }
    let title = titles::cost(&models);
    let words: Vec<String> = models
        .iter()
        .map(|one| cost_in_words(report, one))
        .collect();
    let caption = Caption {
        study,
        bundle: None,
        kind: "cost",
        title: title.clone(),
        description: words.join(" "),
    };
    let mut figures = Figures::new(&["group", "measured", "model", "line"]);
    for model in &models {
        for point in &model.points {
            figures.push(point.sync, || {
                vec![
                    model.group.clone(),
                    duration(point.seconds),
                    duration(point.model_s),
                    super::line_of(report, point.sync),
                ]
            });
        }
    }
    let height = TOP + 18 * models.len() as i32 + PLANE + 48;
    let picture = caption.draw(height, figures, |sheet| {
        sheet.heading(&title, "time of a sync, up, against the model's, across")?;
        paint(report, study, &models, sheet)
    })?;
    Ok(Some(picture))
}

fn paint(report: &Report, study: &Study, models: &[&CostModel], sheet: &mut Sheet<'_>) -> Drawn {
    let top = TOP + 18 * models.len() as i32;
    let bottom = top + PLANE;
    let points = || models.iter().flat_map(|model| &model.points);
    let both = || points().flat_map(|point| [point.seconds, point.model_s]);
    let across = Axis::log(Unit::Seconds, both(), (LEFT, WIDTH - MARGIN));
    let up = Axis::log(Unit::Seconds, both(), (bottom, top));
    across.below(sheet, top, bottom)?;
    up.beside(sheet, LEFT, WIDTH - MARGIN)?;
    let ends = both().fold((f64::INFINITY, 0.0_f64), |(a, b), x| (a.min(x), b.max(x)));
    let diagonal = [ends.0, ends.1].map(|x| (across.at(x), up.at(x)));
    sheet.line(diagonal.to_vec(), FAINT, 2)?;
    let what = "the model's; on the line both agree";
    sheet.text(
        (WIDTH - MARGIN, bottom + 32),
        what,
        SMALL,
        FAINT,
        Side::Left,
    )?;
    for (line, model) in models.iter().enumerate() {
        let place = super::place(study, &model.group);
        let colour = palette::group(place);
        let y = TOP - 4 + 18 * line as i32;
        sheet.mark((MARGIN + 6, y), place, colour, model.group.clone())?;
        sheet.name((MARGIN + 18, y), report.names.short(&model.group), colour)?;
        let n = format!("n = {}", model.syncs);
        sheet.text((WIDTH - MARGIN, y), &n, SMALL, INK, Side::Left)?;
        for point in &model.points {
            let says = format!(
                "{}; the model's {}",
                super::of_sync(report, point.sync),
                duration(point.model_s)
            );
            let at = (across.at(point.model_s), up.at(point.seconds));
            sheet.mark(at, place, colour, says)?;
        }
    }
    Ok(())
}
