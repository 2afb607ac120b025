//! Share of the time in a sync: a row a group, a point a node of a run.

use super::axis::{Axis, Unit};
use super::evenly::evenly;
use super::levels::Levels;
use super::palette::{self, FAINT, INK, LABEL, MARGIN, SMALL, WIDTH};
use super::sheet::{Drawn, Sheet, Side};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::{counted, duration, share, titles};
use crate::report::{Report, Study, TimeInSync, Trace, in_sync};

const TOP: i32 = 82;
const ROW: i32 = 62;
/// More groups are left to the table.
const MOST_GROUPS: usize = 12;
/// More points would hide each other; they are taken evenly, the first and the last among them.
const MOST_POINTS: usize = 200;

/// A group's nodes whose logs are whole, from the least share to the most.
struct Nodes<'r> {
    group: &'r str,
    all: Vec<&'r TimeInSync>,
}

/// The picture of a study's nodes; none where no log is whole.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Option<Picture>, Error> {
    let groups = groups(report, study);
    if groups.is_empty() {
        return Ok(None);
    }
    let title = titles::in_sync(report, study);
    let shown = &groups[..groups.len().min(MOST_GROUPS)];
    let words: Vec<String> = shown.iter().map(|one| one.words()).collect();
    let caption = Caption {
        study,
        bundle: None,
        kind: "in-sync",
        title: title.clone(),
        description: words.join(". "),
    };
    let bottom = TOP + ROW * shown.len() as i32;
    let picture = caption.draw(bottom + 44, figures(&groups), |sheet| {
        sheet.heading(
            &title,
            "share of the time, in percent; a point a node's log",
        )?;
        let axis = Axis::linear(Unit::Plain, 100.0, (MARGIN, WIDTH - MARGIN));
        axis.below(sheet, TOP - 6, bottom)?;
        let below = "ring: its worst hour, where it ran that long";
        sheet.text((MARGIN, bottom + 30), below, SMALL, FAINT, Side::Right)?;
        for (line, one) in shown.iter().enumerate() {
            row(report, study, one, &axis, TOP + ROW * line as i32, sheet)?;
        }
        Ok(())
    })?;
    Ok(Some(picture))
}

/// In the order of the study.
fn groups<'r>(report: &'r Report, study: &'r Study) -> Vec<Nodes<'r>> {
    let sorted = |(group, mut all): (&'r String, Vec<&'r TimeInSync>)| {
        all.sort_by(|a, b| a.share.total_cmp(&b.share));
        Nodes { group, all }
    };
    let groups = in_sync::whole_by_group(study, &report.in_sync);
    groups.into_iter().map(sorted).collect()
}

impl Nodes<'_> {
    /// `66 to 73 %` of the time, or of one node `66 % of 1m 20s`.
    fn range(&self) -> String {
        match self.all.as_slice() {
            [] => String::new(),
            [one] => format!("{} of {}", share(one.share), duration(one.observed_s)),
            [least, .., most] => {
                let (least, most) = (share(least.share), share(most.share));
                let n = self.all.len();
                if least == most {
                    format!("{most}  n = {n}")
                } else {
                    format!("{} to {most}  n = {n}", least.trim_end_matches(" %"))
                }
            }
        }
    }

    fn words(&self) -> String {
        let nodes = counted(self.all.len() as u64, "log");
        format!("{}: in a sync {}, {nodes}", self.group, self.range())
    }

    /// At most so many that a row holds.
    fn points(&self) -> impl Iterator<Item = &TimeInSync> {
        evenly(&self.all, MOST_POINTS).copied()
    }
}

fn figures(groups: &[Nodes<'_>]) -> Figures {
    let mut figures = Figures::new(&["group", "node", "in a sync", "of", "share", "worst hour"]);
    for one in groups.iter().flat_map(|group| &group.all) {
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
    figures
}

fn row(
    report: &Report,
    study: &Study,
    nodes: &Nodes<'_>,
    axis: &Axis,
    top: i32,
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let place = super::place(study, nodes.group);
    let colour = palette::group(place);
    sheet.name((MARGIN, top + 9), report.names.short(nodes.group), colour)?;
    let range = nodes.range();
    sheet.text((WIDTH - MARGIN, top + 9), &range, LABEL, INK, Side::Left)?;
    let middle = top + 38;
    let mut levels = Levels::default();
    for one in nodes.points() {
        let x = axis.at(100.0 * one.share);
        let y = middle + levels.next(x);
        let of = duration(one.observed_s);
        let says = format!("{}: {} of {of}", one.node, share(one.share));
        sheet.mark((x, y), place, colour, says)?;
        if let Some(worst) = one.worst_hour {
            let says = format!("{}: {} of its worst hour", one.node, share(worst));
            sheet.ring((axis.at(100.0 * worst), y), colour, says)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(percent: usize) -> TimeInSync {
        TimeInSync {
            study: "s".to_owned(),
            group: "g".to_owned(),
            node: format!("node-{percent}"),
            observed_s: 100.0,
            syncing_s: percent as f64,
            share: percent as f64 / 100.0,
            worst_hour: None,
            syncs: 1,
            longest: None,
            censored: Vec::new(),
        }
    }

    #[test]
    fn a_row_tells_its_range_and_keeps_both_ends_of_many() {
        let all: Vec<TimeInSync> = (0..=100).map(node).collect();
        let of = |all: &[TimeInSync]| -> (String, usize) {
            let nodes = Nodes {
                group: "g",
                all: all.iter().collect(),
            };
            (nodes.range(), nodes.points().count())
        };
        assert_eq!(of(&all[66..67]), ("66 % of 1m 40.0s".to_owned(), 1));
        assert_eq!(of(&all[66..69]), ("66 to 68 %  n = 3".to_owned(), 3));
        assert_eq!(of(&[node(5), node(5)]).0, "5 %  n = 2");
        let many: Vec<TimeInSync> = (0..1000).map(|at| node(at / 10)).collect();
        assert_eq!(of(&many), ("0 to 99 %  n = 1000".to_owned(), MOST_POINTS));
    }
}
