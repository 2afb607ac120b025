//! Experiments of known effect.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng as _;
use statrs::distribution::{ContinuousCDF as _, Normal};

use super::logs::{Kept, Run};

/// Seconds of a typical trial of the baseline.
pub(super) const BASELINE_S: f64 = 900.0;

/// In which order runs are made; 0 the baseline, 1 the candidate, 2 a kernel between them.
#[derive(Clone, Copy)]
pub(super) enum Order {
    /// Each repetition has one run of each kernel, in random order.
    Blocks,
    /// Wholly random.
    Random,
    /// All of the baseline, then all of the candidate.
    OneAfterTheOther,
    /// These kernels, again and again.
    InTurn(&'static [usize]),
}

/// How runs change with their place, whatever their kernel.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Drift {
    /// Not at all.
    None,
    /// Each takes longer than the one before by this share.
    Straight(f64),
    /// The second half takes longer by this share.
    Step(f64),
    /// The first takes longer by this share, the next ones by less and less.
    WarmUp(f64),
}

/// An experiment.
#[derive(Clone, Copy)]
pub(super) struct Design {
    /// What it is.
    pub(super) name: &'static str,
    /// Runs of each kernel.
    pub(super) runs: [usize; 3],
    /// Trials of runs of the baseline and of the others, in turn.
    trials: [&'static [usize]; 2],
    /// Scatter of runs of the baseline and of the others.
    scatter: [f64; 2],
    /// Scatter of trials within a run.
    within: f64,
    /// Scatter that the runs of a repetition have in common.
    block: f64,
    pub(super) drift: Drift,
    order: Order,
    /// What the runs are kept in.
    pub(super) kept: Kept,
}

/// Runs of one trial, and of three.
const ONE: [&[usize]; 2] = [&[1], &[1]];
const THREE: [&[usize]; 2] = [&[3], &[3]];

/// Of two kernels, side by side.
const fn at_once(name: &'static str, runs: [usize; 2], trials: [&'static [usize]; 2]) -> Design {
    Design {
        name,
        runs: [runs[0], runs[1], 0],
        trials,
        scatter: [0.10, 0.10],
        within: 0.05,
        block: 0.0,
        drift: Drift::None,
        order: Order::Random,
        kept: Kept::Nodes,
    }
}

