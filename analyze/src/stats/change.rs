//! Where a series of runs changes.
//!
//! E-divisive: the place at which both sides differ most by their energy distance, believed if
//! shuffled series seldom differ as much anywhere; then each side by itself. It asks of every place,
//! so what just began is found late. Therefore the newest runs are held against those before by
//! themselves too: the ratio of the variance between both to that within, the same shuffles.
//!
//! Source of the first: Matteson and James, "A Nonparametric Approach for Multiple Change Point Analysis of
//! Multivariate Data", JASA 109 (2014), with alpha = 1; for benchmarks: Daly et al., "The Use of
//! Change Point Detection to Identify Software Performance Regressions in a Continuous Integration
//! System", ICPE 2020.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Fewest values on a side of a change.
pub const FEWEST: usize = 3;
/// How often E-divisive says of a series without a change that it has one, at most.
pub const LEVEL: f64 = 0.02;
/// The same of the newest runs. Mostly both err in the same series: together they say so of 33 in
/// a thousand (simulated: normal noise, 12 to 34 runs).
pub const LEVEL_OF_NEWEST: f64 = 0.03;
/// How many runs are the newest.
const NEWEST: [usize; 2] = [3, 4];
/// Shuffled series that a place is held against: p is a multiple of a thousandth.
const SHUFFLES: usize = 999;

/// A change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Place of the first value behind it.
    pub at: usize,
    /// Share of shuffled series that differ as much somewhere.
    pub p_value: f64,
}

/// The changes of a series, in order; values must be finite. None with fewer than
/// 2 x [`FEWEST`] values. The same values in the same order give the same changes: the shuffles are
/// drawn from a fixed seed.
#[must_use]
pub fn changes(values: &[f64]) -> Vec<Change> {
    let mut found = Vec::new();
    let mut waiting = vec![(0, values.len())];
    while let Some((from, to)) = waiting.pop() {
        let Some(change) = change(&values[from..to]) else {
            continue;
        };
        let at = from + change.at;
        found.push(Change { at, ..change });
        waiting.extend([(from, at), (at, to)]);
    }
    found.sort_by_key(|change| change.at);
    let from = found.last().map_or(0, |change| change.at);
    let newest = believed(&values[from..], newest, LEVEL_OF_NEWEST);
    found.extend(newest.map(|change| Change {
        at: from + change.at,
        ..change
    }));
    found
}

/// The surest change of a stretch, if shuffled stretches seldom have one like it.
fn change(values: &[f64]) -> Option<Change> {
    believed(values, furthest, LEVEL)
}

/// Where a stretch differs by some measure, and how much; the order is that of its places.
type Measure = fn(&[f64], &[usize]) -> Option<(usize, f64)>;

/// The place that a measure tells, if fewer shuffled stretches than a level have as much.
fn believed(values: &[f64], measure: Measure, level: f64) -> Option<Change> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let (at, most) = measure(values, &order)?;
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut as_far = 0;
    for _ in 0..SHUFFLES {
        for last in (1..order.len()).rev() {
            // The few series that this favours are fewer than one in 2^50.
            let other = (rng.next_u64() % (last as u64 + 1)) as usize;
            order.swap(last, other);
        }
        // Sums in another order differ in their last digits.
        as_far += usize::from(measure(values, &order)?.1 >= most - 1e-9 * most.abs());
    }
    let p_value = (as_far + 1) as f64 / (SHUFFLES + 1) as f64;
    (p_value < level).then_some(Change { at, p_value })
}

