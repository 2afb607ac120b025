//! The same transaction on one kernel after another, one line a load; and its cost against the
//! number of Services.

use super::axis::{Axis, Unit};
use super::palette::{self, FAINT, SMALL, WIDTH};
use super::sheet::{self, Drawn, Sheet, Side};
use super::{Figures, Picture, file_name, svg};
use crate::error::Error;
use crate::report::names::short;
use crate::report::words::replays::{heading, load, title};
use crate::report::{Replay, ReplayFigure, ReplayedTransaction, Trace};

const TOP: i32 = 76;
const PLANE: i32 = 260;
const LEFT: i32 = 62;
/// Room on the right for the lines' names.
const RIGHT: i32 = 134;
const MOST_LINES: usize = 8;

/// A line: one load by one clock over kernels.
struct Line<'r> {
    of: &'r ReplayedTransaction,
    clock: &'static str,
    /// Whose rules they are: `nftables 1.32`.
    whose: String,
    /// How many: `1,000×30`.
    size: String,
    figures: Vec<&'r ReplayFigure>,
}

/// The picture of a bundle of replays; none where fewer than two kernels took one load.
pub(super) fn draw(replay: &Replay) -> Result<Option<Picture>, Error> {
    let lines = lines(replay);
    // Builds of a kernel have their table.
    if lines.is_empty() || !replay.ablations.is_empty() {
        return Ok(None);
    }
    let title = title(replay).unwrap_or_else(|| "The same transaction on each kernel".to_owned());
    let unit = if lines
        .iter()
        .all(|line| line.figures.iter().all(|one| one.exact))
    {
        "billions of instructions in the kernel (logarithmic)"
    } else {
        "seconds in the kernel (logarithmic)"
    };
    let name = format!("{}-replays", file_name(&replay.id));
    let height = TOP + PLANE + 92;
    let (drawn, says) = sheet::draw(height, |sheet| {
        let heading = heading(replay);
        let heading = heading
            .as_deref()
            .unwrap_or("The same rules on each kernel");
        sheet.heading(heading, unit)?;
        paint(replay, &lines, sheet)
    })
    .map_err(Error::making("a picture"))?;
    let described = describe(&lines);
    Ok(Some(Picture {
        study: replay.id.clone(),
        bundle: None,
        inline: svg::finish(&drawn, &says, &name, &title, &described),
        name,
        title,
        description: described,
        figures: table(replay, &lines),
    }))
}

/// Lines of two kernels or more, the costliest first: one for each shape's rules from nothing, and
/// one for its step, at the size that most kernels took; the larger of two such.
fn lines(replay: &Replay) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (at, of) in replay.transactions.iter().enumerate() {
        for clock in ["instructions", "wall"] {
            let mine = |one: &&ReplayFigure| {
                one.transaction == at && one.clock == clock && one.pieces <= 1
            };
            let figures: Vec<&ReplayFigure> = replay.figures.iter().filter(mine).collect();
            if figures.len() >= 2 {
                add(&mut lines, line(of, clock, figures));
            }
        }
    }
    lines.sort_by(|a, b| cost(b).total_cmp(&cost(a)));
    lines.truncate(MOST_LINES);
    lines
}

fn line<'r>(
    of: &'r ReplayedTransaction,
    clock: &'static str,
    figures: Vec<&'r ReplayFigure>,
) -> Line<'r> {
    let wall = if clock == "wall" { ", wall" } else { "" };
    let size = load(of).replace(" Services x ", "\u{d7}");
    Line {
        of,
        clock,
        whose: format!("{} {}", of.mode, of.shape.trim_start_matches("kube-proxy-")),
        size: format!("{size}{wall}").replace(", step from ", ", from "),
        figures,
    }
}

/// Adds a line, or puts it in place of one of its kind that tells less.
fn add<'r>(lines: &mut Vec<Line<'r>>, line: Line<'r>) {
    let kind = |line: &Line<'_>| {
        let step = line.of.from_replicas.is_some();
        // What has no scale is of a kind of its own.
        let own = line.of.services.is_none().then(|| line.of.name.clone());
        (line.whose.clone(), line.clock, step, own)
    };
    let tells = |line: &Line<'_>| (line.figures.len(), line.of.services);
    match lines.iter_mut().find(|other| kind(other) == kind(&line)) {
        Some(other) if tells(other) < tells(&line) => *other = line,
        Some(_) => {}
        None => lines.push(line),
    }
}

