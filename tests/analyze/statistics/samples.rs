//! Samples: summaries, ranks, shifts, intervals, outliers.

use analyze::stats::{holm, improvement, outlier, rank, shift, summary, t_interval, welch};
use serde_json::Value as Json;

use super::{Reference, numbers, same};

#[test]
fn summaries_are_numpys() {
    let table = Reference::read().table;
    for (name, wanted) in table["summaries"].as_object().unwrap() {
        let found = summary::summary(&numbers(&table["samples"][name]));
        let Some(found) = found else {
            assert!(wanted.is_null(), "{name}");
            continue;
        };
        assert_eq!(Json::from(found.n), wanted["n"], "{name}");
        assert_eq!(found.sd.is_none(), wanted["sd"].is_null(), "{name}");
        for (key, value) in [
            ("mean", found.mean),
            ("median", found.median),
            ("min", found.min),
            ("max", found.max),
            ("p5", found.p5),
            ("p25", found.p25),
            ("p75", found.p75),
            ("p95", found.p95),
        ] {
            same(value, &wanted[key], format!("{name} {key}"));
        }
        if let Some(sd) = found.sd {
            // What is left of values that lie far from 0 is known to their own rounding.
            let wanted = wanted["sd"].as_f64().unwrap();
            assert!(
                (sd - wanted).abs() <= 1e-9 * wanted + 1e-15 * found.max.abs(),
                "{name}: {sd} {wanted}"
            );
        }
    }
}

#[test]
fn rank_tests_are_scipys() {
    let table = Reference::read().table;
    for wanted in table["pairs"].as_array().unwrap() {
        let side = |key: &str| numbers(&table["samples"][wanted[key].as_str().unwrap()]);
        let (a, b) = (side("a"), side("b"));
        let what = format!("{} {}", wanted["a"], wanted["b"]);
        let test = rank::mann_whitney(&a, &b).unwrap();
        same(test.u, &wanted["u"], &what);
        same(
            rank::hodges_lehmann(&a, &b).unwrap(),
            &wanted["shift"],
            &what,
        );
        same(rank::cliffs_delta(&a, &b).unwrap(), &wanted["delta"], &what);
        if !wanted["p_exact"].is_null() {
            same(test.p, &wanted["p_exact"], &what);
        }
        if !wanted["p_asymptotic"].is_null() {
            same(test.p, &wanted["p_asymptotic"], &what);
        }
    }
    assert_eq!(rank::mann_whitney(&[], &[1.0]), None);
    assert_eq!(rank::hodges_lehmann(&[], &[1.0]), None);
}

