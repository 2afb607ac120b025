//! What replays show, in sentences.

use super::change::{STEP, change};
use super::{ablations, count, counted, duration, factors};
use crate::report::names::short;
use crate::report::{Replay, ReplayFigure, ReplayedTransaction, SplitCurve};

/// What was found, the most telling first.
pub(super) fn findings(replay: &Replay) -> Vec<String> {
    let mut findings: Vec<String> = replay
        .ablations
        .iter()
        .flat_map(ablations::findings)
        .collect();
    if let Some(series) = leading(replay) {
        findings.extend(across(replay, &series));
    }
    findings.extend(shapes(replay));
    findings.extend(replay.factors.as_ref().map(factors::interaction));
    findings.extend(step(replay));
    findings.extend(growth(replay));
    findings.extend(splits(replay));
    findings
}

/// What the figures rest on.
pub(super) fn notes(replay: &Replay) -> Vec<String> {
    let mut notes = Vec::new();
    let exact: Vec<&ReplayFigure> = replay.figures.iter().filter(|one| one.exact).collect();
    if !exact.is_empty() {
        notes.push(
            "A second of the instruction clock is a billion instructions of one processor; it \
             does not see caches, so it ranks kernels and names what grows; a real processor \
             spends longer on long lists."
                .to_owned(),
        );
        let spread = exact.iter().filter_map(|one| one.spread_pct);
        if let Some(most) = spread.reduce(f64::max) {
            notes.push(format!(
                "Repetitions of one load differ by {most:.2} % at most."
            ));
        }
    }
    notes
}

/// A title for the picture of releases.
pub fn title(replay: &Replay) -> Option<String> {
    leading(replay).and_then(|series| across(replay, &series).into_iter().next())
}

/// The same short enough to stand over it: `7.3.4 takes 18 % less than 6.1.192 for the same rules`.
#[must_use]
pub fn heading(replay: &Replay) -> Option<String> {
    let series = leading(replay)?;
    let (first, last) = (series.first()?, series.last()?);
    (first.kernel != last.kernel).then(|| {
        format!(
            "{} takes {} than {} for the same rules",
            short(&last.kernel),
            change(last.kernel_s / first.kernel_s),
            short(&first.kernel)
        )
    })
}

/// What was found, in a row: an ablation's shares, or [`heading`].
#[must_use]
pub fn brief(replay: &Replay) -> Option<String> {
    let mut shares = replay.ablations.iter().filter_map(ablations::brief);
    shares
        .next()
        .or_else(|| heading(replay))
        .or_else(|| replay.findings.first().cloned())
}

/// A transaction in words: `1,000 Services x 30`.
#[must_use]
pub fn load(of: &ReplayedTransaction) -> String {
    let size = match (of.services, of.endpoints_per_service) {
        (Some(services), Some(endpoints)) => format!("{} Services x {endpoints}", count(services)),
        _ => of.name.clone(),
    };
    match of.from_replicas {
        Some(from) => format!("{size}, step from {from}"),
        None => size,
    }
}

/// The figures of one load over kernels, whole, by instructions where there are such: those of
/// most kernels, and of these of the most entries. None where builds of a kernel are compared: then
/// other kernels stand beside it for their own builds' sake.
#[must_use]
pub fn leading(replay: &Replay) -> Option<Vec<&ReplayFigure>> {
    if !replay.ablations.is_empty() {
        return None;
    }
    let of = |transaction: usize, clock: &str| -> Vec<&ReplayFigure> {
        let mine = |one: &&ReplayFigure| {
            one.transaction == transaction && one.clock == clock && one.pieces <= 1
        };
        replay.figures.iter().filter(mine).collect()
    };
    let all = (0..replay.transactions.len())
        .flat_map(|at| ["instructions", "wall"].map(|clock| of(at, clock)));
    all.filter(|figures| !figures.is_empty())
        .max_by_key(|figures| {
            let transaction = &replay.transactions[figures[0].transaction];
            let cold = transaction.from_replicas.is_none();
            (
                figures.len(),
                cold,
                transaction.maps_times_entries,
                transaction.entries,
            )
        })
}

