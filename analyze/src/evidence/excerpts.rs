//! Lines of logs around the syncs that a reader will want to see, read once more from the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kube_proxy_logs::Source;
use rayon::prelude::*;

use crate::corpus::Corpus;
use crate::report::excerpt::{AROUND, Excerpts, above};
use crate::report::{Report, SyncTable};

/// Syncs of one log whose lines are kept: trials and failures first, then the longest.
const MOST_SYNCS: usize = 300;
/// The same of one page.
const MOST_ON_PAGE: usize = 1_000;
/// The same of all pages together, so that memory stays bounded.
const MOST_ON_PAGES: usize = 40_000;
/// Kernel complaints of one log whose lines are kept.
const MOST_COMPLAINTS: usize = 100;

/// The lines above the failures of each recording: where the reason stands.
#[must_use]
pub fn of_failures(report: &Report, corpus: &Corpus) -> Excerpts {
    let mut wanted = Wanted::new();
    let failures = report.recordings.iter().flat_map(|one| &one.failures);
    for row in failures.filter_map(|failure| report.syncs.syncs.get(failure.sync)) {
        if let Some(origin) = report.syncs.origins.get(row.input as usize) {
            let lines = wanted.entry(&origin.path).or_default();
            lines.extend(above(row.line));
        }
    }
    read(corpus, wanted)
}

/// The lines around syncs and kernel complaints: what pages show. A page is of a bundle, or of the
/// loose logs.
#[must_use]
pub fn of_pages(report: &Report, corpus: &Corpus) -> Excerpts {
    let by_input = report.syncs.by_input();
    let mut pages: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (input, places) in report.inputs.iter().zip(by_input) {
        let chosen = chosen(&report.syncs, places.iter().collect(), MOST_SYNCS);
        let page = pages.entry(input.bundle.as_deref()).or_default();
        page.extend(chosen);
    }
    let most = MOST_ON_PAGES.div_ceil(pages.len().max(1));
    let mut wanted = Wanted::new();
    for (_, places) in pages {
        for place in chosen(&report.syncs, places, most.min(MOST_ON_PAGE)) {
            let sync = report.syncs.syncs.at(place);
            if let Some(origin) = report.syncs.origins.get(sync.input as usize) {
                let lines = wanted.entry(&origin.path).or_default();
                lines.extend(around(sync.line));
            }
        }
    }
    let mut complaints: BTreeMap<&str, usize> = BTreeMap::new();
    for event in report.kernel_events.iter().take(MOST_ON_PAGES) {
        let seen = complaints.entry(&event.input).or_default();
        *seen += 1;
        if *seen <= MOST_COMPLAINTS {
            wanted
                .entry(&event.input)
                .or_default()
                .extend(around(event.line));
        }
    }
    read(corpus, wanted)
}

/// Lines to read, by log.
type Wanted<'r> = BTreeMap<&'r str, BTreeSet<u64>>;

/// A log that cannot be read again, such as standard input or a pipe, has no lines: nothing is
/// computed from them, so nothing is lost. An archive is read once for all its members. Of a log of
/// a data set the lines are known that were kept with it.
fn read(corpus: &Corpus, wanted: Wanted<'_>) -> Excerpts {
    let kept = corpus.kept_lines();
    let objects = corpus.objects();
    let mut excerpts = Excerpts::default();
    let mut by_source: BTreeMap<String, (Source, Wanted<'_>)> = BTreeMap::new();
    for (path, lines) in wanted {
        if let Some(known) = kept.get(path) {
            let known = lines.iter().filter_map(|line| known.get_key_value(line));
            let known = known.map(|(line, text)| (*line, text.clone()));
            excerpts.add(path, known.collect());
            continue;
        }
        // The object or file itself, or the archive whose member it is.
        let object = || {
            Path::new(path)
                .ancestors()
                .find_map(|one| objects.get(one.to_str()?))
        };
        let file = || kube_proxy_logs::file_behind(Path::new(path)).map(Source::file);
        if let Some(source) = object().map(|one| (*one).clone()).or_else(file) {
            let entry = by_source.entry(source.display.clone());
            let (_, wanted) = entry.or_insert_with(|| (source, Wanted::new()));
            wanted.insert(path, lines);
        }
    }
    let read = by_source
        .par_iter()
        .filter_map(|(_, (source, wanted))| kube_proxy_logs::lines_in(source, wanted).ok());
    let read: Vec<_> = read.collect();
    for (path, lines) in read.into_iter().flatten() {
        excerpts.add(path, lines);
    }
    excerpts
}

fn around(line: u64) -> std::ops::RangeInclusive<u64> {
    line.saturating_sub(AROUND).max(1)..=line.saturating_add(AROUND)
}

/// Those of some syncs that are shown with their lines.
fn chosen(table: &SyncTable, mut places: Vec<usize>, most: usize) -> Vec<usize> {
    if places.len() > most {
        places.sort_by_key(|place| {
            let sync = table.syncs.at(*place);
            let failed = sync.outcome == kube_proxy_logs::Outcome::Failed;
            let plain = !table.is_trial(*place) && !failed;
            (plain, std::cmp::Reverse(sync.elapsed_ns), *place)
        });
        places.truncate(most);
    }
    places
}
