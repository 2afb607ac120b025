//! From options to a plan: everything checked before anything runs.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use chrono::{DateTime, Utc};

use super::Subject;
use crate::error::Error;
use crate::plan::{Bound, Plan, Selection, Window};
use crate::store::is_url;

/// Share of full scale from which a sync counts, unless `--min-endpoints` says otherwise.
const DEFAULT_MIN: Bound = Bound::Percent(80.0);

impl Subject {
    /// Checks the options and reads what they refer to.
    ///
    /// # Errors
    /// [`Error::Option`] for a time or label that is none; [`Error::Logs`] for bad metadata.
    pub fn plan(&self) -> Result<Plan, Error> {
        let window = Window {
            since_ns: moment("since", self.since.as_deref())?,
            until_ns: moment("until", self.until.as_deref())?,
        };
        if let (Some(since), Some(until)) = (window.since_ns, window.until_ns)
            && since >= until
        {
            return Err(Error::Option {
                option: "until",
                value: self.until.clone().unwrap_or_default(),
                problem: "give a time after --since: no sync is inside".to_owned(),
            });
        }
        let kernels = match &self.metadata {
            Some(path) => kube_proxy_logs::kernels_of_nodes(path)?,
            None => BTreeMap::new(),
        };
        let labels = self
            .label
            .iter()
            .map(|label| named("label", label, "FILE=KERNEL, like node-a.log=6.1.144"))
            .collect::<Result<_, _>>()?;
        let runs = self
            .run
            .iter()
            .map(|run| named("run", run, "FILE=NAME, like monday.log=1"))
            .collect::<Result<_, _>>()?;
        Ok(Plan {
            paths: self.paths.iter().map(|path| from_here(path)).collect(),
            group_by: self.group_by,
            baseline: self.baseline.clone(),
            candidate: self.candidate.clone(),
            family: self.family,
            min_endpoints: self.min_endpoints.unwrap_or(DEFAULT_MIN),
            max_endpoints: self.max_endpoints,
            min_elapsed_s: self.min_elapsed.map(|duration| duration.seconds),
            include_small_changes: self.include_small_changes,
            window,
            year: self.year,
            max_memory: self.max_memory.0,
            kernels,
            labels,
            runs,
            margin: self.margin.map(|margin| margin.0 / 100.0),
            selection: selection(self),
        })
    }
}

/// A path as it is seen from the directory that the program was started in: `./samples`, `samples/`
/// and the absolute path of it are `samples`, so that they give the same report.
fn from_here(path: &Path) -> PathBuf {
    // Two slashes in an address are two.
    let text = path.to_string_lossy();
    if is_url(&text) {
        return PathBuf::from(text.trim_end_matches('/'));
    }
    let here = std::env::current_dir().unwrap_or_default();
    let below = path.strip_prefix(&here).ok();
    let below = below.filter(|_| here != Path::new("/")).unwrap_or(path);
    // Components leave out `.` between two others and a slash at the end, not a leading `.`.
    let plain: PathBuf = below
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect();
    if plain.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        plain
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
            let file = from_here(Path::new(file));
            Ok((file.to_string_lossy().into_owned(), name.to_owned()))
        }
        _ => Err(Error::Option {
            option,
            value: value.to_owned(),
            problem: format!("give {like}"),
        }),
    }
}