fn across(replay: &Replay, figures: &[&ReplayFigure]) -> Vec<String> {
    let (Some(first), Some(last)) = (figures.first(), figures.last()) else {
        return Vec::new();
    };
    let of = &replay.transactions[first.transaction];
    let what = format!("{} ({}, {})", load(of), of.mode, of.shape);
    if first.kernel == last.kernel {
        return vec![format!(
            "{what}: {} in the kernel on {}.",
            seconds(first),
            short(&first.kernel)
        )];
    }
    let mut said = vec![format!(
        "{what}: {} in the kernel on {}, {} on {}, {}.",
        seconds(first),
        short(&first.kernel),
        seconds(last),
        short(&last.kernel),
        change(last.kernel_s / first.kernel_s)
    )];
    let steps = figures
        .windows(2)
        .map(|pair| (pair[0], pair[1], pair[1].kernel_s / pair[0].kernel_s));
    let changes: Vec<String> = steps
        .filter(|(_, _, ratio)| (ratio - 1.0).abs() >= STEP)
        .map(|(from, to, ratio)| {
            format!(
                "from {} to {} {}",
                short(&from.kernel),
                short(&to.kernel),
                change(ratio)
            )
        })
        .collect();
    said.push(if changes.is_empty() {
        format!(
            "No release among these {} differs from the one before it by {:.0} % or more.",
            figures.len(),
            STEP * 100.0
        )
    } else {
        format!("It changes between releases: {}.", changes.join("; "))
    });
    said
}

/// Seconds by their clock.
fn seconds(figure: &ReplayFigure) -> String {
    if figure.exact {
        format!("{:.2} billion instructions", figure.kernel_s)
    } else {
        duration(figure.kernel_s)
    }
}

/// Two shapes of the same load on one kernel: the latest that took both, at the largest size.
fn shapes(replay: &Replay) -> Option<String> {
    let of = |figure: &ReplayFigure| &replay.transactions[figure.transaction];
    let mut pairs = Vec::new();
    for a in &replay.figures {
        for b in &replay.figures {
            let (x, y) = (of(a), of(b));
            let alike = a.kernel == b.kernel
                && a.clock == b.clock
                && a.pieces <= 1
                && b.pieces <= 1
                && x.services.is_some()
                && (
                    x.services,
                    x.endpoints_per_service,
                    x.from_replicas,
                    &x.mode,
                ) == (
                    y.services,
                    y.endpoints_per_service,
                    y.from_replicas,
                    &y.mode,
                );
            if alike && x.shape < y.shape && x.from_replicas.is_none() {
                pairs.push((a, b));
            }
        }
    }
    let place = |kernel: &str| replay.kernels.iter().position(|one| one == kernel);
    let (a, b) = pairs
        .into_iter()
        .max_by_key(|(a, _)| (of(a).services, place(&a.kernel)))?;
    let ratio = a.kernel_s / b.kernel_s;
    let (more, fewer) = if ratio >= 1.0 { (a, b) } else { (b, a) };
    Some(format!(
        "{} on {}: as {} writes them {}, as {} writes them {}, {:.1} times as much.",
        load(of(a)),
        short(&a.kernel),
        of(fewer).shape,
        seconds(fewer),
        of(more).shape,
        seconds(more),
        ratio.max(1.0 / ratio)
    ))
}

/// A step of the ramp beside the cold load of the same size.
fn step(replay: &Replay) -> Option<String> {
    let of = |figure: &ReplayFigure| &replay.transactions[figure.transaction];
    let place = |kernel: &str| replay.kernels.iter().position(|one| one == kernel);
    let steps = replay
        .figures
        .iter()
        .filter(|one| of(one).from_replicas.is_some());
    let pair = |step: &'_ ReplayFigure| {
        let x = of(step);
        replay.figures.iter().position(|cold| {
            let y = of(cold);
            y.from_replicas.is_none()
                && cold.pieces <= 1
                && (&cold.kernel, &cold.clock) == (&step.kernel, &step.clock)
                && (x.services, x.endpoints_per_service, &x.mode, &x.shape)
                    == (y.services, y.endpoints_per_service, &y.mode, &y.shape)
        })
    };
    let (step, cold) = steps
        .filter_map(|step| pair(step).map(|cold| (step, &replay.figures[cold])))
        .max_by_key(|(step, _)| (of(step).services, place(&step.kernel)))?;
    Some(format!(
        "{} on {} takes {}, {:.0} % of the whole table from nothing.",
        load(of(step)),
        short(&step.kernel),
        seconds(step),
        step.kernel_s / cold.kernel_s * 100.0
    ))
}

