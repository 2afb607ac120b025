//! By what transactions are loaded.

use bundle::Build;

use crate::cli::{Loading, ReplayClock};

/// By what and how transactions are loaded.
#[derive(Debug, Clone)]
pub(crate) struct Means {
    pub(crate) clock: ReplayClock,
    pub(crate) loading: Loading,
}

/// One load of a job.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trial {
    /// To measure it.
    Measured,
    /// To see where the time goes. It is not measured.
    Profiled,
}

/// A build of nf_tables that takes the place of the kernel's own, in guests.
#[derive(Debug)]
pub(crate) struct Module {
    /// As in the bundle.
    pub(crate) row: Build,
    /// The module.
    pub(crate) bytes: Vec<u8>,
}
