//! How often a 95 % interval holds the true value, by number of trials. Not a matter of time:
//! it prints rates and fails nothing.
//!
//! ```sh
//! cargo bench -p analyze --bench coverage [-- SIMULATIONS [EXPERIMENTS]]
//! ```
//!
//! Samples are drawn with a known mean and a known improvement of 66 %: normal with a
//! coefficient of variation of 20 % (the published trials' is 17 to 45 %), and log-normal with
//! one of 50 %, whose long tail is what slow syncs look like. Standard error of a rate is
//! 0.5 points at 2,000 simulations. Student's t stands beside the bootstrap of the mean, and
//! Welch's t on the logarithm of the ratio beside that of the improvement, as what could be had
//! instead. No interval made of resampled means can leave the sample's own range, and the range of
//! n values holds the middle of a symmetric distribution in `1 - 2 / 2^n` of cases: 75 % at n = 3,
//! 87.5 % at n = 4.

mod logs;

use std::io::Write;

use analyze::stats::{interval, rank, scaling, shift, t_interval};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use statrs::distribution::{ContinuousCDF as _, Normal};

const SIZES: [usize; 6] = [2, 3, 4, 5, 10, 30];
const BASELINE_MEAN: f64 = 900.0;
const IMPROVEMENT_PCT: f64 = 66.0;

/// A distribution of durations with a mean of 1.
#[derive(Clone, Copy)]
enum Shape {
    /// Normal, with this coefficient of variation.
    Normal(f64),
    /// Log-normal, with this one.
    LogNormal(f64),
}

impl Shape {
    fn name(self) -> String {
        match self {
            Self::Normal(cv) => format!("normal, CV {:.0} %", cv * 100.0),
            Self::LogNormal(cv) => format!("log-normal, CV {:.0} %", cv * 100.0),
        }
    }

    /// The value below which a share of the distribution lies.
    fn quantile(self, share: f64) -> f64 {
        let z = Normal::standard().inverse_cdf(share);
        match self {
            Self::Normal(cv) => 1.0 + cv * z,
            Self::LogNormal(cv) => {
                let variance = (1.0 + cv * cv).ln();
                (variance.sqrt() * z - variance / 2.0).exp()
            }
        }
    }
}

/// Intervals that held the truth, of those that there were.
#[derive(Default)]
struct Rate {
    held: u32,
    made: u32,
}

impl Rate {
    fn count(&mut self, interval: Option<[f64; 2]>, truth: f64) {
        if let Some([low, high]) = interval {
            self.made += 1;
            self.held += u32::from(low <= truth && truth <= high);
        }
    }

    fn shown(&self) -> String {
        if self.made == 0 {
            return "none".to_owned();
        }
        format!(
            "{:.1} %",
            100.0 * f64::from(self.held) / f64::from(self.made)
        )
    }
}

fn main() -> std::io::Result<()> {
    // `cargo bench` adds `--bench`.
    let mut counts = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok());
    let simulations: u32 = counts.next().unwrap_or(2_000);
    let experiments: u32 = counts.next().unwrap_or(simulations / 4);
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{simulations} simulations; 95 % intervals that hold the truth"
    )?;
    print_intervals(&mut out, simulations)?;
    print_fits(&mut out, simulations)?;
    print_logs(&mut out, experiments)
}

fn print_logs(out: &mut impl Write, experiments: u32) -> std::io::Result<()> {
    writeln!(
        out,
        "\nthrough logs and the whole program, {experiments} experiments a row"
    )?;
    writeln!(
        out,
        "{:>22} {:>6} {:>8} {:>14} {:>12} {:>12} {:>14}",
        "", "trials", "mean", "(Student's t)", "improvement", "(Welch's t)", "right trials"
    )?;
    for shape in [Shape::Normal(0.2), Shape::LogNormal(0.5)] {
        for n in [3, 4, 5, 10] {
            let mut generator = ChaCha8Rng::seed_from_u64(n as u64);
            let mut draw = || share(&mut generator);
            let Some(rates) = logs::simulate(shape, n, experiments, &mut draw) else {
                writeln!(out, "a simulated bundle cannot be read")?;
                return Ok(());
            };
            let [mean, student, improvement, welch, selected] = [
                rates.mean,
                rates.student,
                rates.improvement,
                rates.welch,
                rates.selected,
            ]
            .map(|rate| rate.shown());
            writeln!(
                out,
                "{:>22} {n:>6} {mean:>8} {student:>14} {improvement:>12} {welch:>12} {selected:>14}",
                shape.name()
            )?;
        }
    }
    Ok(())
}

