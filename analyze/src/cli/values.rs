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

/// A number of bytes: `500M`, `4G`, `1.5GiB`; letters stand for powers of 1,024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "give a size like 500M or 8G".to_owned();
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let power = match text[digits.len()..].to_ascii_uppercase().as_str() {
            "K" | "KB" | "KIB" => 10,
            "M" | "MB" | "MIB" => 20,
            "G" | "GB" | "GIB" => 30,
            "T" | "TB" | "TIB" => 40,
            _ => return Err(wrong()),
        };
        let number: f64 = digits.trim().parse().map_err(|_| wrong())?;
        let bytes = number * f64::from(power).exp2();
        match bytes {
            1.0..1e18 => Ok(Self(bytes as u64)),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn sizes_are_what_people_write() {
        for (text, bytes) in [
            ("500M", Some(500 << 20)),
            ("4G", Some(4 << 30)),
            ("1.5GiB", Some(3 << 29)),
            ("8 gb", Some(8 << 30)),
            ("4096", None),
            ("-1G", None),
            ("0G", None),
            ("G", None),
            ("1P", None),
            ("nanG", None),
            ("", None),
        ] {
            assert_eq!(text.parse().ok(), bytes.map(Size), "{text}");
        }
    }
}
