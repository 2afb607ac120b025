//! Statistics of runs against SciPy's and statsmodels' values, and what they give where there is
//! nothing to give.

use analyze::stats::contrast::Contrast;
use analyze::stats::interaction::interaction;
use analyze::stats::{blocks, drift, planning, welch};
use serde_json::Value as Json;

use super::{Reference, same};

/// Groups of a row: seconds of their runs.
fn groups(row: &Json) -> Vec<Vec<f64>> {
    serde_json::from_value(row["groups"].clone()).unwrap()
}

fn logs(runs: &[f64]) -> Vec<f64> {
    runs.iter().map(|x| x.ln()).collect()
}

#[track_caller]
fn as_wanted(found: &Contrast, wanted: &Json) {
    same(found.log_ratio, &wanted["log_ratio"], wanted);
    same(found.error, &wanted["error"], wanted);
    same(found.freedom, &wanted["freedom"], wanted);
    same(found.p().unwrap(), &wanted["p"], wanted);
    let [low, high] = found.ci95().unwrap();
    same(low, &wanted["ci"][0], wanted);
    same(high, &wanted["ci"][1], wanted);
    same(
        found.p_equivalent(0.05).unwrap(),
        &wanted["p_equivalent"],
        wanted,
    );
}

fn pairs(a: &[f64], b: &[f64]) -> Vec<blocks::Block> {
    let (a, b) = (logs(a), logs(b));
    a.iter().zip(b).map(|(a, b)| [vec![*a], vec![b]]).collect()
}

#[test]
fn contrasts_are_scipys_and_statsmodels() {
    let table = Reference::read().table;
    let (mut compared, mut adjusted) = (0, 0);
    for row in table["runs"].as_object().unwrap().values() {
        let groups = groups(row);
        let (a, b) = (&groups[0], &groups[1]);
        as_wanted(&welch::welch(a, b).unwrap(), &row["welch"]);
        for wanted in row["adjusted"].as_array().into_iter().flatten() {
            let places: Vec<f64> = serde_json::from_value(wanted["places"].clone()).unwrap();
            let (first, second) = places.split_at(a.len());
            let timed = |places: &[f64], runs: &[f64]| -> drift::Runs {
                places.iter().copied().zip(logs(runs)).collect()
            };
            let found = drift::adjusted(&timed(first, a), &timed(second, b)).unwrap();
            as_wanted(&found, wanted);
            adjusted += 1;
        }
        if !row["paired"].is_null() {
            as_wanted(&blocks::paired(&pairs(a, b)).unwrap(), &row["paired"]);
            let (p, least) = blocks::exact(&pairs(a, b)).unwrap();
            same(p, &row["exchanges"], row);
            assert!((least - 2.0 / f64::from(1u32 << a.len())).abs() < 1e-15);
            compared += 1;
        }
        if !row["drift"].is_null() {
            let timed = |runs: &Vec<f64>| logs(runs).into_iter().enumerate();
            let runs: Vec<drift::Runs> = groups
                .iter()
                .map(|runs| timed(runs).map(|(at, y)| (at as f64, y)).collect())
                .collect();
            let found = drift::drift(&runs).unwrap();
            same(found.slope, &row["drift"]["slope"], row);
            same(found.error, &row["drift"]["error"], row);
            same(found.freedom, &row["drift"]["freedom"], row);
            same(found.p().unwrap(), &row["drift"]["p"], row);
            compared += 1;
        }
    }
    assert_eq!((compared, adjusted), (5, 10));
}

/// The interaction of two factors, by statsmodels' full model with a variance for each cell.
#[test]
fn two_factors_are_statsmodels() {
    let table = Reference::read().table;
    let rows = table["crossed"].as_object().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows.values() {
        let cells: Vec<Vec<f64>> = serde_json::from_value(row["cells"].clone()).unwrap();
        let [a, b, c, d] = &cells[..] else {
            panic!("four cells: {row}");
        };
        let (one, other) = (welch::welch(a, b).unwrap(), welch::welch(c, d).unwrap());
        as_wanted(&interaction(&one, &other), row);
        // Exchanged conditions change a sign and nothing else.
        let turned = interaction(&other, &one);
        let there = interaction(&one, &other);
        assert_eq!(
            (turned.log_ratio, turned.error),
            (-there.log_ratio, there.error)
        );
        assert!((turned.freedom - there.freedom).abs() < 1e-9);
    }
    // Without any scatter there is nothing to measure by; with some on one side it is that side's.
    let still = |log_ratio: f64, freedom: f64| Contrast {
        log_ratio,
        error: 0.0,
        freedom,
    };
    let none = interaction(&still(0.5, 3.0), &still(0.2, 5.0));
    assert_eq!((none.error, none.freedom, none.p()), (0.0, 3.0, None));
    assert!((none.log_ratio + 0.3).abs() < 1e-12);
    let some = Contrast {
        log_ratio: 0.1,
        error: 0.05,
        freedom: 4.0,
    };
    let one = interaction(&still(0.5, 3.0), &some);
    assert!((one.error - 0.05).abs() < 1e-15 && (one.freedom - 4.0).abs() < 1e-9);
}

