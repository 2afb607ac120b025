//! How a figure is spread over the nodes of each group, and the nodes that are far from the rest.

use super::axis::{Axis, Unit};
use super::palette::{self, FAINT, MARGIN, SMALL, WIDTH};
use super::sheet::{self, Drawn, Sheet, Side};
use super::svg;
use crate::error::Error;
use crate::report::fleet::{Durations, Fleet, FleetGroup, NodeFigure};
use crate::report::words::{counted, duration, fleet as words};

const TOP: i32 = 62;
const ROW: i32 = 78;
/// More groups than a picture holds are left to the table.
const MOST_GROUPS: usize = 16;
/// Letters of a name that leave room for the number of nodes.
const LONGEST_NAME: usize = 34;

/// The picture of a fleet, an SVG document for the inside of a page.
///
/// # Errors
/// [`Error::Internal`] if plotters refuses a mark.
pub fn fleet(of: &Fleet) -> Result<String, Error> {
    let told = |group: &&FleetGroup| group.medians.is_some();
    let groups: Vec<&FleetGroup> = of.groups.iter().filter(told).take(MOST_GROUPS).collect();
    let title = format!("Durations over {}", counted(of.nodes, "node"));
    let describe = |group: &&FleetGroup| {
        let medians = group.medians.as_ref().map(spread).unwrap_or_default();
        let longest = group.longest.as_ref().map(spread).unwrap_or_default();
        format!(
            "{}: medians {medians}; longest {longest}",
            words::name(of, group)
        )
    };
    let description: Vec<String> = groups.iter().map(describe).collect();
    let height = TOP + ROW * groups.len() as i32 + 62;
    let paint = |sheet: &mut Sheet<'_>| paint(of, &groups, &title, sheet);
    let (drawn, says) = sheet::draw(height, paint).map_err(Error::making("a picture"))?;
    Ok(svg::finish(
        &drawn,
        &says,
        "fleet",
        &title,
        &description.join(". "),
    ))
}

fn spread(over: &Durations) -> String {
    format!(
        "{} to {}, most of them {} to {}, the middle {}",
        duration(over.least_s),
        duration(over.most_s),
        duration(over.p25_s),
        duration(over.p75_s),
        duration(over.p50_s)
    )
}

fn paint(of: &Fleet, groups: &[&FleetGroup], title: &str, sheet: &mut Sheet<'_>) -> Drawn {
    let hidden = match of.groups.len() - groups.len() {
        0 => String::new(),
        more => format!("; {more} more below"),
    };
    sheet.heading(title, &format!("each node's median and longest{hidden}"))?;
    let ends = groups.iter().flat_map(|group| {
        let both = [&group.medians, &group.longest].into_iter().flatten();
        both.flat_map(|over| [over.least_s, over.most_s])
    });
    let axis = Axis::log(Unit::Seconds, ends, (MARGIN, WIDTH - MARGIN));
    let bottom = TOP + ROW * groups.len() as i32;
    axis.below(sheet, TOP - 6, bottom)?;
    for (at, words) in [
        "boxes: the middle half of the nodes; upper: medians,",
        "lower: the longest; points: nodes far from the middle",
    ]
    .into_iter()
    .enumerate()
    {
        let y = bottom + 30 + 16 * at as i32;
        sheet.text((MARGIN, y), words, SMALL, FAINT, Side::Right)?;
    }
    for (at, group) in groups.iter().enumerate() {
        row(of, group, (at, TOP + ROW * at as i32), &axis, sheet)?;
    }
    Ok(())
}

fn row(
    of: &Fleet,
    group: &FleetGroup,
    (at, top): (usize, i32),
    axis: &Axis,
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let colour = palette::group(at);
    let name = words::label(of, group);
    let cut: String = name.chars().take(LONGEST_NAME).collect();
    let more = if cut == name { "" } else { "\u{2026}" };
    let name = format!("{cut}{more}");
    sheet.text((MARGIN, top + 9), &name, SMALL, colour, Side::Right)?;
    let nodes = counted(group.nodes, "node");
    sheet.text((WIDTH - MARGIN, top + 9), &nodes, SMALL, FAINT, Side::Left)?;
    let figures = [
        (NodeFigure::Median, &group.medians, 32, 0.8),
        (NodeFigure::Longest, &group.longest, 56, 0.35),
    ];
    for (figure, over, down, strength) in figures {
        let Some(over) = over else { continue };
        let y = top + down;
        sheet.line(
            vec![(axis.at(over.least_s), y), (axis.at(over.most_s), y)],
            colour,
            1,
        )?;
        let what = match figure {
            NodeFigure::Median => "medians",
            NodeFigure::Longest => "longest",
        };
        let corners = [(axis.at(over.p25_s), y - 8), (axis.at(over.p75_s), y + 8)];
        let says = format!("{}, {what}: {}", words::name(of, group), spread(over));
        sheet.bar(corners, colour, strength, says)?;
        let x = axis.at(over.p50_s);
        sheet.line(vec![(x, y - 11), (x, y + 11)], colour, 3)?;
        let mine = |node: &&crate::report::fleet::OutlyingNode| {
            node.figure == figure
                && of
                    .groups
                    .get(node.group)
                    .is_some_and(|one| std::ptr::eq(one, group))
        };
        for node in of.outliers.iter().filter(mine) {
            let says = format!("{} (run {}): {}", node.node, node.run, words::far(node));
            sheet.mark((axis.at(node.seconds), y), at, colour, says)?;
        }
    }
    Ok(())
}
