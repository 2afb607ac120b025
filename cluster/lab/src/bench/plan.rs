//! What is to be run, written down before the first run, so that a second call goes on with it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::estimate::{Estimate, words};
use super::order::shuffle;
use super::procedure::Procedure;
use super::trial::Trial;
use crate::cli::Bench;
use crate::error::Error;

/// The plan's file in the benchmark's directory; JSON, but not to be taken for a log.
const FILE: &str = "bench.plan";

/// The runs of a benchmark in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    /// What the order was drawn with.
    seed: u64,
    /// What each run does.
    pub(super) procedure: Procedure,
    /// The runs.
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
        for repetition in 1..=flags.repetitions {
            let mut block = Vec::new();
            for kernel in &flags.kernels {
                block.extend(flags.modes.iter().map(|mode| Trial {
                    kernel: kernel.clone(),
                    mode: *mode,
                    repetition,
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
            trials,
        }
    }

    fn write(&self, path: &Path) -> Result<(), Error> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(Error::io(parent, "making the directory"))?;
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
        for trial in &self.trials {
            text += &format!("  {trial}\n");
        }
        text
    }
}

/// Whether a bundle says that it is complete.
fn is_complete(bundle: &Path) -> bool {
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
