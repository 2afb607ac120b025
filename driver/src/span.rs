//! Durations as people write them: `60s`, `5m`, `1h30m`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use k8s_openapi::jiff::SignedDuration;
use serde::Deserialize;

/// A length of time, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Span {
    /// Whole seconds.
    #[must_use]
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text == "0" {
            return Ok(Self(Duration::ZERO));
        }
        let signed: SignedDuration = text
            .parse()
            .map_err(|_| format!("`{text}` is no duration; write it as 60s, 5m or 1h30m"))?;
        Duration::try_from(signed)
            .map(Self)
            .map_err(|_| format!("`{text}` is negative"))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        match (h, m) {
            (0, 0) if self.0.subsec_millis() > 0 => write!(f, "{:.1}s", self.0.as_secs_f64()),
            (0, 0) => write!(f, "{s}s"),
            (0, _) if s == 0 => write!(f, "{m}m"),
            (0, _) => write!(f, "{m}m{s}s"),
            _ if s == 0 && m == 0 => write!(f, "{h}h"),
            _ if s == 0 => write!(f, "{h}h{m}m"),
            _ => write!(f, "{h}h{m}m{s}s"),
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A time for a sentence: `2026-11-24T11:02:03Z`.
#[must_use]
pub fn moment(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints_what_people_write() {
        for (text, seconds, printed) in [
            ("60s", 60, "1m"),
            ("5m", 300, "5m"),
            ("1h30m", 5400, "1h30m"),
            ("0", 0, "0s"),
            ("90s", 90, "1m30s"),
            ("2h", 7200, "2h"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span, Span::seconds(seconds), "{text}");
            assert_eq!(span.to_string(), printed, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_duration() {
        for text in ["", "60", "soon", "-5s", "5 parsecs"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
