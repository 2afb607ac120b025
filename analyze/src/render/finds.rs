//! What pages look up again and again, made once.

use std::collections::HashMap;

use super::rows;
use crate::report::{Places, Report};

/// What is looked up page by page, made once.
pub(super) struct Finds<'r> {
    pub(super) bundles: rows::Bundles<'r>,
    /// Places of syncs by log.
    pub(super) syncs: Vec<Places>,
    /// Places of logs by bundle; those of none are loose.
    pub(super) logs: HashMap<Option<&'r str>, Vec<usize>>,
    /// Places of recordings by identity.
    pub(super) recordings: HashMap<&'r str, usize>,
}

impl<'r> Finds<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        let bundles = report.bundles.iter().map(|one| (one.id.as_str(), one));
        let mut logs: HashMap<Option<&str>, Vec<usize>> = HashMap::new();
        for (place, input) in report.inputs.iter().enumerate() {
            logs.entry(input.bundle.as_deref()).or_default().push(place);
        }
        let recordings = report.recordings.iter().map(|one| one.id.as_str());
        Self {
            bundles: bundles.collect(),
            syncs: report.syncs.by_input(),
            logs,
            recordings: recordings.zip(0..).collect(),
        }
    }

    /// Places of the syncs of a bundle, or of all loose logs.
    pub(super) fn syncs_of(&self, bundle: Option<&str>) -> Vec<usize> {
        let logs = self.logs.get(&bundle).into_iter().flatten();
        logs.filter_map(|log| self.syncs.get(*log))
            .flat_map(Places::iter)
            .collect()
    }
}