fn print_intervals(out: &mut impl Write, simulations: u32) -> std::io::Result<()> {
    for shape in [Shape::Normal(0.2), Shape::LogNormal(0.5)] {
        writeln!(out, "\n{}", shape.name())?;
        writeln!(
            out,
            "{:>6} {:>10} {:>14} {:>12} {:>12} {:>10} {:>10}",
            "trials", "mean", "(Student's t)", "improvement", "(Welch's t)", "shift", "p < 0.05"
        )?;
        for n in SIZES {
            let [mean, student, improvement, welch, shift, alarms] =
                simulate(shape, n, simulations);
            writeln!(
                out,
                "{n:>6} {mean:>10} {student:>14} {improvement:>12} {welch:>12} {shift:>10} {alarms:>10}"
            )?;
        }
    }
    writeln!(
        out,
        "\np < 0.05: share of equal sides that the test calls different; 5 % at most is right"
    )
}

fn print_fits(out: &mut impl Write, simulations: u32) -> std::io::Result<()> {
    writeln!(out, "\nexponent 1.4, noise 15 %")?;
    writeln!(
        out,
        "{:>6} {:>14} {:>12}",
        "points", "least squares", "Theil-Sen"
    )?;
    for n in [4, 8, 16, 30] {
        let [squares, robust] = simulate_fits(n, simulations);
        writeln!(out, "{n:>6} {squares:>14} {robust:>12}")?;
    }
    Ok(())
}

fn simulate(shape: Shape, n: usize, simulations: u32) -> [String; 6] {
    let mut generator = ChaCha8Rng::seed_from_u64(n as u64);
    let mut draw = |mean: f64| -> Vec<f64> {
        (0..n)
            .map(|_| (mean * shape.quantile(share(&mut generator))).max(1e-3))
            .collect()
    };
    let candidate_mean = BASELINE_MEAN * (1.0 - IMPROVEMENT_PCT / 100.0);
    let [
        mut mean,
        mut student,
        mut improvement,
        mut welch,
        mut shifted,
        mut false_alarms,
    ] = std::array::from_fn(|_| Rate::default());
    for _ in 0..simulations {
        let (a, b) = (draw(BASELINE_MEAN), draw(candidate_mean));
        mean.count(interval::of_mean(&a), BASELINE_MEAN);
        student.count(t_interval::of_mean(&a), BASELINE_MEAN);
        let ratio = interval::of_ratio(&a, &b);
        improvement.count(ratio.map(interval::improvement_of), IMPROVEMENT_PCT);
        welch.count(t_interval::of_improvement(&a, &b), IMPROVEMENT_PCT);
        // A pure shift, which the Hodges-Lehmann interval is about.
        let moved: Vec<f64> = draw(BASELINE_MEAN).iter().map(|x| x - 500.0).collect();
        shifted.count(shift::ci95(&a, &moved), 500.0);
        let equal = draw(BASELINE_MEAN);
        false_alarms.made += 1;
        false_alarms.held +=
            u32::from(rank::mann_whitney(&a, &equal).is_some_and(|test| test.p < 0.05));
    }
    [mean, student, improvement, welch, shifted, false_alarms].map(|rate| rate.shown())
}

/// A ramp of `n` scales to 240,000 endpoints.
fn simulate_fits(n: usize, simulations: u32) -> [String; 2] {
    const EXPONENT: f64 = 1.4;
    let mut generator = ChaCha8Rng::seed_from_u64(n as u64);
    let noise = Shape::LogNormal(0.15);
    let [mut squares, mut robust] = std::array::from_fn(|_| Rate::default());
    for _ in 0..simulations {
        let points: Vec<(f64, f64)> = (1..=n)
            .map(|step| {
                let x = 240_000.0 * step as f64 / n as f64;
                (
                    x,
                    1e-5 * x.powf(EXPONENT) * noise.quantile(share(&mut generator)),
                )
            })
            .collect();
        squares.count(
            scaling::power_law(&points).and_then(|fit| fit.exponent_ci95),
            EXPONENT,
        );
        robust.count(
            scaling::theil_sen(&points).map(|(_, interval)| interval),
            EXPONENT,
        );
    }
    [squares, robust].map(|rate| rate.shown())
}

/// Evenly between 0 and 1, neither included.
fn share(generator: &mut ChaCha8Rng) -> f64 {
    ((generator.next_u64() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
}
