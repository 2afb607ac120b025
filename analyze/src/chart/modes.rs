//! kube-proxy's modes and the kernels on one axis, where studies of the same load differ in mode.

use super::axis::{Axis, Unit};
use super::palette::{self, INK, LABEL, MARGIN, WIDTH};
use super::sheet::{Drawn, Sheet, Side};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::duration;
use crate::report::words::titles::{self, OfMode};
use crate::report::{Report, Study, Trace};

const TOP: i32 = 92;
const ROW: i32 = 26;
const HEAD: i32 = 26;
const LEFT: i32 = 96;

/// The picture, with the first of the studies that it shows; none where no other study had the
/// same load in another mode.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Option<Picture>, Error> {
    let Some((title, modes)) = titles::modes(report, study) else {
        return Ok(None);
    };
    let mut figures = Figures::new(&["mode", "group", "mean", "n"]);
    let mut words = Vec::new();
    for of in &modes {
        for group in &of.groups {
            let mean = group.mean_s.map(duration).unwrap_or_default();
            words.push(format!("{} {}: {mean}", of.mode, group.name));
            figures.push_from(|| {
                let cells = vec![
                    of.mode.clone(),
                    group.name.clone(),
                    mean,
                    group.n.to_string(),
                ];
                (cells, Trace::of_syncs(group.trials.clone()))
            });
        }
    }
    let caption = Caption {
        study,
        bundle: None,
        kind: "modes",
        title: title.clone(),
        description: words.join(". "),
    };
    let rows: usize = modes.iter().map(|of| of.groups.len()).sum();
    let bottom = TOP + HEAD * modes.len() as i32 + ROW * rows as i32;
    let picture = caption.draw(bottom + 28, figures, |sheet| {
        sheet.heading(&title, "time of a trial; bar: 95 % interval of the mean")?;
        paint(report, study, &modes, bottom, sheet)
    })?;
    Ok(Some(picture))
}

fn paint(
    report: &Report,
    study: &Study,
    modes: &[OfMode<'_>],
    bottom: i32,
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let groups = || modes.iter().flat_map(|of| &of.groups);
    let upper = |group: &&crate::report::Group| group.ci95_s.map(|[_, high]| high).or(group.mean_s);
    let most = groups().filter_map(upper).fold(0.0, f64::max);
    // Room for the value behind the last bar.
    let axis = Axis::linear(Unit::Seconds, most, (LEFT, WIDTH - MARGIN - 64));
    axis.below(sheet, TOP, bottom)?;
    let mut top = TOP;
    for of in modes {
        sheet.name((MARGIN, top + 12), &of.mode, INK)?;
        top += HEAD;
        for group in &of.groups {
            let place = super::place(study, &group.name);
            let colour = palette::group(place);
            let middle = top + ROW / 2 - 3;
            sheet.name((MARGIN, middle), report.names.short(&group.name), colour)?;
            let mean = group.mean_s.unwrap_or(0.0);
            let says = format!(
                "{}, {}: {}, n = {}",
                of.mode,
                group.name,
                duration(mean),
                group.n
            );
            let [low, high] = group.ci95_s.unwrap_or([mean, mean]);
            let corners = [(axis.at(low), middle - 7), (axis.at(high), middle + 7)];
            sheet.bar(corners, colour, 0.3, says.clone())?;
            sheet.mark((axis.at(mean), middle), place, colour, says)?;
            let end = (axis.at(high).max(axis.at(mean)) + 10, middle);
            sheet.text(end, &duration(mean), LABEL, INK, Side::Right)?;
            top += ROW;
        }
    }
    Ok(())
}
