//! A row of `builds.csv`: nf_tables as it was built for an experiment.

use serde::{Deserialize, Serialize};

/// A build of a kernel's module `nf_tables` from the distribution's source, changed or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// Its name in `replays.csv`: `control` where nothing was changed, else the edits' names with
    /// `+` between them, in the order in which they were made.
    pub build: String,
    /// `uname -r` of the kernel that it was built for.
    pub kernel_release: String,
    /// What it was built from: package and version, `linux-source-6.1 6.1.192-2`.
    pub source: String,
    /// What compiled it, as it says of itself.
    pub compiler: String,
    /// SHA-256 of the module, in hex.
    pub module_sha256: String,
    /// What its last edit changes, in a sentence; empty for `control`.
    #[serde(default)]
    pub says: String,
    /// The files of its edits in the directory `edits`, with `+` between them.
    #[serde(default)]
    pub edits: String,
}
