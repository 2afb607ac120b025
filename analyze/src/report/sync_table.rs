//! Every sync of a report, stored compactly and written row by row.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, TimeZone as _, Utc};
use kube_proxy_logs::{Family, Outcome, Sync, Syncs};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::ser::{Error as _, Serialize, SerializeSeq as _, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::visible::in_json;
use super::{Changes, Clause, Places};

/// A sync as reports show it. Durations are in seconds.
#[derive(Debug, Clone, PartialEq, serde::Serialize, JsonSchema)]
pub struct SyncRow<'a> {
    /// Its place in `syncs`, from 0: what `trials` and other lists of syncs refer to.
    pub id: usize,
    /// The log, as in `inputs[].path`.
    pub input: Cow<'a, str>,
    /// Line of its `SyncProxyRules complete`, from 1; of its last known line if unfinished.
    pub line: u64,
    /// Line of its `Reloading service ... data`.
    pub reloading_line: Option<u64>,
    /// Identity of its study.
    pub study: Cow<'a, str>,
    /// Its node, if known.
    pub node: Option<Cow<'a, str>>,
    /// Its group.
    pub group: Cow<'a, str>,
    /// `IPv4`, `IPv6`, or absent: not said and not inferable.
    pub family: Option<&'static str>,
    /// Start, `end - elapsed`, RFC 3339.
    pub start: Option<String>,
    /// End, RFC 3339; absent if unfinished.
    pub end: Option<String>,
    /// Duration; of an unfinished sync the least it can be.
    pub elapsed_s: Option<f64>,
    /// From start to `Reloading`.
    pub build_s: Option<f64>,
    /// From `Reloading` to the end: `nft -f -` or `iptables-restore` whole (fork, parsing, what
    /// the kernel does) and what kube-proxy does after it.
    pub commit_s: Option<f64>,
    /// Service ports programmed.
    pub services: Option<u64>,
    /// Endpoints programmed, summed over Service ports.
    pub endpoints: Option<u64>,
    /// Endpoints minus those of the node's previous successful sync of the family.
    pub net_change: Option<i64>,
    /// Whether every rule was written anew, where the log tells.
    pub full: Option<bool>,
    /// `ok`, `failed`, `unfinished`.
    pub outcome: &'static str,
    /// Whether it counts as a measurement.
    pub trial: bool,
    /// The clause of the rule that left it out.
    pub why_not: Option<&'static str>,
}

/// What was derived for a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Derived {
    /// Place of its study in [`SyncTable::studies`].
    pub study: u32,
    /// Place of its group in [`SyncTable::groups`].
    pub group: u32,
    /// See [`SyncRow::net_change`].
    pub net_change: Option<i64>,
    /// The clause that left it out; absent for a trial.
    pub why_not: Option<Clause>,
}

/// The log that a sync is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Path, as in `inputs[].path`.
    pub path: String,
    /// Node, if known.
    pub node: Option<String>,
    /// Place of its study in [`SyncTable::studies`].
    pub study: u32,
    /// Place of its group in [`SyncTable::groups`].
    pub group: u32,
}

/// Every sync, with what was derived for it. Serialises as a sequence of [`SyncRow`].
#[derive(Debug, Default)]
pub struct SyncTable {
    /// The syncs, in the order of the logs and of time.
    pub syncs: Syncs,
    /// Net changes, see [`SyncRow::net_change`].
    pub changes: Changes,
    /// The clause that left a sync out, one a sync; absent for a trial.
    pub why_not: Vec<Option<Clause>>,
    /// The logs.
    pub origins: Vec<Origin>,
    /// Names of studies.
    pub studies: Vec<String>,
    /// Names of groups.
    pub groups: Vec<String>,
}

