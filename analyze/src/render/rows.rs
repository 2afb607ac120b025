//! Rows of syncs: where their pages are, which of many stand in the page, and all for its script.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::room::heaviest;
use crate::report::tally::{self, Tally};
use crate::report::{BundleFacts, InputFacts, KernelEventRow, LineRef, Report, SyncRow, permalink};

/// Bundles by identity.
pub(super) type Bundles<'r> = HashMap<&'r str, &'r BundleFacts>;

/// How many rows of syncs a run has room for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// In the page.
    pub(super) rows: usize,
    /// For its script.
    pub(super) data: usize,
}

/// Where syncs stand: a page for each bundle, and one for the loose logs of a study.
pub(super) struct Addresses {
    /// The page of each input, as a path below the report's directory.
    of_input: Vec<String>,
}

impl Addresses {
    pub(super) fn of(report: &Report) -> Self {
        let loose = report.studies.iter().find(|study| study.bundles.is_empty());
        let of_input = report
            .inputs
            .iter()
            .map(|input| match (&input.bundle, loose) {
                (Some(bundle), _) => page_of_run(bundle),
                (None, Some(study)) => page_of_run(&study.id),
                (None, None) => String::new(),
            });
        Self {
            of_input: of_input.collect(),
        }
    }

    /// Of a page that holds everything.
    pub(super) fn inside() -> Self {
        Self {
            of_input: Vec::new(),
        }
    }

    /// The link to a sync, from a page whose way up to the report's directory is `root`.
    pub(super) fn sync(&self, report: &Report, place: usize, root: &str) -> String {
        let input = report
            .syncs
            .syncs
            .get(place)
            .map(|sync| sync.input as usize);
        let page = input.and_then(|input| self.of_input.get(input));
        match page {
            Some(page) => format!("{root}{page}#{}", permalink::of_sync(place)),
            None => format!("#{}", permalink::of_sync(place)),
        }
    }

    /// The link to a line that a page shows though it is no sync's: one of the kernel's words.
    pub(super) fn line(&self, report: &Report, at: &LineRef, root: &str) -> Option<String> {
        let here = |event: &KernelEventRow| event.input == at.input && event.line == at.line;
        let place = report.kernel_events.iter().position(here)?;
        let fragment = permalink::of_event(place);
        let input = report.inputs.iter().position(|one| one.path == at.input);
        match input.and_then(|input| self.of_input.get(input)) {
            Some(page) => Some(format!("{root}{page}#{fragment}")),
            None if self.of_input.is_empty() => Some(format!("#{fragment}")),
            None => None,
        }
    }
}

/// The page of a bundle's, or of loose logs', syncs.
pub(super) fn page_of_run(id: &str) -> String {
    format!("runs/{}.html", permalink::file_name(id))
}

/// The page of a study's comparisons.
pub(super) fn page_of_study(id: &str) -> String {
    format!("comparisons/{}.html", permalink::file_name(id))
}

/// A sync in a table.
#[derive(Debug, Serialize)]
pub(super) struct Row<'r> {
    #[serde(flatten)]
    sync: SyncRow<'r>,
    /// Where it stands.
    href: String,
}

/// Rows at places.
pub(super) fn at<'r>(
    report: &'r Report,
    addresses: &Addresses,
    root: &str,
    places: impl Iterator<Item = usize>,
) -> Vec<Row<'r>> {
    let row = |place| {
        Some(Row {
            sync: report.syncs.get(place)?,
            href: addresses.sync(report, place, root),
        })
    };
    places.filter_map(row).collect()
}

/// A kernel complaint in a table.
#[derive(Debug, Serialize)]
pub(super) struct Event<'r> {
    #[serde(flatten)]
    event: &'r KernelEventRow,
    /// Its place among all.
    place: usize,
    /// Where the sync stands during which it happened.
    href: Option<String>,
}

/// What the kernel complained of in these logs, up to a number; and how many complaints there are.
pub(super) fn events<'r>(
    report: &'r Report,
    addresses: &Addresses,
    root: &str,
    inputs: &[&InputFacts],
    most: usize,
) -> (Vec<Event<'r>>, usize) {
    let logs: HashSet<&str> = inputs.iter().map(|input| input.path.as_str()).collect();
    let events = report.kernel_events.iter().enumerate();
    let mine = events.filter(|(_, event)| logs.contains(event.input.as_str()));
    let total = mine.clone().count();
    let view = |(place, event): (usize, &'r KernelEventRow)| Event {
        event,
        place,
        href: event
            .during_sync
            .map(|sync| addresses.sync(report, sync, root)),
    };
    (mine.take(most).map(view).collect(), total)
}

