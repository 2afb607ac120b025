//! Looks at data that is still being gathered, and what they do to the level.

use analyze::stats::blocks::{self, Block};
use analyze::stats::sequential::{Looks, spent};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use statrs::distribution::{ContinuousCDF as _, Normal};

use super::{Reference, same};

const ALPHA: f64 = 0.05;
const LOOKS: Looks = Looks { first: 3, last: 20 };

/// By numpy's own logarithm.
#[test]
fn what_is_spent_is_numpys() {
    let table = Reference::read().table;
    for row in table["spent"].as_array().unwrap() {
        same(spent(ALPHA, row[0].as_f64().unwrap()), &row[1], row);
    }
    assert_eq!(spent(ALPHA, 2.0).to_bits(), spent(ALPHA, 1.0).to_bits());
    assert_eq!(spent(ALPHA, -1.0).to_bits(), 0.0f64.to_bits());
}

#[test]
fn levels_of_all_looks_come_to_the_whole() {
    let level = |at| LOOKS.level(ALPHA, at);
    let all: f64 = (LOOKS.first..=LOOKS.last).map(level).sum();
    assert!((all - ALPHA).abs() < 1e-12);
    // Before the first look, and after the last one.
    assert_eq!(level(1).to_bits(), level(3).to_bits());
    assert_eq!(level(99).to_bits(), level(20).to_bits());
    assert_eq!([1, 4, 99].map(|at| LOOKS.number(at)), [1, 2, 18]);
    let one = Looks { first: 7, last: 7 };
    assert!((one.level(ALPHA, 7) - ALPHA).abs() < 1e-12);
    // A plan that makes no sense costs no panic.
    let none = Looks { first: 9, last: 0 };
    assert!((none.level(ALPHA, 0) - ALPHA).abs() < 1e-12);
}

fn normal(generator: &mut ChaCha8Rng) -> f64 {
    let share = ((generator.next_u64() >> 12) as f64 + 0.5) / (1u64 << 52) as f64;
    Normal::standard().inverse_cdf(share)
}

/// What came of many series: the share of wrong conclusions, and the mean number of repetitions.
fn stopped(width: f64, level: impl Fn(u32) -> f64, seed: u64) -> (f64, f64) {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let (series, mut wrong, mut repetitions) = (3_000, 0, 0);
    for _ in 0..series {
        let mut rows: Vec<Block> = Vec::new();
        for at in 1..=LOOKS.last {
            let mut run = || 0.05 * normal(&mut generator);
            rows.push([vec![run()], vec![run()]]);
            if at < LOOKS.first {
                continue;
            }
            let contrast = blocks::paired(&rows).unwrap();
            let [low, high] = contrast.interval(level(at)).unwrap();
            if high - low <= width || at == LOOKS.last {
                wrong += u32::from(low > 1.0 || high < 1.0);
                repetitions += at;
                break;
            }
        }
    }
    let share = |count: u32| f64::from(count) / f64::from(series);
    (share(wrong), share(repetitions))
}

/// Repetitions that end when an interval of 95 % is narrow end when it is narrow by chance, and
/// then too often leave the truth out; with the level spent they do not, wherever they end.
#[test]
fn series_that_stop_when_narrow_keep_their_level() {
    let (naive, _) = stopped(0.06, |_| ALPHA, 1);
    assert!(naive > 0.055, "the simulation shows nothing: {naive}");
    for (seed, width) in [(2, 0.04), (3, 0.06), (4, 0.10), (5, 0.20)] {
        let (wrong, _) = stopped(width, |at| LOOKS.level(ALPHA, at), seed);
        assert!(wrong <= 0.05, "{width}: {wrong}");
    }
    // A width that none reaches ends at the last repetition, one that all reach at the first look.
    let (_, longest) = stopped(1e-6, |at| LOOKS.level(ALPHA, at), 6);
    let (_, shortest) = stopped(1e6, |at| LOOKS.level(ALPHA, at), 7);
    assert!((longest - 20.0).abs() < 1e-12, "{longest}");
    assert!((shortest - 3.0).abs() < 1e-12, "{shortest}");
}
