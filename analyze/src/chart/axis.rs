//! Axes: from values to pixels, and the round values that are written beside them.

use std::ops::Range;

use plotters::coord::ranged1d::{AsRangedCoord, Ranged};
use plotters::prelude::{IntoLogRange as _, LogCoord};

use super::palette::{FAINT, GRID, SMALL};
use super::sheet::{Drawn, Sheet, Side};

/// What an axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Seconds, written in people's units.
    Seconds,
    /// Things.
    Count,
    /// Plain numbers: billions of instructions, seconds.
    Plain,
}

/// An axis that lies on pixels.
pub(super) struct Axis {
    unit: Unit,
    span: Range<f64>,
    pixels: (i32, i32),
    log: bool,
}

impl Axis {
    /// From 0 to a little over `most`.
    pub(super) fn linear(unit: Unit, most: f64, pixels: (i32, i32)) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        let span = 0.0..most * 1.04;
        Self {
            unit,
            span,
            pixels,
            log: false,
        }
    }

    /// Logarithmic, a little beyond the least and the most of values above 0.
    pub(super) fn log(unit: Unit, values: impl Iterator<Item = f64>, pixels: (i32, i32)) -> Self {
        let (least, most) = values
            .filter(|value| *value > 0.0)
            .fold((f64::INFINITY, 0.0), |(least, most), value| {
                (value.min(least), value.max(most))
            });
        let (least, most) = if least <= most {
            (least, most)
        } else {
            (1.0, 1.0)
        };
        Self {
            unit,
            span: least / 1.3..most * 1.3,
            pixels,
            log: true,
        }
    }

    /// The pixel of a value; of one beyond the axis, the axis's end.
    pub(super) fn at(&self, value: f64) -> i32 {
        let (from, to) = (self.span.start, self.span.end);
        let value = value.clamp(from, to);
        if self.log {
            let log: LogCoord<f64> = (from..to).log_scale().into();
            log.map(&value, self.pixels)
        } else {
            let linear: <Range<f64> as AsRangedCoord>::CoordDescType = (from..to).into();
            linear.map(&value, self.pixels)
        }
    }

    /// Whether a value lies on the axis.
    pub(super) fn holds(&self, value: f64) -> bool {
        (self.span.start..=self.span.end).contains(&value)
    }

    /// Vertical lines with their values below.
    pub(super) fn below(&self, sheet: &mut Sheet<'_>, top: i32, bottom: i32) -> Drawn {
        for tick in self.ticks() {
            let x = self.at(tick);
            sheet.line(vec![(x, top), (x, bottom)], GRID, 1)?;
            let side = if x < self.pixels.0 + 12 {
                Side::Right
            } else {
                Side::Middle
            };
            sheet.text((x, bottom + 12), &self.words(tick), SMALL, FAINT, side)?;
        }
        sheet.line(
            vec![(self.pixels.0, bottom), (self.pixels.1, bottom)],
            FAINT,
            1,
        )
    }

    /// Horizontal lines with their values on the left.
    pub(super) fn beside(&self, sheet: &mut Sheet<'_>, left: i32, right: i32) -> Drawn {
        for tick in self.ticks() {
            let y = self.at(tick);
            sheet.line(vec![(left, y), (right, y)], GRID, 1)?;
            sheet.text((left - 6, y), &self.words(tick), SMALL, FAINT, Side::Left)?;
        }
        Ok(())
    }

    fn ticks(&self) -> Vec<f64> {
        if self.log {
            logarithmic(self.unit, &self.span)
        } else {
            linear(self.unit, self.span.end)
        }
    }

    fn words(&self, value: f64) -> String {
        match self.unit {
            Unit::Seconds => seconds(value),
            Unit::Count => count(value),
            Unit::Plain => plain(value),
        }
    }
}

/// Round steps of time, in seconds.
const TIMES: [f64; 25] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0,
    120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 18_000.0, 36_000.0,
];

/// Up to five multiples of a round step, with 0.
fn linear(unit: Unit, most: f64) -> Vec<f64> {
    let steps: Vec<f64> = match unit {
        Unit::Seconds => TIMES.to_vec(),
        Unit::Count => decades(0..10, &[1.0, 2.0, 5.0]),
        Unit::Plain => decades(-3..7, &[1.0, 2.0, 5.0]),
    };
    let fits = |step: &&f64| most / **step <= 5.0;
    let step = steps.iter().find(fits).copied().unwrap_or(most / 5.0);
    (0..=(most / step).floor() as u32)
        .map(|n| f64::from(n) * step)
        .collect()
}