/// Of two kernels, one run after another.
const fn in_time(
    name: &'static str,
    runs: [usize; 2],
    trials: [&'static [usize]; 2],
    (order, drift, kept): (Order, Drift, Kept),
) -> Design {
    Design {
        drift,
        order,
        kept,
        ..at_once(name, runs, trials)
    }
}

const fn scattered(design: Design, scatter: [f64; 2], within: f64, block: f64) -> Design {
    Design {
        scatter,
        within,
        block,
        ..design
    }
}

/// With a third kernel between the two.
const fn third(design: Design, runs: usize) -> Design {
    let [a, b, _] = design.runs;
    Design {
        runs: [a, b, runs],
        ..design
    }
}

const LIKE: [f64; 2] = [0.10, 0.10];
const MORE: [f64; 2] = [0.20, 0.20];
const UP: Drift = Drift::Straight(0.05);
const BLOCKS: (Order, Drift, Kept) = (Order::Blocks, Drift::None, Kept::Series);
const RANDOM: (Order, Drift, Kept) = (Order::Random, Drift::None, Kept::Series);
const ABAB: Order = Order::InTurn(&[0, 1]);
const AABB: Order = Order::InTurn(&[0, 0, 1, 1]);
const ABBA: Order = Order::InTurn(&[0, 1, 1, 0]);

/// The rows of the table.
#[rustfmt::skip] // A table.
pub(super) const DESIGNS: &[Design] = &[
    at_once("2 runs a side, side by side", [2, 2], ONE),
    at_once("2 runs of 3 trials", [2, 2], THREE),
    at_once("3 runs", [3, 3], ONE),
    at_once("3 runs of 3 trials", [3, 3], THREE),
    at_once("5 runs", [5, 5], ONE),
    at_once("5 runs of 3 trials", [5, 5], THREE),
    at_once("10 runs of 3 trials", [10, 10], THREE),
    at_once("2 and 5 runs", [2, 5], THREE),
    at_once("2 and 6 runs", [2, 6], ONE),
    at_once("6 and 2 runs", [6, 2], ONE),
    scattered(at_once("2 and 5 runs, 5 and 10 %", [2, 5], ONE), [0.05, 0.10], 0.05, 0.0),
    scattered(at_once("5 runs, 5 and 20 %", [5, 5], ONE), [0.05, 0.20], 0.05, 0.0),
    at_once("5 runs of 1 to 4 trials", [5, 5], [&[1, 4, 2], &[3, 1]]),
    scattered(at_once("4 runs of 3 trials, 20 % and 1 % within", [4, 4], THREE), MORE, 0.01, 0.0),
    scattered(at_once("4 runs of 3 trials, 0 and 20 % within", [4, 4], THREE), [0.0, 0.0], 0.20, 0.0),
    third(at_once("3 kernels, 4 runs of 2 trials", [4, 4], [&[2], &[2]]), 4),
    in_time("3 blocks", [3, 3], THREE, BLOCKS),
    in_time("5 blocks", [5, 5], THREE, BLOCKS),
    scattered(in_time("5 blocks that scatter by 20 %", [5, 5], ONE, BLOCKS), LIKE, 0.05, 0.20),
    third(in_time("3 kernels, 4 blocks", [4, 4], ONE, BLOCKS), 4),
    in_time("2 blocks, drift 5 %", [2, 2], THREE, (Order::Blocks, UP, Kept::Series)),
    in_time("5 blocks, drift 5 %", [5, 5], THREE, (Order::Blocks, UP, Kept::Series)),
    third(in_time("3 kernels, 4 blocks, drift 5 %", [4, 4], ONE, (Order::Blocks, UP, Kept::Series)), 4),
    in_time("10 blocks, drift -5 %", [10, 10], ONE, (Order::Blocks, Drift::Straight(-0.05), Kept::Bundles)),
    in_time("5 blocks, warm-up 30 %", [5, 5], ONE, (Order::Blocks, Drift::WarmUp(0.3), Kept::Series)),
    in_time("5 runs, random order", [5, 5], ONE, (Order::Random, Drift::None, Kept::Bundles)),
    in_time("5 runs, random order, drift 5 %", [5, 5], ONE, (Order::Random, UP, Kept::Series)),
    in_time("10 runs, random order, drift 5 %", [10, 10], ONE, (Order::Random, UP, Kept::Series)),
    in_time("3 and 6 runs, random, drift -3 %", [3, 6], THREE, (Order::Random, Drift::Straight(-0.03), Kept::Series)),
    in_time("2 and 6 runs, random, drift 5 %", [2, 6], ONE, (Order::Random, UP, Kept::Series)),
    in_time("5 runs, random order, step of 30 %", [5, 5], ONE, (Order::Random, Drift::Step(0.3), Kept::Series)),
    scattered(in_time("5 runs, random order, 5 and 20 %", [5, 5], ONE, RANDOM), [0.05, 0.20], 0.05, 0.0),
    in_time("5 runs, one kernel first, drift 5 %", [5, 5], ONE, (Order::OneAfterTheOther, UP, Kept::Series)),
    in_time("5 runs, ABAB, drift 5 %", [5, 5], ONE, (ABAB, UP, Kept::Series)),
    in_time("3 runs, ABAB, drift 5 %", [3, 3], THREE, (ABAB, UP, Kept::Series)),
    third(in_time("3 kernels, 4 runs, ABCABC, drift 5 %", [4, 4], ONE, (Order::InTurn(&[0, 2, 1]), UP, Kept::Series)), 4),
    in_time("6 runs, AABB, drift 5 %", [6, 6], ONE, (AABB, UP, Kept::Series)),
    in_time("6 runs, ABBA, drift 5 %", [6, 6], ONE, (ABBA, UP, Kept::Series)),
    in_time("5 loose logs a side with --run, random", [5, 5], THREE, (Order::Random, Drift::None, Kept::Logs)),
    in_time("4 ramps a side with timelines, blocks", [4, 4], THREE, (Order::Blocks, Drift::None, Kept::Ramps)),
];

impl Design {
    /// An experiment in which the candidate takes `effect` percent less time, and a third kernel
    /// half of it less.
    pub(super) fn draw(&self, effect: f64, generator: &mut ChaCha8Rng) -> Vec<Run> {
        let mut made = [0usize; 3];
        let order = self.order(generator);
        let count = order.len();
        let kernels = self.runs.iter().filter(|runs| **runs > 0).count();
        let mut common = 1.0;
        let mut runs = Vec::new();
        for (at, kernel) in order.into_iter().enumerate() {
            if at % kernels == 0 {
                common = self.scattered(self.block, generator);
            }
            let level = [1.0, 1.0 - effect / 100.0, 1.0 - effect / 200.0][kernel]
                * common
                * self.scattered(self.scatter[kernel.min(1)], generator)
                * self.drift.factor(at, count);
            let pattern = self.trials[kernel.min(1)];
            let trials = pattern[made[kernel] % pattern.len()];
            made[kernel] += 1;
            let trials = (0..trials)
                .map(|_| BASELINE_S * level * self.scattered(self.within, generator))
                .collect();
            runs.push(Run { kernel, trials });
        }
        runs
    }

    fn scattered(&self, by: f64, generator: &mut ChaCha8Rng) -> f64 {
        (1.0 + by * normal(generator)).max(0.1)
    }

    /// The kernel of each run, in order.
    fn order(&self, generator: &mut ChaCha8Rng) -> Vec<usize> {
        let all: Vec<usize> = (0..3)
            .flat_map(|kernel| vec![kernel; self.runs[kernel]])
            .collect();
        let shuffled = |mut items: Vec<usize>, generator: &mut ChaCha8Rng| {
            shuffle(&mut items, generator);
            items
        };
        match self.order {
            Order::OneAfterTheOther => all,
            Order::Random => shuffled(all, generator),
            Order::InTurn(kernels) => kernels.iter().copied().cycle().take(all.len()).collect(),
            Order::Blocks => (0..self.runs[0])
                .flat_map(|repetition| {
                    let ran = |kernel: &usize| repetition < self.runs[*kernel];
                    shuffled((0..3).filter(ran).collect(), generator)
                })
                .collect(),
        }
    }
}

impl Drift {
    fn factor(self, at: usize, count: usize) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Straight(share) => (share * at as f64).exp(),
            Self::Step(share) if 2 * at >= count => 1.0 + share,
            Self::Step(_) => 1.0,
            Self::WarmUp(share) => 1.0 + share * (-(at as f64) / 1.5).exp(),
        }
    }
}

fn shuffle(items: &mut [usize], generator: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, (share(generator) * (last + 1) as f64) as usize);
    }
}

fn normal(generator: &mut ChaCha8Rng) -> f64 {
    Normal::standard().inverse_cdf(share(generator))
}

/// Evenly between 0 and 1, neither included.
fn share(generator: &mut ChaCha8Rng) -> f64 {
    ((generator.next_u64() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
}
