//! A look at what was recorded so far. The lab computes no statistics: it asks `analyze`, whose
//! report says the very same numbers to whoever reads it later.

use std::collections::BTreeMap;
use std::path::Path;

use bundle::{Manifest, NoiseFloor, Repetition};
use serde::Deserialize;
use tokio::process::Command;

use super::plan::{Plan, is_complete};
use crate::error::Error;
use crate::whole_run::beside;

/// What `analyze` says of a benchmark: its studies by the name of their series.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Look(BTreeMap<String, Study>);

/// The part of `results.json` that matters here.
#[derive(Debug, Deserialize)]
struct Results {
    studies: Vec<Study>,
}

/// A study of `results.json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Study {
    title: String,
    sequence: Option<Sequence>,
    noise_floor: Option<Floor>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
struct Sequence {
    widest_pct: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Floor {
    kernel: String,
    pct: f64,
    runs: [u64; 2],
}

impl Look {
    /// Lets `analyze` read the bundles.
    ///
    /// # Errors
    /// [`Error::Missing`] without it; [`Error::Unmet`] if it fails or says what is no report.
    pub(super) async fn at(output: &Path) -> Result<Self, Error> {
        let analyze = beside("analyze", None)?;
        let mut command = Command::new(&analyze);
        command.arg(output).args(["--format", "json"]);
        let done = command.kill_on_drop(true).output().await;
        let done = done.map_err(Error::io(&analyze, "running"))?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr);
            return Err(Error::Unmet(format!("analyze: {}", said.trim())));
        }
        Self::of(&done.stdout)
    }

    fn of(text: &[u8]) -> Result<Self, Error> {
        let results: Results = serde_json::from_slice(text)
            .map_err(|error| Error::Unmet(format!("what analyze says: {error}")))?;
        let studies = results.studies.into_iter();
        let by_title = studies.map(|study| (study.title.clone(), study));
        Ok(Self(by_title.collect()))
    }

    /// The widest interval of a series, in percentage points; none where there is none yet.
    fn width(&self, series: &str) -> Option<f64> {
        self.0.get(series)?.sequence?.widest_pct
    }

    /// Whether every series of a plan is told narrowly enough.
    pub(super) fn is_enough(&self, plan: &Plan) -> bool {
        let Some(until) = plan.until else {
            return false;
        };
        let narrow = |series: &String| {
            let width = self.width(series);
            width.is_some_and(|width| width <= until.width_pct)
        };
        plan.series().iter().all(narrow)
    }

    /// How wide the intervals of a plan's series are, in words.
    pub(super) fn widths(&self, plan: &Plan) -> String {
        let words = |series: &String| match self.width(series) {
            Some(width) => format!("{series}: {width:.1} points"),
            None => format!("{series}: no interval yet"),
        };
        let all: Vec<String> = plan.series().iter().map(words).collect();
        all.join(", ")
    }

    fn floor(&self, series: &str) -> Option<NoiseFloor> {
        let floor = self.0.get(series)?.noise_floor.as_ref()?;
        let [a, b] = floor.runs;
        Some(NoiseFloor {
            kernel: floor.kernel.clone(),
            pct: floor.pct,
            runs: a.min(b),
        })
    }
}

/// Says in every complete bundle of a benchmark which repetition it is, what was planned, and, from a
/// look, how far runs of one kernel lie apart.
///
/// # Errors
/// [`Error::Unmet`] for a bundle that cannot be read or written.
pub(super) fn stamp(plan: &Plan, output: &Path, look: Option<&Look>) -> Result<(), Error> {
    for trial in plan.repetitions().flatten() {
        let directory = trial.bundle(output);
        if !is_complete(&directory) {
            continue;
        }
        let unmet = |error: bundle::Error| Error::Unmet(error.to_string());
        let before = Manifest::read(&directory).map_err(unmet)?.repetition;
        let before = before.unwrap_or_default();
        let measured = look.and_then(|look| look.floor(&trial.series()));
        let repetition = Repetition {
            number: trial.repetition,
            again: trial.again,
            until: plan.until,
            noise_floor: measured.or(before.noise_floor),
            other: before.other,
        };
        Manifest::say_repetition(&directory, &repetition).map_err(unmet)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser as _;

    fn plan(output: &Path) -> Plan {
        let output = format!("--output={}", output.display());
        let words = ["lab", "bench", "--until-width=5%", "--aa", output.as_str()];
        let Verb::Bench(flags) = Cli::try_parse_from(words).unwrap().verb else {
            panic!("not bench");
        };
        Plan::open(&flags).unwrap()
    }

    fn look(nftables: &str, iptables: &str) -> Look {
        let text = format!(
            r#"{{"schema":1,"studies":[
            {{"title":"bench-nftables","sequence":{{"widest_pct":{nftables},"look":1}},
              "noise_floor":{{"kernel":"6.1.144","pct":3.5,"runs":[3,3]}}}},
            {{"title":"bench-iptables","sequence":{{"widest_pct":{iptables}}},"noise_floor":null}}]}}"#
        );
        Look::of(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_benchmark_ends_when_every_series_is_narrow() {
        let directory = tempfile::tempdir().unwrap();
        let plan = plan(directory.path());
        assert!(look("5.0", "4.9").is_enough(&plan));
        assert!(!look("5.01", "4.9").is_enough(&plan));
        assert!(!look("4.9", "null").is_enough(&plan));
        assert!(!Look::default().is_enough(&plan));
        let said = look("4.96", "null").widths(&plan);
        assert!(said.contains("bench-nftables: 5.0 points"), "{said}");
        assert!(said.contains("bench-iptables: no interval yet"), "{said}");
        assert!(Look::of(b"no report").is_err());
    }

    #[test]
    fn complete_bundles_say_which_repetition_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let plan = plan(directory.path());
        let trials: Vec<_> = plan.repetitions().next().unwrap().to_vec();
        for (trial, state) in trials.iter().zip(["complete", "incomplete", "complete"]) {
            let bundle = trial.bundle(directory.path());
            std::fs::create_dir_all(&bundle).unwrap();
            let reasons = if state == "complete" {
                ""
            } else {
                r#","reasons":[]"#
            };
            let manifest = format!(
                r#"{{"schema_version":"1.0","run_id":"r","started":"2025-10-15T00:00:00Z",
                "tool":{{"name":"driver","version":"1"}},
                "verdict":{{"state":"{state}"{reasons}}},"kept":7}}"#
            );
            std::fs::write(bundle.join("bundle.json"), manifest).unwrap();
        }
        stamp(&plan, directory.path(), None).unwrap();
        let read = |at: usize| Manifest::read(&trials[at].bundle(directory.path())).unwrap();
        let said = read(0).repetition.unwrap();
        assert_eq!((said.number, said.again), (1, trials[0].again));
        assert_eq!(said.until, plan.until);
        assert_eq!((said.noise_floor, read(1).repetition), (None, None));
        assert_eq!(read(0).other["kept"], 7);
        // The floor comes with a look, and stays.
        stamp(&plan, directory.path(), Some(&look("9.0", "9.0"))).unwrap();
        stamp(&plan, directory.path(), None).unwrap();
        for at in [0, 2] {
            let floor = read(at).repetition.unwrap().noise_floor;
            let nftables = trials[at].series() == "bench-nftables";
            assert_eq!(floor.map(|floor| floor.pct), nftables.then_some(3.5));
        }
    }
}
