//! Candidates against a baseline, run by run.

pub mod settle;
mod warnings;
mod way;

use rayon::prelude::*;

use super::groups::Summarised;
use super::order::Order;
use crate::corpus::AGAIN;
use crate::report::{Comparison, Independence, Outcome, Verdict};
use crate::stats::blocks::{self, Block};
use crate::stats::contrast::Contrast;
use crate::stats::{drift, improvement, planning, rank, shift, welch};
use way::Way;

/// The level at which a difference is called sure.
pub const ALPHA: f64 = 0.05;
/// The difference that the number of runs needed is told for, in percent.
const PLANNED_PCT: f64 = 10.0;
/// Share of a side's runs that blocks must hold for the sides to be compared within them.
const IN_BLOCKS: f64 = 0.75;
/// How one-sided the order within blocks may be, from 0 to 1, before a drift would pass for a
/// difference.
const ONE_SIDED: f64 = 0.5;

/// A study's groups as they are compared.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    /// The groups.
    pub groups: &'a [Summarised],
    /// Order of all runs of the study.
    pub order: &'a Order,
    /// What is compared.
    pub outcome: Outcome,
    /// Whether these are trials at matched scale.
    pub matched: bool,
    /// Whether differences are tested in this scope.
    pub tested: bool,
    /// Share within which sides count as equivalent.
    pub margin: Option<f64>,
    /// How often intervals may miss the truth: [`ALPHA`], or the part of it that this look at a
    /// study still under way may spend.
    pub level: f64,
}

