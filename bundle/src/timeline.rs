//! `timeline.csv`: what the driver did, and when.

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::regular;

/// One driver action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// When it happened.
    #[serde(rename = "time_utc", serialize_with = "to_microseconds")]
    pub time: DateTime<Utc>,
    /// What was done.
    pub action: Action,
    /// About what, for people: `replicas=5`, `Services 101-200`.
    #[serde(default)]
    pub detail: String,
    /// What was asked for; the unit is the action's, see [`Action`].
    #[serde(default)]
    pub requested: Option<f64>,
    /// What had been reached; same unit.
    #[serde(default)]
    pub achieved: Option<f64>,
}

/// The kind of a driver action. Unknown kinds are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Action {
    /// A batch of Services was made. `requested`, `achieved`: Services per second
    /// (no `requested`: as fast as the server takes them).
    Generate,
    /// The Deployment was scaled. `requested`: replicas; `achieved`: replicas before.
    Scale,
    /// A look at EndpointSlices. `requested`: endpoints that the step asks for; `achieved`:
    /// endpoints that EndpointSlices carry.
    Endpoints,
    /// Pods were deleted. `requested`, `achieved`: pods.
    Churn,
    /// A node's kube-proxy was restarted; `detail` is the node.
    Restart,
    /// Every node's kube-proxy has been quiet; `achieved`: endpoints.
    Settled,
    /// Anything else.
    Other(String),
}

impl From<String> for Action {
    fn from(name: String) -> Self {
        match name.as_str() {
            "generate" => Self::Generate,
            "scale" => Self::Scale,
            "endpoints" => Self::Endpoints,
            "churn" => Self::Churn,
            "restart" => Self::Restart,
            "settled" => Self::Settled,
            _ => Self::Other(name),
        }
    }
}

impl From<Action> for String {
    fn from(action: Action) -> Self {
        match action {
            Action::Generate => "generate".to_owned(),
            Action::Scale => "scale".to_owned(),
            Action::Endpoints => "endpoints".to_owned(),
            Action::Churn => "churn".to_owned(),
            Action::Restart => "restart".to_owned(),
            Action::Settled => "settled".to_owned(),
            Action::Other(name) => name,
        }
    }
}

impl Row {
    /// The replicas that a scale action asked for: `requested`, or `replicas=N` in `detail`.
    #[must_use]
    pub fn replicas(&self) -> Option<u64> {
        if self.action != Action::Scale {
            return None;
        }
        match self.requested {
            // Replicas are small whole numbers; anything else is no replica count.
            Some(n) if n >= 0.0 && n.fract() == 0.0 && n < 1e9 => Some(n as u64),
            Some(_) => None,
            None => self
                .detail
                .strip_prefix("replicas=")
                .and_then(|n| n.trim().parse().ok()),
        }
    }
}

/// The rows of a timeline, and what could not be read of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Timeline {
    /// Rows in file order, each with its line number, from 1.
    pub rows: Vec<(u64, Row)>,
    /// Rows that could not be read, each with its line number and the reason. A run that died
    /// may have written half of a row.
    pub faults: Vec<(u64, String)>,
}

impl Timeline {
    /// Reads a timeline. A row that cannot be read is noted in `faults` and left out.
    ///
    /// # Errors
    /// [`Error::BadTimeline`] if the first line is not the header;
    /// [`Error::NotAFile`], [`Error::TooLarge`]; [`Error::Io`] if the file cannot be read.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let doing = "reading the timeline";
        let absent = || Error::io(path, doing)(std::io::ErrorKind::NotFound.into());
        let bytes = regular::read(path, regular::LARGEST_TABLE, doing)?.ok_or_else(absent)?;
        if bytes.is_empty() {
            // A run that died at once.
            return Ok(Self::default());
        }
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(&bytes[..]);
        let headers = match reader.headers() {
            Ok(headers) if headers.iter().take(2).eq(["time_utc", "action"]) => headers.clone(),
            _ => return Err(not_a_timeline(path)),
        };
        let mut timeline = Self::default();
        for record in reader.records() {
            match record {
                Ok(record) => timeline.add(&record, &headers),
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    timeline.faults.push((line, error.to_string()));
                }
            }
        }
        Ok(timeline)
    }

    /// Puts every row's time into another clock's, as the logs were written by.
    pub fn show_by(&mut self, clock: &crate::ClockSkew) {
        for (_, row) in &mut self.rows {
            row.time = clock.shows(row.time);
        }
    }

    fn add(&mut self, record: &csv::StringRecord, headers: &csv::StringRecord) {
        let line = record.position().map_or(0, csv::Position::line);
        match record.deserialize(Some(headers)) {
            Ok(row) => self.rows.push((line, row)),
            Err(error) => self
                .faults
                .push((line, format!("not a timeline row: {error}"))),
        }
    }
}

fn not_a_timeline(path: &Path) -> Error {
    Error::BadTimeline {
        path: path.to_path_buf(),
        line: 1,
        problem: "the first line is not time_utc,action,detail,requested,achieved".to_owned(),
    }
}

fn to_microseconds<S: serde::Serializer>(
    time: &DateTime<Utc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_s_name_is_its_own() {
        let names = [
            "generate",
            "scale",
            "endpoints",
            "churn",
            "restart",
            "settled",
        ];
        for name in names {
            let action = Action::from(name.to_owned());
            assert!(!matches!(action, Action::Other(_)), "{name}");
            assert_eq!(String::from(action), name);
        }
        let other = Action::from("rest".to_owned());
        assert_eq!(other, Action::Other("rest".to_owned()));
        assert_eq!(String::from(other), "rest");
    }

    #[test]
    fn replicas_are_whole_numbers_from_nought_on() {
        let row = |requested: Option<f64>, detail: &str| Row {
            time: DateTime::UNIX_EPOCH,
            action: Action::Scale,
            detail: detail.to_owned(),
            requested,
            achieved: None,
        };
        for (requested, detail, replicas) in [
            (Some(0.0), "", Some(0)),
            (Some(-1.0), "", None),
            (Some(0.5), "", None),
            (Some(30.0), "replicas=5", Some(30)),
            (Some(999_999_999.0), "", Some(999_999_999)),
            (Some(1e9), "", None),
            (None, "replicas=5", Some(5)),
            (None, "replicas=x", None),
        ] {
            assert_eq!(
                row(requested, detail).replicas(),
                replicas,
                "{requested:?} {detail}"
            );
        }
        let endpoints = Row {
            action: Action::Endpoints,
            ..row(Some(3.0), "")
        };
        assert_eq!(endpoints.replicas(), None);
    }
}
