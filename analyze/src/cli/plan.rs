//! From options to a plan: everything checked before anything runs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::{Bound, FamilyChoice, GroupBy, Subject};
use crate::error::Error;
use crate::report::Selection;

/// What is to be computed.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Bundles and logs.
    pub paths: Vec<PathBuf>,
    /// What makes a group.
    pub group_by: GroupBy,
    /// The group to compare against.
    pub baseline: Option<String>,
    /// The only group to compare with it.
    pub candidate: Option<String>,
    /// Whose syncs are trials.
    pub family: Option<FamilyChoice>,
    /// Fewest endpoints of a trial.
    pub min_endpoints: Bound,
    /// Most endpoints of a trial.
    pub max_endpoints: Option<Bound>,
    /// Shortest duration of a trial, in seconds.
    pub min_elapsed_s: Option<f64>,
    /// Whether syncs with a small change count.
    pub include_small_changes: bool,
    /// Only syncs that end in it.
    pub window: Window,
    /// Year of logs that tell none.
    pub year: Option<i32>,
    /// Kernel release by node.
    pub kernels: BTreeMap<String, String>,
    /// Kernel by path or the end of one.
    pub labels: Vec<(String, String)>,
    /// Run by path or the end of one.
    pub runs: Vec<(String, String)>,
    /// Share within which two sides count as equivalent.
    pub margin: Option<f64>,
    /// The same in the report's words.
    pub selection: Selection,
}

/// A span of time, in nanoseconds since the epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// First moment inside.
    pub since_ns: Option<i64>,
    /// First moment behind.
    pub until_ns: Option<i64>,
}

impl Window {
    /// Whether a moment lies inside; an unknown one does only if nothing was asked for.
    #[must_use]
    pub fn holds(self, ns: Option<i64>) -> bool {
        match ns {
            Some(ns) => {
                self.since_ns.is_none_or(|since| ns >= since)
                    && self.until_ns.is_none_or(|until| ns < until)
            }
            None => self == Self::default(),
        }
    }
}

/// Share of full scale from which a sync counts, unless `--min-endpoints` says otherwise.
const DEFAULT_MIN: Bound = Bound::Percent(80.0);

impl Plan {
    /// The run that `--run` says a log is of; a whole path goes before the end of one.
    #[must_use]
    pub fn run_of(&self, path: &str) -> Option<&str> {
        let whole = self.runs.iter().rfind(|(file, _)| file == path);
        let end = || self.runs.iter().rfind(|(file, _)| is_meant(path, file));
        whole.or_else(end).map(|(_, name)| name.as_str())
    }

    /// Checks the options and reads what they refer to.
    ///
    /// # Errors
    /// [`Error::Option`] for a time or label that is none; [`Error::Logs`] for bad metadata.
    pub fn of(subject: &Subject) -> Result<Self, Error> {
        let window = Window {
            since_ns: moment("since", subject.since.as_deref())?,
            until_ns: moment("until", subject.until.as_deref())?,
        };
        let kernels = match &subject.metadata {
            Some(path) => kube_proxy_logs::kernels_of_nodes(path)?,
            None => BTreeMap::new(),
        };
        let labels = subject
            .label
            .iter()
            .map(|label| named("label", label, "FILE=KERNEL, like node-a.log=6.1.144"))
            .collect::<Result<_, _>>()?;
        let runs = subject
            .run
            .iter()
            .map(|run| named("run", run, "FILE=NAME, like monday.log=1"))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            paths: subject.paths.clone(),
            group_by: subject.group_by,
            baseline: subject.baseline.clone(),
            candidate: subject.candidate.clone(),
            family: subject.family,
            min_endpoints: subject.min_endpoints.unwrap_or(DEFAULT_MIN),
            max_endpoints: subject.max_endpoints,
            min_elapsed_s: subject.min_elapsed.map(|duration| duration.seconds),
            include_small_changes: subject.include_small_changes,
            window,
            year: subject.year,
            kernels,
            labels,
            runs,
            margin: subject.margin.map(|margin| margin.0 / 100.0),
            selection: selection(subject),
        })
    }
}

fn selection(subject: &Subject) -> Selection {
    Selection {
        group_by: subject.group_by.name().to_owned(),
        family: subject.family.map(|family| family.name().to_owned()),
        min_endpoints: subject.min_endpoints.map(|bound| bound.to_string()),
        max_endpoints: subject.max_endpoints.map(|bound| bound.to_string()),
        min_elapsed_s: subject.min_elapsed.map(|duration| duration.seconds),
        include_small_changes: subject.include_small_changes,
        margin_pct: subject.margin.map(|margin| margin.0),
        since: subject.since.clone(),
        until: subject.until.clone(),
    }
}

fn moment(option: &'static str, text: Option<&str>) -> Result<Option<i64>, Error> {
    let Some(text) = text else { return Ok(None) };
    let wrong = || Error::Option {
        option,
        value: text.to_owned(),
        problem: "give a time like 2025-10-15T12:00:00Z".to_owned(),
    };
    let time: DateTime<Utc> = text.parse().map_err(|_| wrong())?;
    time.timestamp_nanos_opt().map(Some).ok_or_else(wrong)
}

/// `FILE=NAME` of an option.
fn named(option: &'static str, value: &str, like: &str) -> Result<(String, String), Error> {
    match value.rsplit_once('=') {
        Some((file, name)) if !file.is_empty() && !name.is_empty() => {
            Ok((file.to_owned(), name.to_owned()))
        }
        _ => Err(Error::Option {
            option,
            value: value.to_owned(),
            problem: format!("give {like}"),
        }),
    }
}

/// Whether a log of that path is meant by `file`: by the whole path, or by the end of it.
#[must_use]
pub fn is_meant(path: &str, file: &str) -> bool {
    path.strip_suffix(file)
        .is_some_and(|before| before.is_empty() || before.ends_with('/'))
}
