//! What is to be run, written down before the first run, so that a second call goes on with it.

use std::collections::BTreeSet;
use std::path::Path;

use bundle::Until;
use serde::{Deserialize, Serialize};

use super::estimate::{Estimate, words};
use super::order::shuffle;
use super::procedure::Procedure;
use super::trial::Trial;
use crate::caller;
use crate::cli::Bench;
use crate::error::Error;

/// The plan's file in the benchmark's directory; JSON, but not to be taken for a log.
const FILE: &str = "bench.plan";
/// Repetitions where their number is fixed, and at most where it is not.
const FIXED: u32 = 5;
const MOST: u32 = 20;
/// The repetition after which the first look is taken: of two runs a side no interval is narrow.
const FIRST_LOOK: u32 = 3;

/// The runs of a benchmark in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    /// What the order was drawn with.
    seed: u64,
    /// What each run does.
    pub(super) procedure: Procedure,
    /// When repetitions end before the last one; absent where their number is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Until>,
    /// The runs: of as many repetitions as are made at most.
    trials: Vec<Trial>,
}

impl Plan {
    /// The plan in the directory, or a new one.
    ///
    /// # Errors
    /// [`Error::Usage`] if the directory holds a plan of another benchmark.
    pub(super) fn open(flags: &Bench) -> Result<Self, Error> {
        let path = flags.output.join(FILE);
        if !path.exists() {
            let seed = flags.seed.unwrap_or_else(any_seed);
            let plan = Self::draw(flags, seed);
            if !flags.plan {
                plan.write(&path)?;
            }
            return Ok(plan);
        }
        let text = std::fs::read_to_string(&path).map_err(Error::io(&path, "reading"))?;
        let plan: Self = serde_json::from_str(&text)
            .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
        if plan != Self::draw(flags, plan.seed) {
            return Err(Error::Usage(format!(
                "{} holds a benchmark with other kernels, modes, repetitions or sizes; give the \
                 flags it was begun with, or another --output",
                flags.output.display()
            )));
        }
        Ok(plan)
    }

    /// Blocks of all kernels and modes, one a repetition, each in an order of its own: what
    /// changes on the machine with time then falls on all alike.
    fn draw(flags: &Bench, seed: u64) -> Self {
        let mut state = seed;
        let mut trials = Vec::new();
        let until = flags.until_width.map(|width_pct| {
            let at_most = flags.repetitions.unwrap_or(MOST).max(FIRST_LOOK);
            Until {
                width_pct,
                first_look: FIRST_LOOK,
                at_most,
            }
        });
        let repetitions = until.map_or(flags.repetitions.unwrap_or(FIXED), |until| until.at_most);
        // With --aa the first kernel runs twice.
        let twice = flags.kernels.first().filter(|_| flags.aa);
        let names = flags.kernels.iter().map(|kernel| (kernel, false));
        let names: Vec<(&String, bool)> = names.chain(twice.map(|kernel| (kernel, true))).collect();
        for repetition in 1..=repetitions {
            let mut block = Vec::new();
            for (kernel, again) in &names {
                block.extend(flags.modes.iter().map(|mode| Trial {
                    kernel: (*kernel).clone(),
                    mode: *mode,
                    repetition,
                    again: *again,
                }));
            }
            shuffle(&mut block, &mut state);
            trials.extend(block);
        }
        Self {
            seed,
            procedure: Procedure {
                services: flags.services,
                replicas: flags.replicas.clone(),
                step_pause_s: flags.step_pause,
                stabilise_s: flags.stabilise,
                quiet_for_s: flags.quiet_for,
                driver_args: flags.driver_arg.clone(),
            },
            until,
            trials,
        }
    }

    /// The runs of each repetition, in order.
    pub(super) fn repetitions(&self) -> impl Iterator<Item = &[Trial]> {
        self.trials
            .chunk_by(|one, next| one.repetition == next.repetition)
    }

    /// Whether a run of a later repetition is complete already.
    pub(super) fn recorded_after(&self, output: &Path, repetition: u32) -> bool {
        let later = self
            .trials
            .iter()
            .filter(|trial| trial.repetition > repetition);
        later
            .map(|trial| trial.bundle(output))
            .any(|path| is_complete(&path))
    }

    /// The series that its bundles are of.
    pub(super) fn series(&self) -> BTreeSet<String> {
        self.trials.iter().map(Trial::series).collect()
    }

    /// Whether a kernel runs under two names.
    pub(super) fn measures_noise(&self) -> bool {
        self.trials.iter().any(|trial| trial.again)
    }

