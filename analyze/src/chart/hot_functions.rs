//! The kernel functions that soft lockups, stalls and hung tasks were found in.

use super::axis::{Axis, Unit};
use super::palette::{self, FAINT, INK, MARGIN, SMALL, WIDTH};
use super::sheet::{Drawn, Sheet, Side};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::duration;
use crate::report::{KernelEventRow, LineRef, LockupSummary, Report, Study, Trace};

const TOP: i32 = 82;
const HEAD: i32 = 24;
const ROW: i32 = 36;
/// Functions shown of each group and kind; the table has all.
const MOST: usize = 6;

/// The picture of a study's hot functions; none if its kernels said nothing.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Option<Picture>, Error> {
    let lockups: Vec<&LockupSummary> = study
        .of(&report.lockups)
        .filter(|lockups| !lockups.functions.is_empty())
        .collect();
    // One complaint is a line, and no picture.
    if lockups.iter().map(|one| one.reports).sum::<usize>() < 2 {
        return Ok(None);
    }
    let caption = Caption {
        study,
        bundle: None,
        kind: "hot-functions",
        title: "Where the kernel was stuck".to_owned(),
        description: lockups
            .iter()
            .map(|one| words(one))
            .collect::<Vec<_>>()
            .join(". "),
    };
    let rows: usize = lockups
        .iter()
        .map(|one| one.functions.len().min(MOST))
        .sum();
    let height = TOP + HEAD * lockups.len() as i32 + ROW * rows as i32 + 44;
    let picture = caption.draw(height, figures(report, &lockups), |sheet| {
        sheet.heading(
            "Where the kernel was stuck",
            "functions running when it complained",
        )?;
        paint(report, study, &lockups, height - 44, sheet)
    })?;
    Ok(Some(picture))
}

fn words(one: &LockupSummary) -> String {
    let functions: Vec<String> = one
        .functions
        .iter()
        .take(MOST)
        .map(|(name, n)| format!("{name} {n}"))
        .collect();
    format!(
        "{}, {}: {} reports, longest {}: {}",
        one.group,
        one.kind,
        one.reports,
        duration(one.longest_s),
        functions.join(", ")
    )
}

fn figures(report: &Report, lockups: &[&LockupSummary]) -> Figures {
    let mut figures = Figures::new(&["group", "kind", "function", "called by", "reports"]);
    for one in lockups {
        for (function, n) in &one.functions {
            figures.push_from(|| {
                let cells = vec![
                    one.group.clone(),
                    one.kind.to_string(),
                    function.clone(),
                    callers(one, function),
                    n.to_string(),
                ];
                (cells, reports_in(report, one, function))
            });
        }
    }
    figures
}

/// What called a function most often.
fn callers(of: &LockupSummary, function: &str) -> String {
    let stack = of.stacks.iter().find(|stack| stack.function == function);
    stack.map_or_else(String::new, |stack| stack.callers.join(" in "))
}

/// The lines in which the kernel names a function.
fn reports_in(report: &Report, of: &LockupSummary, function: &str) -> Trace {
    let events = of
        .events
        .iter()
        .filter_map(|at| report.kernel_events.get(*at));
    let named = events.filter(|event| event.function.as_deref() == Some(function));
    let line = |event: &KernelEventRow| LineRef {
        input: event.input.clone(),
        line: event.line,
    };
    Trace {
        syncs: Vec::new(),
        lines: named.map(line).collect(),
    }
}

fn paint(
    report: &Report,
    study: &Study,
    lockups: &[&LockupSummary],
    bottom: i32,
    sheet: &mut Sheet<'_>,
) -> Drawn {
    let most = lockups
        .iter()
        .flat_map(|one| &one.functions)
        .map(|(_, n)| *n)
        .max();
    let axis = Axis::linear(
        Unit::Count,
        most.unwrap_or(1) as f64,
        (MARGIN, WIDTH - MARGIN),
    );
    axis.below(sheet, TOP - 6, bottom)?;
    sheet.text((MARGIN, bottom + 30), "reports", SMALL, FAINT, Side::Right)?;
    let mut top = TOP;
    for one in lockups {
        let colour = palette::group(super::place(study, &one.group));
        sheet.name((MARGIN, top + 9), report.names.short(&one.group), colour)?;
        let kind = format!("{}  n = {}", one.kind, one.reports);
        sheet.text((WIDTH - MARGIN, top + 9), &kind, SMALL, INK, Side::Left)?;
        top += HEAD;
        for (function, n) in one.functions.iter().take(MOST) {
            let says = format!("{}: {function}, {n} reports", one.group);
            let corners = [(axis.at(0.0), top + 16), (axis.at(*n as f64), top + 26)];
            sheet.bar(corners, colour, 1.0, says)?;
            let shown: String = function.chars().take(40).collect();
            let label = format!("{shown}  {n}");
            sheet.text((MARGIN, top + 7), &label, SMALL, INK, Side::Right)?;
            top += ROW;
        }
    }
    Ok(())
}
