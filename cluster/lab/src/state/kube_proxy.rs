//! Which kube-proxy runs on the nodes.

use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::build::KUBE_PROXIES;

/// A kube-proxy as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedKubeProxy {
    /// One whose modules are pinned here: its version.
    Pinned(&'static str),
    /// Somebody's own binary.
    Own(PathBuf),
}

impl FromStr for WantedKubeProxy {
    type Err = String;

    /// A word with a `/` in it is a path; else it is a version, `1.36` that of its series.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('/') {
            return Ok(Self::Own(PathBuf::from(text)));
        }
        let text = text.strip_prefix('v').unwrap_or(text);
        let is_meant = |version: &&&str| {
            **version == text
                || version
                    .rsplit_once('.')
                    .is_some_and(|(series, _)| series == text)
        };
        let found = KUBE_PROXIES.iter().find(is_meant);
        found.map(|version| Self::Pinned(version)).ok_or_else(|| {
            format!(
                "pinned are {}; or give a path to a binary",
                KUBE_PROXIES.join(", ")
            )
        })
    }
}

/// A kube-proxy that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KubeProxy {
    /// `v1.32.6`, as it calls itself.
    pub tag: String,
    /// The binary.
    pub program: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_series_and_paths_are_told_apart() {
        for (text, wanted) in [
            ("1.32.6", Some(WantedKubeProxy::Pinned("1.32.6"))),
            ("v1.32.6", Some(WantedKubeProxy::Pinned("1.32.6"))),
            ("1.37", Some(WantedKubeProxy::Pinned("1.37.2"))),
            (
                "./kube-proxy",
                Some(WantedKubeProxy::Own("./kube-proxy".into())),
            ),
            ("1.31", None),
            ("kube-proxy", None),
        ] {
            assert_eq!(text.parse().ok(), wanted, "{text}");
        }
    }
}