/// Where the other kernels scatter like the pair, their runs sharpen it; where they do not, the
/// pair stands for itself.
#[test]
fn other_sides_of_blocks_help_only_where_they_scatter_alike() {
    let table = Reference::read().table;
    for (name, key) in [("nftables", "among"), ("iptables", "paired")] {
        let row = &table["runs"][name];
        let sides: Vec<Vec<f64>> = groups(row).iter().map(|runs| logs(runs)).collect();
        let by_block: Vec<Vec<f64>> = (0..4)
            .map(|block| sides.iter().map(|side| side[block]).collect())
            .collect();
        as_wanted(&blocks::among(&by_block, 0, 1).unwrap(), &row[key]);
    }
}

/// By the non-central t of statsmodels, of which ours is an approximation.
#[test]
fn runs_needed_are_statsmodels_within_one() {
    let table = Reference::read().table;
    for row in table["needed"].as_array().unwrap() {
        let scatter = row["scatter"].as_f64().unwrap();
        let contrast = Contrast {
            log_ratio: 0.0,
            error: scatter * (2.0f64 / 5.0).sqrt(),
            freedom: 8.0,
        };
        let pct = row["pct"].as_f64().unwrap();
        let pairs = row["pairs"].as_bool().unwrap();
        let found = planning::runs_needed(&contrast, [5, 5], pct, pairs).unwrap();
        let wanted = row["runs"].as_f64().unwrap().ceil();
        assert!((found as f64 - wanted).abs() <= 1.0, "{row} {found}");
    }
}

#[test]
fn nothing_is_made_of_too_little() {
    assert_eq!(welch::welch(&[1.0], &[1.0, 2.0]), None);
    assert_eq!(welch::welch(&[1.0, 0.0], &[1.0, 2.0]), None);
    assert_eq!(blocks::paired(&pairs(&[1.0], &[2.0])), None);
    assert_eq!(blocks::paired(&[]), None);
    assert_eq!(blocks::among(&[vec![1.0, 2.0]], 0, 1), None);
    assert_eq!(blocks::among(&[vec![1.0, 2.0], vec![1.0]], 0, 1), None);
    assert_eq!(blocks::exact(&pairs(&[1.0], &[2.0])), None);
    assert_eq!(drift::drift(&[]), None);
    assert_eq!(drift::drift(&[vec![(0.0, 1.0), (1.0, 2.0)]]), None);
    assert_eq!(drift::drift(&[vec![(0.0, 1.0); 5]]), None);
    assert_eq!(drift::adjusted(&vec![], &vec![(0.0, 1.0); 3]), None);
    assert_eq!(drift::one_sided(&[]), None);
    assert_eq!(drift::one_sided(&[0.0, 0.0]), None);
    assert_eq!(drift::one_sided(&[-1.0, -1.0]), Some(1.0));
    assert_eq!(drift::one_sided(&[1.0, -1.0]), Some(0.0));
    // Without scatter there is a difference, and nothing to measure it by.
    let still = welch::welch(&[4.0; 3], &[1.0; 2]).unwrap();
    assert!((still.ratio() - 0.25).abs() < 1e-12);
    assert_eq!((still.p(), still.p_equivalent(0.05)), (None, None));
    assert_eq!(planning::runs_needed(&still, [3, 2], 10.0, false), None);
    let wide = Contrast {
        log_ratio: 0.0,
        error: 50.0,
        freedom: 3.0,
    };
    assert_eq!(planning::runs_needed(&wide, [3, 3], 10.0, false), None);
    assert_eq!(planning::runs_needed(&wide, [3, 3], 0.0, false), None);
}

/// Welch with two runs on a side keeps more degrees of freedom than the smaller side alone.
#[test]
fn two_runs_a_side_have_between_one_and_two_degrees() {
    let alike = welch::welch(&[10.0, 11.0], &[10.0, 11.0]).unwrap();
    assert!((alike.freedom - 2.0).abs() < 1e-9);
    let apart = welch::welch(&[10.0, 10.001], &[10.0, 20.0]).unwrap();
    assert!((apart.freedom - 2f64.powf(0.75)).abs() < 1e-3, "{apart:?}");
}

/// Of runs at once Welch's is what remains of an adjustment; a drift that nothing else hides leaves
/// the difference as it was.
#[test]
fn a_straight_drift_is_taken_out_whole() {
    let timed = |runs: &[f64], at: &[f64], drift: f64| -> drift::Runs {
        let run = |(y, at): (f64, &f64)| (*at, y + drift * at);
        logs(runs).into_iter().zip(at).map(run).collect()
    };
    let (a, b) = ([10.0, 11.5, 9.0, 12.0], [7.0, 8.0, 7.5, 6.0]);
    let (of_a, of_b) = ([0.0, 3.0, 4.0, 7.0], [1.0, 2.0, 5.0, 6.0]);
    let still = drift::adjusted(&timed(&a, &of_a, 0.0), &timed(&b, &of_b, 0.0)).unwrap();
    let drifting = drift::adjusted(&timed(&a, &of_a, 0.3), &timed(&b, &of_b, 0.3)).unwrap();
    assert!((still.log_ratio - drifting.log_ratio).abs() < 1e-12);
    assert!((still.error - drifting.error).abs() < 1e-12);
    assert!((still.freedom - drifting.freedom).abs() < 1e-9);
    // Exchanged sides change a sign and nothing else.
    let turned = drift::adjusted(&timed(&b, &of_b, 0.0), &timed(&a, &of_a, 0.0)).unwrap();
    assert!((still.log_ratio + turned.log_ratio).abs() < 1e-12);
    assert!((still.freedom - turned.freedom).abs() < 1e-9);
    assert!((still.error - turned.error).abs() < 1e-12);
}