/// The coarsest round values of which at least three lie on the axis, if any do; six at most.
fn logarithmic(unit: Unit, span: &Range<f64>) -> Vec<f64> {
    let coarse_to_fine: [Vec<f64>; 3] = match unit {
        Unit::Seconds => [
            vec![0.001, 0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3600.0, 36_000.0],
            vec![
                0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 180.0, 600.0,
                1800.0, 3600.0, 10_800.0, 36_000.0,
            ],
            TIMES.to_vec(),
        ],
        Unit::Plain => [
            decades(-3..7, &[1.0]),
            decades(-3..7, &[1.0, 3.0]),
            decades(-3..7, &[1.0, 2.0, 5.0]),
        ],
        Unit::Count => [
            decades(0..10, &[1.0]),
            decades(0..10, &[1.0, 3.0]),
            decades(0..10, &[1.0, 2.0, 5.0]),
        ],
    };
    let inside = |values: &Vec<f64>| -> Vec<f64> {
        let within = values.iter().copied().filter(|value| span.contains(value));
        within.collect()
    };
    let mut ticks = coarse_to_fine
        .iter()
        .map(inside)
        .find(|ticks| ticks.len() >= 3)
        .unwrap_or_else(|| inside(&coarse_to_fine[2]));
    while ticks.len() > 6 {
        ticks = ticks.into_iter().step_by(2).collect();
    }
    ticks
}

fn decades(powers: Range<i32>, times: &[f64]) -> Vec<f64> {
    powers
        .flat_map(|power| times.iter().map(move |times| times * 10f64.powi(power)))
        .collect()
}

/// `0`, `20 ms`, `30 s`, `5 min`, `2 h`.
fn seconds(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        value if value < 0.9995 => format!("{:.0} ms", value * 1000.0),
        value if value < 60.0 => format!("{value:.0} s"),
        value if value < 3600.0 && value % 60.0 >= 0.5 => {
            format!("{:.0}m {:.0}s", (value / 60.0).floor(), value % 60.0)
        }
        value if value < 3600.0 => format!("{:.0} min", value / 60.0),
        value => format!("{} h", trimmed(value / 3600.0)),
    }
}

/// A count as axes write it.
pub(super) fn thousands(n: u64) -> String {
    count(n as f64)
}

/// `500`, `15k`, `1.5M`.
fn count(value: f64) -> String {
    match value {
        value if value < 1000.0 => format!("{value:.0}"),
        value if value < 1e6 => format!("{}k", trimmed(value / 1000.0)),
        value => format!("{}M", trimmed(value / 1e6)),
    }
}

/// `0.05`, `3`, `120`.
fn plain(value: f64) -> String {
    format!("{}", (value * 1000.0).round() / 1000.0)
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let words = |unit, most| -> Vec<String> {
            let axis = Axis::linear(unit, most, (0, 100));
            axis.ticks()
                .into_iter()
                .map(|tick| axis.words(tick))
                .collect()
        };
        assert_eq!(
            words(Unit::Seconds, 1143.5),
            ["0", "5 min", "10 min", "15 min"]
        );
        assert_eq!(
            words(Unit::Seconds, 24.0),
            ["0", "5 s", "10 s", "15 s", "20 s"]
        );
        assert_eq!(
            words(Unit::Count, 240_000.0),
            ["0", "50k", "100k", "150k", "200k"]
        );
        assert_eq!(words(Unit::Seconds, 0.0), ["0", "500 ms", "1 s"]);
    }

    #[test]
    fn a_log_axis_has_ticks_wherever_it_lies() {
        for (least, most) in [(0.01, 500.0), (2.0, 30.0), (290.0, 920.0), (5.0, 5.0)] {
            let axis = Axis::log(Unit::Seconds, [least, most].into_iter(), (0, 300));
            let ticks = axis.ticks();
            let wanted = if least == most { 1..=6 } else { 2..=6 };
            assert!(wanted.contains(&ticks.len()), "{least} {most}: {ticks:?}");
            assert!(axis.at(least) >= 0 && axis.at(most) <= 300);
        }
    }
}