/// Which of the newest values differ most from those before: variance between by variance within.
fn newest(values: &[f64], order: &[usize]) -> Option<(usize, f64)> {
    let n = order.len();
    let mean = values.iter().sum::<f64>() / n as f64;
    let off = |place: &usize| values[*place] - mean;
    let all: f64 = order.iter().map(|place| off(place).powi(2)).sum();
    let ratio = |few: usize| {
        let sum: f64 = order[n - few..].iter().map(off).sum();
        // The values before sum to the opposite.
        let between = sum.powi(2) * n as f64 / (few * (n - few)) as f64;
        (n - few, between / (all - between).max(f64::MIN_POSITIVE))
    };
    let whole = n >= 2 * FEWEST && all > 0.0;
    let possible = NEWEST.into_iter().filter(|few| whole && n - few >= FEWEST);
    possible.map(ratio).max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Where both sides of a series differ most, and by how much: `n m / (n + m)` times the energy
/// distance of the sides. `order`: the series' places.
fn furthest(values: &[f64], order: &[usize]) -> Option<(usize, f64)> {
    let count = order.len();
    if count < 2 * FEWEST {
        return None;
    }
    let distance = |a: usize, b: usize| (values[order[a]] - values[order[b]]).abs();
    // Sums of distances within the left side, within the right side, and between them.
    let (mut left, mut between) = (0.0, 0.0);
    let mut right: f64 = (0..count)
        .map(|a| (0..a).map(|b| distance(a, b)).sum::<f64>())
        .sum();
    let mut best: Option<(usize, f64)> = None;
    for at in 1..count {
        // The value before `at` goes from the right to the left.
        let moved = at - 1;
        let to_left: f64 = (0..moved).map(|other| distance(moved, other)).sum();
        let to_right: f64 = (at..count).map(|other| distance(moved, other)).sum();
        left += to_left;
        right -= to_right;
        between += to_right - to_left;
        if at < FEWEST || count - at < FEWEST {
            continue;
        }
        let (n, m) = (at as f64, (count - at) as f64);
        let within = |sum: f64, n: f64| 2.0 * sum / (n * (n - 1.0));
        let energy = 2.0 * between / (n * m) - within(left, n) - within(right, m);
        let far = energy * n * m / (n + m);
        if best.is_none_or(|(_, most)| far > most) {
            best = Some((at, far));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_values_and_equal_values_have_no_change() {
        assert_eq!(changes(&[]), []);
        assert_eq!(changes(&[1.0, 1.0, 2.0, 2.0, 2.0]), []);
        assert_eq!(changes(&[1.0; 40]), []);
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        let mut values: Vec<f64> = (0..12).map(|at| 1.0 + f64::from(at % 3) / 100.0).collect();
        values.extend((0..8).map(|at| 2.0 + f64::from(at % 3) / 100.0));
        let found = changes(&values);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].at, 12);
        assert!((found[0].p_value - 0.001).abs() < 1e-12);
    }

    /// What just began: both numbers of newest runs.
    #[test]
    fn the_newest_runs_are_asked_by_themselves() {
        let before: Vec<f64> = (0..16)
            .map(|at| 1.0 + f64::from(at * 7 % 5) / 100.0)
            .collect();
        for newest in [3, 4] {
            let mut values = before.clone();
            values.extend((0..newest).map(|at| 1.2 + f64::from(at) / 100.0));
            let at = changes(&values).first().map(|change| change.at);
            assert_eq!(at, Some(16), "{newest}");
        }
        // Nothing is within where all are equal; then nothing is as far as a step.
        let mut flat = vec![1.0; 9];
        flat.extend([2.0; 4]);
        assert_eq!(changes(&flat).len(), 1);
    }

    /// By hand: twice the mean distance between, less those within, by n m / (n + m).
    #[test]
    fn both_sides_of_a_place_have_three_values_or_more() {
        let far = |values: &[f64]| {
            let order: Vec<usize> = (0..values.len()).collect();
            furthest(values, &order)
        };
        assert_eq!(far(&[0.0, 0.0, 1.0, 1.0, 1.0]), None);
        assert_eq!(far(&[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]), Some((3, 3.0)));
        // It would be furthest behind the second and before the last but one.
        let early = far(&[0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(early.map(|(at, _)| at), Some(3), "{early:?}");
        let late = far(&[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
        assert_eq!(late.map(|(at, _)| at), Some(4), "{late:?}");
        // 0, 1, 3 | 6, 8, 9: between 57, within 6 each; (2 x 57 / 9 - 2 - 2) x 9 / 6.
        assert_eq!(far(&[0.0, 1.0, 3.0, 6.0, 8.0, 9.0]), Some((3, 13.0)));
        // 0, 2, 4, 6 | 11, 12, 13: between 108, within 20 and 4; (18 - 10 / 3 - 4 / 3) x 12 / 7.
        let (at, most) = far(&[0.0, 2.0, 4.0, 6.0, 11.0, 12.0, 13.0]).unwrap();
        assert!(at == 4 && (most - 160.0 / 7.0).abs() < 1e-12, "{at} {most}");
        // Another order is another series.
        assert_eq!(
            furthest(&[6.0, 0.0, 8.0, 1.0, 9.0, 3.0], &[1, 3, 5, 0, 2, 4]),
            Some((3, 13.0))
        );
    }

    /// By hand: the variance between the newest and those before, by that within.
    #[test]
    fn three_or_four_are_the_newest_and_three_stand_before_them() {
        let far = |values: &[f64]| {
            let order: Vec<usize> = (0..values.len()).collect();
            newest(values, &order)
        };
        assert_eq!(far(&[0.0, 0.0, 1.0, 1.0, 1.0]), None);
        assert_eq!(far(&[1.0; 9]), None);
        // 4 + 3 + 2 before, 2 + 3 + 4 behind 5: 9^2 x 6 / 9 of 58.
        assert_eq!(far(&[1.0, 2.0, 3.0, 7.0, 8.0, 9.0]), Some((3, 54.0 / 4.0)));
        // Four of six leave two: three are taken though four differ more.
        assert_eq!(
            far(&[0.0, 0.0, 9.0, 9.0, 9.0, 9.0]).map(|(at, _)| at),
            Some(3)
        );
        assert_eq!(
            far(&[0.0, 0.0, 0.0, 9.0, 9.0, 9.0, 10.0]).map(|(at, _)| at),
            Some(3)
        );
        assert_eq!(
            far(&[0.0, 0.0, 0.0, 1.0, 9.0, 9.0, 10.0]).map(|(at, _)| at),
            Some(4)
        );
    }

    /// What newer runs are held against begins at the last change.
    #[test]
    fn what_just_began_is_counted_from_the_first_run() {
        let mut seen = 0;
        for turn in 0..40_u32 {
            let noise =
                |at: u32| f64::from((at * 7 + turn * 13 + at * at * (turn + 3)) % 11) / 100.0;
            let height = |at: u32| match at {
                0..12 => 1.0,
                12..24 => 2.0,
                _ => 2.09,
            };
            let values: Vec<f64> = (0..28).map(|at| height(at) + noise(at)).collect();
            let found: Vec<usize> = changes(&values).iter().map(|change| change.at).collect();
            assert_eq!(found.first(), Some(&12), "{turn}: {found:?}");
            assert!(
                found.is_sorted() && found.iter().all(|at| *at < values.len()),
                "{found:?}"
            );
            let alone = change(&values[12..]).is_none();
            if let ([_, at], true) = (&found[..], alone) {
                assert!([24, 25].contains(at), "{turn}: {found:?}");
                seen += 1;
            }
        }
        assert!(seen > 0);
    }

    #[test]
    fn two_steps_are_two_changes() {
        let mut values = vec![1.0, 1.01, 0.99, 1.0, 1.02, 1.0, 0.98, 1.0];
        values.extend([1.5, 1.51, 1.49, 1.5, 1.52, 1.48, 1.5, 1.5]);
        values.extend([1.1, 1.11, 1.09, 1.1, 1.12, 1.08, 1.1, 1.1]);
        let found: Vec<usize> = changes(&values).iter().map(|change| change.at).collect();
        assert_eq!(found, [8, 16]);
    }
}