#[test]
fn p_values_of_every_size_are_scipys() {
    let mut compared = 0;
    for (a, b, row) in Reference::read().pairs() {
        let test = rank::mann_whitney(a, b).unwrap();
        for (key, method) in [
            ("p_exact", "Mann-Whitney, exact"),
            ("p_asymptotic", "Mann-Whitney, normal approximation"),
        ] {
            if !row[key].is_null() {
                same(test.p, &row[key], row);
                assert_eq!(test.method, method, "{row}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 18, "{compared}");
}

#[test]
fn shifts_have_the_interval_of_the_inverted_test() {
    let reference = Reference::read();
    let (mut some, mut none) = (0, 0);
    for (a, b, row) in reference.pairs() {
        match (shift::ci95(a, b), row["shift_ci"].as_array()) {
            (Some([low, high]), Some(wanted)) => {
                same(low, &wanted[0], row);
                same(high, &wanted[1], row);
                some += 1;
            }
            (None, None) => none += 1,
            (found, _) => assert!(found.is_none() && row["shift_ci"].is_null(), "{row}"),
        }
    }
    assert!(some >= 14 && none >= 3, "{some} {none}");
}

#[test]
fn intervals_by_students_t_are_scipys() {
    let reference = Reference::read();
    let mut compared = 0;
    let mut both = |found: Option<[f64; 2]>, wanted: &Json, what: &Json| {
        let Some(wanted) = wanted.as_array() else {
            return;
        };
        let [low, high] = found.unwrap();
        same(low, &wanted[0], what);
        same(high, &wanted[1], what);
        compared += 1;
    };
    for (name, wanted) in reference.table["summaries"].as_object().unwrap() {
        let found = t_interval::of_mean(&reference.samples[name]);
        both(found, &wanted["t_interval"], &Json::from(name.as_str()));
    }
    assert!(compared >= 12, "{compared}");
}

#[test]
fn intervals_by_students_t_of_degenerate_samples() {
    assert_eq!(t_interval::of_mean(&[]), None);
    assert_eq!(t_interval::of_mean(&[1.0]), None);
    assert_eq!(t_interval::of_mean(&[7.5; 4]), Some([7.5, 7.5]));
}

#[test]
fn shift_intervals_appear_where_they_can_reach_95_percent() {
    let steps = |n: u32, from: f64| (0..n).map(|i| from + f64::from(i)).collect::<Vec<_>>();
    for (n, m, attainable) in [
        (0, 9, false),
        (1, 38, false),
        (1, 39, true),
        (2, 7, false),
        (2, 8, true),
        (3, 4, false),
        (3, 5, true),
        (4, 4, true),
    ] {
        let found = shift::ci95(&steps(n, 0.0), &steps(m, 0.25));
        assert_eq!(found.is_some(), attainable, "{n} {m}");
    }
}

#[test]
fn variation_and_outliers_are_scipys() {
    let Reference { table, samples } = Reference::read();
    for (name, wanted) in table["summaries"].as_object().unwrap() {
        if let Some(cv) = summary::summary(&samples[name]).and_then(|of| of.cv) {
            same(cv, &wanted["cv"], Json::from(name.as_str()));
        }
    }
    for (name, wanted) in table["outliers"].as_object().unwrap() {
        let found = Json::from(outlier::outliers(&samples[name]));
        assert_eq!(found, *wanted, "{name}");
    }
}

/// The published trials: what the printed averages claimed, and what the trials say.
#[test]
fn the_published_trials() {
    let samples = Reference::read().samples;
    for (baseline, candidate, improvement, p) in [
        ("published_6_1", "published_6_12", 72.565, 2.0 / 126.0),
        ("matched_6_1", "matched_6_12", 66.286, 2.0 / 35.0),
    ] {
        let (a, b) = (&samples[baseline], &samples[candidate]);
        let (mean_a, mean_b) = (summary::mean(a).unwrap(), summary::mean(b).unwrap());
        let found = improvement::improvement_pct(mean_a, mean_b).unwrap();
        assert!((found - improvement).abs() < 5e-4, "{found}");
        assert!((rank::mann_whitney(a, b).unwrap().p - p).abs() < 1e-12);
        assert!((rank::smallest_p(a.len(), b.len()) - p).abs() < 1e-12);
    }
}

#[test]
fn a_value_that_is_none_is_left_out() {
    let nan = f64::NAN;
    let without = rank::mann_whitney(&[1.0, 2.0], &[3.0]);
    assert_eq!(rank::mann_whitney(&[1.0, nan, 2.0], &[3.0, nan]), without);
    assert_eq!(rank::mann_whitney(&[nan], &[3.0]), None);
    assert_eq!(rank::cliffs_delta(&[nan, 1.0], &[3.0]), Some(-1.0));
    assert_eq!(rank::cliffs_delta(&[nan], &[3.0]), None);
    assert_eq!(summary::summary(&[nan, 4.0]), summary::summary(&[4.0]));
    assert_eq!(shift::ci95(&[nan; 9], &[1.0; 9]), None);
}

#[test]
fn holm_is_as_published() {
    for row in Reference::read().table["holm"].as_array().unwrap() {
        let found = holm::holm(&numbers(&row["p"]));
        for (found, wanted) in found.iter().zip(row["corrected"].as_array().unwrap()) {
            same(*found, wanted, "holm");
        }
    }
    assert!(holm::holm(&[]).is_empty());
}

#[test]
fn what_few_trials_can_reach() {
    for (n, m, least) in [
        (3, 4, 2.0 / 35.0),
        (4, 4, 2.0 / 70.0),
        (1, 1, 1.0),
        (0, 5, 1.0),
    ] {
        assert!((rank::smallest_p(n, m) - least).abs() < 1e-12, "{n} {m}");
    }
}

#[test]
fn outliers_by_hand() {
    for (sample, places) in [
        (&[10.0, 10.1, 10.2, 9.9, 9.8, 10.05, 30.0][..], vec![6]),
        (&[1.0, 2.0, 3.0, 4.0], vec![]),
        (&[5.0, 5.0, 5.0, 5.0, 90.0], vec![]),
        (&[1.0, 100.0, 1.0], vec![]),
        (&[], vec![]),
    ] {
        assert_eq!(outlier::outliers(sample), places, "{sample:?}");
    }
}

#[test]
fn intervals_of_degenerate_samples() {
    assert_eq!(welch::of_runs(&[]), None);
    assert_eq!(welch::of_runs(&[1.0]), None);
    assert_eq!(welch::of_runs(&[0.0, 1.0]), None);
    assert_eq!(welch::scatter(&[8.0]), None);
    let [low, high] = welch::of_runs(&[7.5; 5]).unwrap();
    assert!((low - 7.5).abs() < 1e-12 && (high - 7.5).abs() < 1e-12);
    assert_eq!(improvement::improvement_of([0.25, 0.5]), [50.0, 75.0]);
    assert_eq!(improvement::speedup_of([0.25, 0.5]), Some([2.0, 4.0]));
    assert_eq!(improvement::speedup_of([0.0, 0.5]), None);
}
