//! Limits: `50%`, `0.05`, `5`, `4m30s`.

use std::fmt;

use crate::figure::Unit;

/// A limit as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Literal {
    /// Its text.
    pub(super) text: String,
    value: f64,
    suffix: Suffix,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suffix {
    None,
    Percent,
    Seconds,
}

impl Literal {
    /// Reads `50%`, `0.05`, `5`, `4m30s`, `250ms`; none for anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (value, suffix) = if let Some(percent) = text.strip_suffix('%') {
            (plain(percent.trim_end())?, Suffix::Percent)
        } else if let Some(value) = plain(text) {
            (value, Suffix::None)
        } else {
            (seconds(text)?, Suffix::Seconds)
        };
        Some(Self {
            text: text.to_owned(),
            value,
            suffix,
        })
    }

    /// Its value beside a figure of that unit; none if the two do not fit.
    pub(super) fn beside(&self, unit: Unit) -> Option<f64> {
        match (unit, self.suffix) {
            (Unit::Seconds, Suffix::Seconds)
            | (Unit::Percent, Suffix::Percent)
            | (Unit::Share | Unit::Number, Suffix::None) => Some(self.value),
            (Unit::Share, Suffix::Percent) => Some(self.value / 100.0),
            (Unit::Count, Suffix::None) => Some(self.value).filter(|x| x.fract() == 0.0),
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