/// How much of the time grows with the square of the Services, on the first and last kernel.
fn growth(replay: &Replay) -> Vec<String> {
    let first = replay.costs.first();
    let same = |cost: &&crate::report::ReplayCost| {
        first.is_some_and(|first| {
            (&cost.mode, &cost.shape, &cost.clock) == (&first.mode, &first.shape, &first.clock)
        })
    };
    let mine: Vec<_> = replay.costs.iter().filter(same).collect();
    let ends = [mine.first(), mine.last()];
    let mut said: Vec<String> = ends
        .into_iter()
        .flatten()
        .map(|cost| {
            format!(
                "On {} ({}, {}) a cold load of 1,000 Services x {} takes {:.2} that grows with \
                 the Services and {:.2} that grows with their square (in {}; {}, the curve is \
                 within {:.0} % of each).",
                short(&cost.kernel),
                cost.mode,
                cost.shape,
                cost.endpoints_per_service,
                cost.linear_s,
                cost.quadratic_s,
                if cost.clock == "instructions" {
                    "billions of instructions"
                } else {
                    "seconds"
                },
                counted(cost.points.len() as u64, "size"),
                cost.worst_pct.max(1.0)
            )
        })
        .collect();
    said.dedup();
    said
}

/// The number of transactions that takes the least, of each load and kernel that was split; of many
/// those with the most entries.
fn splits(replay: &Replay) -> Vec<String> {
    /// Sentences that a list has room for.
    const MOST: usize = 4;
    let mut curves: Vec<&SplitCurve> = replay.splits.iter().collect();
    let entries = |curve: &SplitCurve| replay.transactions[curve.transaction].entries;
    curves.sort_by_key(|curve| std::cmp::Reverse(entries(curve)));
    curves.truncate(MOST);
    let each = curves.into_iter().filter_map(|curve| split(replay, curve));
    each.collect()
}

fn split(replay: &Replay, curve: &SplitCurve) -> Option<String> {
    let whole = &replay.figures[*curve.figures.first()?];
    let best = &replay.figures[curve.best];
    let most = &replay.figures[*curve.figures.last()?];
    let what = format!(
        "{} on {}, {} in one transaction",
        load(&replay.transactions[curve.transaction]),
        short(&whole.kernel),
        seconds(whole)
    );
    if best.pieces <= 1 {
        return Some(format!(
            "{what}: in several, up to {}, none takes less.",
            most.pieces
        ));
    }
    let further = match most.pieces > best.pieces {
        true => format!("; in {} it is {}", most.pieces, seconds(most)),
        false => "; more were not tried".to_owned(),
    };
    Some(format!(
        "{what}: the least is {} in {}, {:.0} % less, and the longest of them, for which others wait \
         at most, is {:.0} % shorter{further}.",
        seconds(best),
        best.pieces,
        curve.saves_pct,
        curve.longest_saves_pct
    ))
}

/// The same short enough to stand over a picture: `In 4 transactions 14 % less, the longest 76 %
/// shorter`.
#[must_use]
pub fn split_heading(replay: &Replay, curve: &SplitCurve) -> String {
    let best = &replay.figures[curve.best];
    let kernel = short(&best.kernel);
    match best.pieces {
        0 | 1 => format!("{kernel}: one transaction takes the least"),
        pieces => format!(
            "{kernel}: {pieces} transactions take {:.0} % less, the longest is {:.0} % shorter",
            curve.saves_pct, curve.longest_saves_pct
        ),
    }
}
