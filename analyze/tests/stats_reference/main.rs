//! Statistics against SciPy's values to a *relative* 1e-9, so that a p of 1e-15 is compared and
//! not rounded away; cases that once gave wrong answers; and properties.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

mod properties;
mod runs;

use std::collections::BTreeMap;

use analyze::stats::{improvement, outlier, rank, scaling, shift, summary, t_interval};
use serde_json::Value as Json;

struct Reference {
    table: Json,
    samples: BTreeMap<String, Vec<f64>>,
}

impl Reference {
    fn read() -> Self {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../tests/reference/statistics.json"
        );
        let table: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let samples = serde_json::from_value(table["samples"].clone()).unwrap();
        Self { table, samples }
    }

    /// Every pair of samples in the table, with its values.
    fn pairs(&self) -> impl Iterator<Item = (&[f64], &[f64], &Json)> {
        self.table["pairs"].as_array().unwrap().iter().map(|row| {
            let side = |key: &str| self.samples[row[key].as_str().unwrap()].as_slice();
            (side("a"), side("b"), row)
        })
    }
}

/// Equal to 1e-9 of the value; next to 0 to 1e-18.
#[track_caller]
fn same(found: f64, wanted: &Json, what: &Json) {
    let wanted = wanted.as_f64().unwrap();
    let error = (found - wanted).abs();
    assert!(
        error <= 1e-9 * wanted.abs() + 1e-18,
        "{what}: {found} is not {wanted}"
    );
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
            same(cv, &wanted["cv"], &Json::from(name.as_str()));
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
fn a_fit_is_measured_at_its_own_ends() {
    for (least, most) in [(500.0, 2499.0), (137.0, 1370.0), (200_011.0, 240_015.0)] {
        let fit = scaling::power_law(&[(most, 9.0), (least, 2.0), (least, 3.0)]).unwrap();
        assert_eq!(fit.range, [least, most]);
        assert!(fit.measured(least) && fit.measured(most));
        assert!(!fit.measured(least - 1.0) && !fit.measured(most + 1.0));
    }
}

#[test]
fn a_constant_duration_has_no_r_squared() {
    for y in [0.1, 0.3, 7.7, 1e-3] {
        for n in 2..12 {
            let points: Vec<_> = (1..=n).map(|i| (137.0 * f64::from(i), y)).collect();
            let fit = scaling::power_law(&points).unwrap();
            assert_eq!(fit.r_squared, None, "{y} {n}");
            assert!(fit.exponent.abs() < 1e-12, "{y} {n}");
        }
    }
}

#[test]
fn points_without_a_logarithm_are_counted() {
    let points = [
        (0.0, 1.0),
        (10.0, 1.0),
        (20.0, 2.0),
        (30.0, 0.0),
        (-4.0, 2.0),
        (f64::NAN, 1.0),
        (40.0, f64::INFINITY),
    ];
    let fit = scaling::power_law(&points).unwrap();
    assert_eq!((fit.n, fit.dropped), (2, 5));
    assert!((fit.exponent - 1.0).abs() < 1e-12);
    assert_eq!((fit.exponent_ci95, fit.residual_sd), (None, None));
}
