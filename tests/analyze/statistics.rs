//! Statistics against values computed by SciPy and numpy (`tests/reference/make.py`), and
//! their properties.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

use analyze::evidence::groups;
use analyze::evidence::matched::{self, Work};
use analyze::frame::GroupTrials;
use analyze::report::SyncTable;
use analyze::stats::{cost, holm, improvement, outlier, rank, scaling, summary, welch};
use kube_proxy_logs::{Backend, Family, Outcome, Sync};
use proptest::prelude::*;
use serde_json::Value as Json;

fn reference() -> Json {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/reference/statistics.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect()
}

fn same(found: f64, json: &Json, what: &str) {
    let wanted = json.as_f64().unwrap();
    assert!(
        (found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0),
        "{what}: {found} {wanted}"
    );
}

#[test]
fn summaries_are_numpys() {
    let table = reference();
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
            same(value, &wanted[key], &format!("{name} {key}"));
        }
        if let Some(sd) = found.sd {
            same(sd, &wanted["sd"], &format!("{name} sd"));
        }
    }
}

#[test]
fn rank_tests_are_scipys() {
    let table = reference();
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
fn fits_are_scipys() {
    let table = reference();
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
    let table = reference();
    for (name, wanted) in table["costs"].as_object().unwrap() {
        let rows: Vec<cost::Row> = wanted["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| cost::Row {
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
        close(sum(&off), &json_of(sum(&numbers(&wanted["off"]))), "off");
        if !wanted["correlation"].is_null() {
            let column = |at: usize| rows.iter().map(|row| row.x[at]).collect::<Vec<f64>>();
            let found = cost::correlation(&column(2), &[column(1)]).unwrap();
            close(found, &wanted["correlation"], "correlation");
        }
    }
    assert_eq!(cost::fit(&[]), None);
    let row = |x: f64, y: f64| cost::Row {
        x: vec![1.0, x],
        y,
        run: 0,
    };
    assert_eq!(cost::fit(&[row(1.0, 1.0), row(2.0, 2.0)]), None);
    assert!(cost::off_by(&[row(1.0, 1.0), row(2.0, 2.0), row(3.0, 3.0)]).is_empty());
    assert_eq!(
        cost::correlation(&[1.0, 1.0, 1.0], &[vec![1.0, 2.0, 3.0]]),
        None
    );
}

fn json_of(x: f64) -> Json {
    Json::from(x)
}

#[test]
fn holm_is_as_published() {
    for row in reference()["holm"].as_array().unwrap() {
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

#[test]
fn a_common_scale_is_one_that_every_group_has() {
    for (groups, scale) in [
        (
            vec![
                vec![200_011, 240_011, 240_015],
                vec![200_133, 240_011, 240_015],
            ],
            Some(240_015),
        ),
        (vec![vec![100, 100], vec![200]], None),
        (vec![vec![100, 100, 300], vec![101, 300]], Some(101)),
        (vec![vec![100]], None),
        (vec![vec![100], vec![]], None),
    ] {
        let work = matched::common_work(&untold(&groups));
        assert_eq!(work.map(|work| work.endpoints), scale, "{groups:?}");
    }
}

/// Trials that tell no net change.
fn untold(groups: &[Vec<u64>]) -> Vec<Vec<(u64, Option<i64>)>> {
    let one = |group: &Vec<u64>| group.iter().map(|endpoints| (*endpoints, None)).collect();
    groups.iter().map(one).collect()
}

/// A sync of so many endpoints, and nothing else told.
fn sync(endpoints: u64) -> Sync {
    Sync {
        input: 0,
        process: 0,
        line: 1,
        syncing_line: None,
        reloading_line: None,
        start_ns: None,
        end_ns: None,
        elapsed_ns: Some(1_000_000_000),
        build_ns: None,
        commit_ns: None,
        services: None,
        endpoints: Some(endpoints),
        stale_chains: None,
        family: Family::Ipv4,
        backend: Backend::Nftables,
        outcome: Outcome::Ok,
        full: None,
    }
}

fn sample() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.001f64..1000.0, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn order_changes_nothing(mut a in sample(), mut b in sample()) {
        let all = |a: &[f64], b: &[f64]| {
            (summary::summary(a), welch::of_runs(a), welch::welch(a, b), rank::mann_whitney(a, b))
        };
        let before = all(&a, &b);
        a.reverse();
        b.reverse();
        prop_assert_eq!(before, all(&a, &b));
    }

    #[test]
    fn improvement_follows_from_speedup(a in 0.001f64..1e6, b in 0.001f64..1e6) {
        let improvement = improvement::improvement_pct(a, b).unwrap();
        let speedup = improvement::speedup(a, b).unwrap();
        prop_assert!((improvement - 100.0 * (1.0 - 1.0 / speedup)).abs() < 1e-6 * improvement.abs().max(1.0));
        prop_assert!((speedup * improvement::speedup(b, a).unwrap() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn tests_are_symmetric(a in sample(), b in sample()) {
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

    #[test]
    fn matched_trials_are_those_of_all_at_the_scale(
        endpoints in prop::collection::vec(1u64..300, 1..20),
        scale in 1u64..300,
    ) {
        let table = SyncTable {
            syncs: endpoints.iter().map(|endpoints| sync(*endpoints)).collect(),
            ..SyncTable::default()
        };
        let all = GroupTrials { places: (0..endpoints.len()).collect(), ..GroupTrials::default() };
        let work = Work { endpoints: scale, net_change: None };
        let matched = groups::at_work(&all, &table, work).places;
        let wanted: Vec<usize> = all
            .places
            .iter()
            .copied()
            .filter(|place| matched::is_at(endpoints[*place], scale))
            .collect();
        prop_assert_eq!(matched, wanted);
    }

    #[test]
    fn a_matched_scale_keeps_a_trial_of_every_group(
        groups in prop::collection::vec(prop::collection::vec(1u64..400, 1..8), 2..4)
    ) {
        if let Some(Work { endpoints: scale, .. }) = matched::common_work(&untold(&groups)) {
            for group in &groups {
                prop_assert!(group.iter().any(|endpoints| matched::is_at(*endpoints, scale)));
            }
        }
    }
}