    fn write(&self, path: &Path) -> Result<(), Error> {
        if let Some(parent) = path.parent() {
            caller::directory(parent)?;
        }
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::State {
            path: path.to_path_buf(),
            problem: error.to_string(),
        })?;
        std::fs::write(path, text + "\n").map_err(Error::io(path, "writing"))
    }

    /// The runs without a complete bundle.
    pub(super) fn open_trials(&self, output: &Path) -> Vec<Trial> {
        let open = |trial: &&Trial| !is_complete(&trial.bundle(output));
        self.trials.iter().filter(open).cloned().collect()
    }

    /// What will be done, and how long it will take.
    pub(super) fn describe(&self, open: usize) -> String {
        let procedure = &self.procedure;
        let steps: Vec<String> = procedure.replicas.iter().map(u64::to_string).collect();
        let last = procedure.replicas.last().copied().unwrap_or_default();
        let estimate = Estimate::new(procedure);
        let mut text = format!(
            "{} runs, {open} of them still to do, each {} Services x {} replicas ({} endpoints)\n\
             about {} a run, {} in all; the order is that of seed {}\n",
            self.trials.len(),
            procedure.services,
            steps.join(", "),
            procedure.services * last,
            words(estimate.left(1)),
            words(estimate.left(open)),
            self.seed,
        );
        if let Some(until) = self.until {
            text += &format!(
                "it ends once each interval spans {} percentage points at most, looked at after \
                 each repetition from the {}. on\n",
                until.width_pct, until.first_look
            );
        }
        for trial in &self.trials {
            text += &format!("  {trial}\n");
        }
        text
    }
}

/// Whether a bundle says that it is complete.
pub(super) fn is_complete(bundle: &Path) -> bool {
    let text = std::fs::read_to_string(bundle.join("bundle.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    manifest["verdict"]["state"] == "complete"
}

/// A seed that nobody chose.
fn any_seed() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one("seed") % 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser as _;

    fn flags(output: &Path) -> Bench {
        let words = [
            "lab",
            "bench",
            "--kernels",
            "6.1,6.12",
            "--repetitions",
            "2",
        ];
        let output = format!("--output={}", output.display());
        let cli = Cli::try_parse_from(words.into_iter().chain([output.as_str()])).unwrap();
        let Verb::Bench(flags) = cli.verb else {
            panic!("not bench");
        };
        *flags
    }

    #[test]
    fn each_repetition_has_every_kernel_and_mode_once() {
        let directory = tempfile::tempdir().unwrap();
        let plan = Plan::draw(&flags(directory.path()), 3);
        assert_eq!(plan.trials.len(), 8);
        for block in plan.trials.chunks(4) {
            let mut pairs: Vec<_> = block
                .iter()
                .map(|trial| (trial.kernel.as_str(), trial.mode.name()))
                .collect();
            pairs.sort_unstable();
            assert_eq!(
                pairs,
                [
                    ("6.1", "iptables"),
                    ("6.1", "nftables"),
                    ("6.12", "iptables"),
                    ("6.12", "nftables")
                ]
            );
        }
    }

    /// Repetitions until intervals are narrow, and a kernel under two names.
    #[test]
    fn each_repetition_has_the_first_kernel_twice_where_noise_is_measured() {
        let directory = tempfile::tempdir().unwrap();
        let mut flags = flags(directory.path());
        (flags.aa, flags.until_width, flags.repetitions) = (true, Some(5.0), None);
        let plan = Plan::draw(&flags, 3);
        assert_eq!(plan.repetitions().count(), 20);
        for block in plan.repetitions() {
            let again: Vec<&Trial> = block.iter().filter(|trial| trial.again).collect();
            assert_eq!((block.len(), again.len()), (6, 2));
            assert!(again.iter().all(|trial| trial.kernel == "6.1"));
            let names: BTreeSet<_> = block
                .iter()
                .map(|trial| trial.bundle(directory.path()))
                .collect();
            assert_eq!(names.len(), 6);
        }
        assert!(plan.measures_noise());
        let text = plan.describe(120);
        assert!(text.contains("spans 5 percentage points at most"), "{text}");
        // Fewer than can be looked at.
        flags.repetitions = Some(1);
        assert_eq!(Plan::draw(&flags, 3).until.unwrap().at_most, 3);
        // A plan of before says neither.
        flags.until_width = None;
        let plan = Plan::draw(&flags, 3);
        assert_eq!((plan.until, plan.repetitions().count()), (None, 1));
    }

    #[test]
    fn what_is_complete_is_not_run_again_and_other_flags_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let output = directory.path().join("bench");
        let mut flags = flags(&output);
        let plan = Plan::open(&flags).unwrap();
        for (trial, state) in plan.trials.iter().zip(["complete", "incomplete"]) {
            let bundle = trial.bundle(&output);
            std::fs::create_dir_all(&bundle).unwrap();
            let manifest = format!(r#"{{"verdict": {{"state": "{state}"}}}}"#);
            std::fs::write(bundle.join("bundle.json"), manifest).unwrap();
        }
        let again = Plan::open(&flags).unwrap();
        assert_eq!(again, plan);
        assert_eq!(again.open_trials(&output), plan.trials[1..]);
        flags.services += 1;
        assert!(matches!(Plan::open(&flags), Err(Error::Usage(_))));
    }
}
