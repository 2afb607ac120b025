//! A load cut into several transactions: all they take and the longest of them, against their
//! number.

use super::axis::{Axis, Unit};
use super::palette::{self, FAINT, INK, MARGIN, SMALL, WIDTH};
use super::sheet::{self, Drawn, Sheet, Side};
use super::{Figures, Picture, file_name, svg};
use crate::error::Error;
use crate::report::names::short;
use crate::report::words::replays::{load, split_heading};
use crate::report::{Replay, ReplayFigure, SplitCurve, Trace};

/// Below a heading of two lines.
const TOP: i32 = 98;
const ROW: i32 = 18;
const PLANE: i32 = 220;
const LEFT: i32 = 62;
/// Kernels in a picture; the table has all.
const MOST_KERNELS: usize = 4;

/// A picture for each load and clock that was split, by those with the most entries first.
pub(super) fn draw(replay: &Replay) -> Result<Vec<Picture>, Error> {
    let mut loads: Vec<Vec<&SplitCurve>> = Vec::new();
    for curve in &replay.splits {
        let same = |known: &&mut Vec<&SplitCurve>| key(replay, known[0]) == key(replay, curve);
        match loads.iter_mut().find(same) {
            Some(known) => known.push(curve),
            None => loads.push(vec![curve]),
        }
    }
    let entries = |curves: &Vec<&SplitCurve>| replay.transactions[curves[0].transaction].entries;
    loads.sort_by_key(|curves| std::cmp::Reverse(entries(curves)));
    let each = loads.iter().enumerate();
    each.map(|(at, curves)| one(replay, at, curves)).collect()
}

/// What stands in one picture.
fn key<'r>(replay: &'r Replay, curve: &SplitCurve) -> (usize, &'r str) {
    (curve.transaction, &replay.figures[curve.best].clock)
}

fn one(replay: &Replay, at: usize, curves: &[&SplitCurve]) -> Result<Picture, Error> {
    let exact = replay.figures[curves[0].best].exact;
    let unit = match exact {
        true => "billions of instructions, exact",
        false => "seconds in the kernel",
    };
    let mut title = split_heading(replay, curves[0]);
    let what = load(&replay.transactions[curves[0].transaction]);
    let described = format!("{what}, {unit}. {}.", describe(replay, curves));
    let name = format!("{}-splits-{}", file_name(&replay.id), at + 1);
    let rows = curves.len().min(MOST_KERNELS) as i32;
    let height = TOP + ROW * rows + PLANE + 66;
    let (drawn, says) = sheet::draw(height, |sheet| {
        sheet.heading(&title, &format!("{what}; {unit}"))?;
        paint(replay, curves, sheet)
    })
    .map_err(Error::making("a picture"))?;
    title = format!("{what}: {title}");
    Ok(Picture {
        study: replay.id.clone(),
        bundle: None,
        inline: svg::finish(&drawn, &says, &name, &title, &described),
        name,
        title,
        description: described,
        figures: table(replay, curves),
    })
}

fn figures<'r>(
    replay: &'r Replay,
    curve: &'r SplitCurve,
) -> impl Iterator<Item = &'r ReplayFigure> {
    curve.figures.iter().map(|at| &replay.figures[*at])
}

fn describe(replay: &Replay, curves: &[&SplitCurve]) -> String {
    let one = |curve: &&SplitCurve| {
        let values: Vec<String> = figures(replay, curve)
            .map(|one| format!("{} {:.2} ({:.2})", one.pieces, one.kernel_s, one.longest_s))
            .collect();
        let kernel = short(&replay.figures[curve.best].kernel);
        format!(
            "{kernel}, in so many transactions all of them (the longest): {}",
            values.join(", ")
        )
    };
    curves.iter().map(one).collect::<Vec<_>>().join(". ")
}

fn table(replay: &Replay, curves: &[&SplitCurve]) -> Figures {
    let mut all = Figures::new(&["kernel", "transactions", "all", "the longest", "lines"]);
    for curve in curves {
        for one in figures(replay, curve) {
            all.push_from(|| {
                let first = one.lines.first();
                let cells = vec![
                    one.kernel.clone(),
                    one.pieces.to_string(),
                    format!("{:.3}", one.kernel_s),
                    format!("{:.3}", one.longest_s),
                    first.map_or_else(String::new, |of| format!("{}:{}", of.input, of.line)),
                ];
                let from = Trace {
                    syncs: Vec::new(),
                    lines: one.lines.clone(),
                };
                (cells, from)
            });
        }
    }
    all
}

