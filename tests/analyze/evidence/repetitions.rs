//! Series of repetitions: one kernel under two names, and repetitions until intervals are narrow.

use std::fs;
use std::path::Path;

use crate::fixture::*;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// A series: for each repetition the seconds of its runs, of 6.1, 6.12 and, if there is a third,
/// of 6.1 again. `more` is said of every run's repetition.
fn series(repetitions: &[&[f64]], more: &Json) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut place = 0;
    for (at, seconds) in repetitions.iter().enumerate() {
        // Each is first as often as the others.
        for turn in 0..seconds.len() {
            let which = (turn + at) % seconds.len();
            let kernel = ["6.1.144", "6.12.46", "6.1.144"][which];
            let start = 10_000.0 * f64::from(place);
            place += 1;
            let syncs = vec![
                Sync::new(start, 0.5, 0.5, 5_000),
                Sync::new(start + 100.0, 1.0, seconds[which] - 1.0, 10_000),
            ];
            let path = directory.path().join(format!("run/{at}-{which}"));
            Bundle::of(vec![Node::new("a", kernel, syncs)]).write(&path);
            let mut repetition = json!({ "number": at + 1, "again": which == 2 });
            for (key, value) in more.as_object().unwrap() {
                repetition[key] = value.clone();
            }
            add(&path, &repetition);
        }
    }
    directory
}

fn add(bundle: &Path, repetition: &Json) {
    let path = bundle.join("bundle.json");
    let mut manifest: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    manifest["series"] = json!("bench");
    manifest["repetition"] = repetition.clone();
    fs::write(path, manifest.to_string()).unwrap();
}

const RUNS: [&[f64]; 4] = [
    &[100.0, 81.0, 101.0],
    &[103.0, 80.0, 101.0],
    &[98.0, 79.0, 99.0],
    &[101.0, 82.0, 102.0],
];

fn two() -> Vec<&'static [f64]> {
    RUNS.iter().map(|runs| &runs[..2]).collect()
}

#[test]
fn one_kernel_under_two_names_tells_what_to_trust() {
    let report = results(&series(&RUNS, &json!({})), &[]);
    let study = &report["studies"][0];
    let groups = json!(["6.1.144", "6.1.144 (again)", "6.12.46"]);
    assert_eq!(study["groups"], groups);
    let all = report["comparisons"].as_array().unwrap();
    let of = |candidate: &str| {
        all.iter()
            .find(|one| one["candidate"] == candidate)
            .unwrap()
    };
    let again = of("6.1.144 (again)");
    assert_eq!(again["same_kernel"], true);
    assert_eq!(again["sure"], false);
    assert_eq!(
        (&again["p_value"], &again["p_holm"]),
        (&Json::Null, &Json::Null)
    );
    // It is no member of the family: the other pair is tested alone.
    let other = of("6.12.46");
    assert_eq!(other["p_holm"], other["p_value"]);
    assert_eq!(other["same_kernel"], false);
    let floor = &study["noise_floor"];
    assert_eq!(
        (&floor["kernel"], &floor["runs"]),
        (&json!("6.1.144"), &json!([4, 4]))
    );
    assert_eq!(floor["pct"], again["largest_pct"]);
    assert!(floor["pct"].as_f64().unwrap() < 5.0);
    let said = sentences(&report);
    assert!(
        said.contains("Smallest difference to trust here: "),
        "{said}"
    );
    assert!(
        said.contains("6.1.144 under two names, 4 runs each"),
        "{said}"
    );
    // The headline is the other kernel's.
    let sentence = report["headline"]["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("Kernel 6.12.46 "), "{sentence}");
    assert!(!said.contains("is below the smallest to trust"), "{said}");
}

#[test]
fn a_difference_below_the_noise_is_doubted() {
    let near: Vec<&[f64]> = vec![
        &[100.0, 99.0, 104.0],
        &[103.0, 102.0, 98.0],
        &[98.0, 97.5, 103.0],
        &[101.0, 100.5, 97.0],
    ];
    let said = sentences(&results(&series(&near, &json!({})), &[]));
    assert!(
        said.contains("is below the smallest to trust here"),
        "{said}"
    );
}

/// Runs of the other kernels tell of a floor that was measured beside them.
#[test]
fn a_floor_that_was_stored_is_printed() {
    let floor = json!({ "noise_floor": { "kernel": "6.1.144", "pct": 3.5, "runs": 4 } });
    let report = results(&series(&two(), &floor), &[]);
    let found = &report["studies"][0]["noise_floor"];
    assert_eq!(
        (&found["pct"], &found["measured_pct"]),
        (&json!(3.5), &Json::Null)
    );
    let said = sentences(&report);
    let wanted = "Smallest difference to trust here: 3.5 % (6.1.144 under two names, 4 runs each; \
                  as its bundles tell).";
    assert!(said.contains(wanted), "{said}");
    let none = results(&series(&two(), &json!({})), &[]);
    assert_eq!(none["studies"][0]["noise_floor"], Json::Null);
}

#[test]
fn intervals_allow_for_the_looks_taken() {
    let fixed = results(&series(&two(), &json!({})), &[]);
    let until = json!({ "until": { "width_pct": 5.0, "first_look": 3, "at_most": 20 } });
    let open = results(&series(&two(), &until), &[]);
    let width = |report: &Json| {
        let interval = &report["comparisons"][0]["ci95_pct"];
        interval[1].as_f64().unwrap() - interval[0].as_f64().unwrap()
    };
    assert!(
        width(&open) > 1.2 * width(&fixed),
        "{} {}",
        width(&open),
        width(&fixed)
    );
    let sequence = &open["studies"][0]["sequence"];
    assert_eq!(
        (&sequence["look"], &sequence["repetitions"]),
        (&json!(2), &json!(4))
    );
    same(&sequence["widest_pct"], width(&open));
    // p moves with the interval.
    let level = sequence["level"].as_f64().unwrap();
    let p = |report: &Json| report["comparisons"][0]["p_value"].as_f64().unwrap();
    assert!((p(&open) - (p(&fixed) * 0.05 / level).min(1.0)).abs() < 1e-12);
    let method = open["comparisons"][0]["ci_method"].as_str().unwrap();
    assert!(
        method.contains("so that all looks together are at 95 %"),
        "{method}"
    );
    assert!(sentences(&open).contains("4 of at most 20, look 2"));
    assert_eq!(fixed["studies"][0]["sequence"], Json::Null);
}