impl SyncTable {
    /// Number of syncs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.syncs.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.syncs.is_empty()
    }

    /// Places of syncs by their input.
    #[must_use]
    pub fn by_input(&self) -> Vec<Places> {
        let mut places = vec![Places::default(); self.origins.len()];
        for place in 0..self.len() {
            if let Some(of_input) = places.get_mut(self.syncs.input_at(place) as usize) {
                of_input.push(place);
            }
        }
        places
    }

    /// Places of syncs by their study.
    #[must_use]
    pub fn by_study(&self) -> Vec<Places> {
        let mut places = vec![Places::default(); self.studies.len()];
        for place in 0..self.len() {
            let origin = self.origins.get(self.syncs.input_at(place) as usize);
            let of_study = origin.and_then(|origin| places.get_mut(origin.study as usize));
            if let Some(of_study) = of_study {
                of_study.push(place);
            }
        }
        places
    }

    /// What was derived for the sync at a place; absent past the end.
    #[must_use]
    pub fn derived(&self, place: usize) -> Option<Derived> {
        let why_not = *self.why_not.get(place)?;
        let origin = self.origins.get(self.syncs.input_at(place) as usize)?;
        Some(Derived {
            study: origin.study,
            group: origin.group,
            net_change: self.changes.at(place),
            why_not,
        })
    }

    /// Whether the sync at a place is a trial.
    #[must_use]
    pub fn is_trial(&self, place: usize) -> bool {
        self.why_not.get(place).is_some_and(Option::is_none)
    }

    /// The row at a place; absent past the end.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<SyncRow<'_>> {
        Some(self.row(place, &self.syncs.get(place)?, &self.derived(place)?))
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = SyncRow<'_>> {
        self.some(0..self.len())
    }

    /// The rows at some places.
    pub fn some(&self, places: std::ops::Range<usize>) -> impl Iterator<Item = SyncRow<'_>> {
        places.filter_map(|place| self.get(place))
    }

    fn row(&self, id: usize, sync: &Sync, derived: &Derived) -> SyncRow<'_> {
        let origin = self.origins.get(sync.input as usize);
        SyncRow {
            id,
            input: Cow::Borrowed(origin.map_or("", |origin| &origin.path)),
            line: sync.line,
            reloading_line: sync.reloading_line,
            study: name(&self.studies, derived.study),
            node: origin
                .and_then(|origin| origin.node.as_deref())
                .map(Cow::Borrowed),
            group: name(&self.groups, derived.group),
            family: family_name(sync.family),
            start: sync.start_ns.map(rfc3339),
            end: sync.end_ns.map(rfc3339),
            elapsed_s: sync.elapsed_ns.map(seconds),
            build_s: sync.build_ns.map(seconds),
            commit_s: sync.commit_ns.map(seconds),
            services: sync.services,
            endpoints: sync.endpoints,
            net_change: derived.net_change,
            full: sync.full,
            outcome: outcome_name(sync.outcome),
            trial: derived.why_not.is_none(),
            why_not: derived.why_not.map(Clause::words),
        }
    }
}

/// Rows that are made ready, by all processors, before they are written: few enough to be still
/// in the processor's memory then.
const WINDOW: usize = 1 << 10;

impl Serialize for SyncTable {
    /// Serialises each row to JSON by itself, which several processors can do.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.len()))?;
        let mut texts: Vec<serde_json::Result<Option<Box<RawValue>>>> = Vec::new();
        for first in (0..self.len()).step_by(WINDOW) {
            let window = (first..self.len().min(first + WINDOW)).into_par_iter();
            window
                .with_min_len(64)
                .map(|place| self.get(place).as_ref().map(json).transpose())
                .collect_into_vec(&mut texts);
            for text in texts.drain(..) {
                if let Some(text) = text.map_err(S::Error::custom)? {
                    rows.serialize_element(&text)?;
                }
            }
        }
        rows.end()
    }
}

/// A row as JSON that can be printed on a terminal.
fn json(row: &SyncRow<'_>) -> serde_json::Result<Box<RawValue>> {
    let raw = to_raw_value(row)?;
    match in_json(raw.get()) {
        Cow::Borrowed(_) => Ok(raw),
        Cow::Owned(text) => RawValue::from_string(text),
    }
}

impl JsonSchema for SyncTable {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("SyncTable")
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<Vec<SyncRow<'_>>>()
    }
}

/// A family's name in reports; none for an unknown one.
#[must_use]
pub fn family_name(family: Family) -> Option<&'static str> {
    match family {
        Family::Ipv4 => Some("IPv4"),
        Family::Ipv6 => Some("IPv6"),
        Family::Unknown => None,
    }
}

/// An outcome's name in reports.
#[must_use]
pub fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Failed => "failed",
        Outcome::Unfinished => "unfinished",
    }
}

fn name(names: &[String], place: u32) -> Cow<'_, str> {
    Cow::Borrowed(names.get(place as usize).map_or("", String::as_str))
}

/// Nanoseconds as seconds.
#[must_use]
pub fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

/// Nanoseconds since the epoch as RFC 3339 with microseconds, klog's own resolution.
#[must_use]
pub fn rfc3339(ns: i64) -> String {
    let time: DateTime<Utc> = Utc.timestamp_nanos(ns);
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}
