//! Share of the time in a sync, node by node.

use super::axis::{Axis, Unit};
use super::palette::{self, FAINT, INK, LABEL, MARGIN, SMALL, WIDTH};
use super::sheet::Side;
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::{duration, share, titles};
use crate::report::{Report, Study, TimeInSync, Trace};

const TOP: i32 = 82;
const ROW: i32 = 48;
/// More nodes are left to the table.
const MOST: usize = 12;

/// The picture of a study's nodes; none where no log is whole.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Option<Picture>, Error> {
    let whole = |one: &&TimeInSync| one.censored.is_empty();
    let mut nodes: Vec<&TimeInSync> = study.of(&report.in_sync).filter(whole).collect();
    if nodes.is_empty() {
        return Ok(None);
    }
    let title = titles::in_sync(report, study);
    let mut figures = Figures::new(&["group", "node", "in a sync", "of", "share", "worst hour"]);
    for one in &nodes {
        figures.push_from(|| {
            let cells = vec![
                one.group.clone(),
                one.node.clone(),
                duration(one.syncing_s),
                duration(one.observed_s),
                share(one.share),
                one.worst_hour.map_or_else(|| "–".to_owned(), share),
            ];
            (cells, Trace::of_syncs(one.longest.into_iter().collect()))
        });
    }
    nodes.sort_by(|a, b| b.share.total_cmp(&a.share));
    nodes.truncate(MOST);
    let words = nodes.iter().map(|one| {
        format!(
            "{} on {}: {} of {}",
            one.node,
            one.group,
            share(one.share),
            duration(one.observed_s)
        )
    });
    let caption = Caption {
        study,
        bundle: None,
        kind: "in-sync",
        title: title.clone(),
        description: words.collect::<Vec<_>>().join(". "),
    };
    let bottom = TOP + ROW * nodes.len() as i32;
    let picture = caption.draw(bottom + 44, figures, |sheet| {
        sheet.heading(&title, "share of the time in a sync, in percent")?;
        let axis = Axis::linear(Unit::Plain, 100.0, (MARGIN, WIDTH - MARGIN));
        axis.below(sheet, TOP - 6, bottom)?;
        sheet.text(
            (MARGIN, bottom + 30),
            "thin line: the worst hour",
            SMALL,
            FAINT,
            Side::Right,
        )?;
        for (line, one) in nodes.iter().enumerate() {
            let top = TOP + ROW * line as i32;
            let colour = palette::group(super::place(study, &one.group));
            sheet.name((MARGIN, top + 9), report.names.short(&one.group), colour)?;
            let figures = format!("{} of {}", share(one.share), duration(one.observed_s));
            sheet.text((WIDTH - MARGIN, top + 9), &figures, LABEL, INK, Side::Left)?;
            let says = format!("{}: {figures}", one.node);
            let corners = [
                (axis.at(0.0), top + 22),
                (axis.at(100.0 * one.share), top + 38),
            ];
            sheet.bar(corners, colour, 0.8, says)?;
            if let Some(worst) = one.worst_hour {
                let x = axis.at(100.0 * worst);
                sheet.line(vec![(x, top + 18), (x, top + 42)], colour, 2)?;
            }
        }
        Ok(())
    })?;
    Ok(Some(picture))
}
