//! Curves and costs.

use analyze::stats::{correlation, cost, scaling};
use serde_json::Value as Json;

use super::{Reference, numbers, same};

#[test]
fn fits_are_scipys() {
    let table = Reference::read().table;
    for (name, wanted) in table["curves"].as_object().unwrap() {
        let points: Vec<(f64, f64)> = wanted["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| (point[0].as_f64().unwrap(), point[1].as_f64().unwrap()))
            .collect();
        let fit = scaling::power_law(&points).unwrap();
        same(fit.exponent, &wanted["exponent"], name);
        same(fit.intercept, &wanted["intercept"], name);
        same(fit.r_squared.unwrap(), &wanted["r_squared"], name);
        same(fit.residual_sd.unwrap(), &wanted["residual_sd"], name);
        let [low, high] = fit.exponent_ci95.unwrap();
        same(low, &wanted["ci"][0], name);
        same(high, &wanted["ci"][1], name);
        let (robust, [low, high]) = scaling::theil_sen(&points).unwrap();
        same(robust, &wanted["theil_sen"], name);
        same(low, &wanted["theil_sen_ci"][0], name);
        same(high, &wanted["theil_sen_ci"][1], name);
        let (y, band) = fit.at(points.last().unwrap().0);
        same(y, &wanted["last"][0], name);
        same(band.unwrap()[0], &wanted["last"][1], name);
        same(band.unwrap()[1], &wanted["last"][2], name);
    }
    for points in [
        &[][..],
        &[(1.0, 1.0)],
        &[(2.0, 1.0), (2.0, 3.0)],
        &[(0.0, 1.0), (-1.0, 2.0)],
    ] {
        assert_eq!(scaling::power_law(points), None, "{points:?}");
    }
}

#[test]
fn bounded_costs_are_scipys() {
    let table = Reference::read().table;
    for (name, wanted) in table["costs"].as_object().unwrap() {
        let rows: Vec<cost::Cost> = wanted["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| cost::Cost {
                x: numbers(&row[0]),
                y: row[1].as_f64().unwrap(),
                run: row[2].as_u64().unwrap() as usize,
            })
            .collect();
        let close = |found: f64, json: &Json, what: &str| {
            let wanted = json.as_f64().unwrap();
            let near = (found - wanted).abs() <= 1e-7 * wanted.abs().max(1e-3);
            assert!(near, "{name} {what}: {found} {wanted}");
        };
        let fitted = cost::fit(&rows).unwrap();
        for (at, b) in fitted.coefficients.iter().enumerate() {
            assert!(*b >= 0.0);
            close(*b, &wanted["coefficients"][at], "coefficient");
            for (other, cell) in fitted.covariance[at].iter().enumerate() {
                close(*cell, &wanted["covariance"][at][other], "covariance");
            }
        }
        close(fitted.freedom, &wanted["freedom"], "freedom");
        close(fitted.scatter, &wanted["scatter"], "scatter");
        let last = fitted.seconds(&rows.last().unwrap().x);
        close(last.seconds, &wanted["last"][0], "seconds");
        close(last.ci95_s[0], &wanted["last"][1], "low");
        close(last.ci95_s[1], &wanted["last"][2], "high");
        assert!(last.likely_s[0] <= last.ci95_s[0] && last.ci95_s[1] <= last.likely_s[1]);
        let off = cost::off_by(&rows);
        assert_eq!(off.len(), wanted["off"].as_array().unwrap().len(), "{name}");
        let sum = |of: &[f64]| of.iter().sum::<f64>();
        close(sum(&off), &Json::from(sum(&numbers(&wanted["off"]))), "off");
        if !wanted["correlation"].is_null() {
            let column = |at: usize| rows.iter().map(|row| row.x[at]).collect::<Vec<f64>>();
            let found = correlation::multiple(&column(2), &[column(1)]).unwrap();
            close(found, &wanted["correlation"], "correlation");
        }
    }
    assert_eq!(cost::fit(&[]), None);
    let row = |x: f64, y: f64| cost::Cost {
        x: vec![1.0, x],
        y,
        run: 0,
    };
    assert_eq!(cost::fit(&[row(1.0, 1.0), row(2.0, 2.0)]), None);
    assert!(cost::off_by(&[row(1.0, 1.0), row(2.0, 2.0), row(3.0, 3.0)]).is_empty());
    assert_eq!(
        correlation::multiple(&[1.0, 1.0, 1.0], &[vec![1.0, 2.0, 3.0]]),
        None
    );
}

/// As many runs as parts are left out one by one; with one more, two of them go together.
#[test]
fn of_more_than_fifty_runs_a_fiftieth_is_left_out() {
    // Seconds that scatter by a run and not within it.
    let row = |run: usize, at: usize| {
        let x = 1.0 + at as f64;
        cost::Cost {
            x: vec![1.0, x],
            y: (2.0 + 3.0 * x) * (1.0 + 0.05 * ((run * 7 % 11) as f64 - 5.0)),
            run,
        }
    };
    let of = |runs: usize, name: fn(usize) -> usize| -> Vec<cost::Cost> {
        (0..runs * 4)
            .map(|at| cost::Cost {
                run: name(at / 4),
                ..row(at / 4, at % 4)
            })
            .collect()
    };
    let parts = cost::MOST_PARTS;
    for (runs, freedom) in [
        (parts - 1, parts - 2),
        (parts, parts - 1),
        (parts + 1, parts - 1),
    ] {
        let fitted = cost::fit(&of(runs, |run| run)).unwrap();
        assert!(fitted.by_run);
        assert_eq!(fitted.freedom, freedom as f64, "{runs} runs");
        assert_eq!(cost::off_by(&of(runs, |run| run)).len(), runs * 4);
    }
    let dealt = of(2 * parts, |run| run);
    let named = of(2 * parts, |run| run % cost::MOST_PARTS);
    assert_eq!(cost::fit(&dealt), cost::fit(&named));
    assert_eq!(cost::off_by(&dealt), cost::off_by(&named));
    // The interval is that of all runs one by one, within its own uncertainty.
    let half = |rows: &[cost::Cost]| {
        let fitted = cost::fit(rows).unwrap();
        let [low, high] = fitted.ci95(1).unwrap();
        high - low
    };
    let by_theory = 2.0 * 1.98 * 3.0 * 0.05 * 10.0_f64.sqrt() / ((2 * parts) as f64).sqrt();
    assert!(
        (half(&dealt) / by_theory - 1.0).abs() < 0.35,
        "{} {by_theory}",
        half(&dealt)
    );
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
