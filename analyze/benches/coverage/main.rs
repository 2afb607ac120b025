//! How often a 95 % interval holds the true value, and how often a difference that is none is
//! called one: experiments of known effect, as logs on disk, through the whole program. Not a
//! matter of time: it prints rates and fails nothing.
//!
//! ```sh
//! cargo bench -p analyze --bench coverage [-- EXPERIMENTS [DESIGN]]
//! ```
//!
//! A run has a level of its own, scattered by 10 % unless the row says otherwise, and its trials
//! scatter about it by 5 %. A drift is a share by which every run takes longer than the one
//! before. What is asked is of the comparison that the headline speaks of: of convergence where
//! there are timelines. The standard error of a rate of 95 % is 1.0 points at 500 experiments, 0.5
//! at 2,000. With a DESIGN only the rows whose name holds those words are made.

mod design;
mod logs;

use std::io::Write;

use analyze::report::Comparison;
use design::{DESIGNS, Design, Drift};
use logs::KERNELS;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

/// Effects, in percent.
const EFFECTS: [f64; 3] = [0.0, 10.0, 50.0];

/// How often something was so, of how often it could be asked.
#[derive(Default)]
struct Rate {
    held: u32,
    made: u32,
}

impl Rate {
    fn count(&mut self, held: Option<bool>) {
        if let Some(held) = held {
            self.made += 1;
            self.held += u32::from(held);
        }
    }

    fn shown(&self) -> String {
        if self.made == 0 {
            return "none".to_owned();
        }
        format!("{:.1}", 100.0 * f64::from(self.held) / f64::from(self.made))
    }
}

/// What is asked of each experiment.
#[derive(Default)]
struct Rates {
    improvement: Rate,
    baseline: Rate,
    small_p: Rate,
    sure: Rate,
    selected: Rate,
}

fn main() -> std::io::Result<()> {
    // `cargo bench` adds `--bench`.
    let arguments = std::env::args().skip(1);
    let given: Vec<String> = arguments.filter(|word| !word.starts_with("--")).collect();
    let experiments: u32 = given
        .iter()
        .find_map(|word| word.parse().ok())
        .unwrap_or(500);
    let wanted = given.iter().find(|word| word.parse::<u32>().is_err());
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{experiments} experiments a row; per cent in which the 95 % interval of the improvement \
         and of the baseline's mean hold the truth, p < 0.05, the headline is sure, and all \
         trials were found\n"
    )?;
    writeln!(
        out,
        "{:<44} {:>6} {:>11} {:>8} {:>8} {:>6} {:>7}",
        "design", "effect", "improvement", "mean", "p < 0.05", "sure", "trials"
    )?;
    for (at, design) in DESIGNS.iter().enumerate() {
        if wanted.is_some_and(|words| !design.name.contains(words.as_str())) {
            continue;
        }
        for (which, effect) in EFFECTS.into_iter().enumerate() {
            let rates = simulate(design, effect, (3 * at + which) as u64, experiments)?;
            let [improvement, baseline, small_p, sure, selected] = [
                rates.improvement,
                rates.baseline,
                rates.small_p,
                rates.sure,
                rates.selected,
            ]
            .map(|rate| rate.shown());
            writeln!(
                out,
                "{:<44} {effect:>6} {improvement:>11} {baseline:>8} {small_p:>8} {sure:>6} \
                 {selected:>7}",
                design.name
            )?;
        }
    }
    Ok(())
}

fn simulate(design: &Design, effect: f64, seed: u64, experiments: u32) -> std::io::Result<Rates> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut rates = Rates::default();
    for _ in 0..experiments {
        let directory = tempfile::tempdir()?;
        let runs = design.draw(effect, &mut generator);
        let trials: [usize; 2] = [0, 1].map(|kernel| {
            let mine = runs.iter().filter(|run| run.kernel == kernel);
            mine.map(|run| run.trials.len()).sum()
        });
        let Some(report) = logs::report(directory.path(), &runs, design.kept) else {
            rates.selected.count(Some(false));
            continue;
        };
        let of_trials = |one: &&Comparison| !one.matched && one.candidate == KERNELS[1];
        let of_trials = report.comparisons.iter().find(of_trials);
        rates.selected.count(Some(
            of_trials.is_some_and(|one| one.n_trials == trials && one.n == design.runs[..2]),
        ));
        let ramps = report.headline.convergence;
        let ramps = ramps.and_then(|at| report.convergence_comparisons.get(at));
        let comparison = ramps.or(of_trials);
        let holds = |interval: Option<[f64; 2]>, truth: f64| {
            interval.map(|[low, high]| low <= truth && truth <= high)
        };
        rates
            .improvement
            .count(holds(comparison.and_then(|one| one.ci95_pct), effect));
        rates
            .small_p
            .count(comparison.and_then(|one| Some(one.p_holm? < 0.05)));
        let headline = report.headline.comparison;
        let headline = headline.and_then(|at| report.comparisons.get(at)).or(ramps);
        rates.sure.count(Some(headline.is_some_and(|one| one.sure)));
        let group = report.groups.iter().find(|group| group.name == KERNELS[0]);
        // With a drift there is no one mean to hold.
        let still = design.drift == Drift::None;
        rates.baseline.count(
            holds(group.and_then(|group| group.ci95_s), design::BASELINE_S).filter(|_| still),
        );
    }
    Ok(rates)
}
