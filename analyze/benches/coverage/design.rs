//! Experiments of known effect.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng as _;
use statrs::distribution::{ContinuousCDF as _, Normal};

use super::logs::{Kept, Run};

/// Seconds of a typical trial of the baseline.
pub(super) const BASELINE_S: f64 = 900.0;
/// Scatter of trials within a run.
const WITHIN: f64 = 0.05;

/// In which order runs are made.
#[derive(Clone, Copy)]
pub(super) enum Order {
    /// Each repetition has one run of each kernel, in random order.
    Blocks,
    /// Wholly random.
    Random,
    /// All of the baseline, then all of the candidate.
    OneAfterTheOther,
}

/// An experiment.
pub(super) struct Design {
    /// What it is.
    pub(super) name: &'static str,
    /// Runs of each kernel.
    pub(super) runs: [usize; 2],
    /// Trials of each of their runs, in turn.
    trials: [&'static [usize]; 2],
    /// Scatter of runs of each kernel.
    scatter: [f64; 2],
    /// By how much a run takes longer than the one before.
    pub(super) drift: f64,
    order: Order,
    /// What the runs are kept in.
    pub(super) kept: Kept,
}

/// Runs of one trial, and of three.
const ONE: [&[usize]; 2] = [&[1], &[1]];
const THREE: [&[usize]; 2] = [&[3], &[3]];
const LIKE: [f64; 2] = [0.10, 0.10];

const fn design(
    name: &'static str,
    runs: [usize; 2],
    trials: [&'static [usize]; 2],
    scatter: [f64; 2],
    (drift, order, kept): (f64, Order, Kept),
) -> Design {
    Design {
        name,
        runs,
        trials,
        scatter,
        drift,
        order,
        kept,
    }
}

const AT_ONCE: (f64, Order, Kept) = (0.0, Order::Random, Kept::Nodes);
const BLOCKS: (f64, Order, Kept) = (0.0, Order::Blocks, Kept::Series);

/// The rows of the table.
pub(super) const DESIGNS: [Design; 20] = [
    design("2 runs a side, side by side", [2, 2], ONE, LIKE, AT_ONCE),
    design("2 runs of 3 trials", [2, 2], THREE, LIKE, AT_ONCE),
    design("3 runs", [3, 3], ONE, LIKE, AT_ONCE),
    design("3 runs of 3 trials", [3, 3], THREE, LIKE, AT_ONCE),
    design("5 runs", [5, 5], ONE, LIKE, AT_ONCE),
    design("5 runs of 3 trials", [5, 5], THREE, LIKE, AT_ONCE),
    design("10 runs of 3 trials", [10, 10], THREE, LIKE, AT_ONCE),
    design("2 and 5 runs", [2, 5], THREE, LIKE, AT_ONCE),
    design(
        "2 and 5 runs, 5 and 10 %",
        [2, 5],
        ONE,
        [0.05, 0.10],
        AT_ONCE,
    ),
    design("5 runs, 5 and 20 %", [5, 5], ONE, [0.05, 0.20], AT_ONCE),
    design(
        "5 runs of 1 to 4 trials",
        [5, 5],
        [&[1, 4, 2], &[3, 1]],
        LIKE,
        AT_ONCE,
    ),
    design("3 blocks", [3, 3], THREE, LIKE, BLOCKS),
    design("5 blocks", [5, 5], THREE, LIKE, BLOCKS),
    design(
        "5 blocks, drift 5 %",
        [5, 5],
        THREE,
        LIKE,
        (0.05, Order::Blocks, Kept::Series),
    ),
    design(
        "10 blocks, drift -5 %",
        [10, 10],
        ONE,
        LIKE,
        (-0.05, Order::Blocks, Kept::Bundles),
    ),
    design(
        "5 runs, random order",
        [5, 5],
        ONE,
        LIKE,
        (0.0, Order::Random, Kept::Bundles),
    ),
    design(
        "5 runs, random order, drift 5 %",
        [5, 5],
        ONE,
        LIKE,
        (0.05, Order::Random, Kept::Series),
    ),
    design(
        "3 and 6 runs, random, drift -3 %",
        [3, 6],
        THREE,
        LIKE,
        (-0.03, Order::Random, Kept::Series),
    ),
    design(
        "5 runs, one kernel first, drift 5 %",
        [5, 5],
        ONE,
        LIKE,
        (0.05, Order::OneAfterTheOther, Kept::Series),
    ),
    design(
        "5 loose logs a side with --run, random",
        [5, 5],
        THREE,
        LIKE,
        (0.0, Order::Random, Kept::Logs),
    ),
];

impl Design {
    /// An experiment in which the candidate takes `effect` percent less time.
    pub(super) fn draw(&self, effect: f64, generator: &mut ChaCha8Rng) -> Vec<Run> {
        let mut made = [0usize; 2];
        let order = self.order(generator);
        let runs = order.into_iter().enumerate();
        runs.map(|(at, kernel)| {
            let level = [1.0, 1.0 - effect / 100.0][kernel]
                * (1.0 + self.scatter[kernel] * normal(generator)).max(0.1)
                * (self.drift * at as f64).exp();
            let pattern = self.trials[kernel];
            let count = pattern[made[kernel] % pattern.len()];
            made[kernel] += 1;
            let trials = (0..count)
                .map(|_| BASELINE_S * level * (1.0 + WITHIN * normal(generator)))
                .collect();
            Run { kernel, trials }
        })
        .collect()
    }

    /// The kernel of each run, in order.
    fn order(&self, generator: &mut ChaCha8Rng) -> Vec<usize> {
        let [a, b] = self.runs;
        let mut all = vec![0; a];
        all.resize(a + b, 1);
        match self.order {
            Order::OneAfterTheOther => all,
            Order::Random => {
                shuffle(&mut all, generator);
                all
            }
            Order::Blocks => (0..a.min(b))
                .flat_map(|_| {
                    let mut block = vec![0, 1];
                    shuffle(&mut block, generator);
                    block
                })
                .collect(),
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