/// Where numbers of transactions stand: twice as many are as far apart whatever their number.
struct Across {
    right: i32,
    /// Two's power of the most.
    last: f64,
}

impl Across {
    fn at(&self, pieces: u32) -> i32 {
        let share = f64::from(pieces.max(1)).log2() / self.last;
        LEFT + 10 + (f64::from(self.right - LEFT - 22) * share).round() as i32
    }

    /// The numbers that were measured, ascending; a label that has no room is left out.
    fn below(&self, pieces: &[u32], bottom: i32, sheet: &mut Sheet<'_>) -> Drawn {
        let mut free = 0;
        for number in pieces {
            let at = self.at(*number);
            sheet.line(vec![(at, bottom), (at, bottom + 4)], FAINT, 1)?;
            if at >= free {
                let label = number.to_string();
                sheet.text((at, bottom + 14), &label, SMALL, FAINT, Side::Middle)?;
                free = at + 24;
            }
        }
        let lines = "transactions; thick: all, thin: the longest";
        for (y, says) in [(34, lines), (52, "ringed: the least")] {
            sheet.text((self.right, bottom + y), says, SMALL, FAINT, Side::Left)?;
        }
        Ok(())
    }
}

fn paint(replay: &Replay, curves: &[&SplitCurve], sheet: &mut Sheet<'_>) -> Drawn {
    let shown = &curves[..curves.len().min(MOST_KERNELS)];
    let top = TOP + ROW * shown.len() as i32;
    let (bottom, right) = (top + PLANE, WIDTH - MARGIN);
    let all = || shown.iter().flat_map(|curve| figures(replay, curve));
    let most = all().map(|one| one.kernel_s).fold(0.0, f64::max);
    let up = Axis::linear(Unit::Plain, most, (bottom, top));
    up.beside(sheet, LEFT, right)?;
    let mut pieces: Vec<u32> = all().map(|one| one.pieces.max(1)).collect();
    pieces.sort_unstable();
    pieces.dedup();
    let last = f64::from(pieces.last().copied().unwrap_or(1).max(2)).log2();
    let across = Across { right, last };
    across.below(&pieces, bottom, sheet)?;
    for (row, curve) in shown.iter().enumerate() {
        one_kernel(replay, curve, row, (&across, &up), sheet)?;
    }
    Ok(())
}

/// A kernel's name with its least, and its two lines.
fn one_kernel(
    replay: &Replay,
    curve: &SplitCurve,
    row: usize,
    (across, up): (&Across, &Axis),
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let best = &replay.figures[curve.best];
    let y = TOP - 4 + ROW * row as i32;
    let colour = palette::group(row);
    sheet.mark((MARGIN + 6, y), row, colour, best.kernel.clone())?;
    sheet.name((MARGIN + 18, y), short(&best.kernel), colour)?;
    let least = format!("least in {}: {:.2}", best.pieces, best.kernel_s);
    sheet.text((across.right, y), &least, SMALL, INK, Side::Left)?;
    let path = |of: fn(&ReplayFigure) -> f64| {
        let points = figures(replay, curve).map(|one| (across.at(one.pieces), up.at(of(one))));
        points.collect::<Vec<_>>()
    };
    sheet.line(path(|one| one.longest_s), colour, 1)?;
    sheet.line(path(|one| one.kernel_s), colour, 2)?;
    for one in figures(replay, curve) {
        let says = format!(
            "{} in {}: {:.3}, the longest {:.3}",
            one.kernel, one.pieces, one.kernel_s, one.longest_s
        );
        let x = across.at(one.pieces);
        sheet.mark((x, up.at(one.kernel_s)), row, colour, says.clone())?;
        sheet.mark((x, up.at(one.longest_s)), row, colour, says)?;
    }
    let says = format!("{}: least in {} transactions", best.kernel, best.pieces);
    let least = (across.at(best.pieces), up.at(best.kernel_s));
    sheet.ring(least, INK, says)
}
