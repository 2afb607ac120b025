//! Lines in which the reasons of failures stand: a report reads them once more, when the log may
//! be nowhere.

use std::collections::{BTreeMap, BTreeSet};

use kube_proxy_logs::{Gathered, Input, Outcome, Source};

use crate::dataset::KeptLines;
use crate::error::Error;
use crate::report::excerpt::{LOOKED_UP, above};

/// The lines above the failures of each log, of so many as a report looks up. `sources`: what the
/// logs were read from, by place.
pub(super) fn of(read: &Gathered, sources: &[Source]) -> Result<KeptLines, Error> {
    let logs: Vec<&Input> = read.logs().collect();
    let mut wanted: BTreeMap<u32, BTreeMap<&str, BTreeSet<u64>>> = BTreeMap::new();
    let mut seen = vec![0usize; logs.len()];
    for sync in read.syncs() {
        let (Some(log), Some(source)) = (logs.get(sync.input as usize), read.source(sync.input))
        else {
            continue;
        };
        let count = &mut seen[sync.input as usize];
        if sync.outcome == Outcome::Failed && *count < LOOKED_UP {
            *count += 1;
            let lines = wanted
                .entry(source)
                .or_default()
                .entry(&log.path)
                .or_default();
            lines.extend(above(sync.line));
        }
    }
    let mut kept = KeptLines::new();
    for (source, wanted) in &wanted {
        let Some(source) = sources.get(*source as usize) else {
            continue;
        };
        for (path, lines) in kube_proxy_logs::lines_in(source, wanted)? {
            kept.insert(path.to_owned(), lines);
        }
    }
    Ok(kept)
}
