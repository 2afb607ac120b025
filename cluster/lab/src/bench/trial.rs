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
}

impl Trial {
    /// Where its bundle goes.
    pub(super) fn bundle(&self, output: &Path) -> PathBuf {
        let (kernel, mode) = (&self.kernel, self.mode.name());
        output.join(format!("{mode}-{kernel}-{}", self.repetition))
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
        write!(f, "kernel {kernel}, {mode}, repetition {}", self.repetition)
    }
}
