//! Units: what may be compared with what, and how a figure is printed.

/// What a figure is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
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
    /// Yes or no: 1 or 0.
    Truth,
}

impl Unit {
    /// A value for people, to more digits than a limit has.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        match self {
            // The cost of an endpoint is some microseconds.
            Self::Seconds if value != 0.0 && value.abs() < 0.001 => {
                format!("{:.3} µs", value * 1e6)
            }
            Self::Seconds => format!("{value:.3} s"),
            Self::Percent => format!("{value:.3} %"),
            Self::Share if value != 0.0 && value.abs() < 0.001 => format!("{value:.3e}"),
            Self::Share | Self::Number => format!("{value:.4}"),
            Self::Count => format!("{value}"),
            Self::Truth => if value == 0.0 { "no" } else { "yes" }.to_owned(),
        }
    }

    /// What a limit on such a figure looks like.
    #[must_use]
    pub fn example(self) -> &'static str {
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
