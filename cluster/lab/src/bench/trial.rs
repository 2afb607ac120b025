//! One run of a benchmark.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::state::{Mode, Wanted};

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trial {
    /// Its kernel, as asked for.
    pub(super) kernel: String,
    /// kube-proxy's mode.
    pub(super) mode: Mode,
    /// Which repetition, from 1.
    pub(super) repetition: u32,
    /// Whether it is the kernel's second run in this repetition, under a second name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) again: bool,
}

impl Trial {
    /// Where its bundle goes.
    pub(super) fn bundle(&self, output: &Path) -> PathBuf {
        let (kernel, mode) = (&self.kernel, self.mode.name());
        let again = if self.again { "-again" } else { "" };
        output.join(format!("{mode}-{kernel}{again}-{}", self.repetition))
    }

    /// The series that its bundle is of: one kernel against another, but never one mode's runs
    /// among the other's.
    pub(super) fn series(&self) -> String {
        format!("bench-{}", self.mode.name())
    }

    /// Its only node.
    pub(super) fn node(&self) -> Wanted {
        Wanted {
            name: "node-a".to_owned(),
            kernel: self.kernel.clone(),
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kernel, mode) = (&self.kernel, self.mode.name());
        let again = if self.again { " again" } else { "" };
        write!(
            f,
            "kernel {kernel}{again}, {mode}, repetition {}",
            self.repetition
        )
    }
}