impl Field<'_> {
    /// Compares every candidate with the baseline, both places in the field's groups. Nothing is
    /// judged before [`settle::settle`].
    #[must_use]
    pub fn compare(self, baseline: usize, candidates: &[usize]) -> Vec<Comparison> {
        let one = |candidate: &usize| {
            let mut comparison = self.pair(baseline, *candidate);
            let sides = [&self.groups[baseline], &self.groups[*candidate]];
            comparison.warnings = warnings::of(&comparison, sides);
            comparison
        };
        candidates.par_iter().map(one).collect()
    }

    fn pair(self, baseline: usize, candidate: usize) -> Comparison {
        let sides = [&self.groups[baseline], &self.groups[candidate]];
        let [a, b] = sides.map(|side| side.group.run_means_s.as_slice());
        let mean_s = sides.map(|side| side.group.mean_s);
        let means = mean_s[0].zip(mean_s[1]);
        let way = self.way(baseline, candidate);
        let contrast = way.as_ref().map(|way| &way.contrast);
        let ratio = contrast.and_then(|contrast| contrast.interval(self.level));
        let same_kernel = is_again(&sides[0].group.name, &sides[1].group.name);
        let tested = self.tested && !same_kernel;
        let ci95_pct = ratio.map(improvement::improvement_of);
        let exact = way
            .as_ref()
            .filter(|_| tested)
            .and_then(|way| way.exact(a, b));
        Comparison {
            study: sides[0].group.study.clone(),
            baseline: sides[0].group.name.clone(),
            candidate: sides[1].group.name.clone(),
            same_kernel,
            outcome: self.outcome,
            matched: self.matched,
            endpoints: endpoints(sides),
            n: sides.map(|side| side.group.n),
            n_trials: sides.map(|side| side.group.n_trials),
            runs: sides.map(|side| side.group.runs.clone()),
            trials: sides.map(|side| side.group.trials.clone()),
            independence: independence(sides),
            mean_s,
            improvement_pct: means.and_then(|(a, b)| improvement::improvement_pct(a, b)),
            speedup: means.and_then(|(a, b)| improvement::speedup(a, b)),
            by_run_pct: contrast.map(|contrast| 100.0 * (1.0 - contrast.ratio())),
            log_error: contrast.map(|contrast| contrast.error),
            ci95_pct,
            ci95_speedup: ratio.and_then(improvement::speedup_of),
            ci_method: way.as_ref().map(|way| self.method(way)),
            blocks: way.as_ref().and_then(|way| way.blocks),
            freedom: contrast.map(|contrast| contrast.freedom),
            p_value: contrast
                .filter(|_| tested)
                .and_then(Contrast::p)
                .map(|p| self.allowed(p)),
            p_holm: None,
            test: self.test(way.as_ref(), same_kernel),
            exact_p: exact.map(|(p, ..)| p),
            exact_test: exact.map(|(.., test)| test.to_owned()),
            exact_least_p: exact.map(|(_, least, _)| least),
            sure: false,
            verdict: Verdict::Undecided,
            margin_pct: self.margin.map(|margin| 100.0 * margin),
            p_equivalent: contrast
                .filter(|_| tested)
                .and_then(|contrast| contrast.p_equivalent(self.margin?))
                .map(|p| self.allowed(p)),
            largest_pct: ci95_pct.map(|[low, high]| low.abs().max(high.abs())),
            runs_needed: way.as_ref().and_then(|way| runs_needed(way, sides)),
            shift_s: rank::hodges_lehmann(a, b),
            shift_ci95_s: shift::ci95(a, b),
            cliffs_delta: rank::cliffs_delta(a, b),
            warnings: Vec::new(),
        }
    }

    /// A p-value as this look may judge it: below [`ALPHA`] exactly if p itself is below the level.
    fn allowed(self, p: f64) -> f64 {
        (p * ALPHA / self.level).min(1.0)
    }

    /// What was tested how, or why nothing was.
    fn test(self, way: Option<&Way>, same_kernel: bool) -> String {
        match way {
            None => "none: one run on a side tells nothing of how runs differ".to_owned(),
            Some(_) if same_kernel => "not tested: one kernel under two names".to_owned(),
            Some(way) if self.tested => self.method(way),
            Some(_) => match self.outcome {
                Outcome::Trials => "not tested: matched scale is",
                _ => "not tested: the mean of all steps is",
            }
            .to_owned(),
        }
    }

    /// How an interval is made.
    fn method(self, way: &Way) -> String {
        let method = way.method();
        if self.level < ALPHA {
            return format!(
                "{method}, at {:.2} % so that all looks together are at 95 %",
                100.0 * (1.0 - self.level)
            );
        }
        method
    }

    /// How two groups are compared: chosen by the order of their runs alone. None with one run on
    /// a side.
    fn way(self, baseline: usize, candidate: usize) -> Option<Way> {
        let sides = [&self.groups[baseline], &self.groups[candidate]];
        if sides.iter().any(|side| side.group.n < 2) {
            return None;
        }
        if let Some(way) = self.in_blocks(baseline, candidate) {
            return Some(way);
        }
        let [a, b] = sides.map(|side| side.timed(self.order));
        if let Some(contrast) = drift::adjusted(&a, &b) {
            return Some(Way {
                contrast,
                blocks: None,
                drift: true,
                pairs: Vec::new(),
            });
        }
        let [a, b] = sides.map(|side| side.group.run_means_s.as_slice());
        Some(Way {
            contrast: welch::welch(a, b)?,
            blocks: None,
            drift: false,
            pairs: Vec::new(),
        })
    }

    /// Within blocks, where nearly all runs of both sides stand in blocks that hold both, and
    /// neither side was always the first.
    fn in_blocks(self, baseline: usize, candidate: usize) -> Option<Way> {
        let of_group = |group: usize| self.groups[group].blocks(self.order);
        let [mut a, mut b] = [baseline, candidate].map(of_group);
        a.retain(|block, _| b.contains_key(block));
        let pairs: Vec<Block> = a
            .into_iter()
            .filter_map(|(block, runs)| Some([runs, b.remove(&block)?]))
            .collect();
        let held = |side: usize| pairs.iter().map(|block| block[side].len()).sum::<usize>() as f64;
        let enough = [baseline, candidate]
            .into_iter()
            .enumerate()
            .all(|(side, group)| held(side) >= IN_BLOCKS * self.groups[group].group.n as f64);
        if !enough || self.one_sided(baseline, candidate) {
            return None;
        }
        let table = self.order.complete.then(|| self.table()).flatten();
        let contrast = match table {
            Some(table) => blocks::among(&table, baseline, candidate),
            None => blocks::paired(&pairs),
        };
        Some(Way {
            contrast: contrast?,
            blocks: Some(pairs.len()),
            drift: false,
            pairs,
        })
    }

    /// Whether one side ran so often before the other that a drift would be theirs.
    fn one_sided(self, baseline: usize, candidate: usize) -> bool {
        let place = |group: usize| self.groups[group].places_by_block(self.order);
        let (a, b) = (place(baseline), place(candidate));
        let both = a.iter().filter_map(|(block, a)| Some(b.get(block)? - a));
        let share = drift::one_sided(&both.collect::<Vec<f64>>());
        share.is_some_and(|share| share > ONE_SIDED)
    }

    /// A row a block, a column a group; none where a group has no run in a block, or several.
    fn table(self) -> Option<Vec<Vec<f64>>> {
        let mut rows = vec![Vec::new(); self.order.blocks.iter().max()? + 1];
        for group in self.groups {
            let mut blocks = group.blocks(self.order);
            for (block, row) in rows.iter_mut().enumerate() {
                match blocks.remove(&block)?[..] {
                    [one] => row.push(one),
                    _ => return None,
                }
            }
        }
        Some(rows)
    }
}

/// Runs a side that would tell [`PLANNED_PCT`].
fn runs_needed(way: &Way, sides: [&Summarised; 2]) -> Option<usize> {
    let runs = match way.blocks {
        Some(blocks) => [blocks; 2],
        None => sides.map(|side| side.group.n),
    };
    planning::runs_needed(&way.contrast, runs, PLANNED_PCT, way.blocks.is_some())
}

/// Whether a candidate is the baseline's kernel under a second name.
fn is_again(baseline: &str, candidate: &str) -> bool {
    candidate.strip_suffix(AGAIN) == Some(baseline)
}

/// The least sure of both sides.
fn independence(sides: [&Summarised; 2]) -> Independence {
    let all = sides.iter().flat_map(|side| &side.runs);
    let least = all.map(|run| run.independence).max();
    least.unwrap_or(Independence::Unknown)
}

/// Fewest and most endpoints of both sides together.
fn endpoints(sides: [&Summarised; 2]) -> Option<[u64; 2]> {
    let [a, b] = sides.map(|side| side.group.endpoints);
    match (a, b) {
        (Some(a), Some(b)) => Some([a[0].min(b[0]), a[1].max(b[1])]),
        (one, other) => one.or(other),
    }
}