/// The syncs that a page shows.
#[derive(Debug, Serialize)]
pub(super) struct Shown<'r> {
    rows: Vec<Row<'r>>,
    /// How many there are in all.
    total: usize,
    /// The same counted.
    tallies: Vec<TallyRow<'r>>,
    tallies_total: usize,
    /// Those for the page's script, where the page holds only some.
    data: Option<String>,
    /// How many those are.
    data_total: usize,
}

#[derive(Debug, Serialize)]
struct TallyRow<'r> {
    #[serde(flatten)]
    tally: Tally<'r>,
    href: String,
}

/// Syncs of a run, as far as there is room, in the order of the logs: in the page trials first,
/// then the longest; for its script the same, and as many taken evenly from the others.
pub(super) fn of_run<'r>(
    report: &'r Report,
    addresses: &Addresses,
    root: &str,
    mut places: Vec<usize>,
    room: Room,
) -> Shown<'r> {
    let table = &report.syncs;
    let total = places.len();
    let tallies = tally::tally(table, &places);
    let (tallies, tallies_total) = heaviest(tallies, super::room::ROWS, |one| one.longest_s);
    let row = |tally: Tally<'r>| TallyRow {
        href: addresses.sync(report, tally.longest, root),
        tally,
    };
    let (mut data, mut data_total) = (None, 0);
    if total > room.rows {
        places.sort_by_key(|place| {
            let trial = table.is_trial(*place);
            (!trial, std::cmp::Reverse(table.syncs.at(*place).elapsed_ns))
        });
        let brought = brought(&places, room.data);
        data_total = brought.len();
        data = Some(self::data(report, &brought));
        places.truncate(room.rows);
        places.sort_unstable();
    }
    Shown {
        rows: at(report, addresses, root, places.into_iter()),
        total,
        tallies: tallies.into_iter().map(row).collect(),
        tallies_total,
        data,
        data_total,
    }
}

/// Of ranked places half from the top, half evenly from what follows; in the order of the logs.
fn brought(ranked: &[usize], most: usize) -> Vec<usize> {
    let (top, rest) = ranked.split_at(ranked.len().min(most / 2));
    let step = rest.len().div_ceil((most - most / 2).max(1)).max(1);
    let even = rest.iter().step_by(step);
    let mut places: Vec<usize> = top.iter().chain(even).copied().collect();
    places.sort_unstable();
    places
}

/// Rows as JSON for the script `table.js`: texts once, each row by their numbers. Its cells
/// are in the order of the table's columns.
fn data(report: &Report, places: &[usize]) -> String {
    let mut texts = Texts::default();
    let rows: Vec<serde_json::Value> = places
        .iter()
        .filter_map(|place| Some((place, report.syncs.get(*place)?)))
        .map(|(place, row)| {
            serde_json::json!([
                place,
                row.elapsed_s,
                row.build_s,
                row.commit_s,
                row.endpoints,
                row.net_change,
                texts.number(row.outcome),
                texts.number(row.why_not.unwrap_or("yes")),
                texts.number(report.names.short(&row.group)),
                texts.number(row.node.as_deref().unwrap_or("\u{2013}")),
                texts.number(row.family.unwrap_or("\u{2013}")),
                row.start,
                texts.number(&row.input),
                row.line,
            ])
        })
        .collect();
    let all = serde_json::json!({ "texts": texts.all, "rows": rows });
    // Inside a `<script>` only `<` could end it.
    all.to_string().replace('<', "\\u003c")
}

/// Texts, each once.
#[derive(Default)]
struct Texts {
    all: Vec<String>,
    known: std::collections::BTreeMap<String, usize>,
}

impl Texts {
    fn number(&mut self, text: &str) -> usize {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let shown = crate::report::visible::visible(text).into_owned();
        self.all.push(shown);
        self.known.insert(text.to_owned(), self.all.len() - 1);
        self.all.len() - 1
    }
}
