//! Units: what may be compared with what, and how a figure is printed.

use std::fmt;

/// What a figure is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// Seconds.
    Seconds,
    /// Percent: 66.3 is 66.3 %.
    Percent,
    /// A share of one: 0.05 is 5 %.
    Share,
    /// A bare number.
    Number,
    /// A number of things.
    Count,
    /// Yes or no.
    Truth,
}

impl Dimension {
    /// A figure of this dimension for people, to more digits than a limit has.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::Seconds => format!("{value:.3} s"),
            Self::Percent => format!("{value:.3} %"),
            Self::Share if value != 0.0 && value.abs() < 0.001 => format!("{value:.3e}"),
            Self::Share | Self::Number => format!("{value:.4}"),
            Self::Count | Self::Truth => format!("{value}"),
        }
    }

    /// What a limit on such a figure looks like.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Seconds => "a duration, compared with one like 5m, 1m30s or 250ms",
            Self::Percent => "in percent, compared with a limit like 50%",
            Self::Share => "a share, compared with a limit like 0.05 or 5%",
            Self::Number => "a number, compared with a limit like 1.5",
            Self::Count => "a count, compared with a whole number like 5",
            Self::Truth => "true or false by itself",
        }
    }
}

/// A limit as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Literal {
    /// Its text.
    pub(super) text: String,
    value: f64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    None,
    Percent,
    Seconds,
}

impl Literal {
    /// Reads `50%`, `0.05`, `5`, `4m30s`, `250ms`; none for anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (value, unit) = if let Some(percent) = text.strip_suffix('%') {
            (plain(percent.trim_end())?, Unit::Percent)
        } else if let Some(value) = plain(text) {
            (value, Unit::None)
        } else {
            (seconds(text)?, Unit::Seconds)
        };
        Some(Self {
            text: text.to_owned(),
            value,
            unit,
        })
    }

    /// Its value beside a figure of that dimension; none if the units do not fit.
    pub(super) fn beside(&self, dimension: Dimension) -> Option<f64> {
        match (dimension, self.unit) {
            (Dimension::Seconds, Unit::Seconds)
            | (Dimension::Percent, Unit::Percent)
            | (Dimension::Share | Dimension::Number, Unit::None) => Some(self.value),
            (Dimension::Share, Unit::Percent) => Some(self.value / 100.0),
            (Dimension::Count, Unit::None) => Some(self.value).filter(|x| x.fract() == 0.0),
            _ => None,
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Digits with at most a sign, a point and an exponent: `f64`'s own parser also takes `inf`.
fn plain(text: &str) -> Option<f64> {
    let digits = text.bytes().any(|c| c.is_ascii_digit());
    let number = |c: u8| c.is_ascii_digit() || b"+-.eE".contains(&c);
    (digits && text.bytes().all(number)).then_some(())?;
    text.parse().ok().filter(|x: &f64| x.is_finite())
}

/// Go's durations, which have no sign of their own here.
fn seconds(text: &str) -> Option<f64> {
    let (sign, duration) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    kube_proxy_logs::parse_duration(duration).map(|ns| sign * (ns as f64 / 1e9))
}
