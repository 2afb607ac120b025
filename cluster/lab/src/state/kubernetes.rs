//! Which version the control plane is.

use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::build::KUBERNETES;

/// A control plane as asked for: its version, one of those that are pinned here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedKubernetes(pub &'static str);

impl Default for WantedKubernetes {
    fn default() -> Self {
        Self(KUBERNETES[0])
    }
}

impl std::fmt::Display for WantedKubernetes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for WantedKubernetes {
    type Err = String;

    /// A version, or its series.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let is_meant = |version: &&&str| {
            let series = version.rsplit_once('.').map(|(series, _)| series);
            **version == text || series == Some(text)
        };
        let found = KUBERNETES.iter().find(is_meant);
        let found = found.map(|version| Self(version));
        found.ok_or_else(|| format!("pinned are {}", KUBERNETES.join(", ")))
    }
}

/// A control plane that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kubernetes {
    /// `v1.34.1`, as it calls itself.
    pub tag: String,
    /// The directory of its programs.
    pub programs: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_series_are_told_apart() {
        for (text, wanted) in [
            ("1.34.1", Some("1.34.1")),
            ("v1.37", Some("1.37.2")),
            ("1.3", None),
            ("newest", None),
        ] {
            let found = text.parse().ok().map(|found: WantedKubernetes| found.0);
            assert_eq!(found, wanted, "{text}");
        }
        assert_eq!(WantedKubernetes::default().to_string(), "1.34.1");
    }
}
