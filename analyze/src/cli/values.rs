//! Values of options that are more than a word.

use std::str::FromStr;

/// A duration as people and Go write it: `90s`, `1m30s`, `250ms`, `2h`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duration {
    /// Seconds.
    pub seconds: f64,
}

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        kube_proxy_logs::parse_duration(text)
            .map(|ns| Self {
                seconds: ns as f64 / 1e9,
            })
            .ok_or_else(|| "give a duration like 90s, 1m30s or 250ms".to_owned())
    }
}
/// A margin in percent, above 0 and below 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percent(pub f64);

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix('%').unwrap_or(text).trim().parse();
        match number {
            Ok(percent) if percent > 0.0 && percent < 100.0 => Ok(Self(percent)),
            _ => Err("give a share above 0 and below 100, like 5%".to_owned()),
        }
    }
}
