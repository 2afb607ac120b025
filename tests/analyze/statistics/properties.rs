//! What holds for every sample.

use analyze::stats::{
    holm, improvement, outlier, rank, scaling, shift, summary, t_interval, welch,
};
use proptest::prelude::*;

fn sample(least: usize) -> impl Strategy<Value = Vec<f64>> {
    // Coarse values, so that ties are common.
    prop::collection::vec((1u32..60).prop_map(|x| f64::from(x) / 4.0), least..9)
}

/// Of values that hardly ever tie: with ties the least p can be half of what is attainable without.
fn untied() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.001f64..1000.0, 1..12)
}

fn shuffled(least: usize) -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    sample(least).prop_flat_map(|sample| (Just(sample.clone()), Just(sample).prop_shuffle()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn no_order_matters((a, a2) in shuffled(2), (b, b2) in shuffled(2)) {
        let all = |a: &[f64], b: &[f64]| {
            let points: Vec<_> = a.iter().map(|x| (*x, 1.0 + x * x)).collect();
            (
                (welch::of_runs(a), welch::welch(a, b), summary::summary(a)),
                t_interval::of_mean(a),
                (rank::mann_whitney(a, b), rank::cliffs_delta(a, b), rank::hodges_lehmann(a, b)),
                (shift::ci95(a, b), outlier::outliers(a).len()),
                (scaling::power_law(&points), scaling::theil_sen(&points)),
            )
        };
        prop_assert_eq!(all(&a, &b), all(&a2, &b2));
    }

    #[test]
    fn exact_p_is_the_share_of_splits(a in sample(1), b in sample(1)) {
        let found = rank::mann_whitney(&a, &b).unwrap();
        prop_assert!((found.p - by_splitting(&a, &b)).abs() < 1e-12);
    }

    #[test]
    fn improvement_and_speedup_swap_with_their_sides(a in sample(2), b in sample(2)) {
        let (there, back) = (welch::welch(&a, &b).unwrap(), welch::welch(&b, &a).unwrap());
        let (mean_a, mean_b) = (summary::mean(&a).unwrap(), summary::mean(&b).unwrap());
        let pct = |x, y| improvement::improvement_pct(x, y).unwrap();
        // A gain one way is a loss the other way, and they undo each other.
        prop_assert!(pct(mean_a, mean_b).signum() * pct(mean_b, mean_a).signum() <= 0.0 || mean_a == mean_b);
        let product = (1.0 - pct(mean_a, mean_b) / 100.0) * (1.0 - pct(mean_b, mean_a) / 100.0);
        prop_assert!((product - 1.0).abs() < 1e-9);
        prop_assert!((there.log_ratio + back.log_ratio).abs() < 1e-12);
        prop_assert_eq!((there.error, there.p()), (back.error, back.p()));
        let [low, high] = there.ci95().unwrap();
        prop_assert!(low - 1e-9 <= there.ratio() && there.ratio() <= high + 1e-9);
    }

    #[test]
    fn units_do_not_matter(a in sample(2), b in sample(2)) {
        // A power of two changes no bit but the exponent's.
        let in_other = |sample: &[f64]| sample.iter().map(|x| x * 1024.0).collect::<Vec<_>>();
        let (a2, b2) = (in_other(&a), in_other(&b));
        let (one, other) = (welch::welch(&a, &b).unwrap(), welch::welch(&a2, &b2).unwrap());
        prop_assert!((one.log_ratio - other.log_ratio).abs() < 1e-12);
        prop_assert!((one.error - other.error).abs() < 1e-12);
        prop_assert_eq!(rank::mann_whitney(&a, &b), rank::mann_whitney(&a2, &b2));
        prop_assert_eq!(shift::ci95(&a, &b).map(|ci| ci.map(|x| x * 1024.0)), shift::ci95(&a2, &b2));
        prop_assert_eq!(outlier::outliers(&a), outlier::outliers(&a2));
    }

    #[test]
    fn a_shift_is_found_and_lies_in_its_interval(a in sample(4), by in 1u32..40) {
        let by = f64::from(by) / 4.0;
        let moved: Vec<f64> = a.iter().map(|x| x + by).collect();
        prop_assert_eq!(rank::hodges_lehmann(&moved, &a), Some(by));
        let [low, high] = shift::ci95(&moved, &a).unwrap();
        prop_assert!(low <= by && by <= high);
    }

    #[test]
    fn holm_only_raises_and_keeps_order(p in prop::collection::vec(0.0f64..1.0, 0..8)) {
        let corrected = holm::holm(&p);
        prop_assert_eq!(corrected.len(), p.len());
        for (i, (before, after)) in p.iter().zip(&corrected).enumerate() {
            prop_assert!(before <= after && *after <= 1.0);
            for (other, other_after) in p[..i].iter().zip(&corrected) {
                prop_assert!((before <= other) == (after <= other_after) || after == other_after);
            }
        }
    }

    #[test]
    fn improvement_follows_from_speedup(a in 0.001f64..1e6, b in 0.001f64..1e6) {
        let improvement = improvement::improvement_pct(a, b).unwrap();
        let speedup = improvement::speedup(a, b).unwrap();
        prop_assert!((improvement - 100.0 * (1.0 - 1.0 / speedup)).abs() < 1e-6 * improvement.abs().max(1.0));
        prop_assert!((speedup * improvement::speedup(b, a).unwrap() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn tests_are_symmetric(a in untied(), b in untied()) {
        let (there, back) = (rank::mann_whitney(&a, &b).unwrap(), rank::mann_whitney(&b, &a).unwrap());
        prop_assert!((there.p - back.p).abs() < 1e-12);
        prop_assert!((there.u + back.u - (a.len() * b.len()) as f64).abs() < 1e-9);
        prop_assert!(there.p > 0.0 && there.p <= 1.0 + 1e-12);
        prop_assert!(there.p + 1e-12 >= rank::smallest_p(a.len(), b.len()) || a.len() + b.len() > 60);
    }

    #[test]
    fn an_interval_holds_its_geometric_mean(a in prop::collection::vec(0.001f64..1000.0, 2..30)) {
        let [low, high] = welch::of_runs(&a).unwrap();
        let logs: Vec<f64> = a.iter().map(|x| x.ln()).collect();
        let mean = summary::mean(&logs).unwrap().exp();
        prop_assert!(low <= mean * (1.0 + 1e-9) && mean <= high * (1.0 + 1e-9));
    }
}

/// The definition, one split at a time.
fn by_splitting(a: &[f64], b: &[f64]) -> f64 {
    let all: Vec<f64> = a.iter().chain(b).copied().collect();
    let wins = |x: f64, y: f64| if x > y { 2 } else { i32::from(x >= y) };
    let distance = |inside: u32| -> i32 {
        let side = |wanted: bool| {
            (0..all.len())
                .filter(move |i| (inside >> i & 1 == 1) == wanted)
                .map(|i| all[i])
        };
        let doubled: i32 = side(true)
            .flat_map(|x| side(false).map(move |y| wins(x, y)))
            .sum();
        (doubled - (a.len() * b.len()) as i32).abs()
    };
    let seen = distance((1 << a.len()) - 1);
    let splits: Vec<i32> = (0..1u32 << all.len())
        .filter(|inside| inside.count_ones() as usize == a.len())
        .map(distance)
        .collect();
    splits.iter().filter(|far| **far >= seen).count() as f64 / splits.len() as f64
}
