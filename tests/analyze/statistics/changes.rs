//! Change points: alarms without a change, and steps that are there.

use analyze::stats::change::changes;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let even = |rng: &mut ChaCha8Rng| rng.next_u64() as f64 / u64::MAX as f64;
    (0..12).map(|_| even(rng)).sum::<f64>() - 6.0
}

/// One series of thirty runs, half of them a tenth slower, shuffled a hundred times: nothing is
/// left in their order that could have changed.
#[test]
fn of_a_hundred_shuffled_series_at_most_five_alarm() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut values: Vec<f64> = (0..30)
        .map(|at| 0.05 * normal(&mut rng) + if at < 15 { 0.0 } else { 0.1 })
        .collect();
    let mut alarms = 0;
    for _ in 0..100 {
        for last in (1..values.len()).rev() {
            let other = (rng.next_u64() % (last as u64 + 1)) as usize;
            values.swap(last, other);
        }
        alarms += usize::from(!changes(&values).is_empty());
    }
    assert!(alarms <= 5, "{alarms}");
}

/// Heights, and what order they are multiplied or moved to, say nothing of where it changed.
#[test]
fn a_change_is_where_it_is_at_any_scale() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let values: Vec<f64> = (0..24)
        .map(|at| 0.02 * normal(&mut rng) + if at < 11 { 0.0 } else { 0.2 })
        .collect();
    let places =
        |values: &[f64]| -> Vec<usize> { changes(values).iter().map(|one| one.at).collect() };
    assert_eq!(places(&values), [11]);
    let moved: Vec<f64> = values.iter().map(|value| 1000.0 * value + 3.0).collect();
    assert_eq!(places(&moved), [11]);
    let turned: Vec<f64> = values.iter().rev().copied().collect();
    assert_eq!(places(&turned), [13]);
}

/// Twenty runs that scatter by 5 %, then a step of a tenth: after the third run of it or the fourth it
/// is known. 87 of 100 are expected, by a simulation elsewhere; three standard errors less are wrong.
#[test]
fn a_step_is_found_within_four_runs_in_most_series() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut found = 0;
    for _ in 0..100 {
        let step = 1.1_f64.ln();
        let values: Vec<f64> = (0..24)
            .map(|at| 0.05 * normal(&mut rng) + if at < 20 { 0.0 } else { step })
            .collect();
        let after = |runs: usize| changes(&values[..20 + runs]).iter().any(|one| one.at > 15);
        found += usize::from(after(3) || after(4));
    }
    assert!(found >= 77, "{found}");
}
