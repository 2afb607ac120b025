//! Rows of syncs: where their pages are, which of many stand in the page, and all for its script.

use serde::Serialize;

use crate::report::tally::{self, Tally};
use crate::report::{
    BundleFacts, InputFacts, KernelEventRow, LineRef, Report, Study, SyncRow, permalink,
};

/// Rows of syncs that a page holds; the script brings the others, and syncs.csv has all.
pub(super) const MOST: usize = 1_000;

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

/// What the kernel complained of in these logs.
pub(super) fn events<'r>(
    report: &'r Report,
    addresses: &Addresses,
    root: &str,
    inputs: &[&InputFacts],
) -> Vec<Event<'r>> {
    let events = report.kernel_events.iter().enumerate();
    events
        .filter(|(_, event)| inputs.iter().any(|input| input.path == event.input))
        .map(|(place, event)| Event {
            event,
            place,
            href: event
                .during_sync
                .map(|sync| addresses.sync(report, sync, root)),
        })
        .collect()
}

/// The syncs that a page shows.
#[derive(Debug, Serialize)]
pub(super) struct Shown<'r> {
    rows: Vec<Row<'r>>,
    /// How many there are in all.
    total: usize,
    /// The same counted.
    tallies: Vec<TallyRow<'r>>,
    /// All of them for the page's script, where the page holds only some.
    data: Option<String>,
}

#[derive(Debug, Serialize)]
struct TallyRow<'r> {
    #[serde(flatten)]
    tally: Tally<'r>,
    href: String,
}

/// The syncs of a bundle, or of a study's loose logs: trials first come, then the longest, up
/// to [`MOST`]; in the order of the logs.
pub(super) fn of_run<'r>(
    report: &'r Report,
    addresses: &Addresses,
    root: &str,
    study: &Study,
    bundle: Option<&BundleFacts>,
) -> Shown<'r> {
    let at_study = report.syncs.studies.iter().position(|id| *id == study.id);
    let inside: Vec<bool> = report
        .inputs
        .iter()
        .map(|input| bundle.is_none_or(|bundle| input.bundle.as_ref() == Some(&bundle.id)))
        .collect();
    let table = &report.syncs;
    let mut places: Vec<usize> = (0..table.len())
        .filter(|place| Some(table.derived[*place].study as usize) == at_study)
        .filter(|place| inside.get(table.syncs[*place].input as usize) == Some(&true))
        .collect();
    let total = places.len();
    let tallies = tally::tally(table, &places)
        .into_iter()
        .map(|tally| TallyRow {
            href: addresses.sync(report, tally.longest, root),
            tally,
        })
        .collect();
    let data = (total > MOST).then(|| data(report, &places));
    if total > MOST {
        places.sort_by_key(|place| {
            let trial = table.derived[*place].why_not.is_none();
            (!trial, std::cmp::Reverse(table.syncs[*place].elapsed_ns))
        });
        places.truncate(MOST);
        places.sort_unstable();
    }
    Shown {
        rows: at(report, addresses, root, places.into_iter()),
        total,
        tallies,
        data,
    }
}

/// All rows as JSON for the script `table.js`: texts once, each row by their numbers. Its cells
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
