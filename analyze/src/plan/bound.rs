//! Bounds on a number of endpoints.

use std::str::FromStr;

/// A number of endpoints: absolute, or a share of full scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// So many endpoints.
    Count(u64),
    /// So many percent of full scale.
    Percent(f64),
}

impl Bound {
    /// The number of endpoints that it means at a full scale of `target`; none if it is a share
    /// and full scale is unknown.
    #[must_use]
    pub fn at(self, target: Option<u64>) -> Option<u64> {
        match self {
            Self::Count(count) => Some(count),
            Self::Percent(percent) => {
                target.map(|target| (target as f64 * percent / 100.0).ceil() as u64)
            }
        }
    }
}

impl FromStr for Bound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "give a number like 200000 or a share like 80%".to_owned();
        match text.strip_suffix('%') {
            Some(percent) => match percent.trim().parse() {
                Ok(percent) if (0.0..=1000.0).contains(&percent) => Ok(Self::Percent(percent)),
                _ => Err(wrong()),
            },
            None => text
                .replace(['_', ','], "")
                .parse()
                .map(Self::Count)
                .map_err(|_| wrong()),
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}