fn cost(line: &Line<'_>) -> f64 {
    let figures = line.figures.iter().map(|one| one.kernel_s);
    figures.fold(0.0, f64::max)
}

fn describe(lines: &[Line<'_>]) -> String {
    let one = |line: &Line<'_>| {
        let values: Vec<String> = line
            .figures
            .iter()
            .map(|one| format!("{} {:.2}", short(&one.kernel), one.kernel_s))
            .collect();
        format!("{}, {}: {}", line.whose, line.size, values.join(", "))
    };
    lines.iter().map(one).collect::<Vec<_>>().join(". ")
}

fn table(replay: &Replay, lines: &[Line<'_>]) -> Figures {
    let mut figures = Figures::new(&["load", "kernel", "clock", "in the kernel", "lines"]);
    for line in lines {
        for one in &line.figures {
            figures.push_from(|| {
                let cells = vec![
                    replay.transactions[one.transaction].name.clone(),
                    one.kernel.clone(),
                    one.clock.clone(),
                    format!("{:.3}", one.kernel_s),
                    one.lines
                        .first()
                        .map_or_else(String::new, |of| format!("{}:{}", of.input, of.line)),
                ];
                let from = Trace {
                    syncs: Vec::new(),
                    lines: one.lines.clone(),
                };
                (cells, from)
            });
        }
    }
    figures
}

/// Where the kernels of a replay stand, in order of release.
struct Kernels<'r> {
    names: &'r [String],
    right: i32,
}

impl Kernels<'_> {
    fn at(&self, kernel: &str) -> i32 {
        let last = self.names.len().saturating_sub(1).max(1) as i32;
        let at = self.names.iter().position(|one| one == kernel);
        LEFT + 10 + (self.right - LEFT - 20) * at.unwrap_or(0) as i32 / last
    }

    fn below(&self, bottom: i32, sheet: &mut Sheet<'_>) -> Drawn {
        for (at, kernel) in self.names.iter().enumerate() {
            // Every other name a line lower: ten releases fit.
            let (x, y) = (self.at(kernel), bottom + 14 + 18 * (at as i32 % 3));
            sheet.line(vec![(x, bottom), (x, y - 8)], palette::GRID, 1)?;
            sheet.text((x, y), short(kernel), SMALL, FAINT, Side::Middle)?;
        }
        let says = "kernels by release";
        sheet.text((self.right, bottom + 74), says, SMALL, FAINT, Side::Left)
    }
}

fn paint(replay: &Replay, lines: &[Line<'_>], sheet: &mut Sheet<'_>) -> Drawn {
    let bottom = TOP + PLANE;
    let right = WIDTH - RIGHT;
    let figures = lines.iter().flat_map(|line| &line.figures);
    let up = Axis::log(Unit::Plain, figures.map(|one| one.kernel_s), (bottom, TOP));
    up.beside(sheet, LEFT, right)?;
    let kernels = Kernels {
        names: &replay.kernels,
        right,
    };
    kernels.below(bottom, sheet)?;
    let mut taken: Vec<i32> = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let colour = palette::group(place);
        let point = |one: &&ReplayFigure| (kernels.at(&one.kernel), up.at(one.kernel_s));
        let path: Vec<(i32, i32)> = line.figures.iter().map(point).collect();
        let end = path.last().copied().unwrap_or((right, bottom));
        sheet.line(path, colour, 2)?;
        for one in &line.figures {
            let says = format!(
                "{}, {}: {} {:.3}",
                line.whose, line.size, one.kernel, one.kernel_s
            );
            sheet.mark(point(one), place, colour, says)?;
        }
        let mut y = end.1;
        while taken.iter().any(|other| (other - y).abs() < 34) {
            y += 3;
        }
        taken.push(y);
        // A line over fewer kernels ends further left; its name stands with the others.
        let at = right + 4;
        sheet.text((at, y - 8), &line.whose, SMALL, colour, Side::Right)?;
        sheet.text((at, y + 8), &line.size, SMALL, FAINT, Side::Right)?;
    }
    Ok(())
}
