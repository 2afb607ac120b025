//! Sides set against each other: Holm's correction, provenance, what n can conclude, order.

use crate::fixture::*;
use serde_json::{Value as Json, json};

/// Trials of these durations, each a step from half the endpoints.
fn trials(durations: &[f64]) -> Vec<Sync> {
    let mut syncs = Vec::new();
    for (at, duration) in durations.iter().enumerate() {
        let start = 1_000.0 * at as f64;
        syncs.push(Sync::new(start, 0.5, 0.5, 5_000));
        syncs.push(Sync::new(start + 100.0, 1.0, duration - 1.0, 10_000));
    }
    syncs
}

fn comparison<'r>(report: &'r Json, candidate: &str, matched: bool) -> &'r Json {
    let all = report["comparisons"].as_array().unwrap();
    all.iter()
        .find(|one| one["candidate"] == candidate && one["matched"] == matched)
        .unwrap()
}

#[test]
fn several_candidates_are_corrected_by_holm() {
    let nodes = vec![
        Node::new("a", "6.1.144", trials(&[100.0, 102.0, 104.0, 106.0])),
        Node::new("b", "6.12.46", trials(&[50.0, 51.0, 52.0, 53.0])),
        Node::new("c", "6.18.1", trials(&[99.0, 101.0, 103.0, 107.0])),
    ];
    let directory = bundle(Bundle::of(nodes));
    let report = results(&directory, &[]);
    // On average 6.1.144 and 6.18.1 are nearly alike: 103 and 102.5 s.
    let (clear, alike) = (
        comparison(&report, "6.12.46", false),
        comparison(&report, "6.18.1", false),
    );
    assert_eq!(clear["baseline"], "6.1.144");
    same(&clear["p_value"], 2.0 / 70.0);
    same(&clear["p_holm"], 4.0 / 70.0);
    let p = alike["p_value"].as_f64().unwrap();
    assert!(p > 0.5);
    same(&alike["p_holm"], p);
    // Alone 4 against 4 can reach 0.029; corrected for two, 0.057 is the least.
    assert_eq!(clear["trials_needed"], 5);
    let warnings = clear["warnings"].to_string();
    assert!(
        warnings.contains(
            "4 against 4 trials cannot reach p < 0.05 after Holm's correction for 2 candidates, \
             however far apart they lie (least: 0.057); 5 a side could"
        ),
        "{warnings}"
    );
    assert!(sentences(&report).contains("p = 0.057 after Holm's correction"));
    assert!(
        report["headline"]["sentence"]
            .as_str()
            .unwrap()
            .ends_with("too few to be sure.")
    );
    let one = results(&directory, &["--candidate", "6.12.46"]);
    same(&comparison(&one, "6.12.46", false)["p_holm"], 2.0 / 70.0);
}

#[test]
fn few_trials_are_said_to_be_few_and_their_interval_narrow() {
    let nodes = vec![
        Node::new("a", "6.1.144", trials(&[100.0, 110.0, 120.0])),
        Node::new("b", "6.12.46", trials(&[50.0, 55.0, 60.0, 65.0])),
    ];
    let report = results(&bundle(Bundle::of(nodes)), &[]);
    let found = comparison(&report, "6.12.46", false);
    assert_eq!(
        (&found["n"], &found["trials_needed"]),
        (&json!([3, 4]), &json!(4))
    );
    assert_eq!(found["ci95_coverage_pct"], 81.0);
    assert_eq!(found["shift_ci95_s"], Json::Null);
    same(&found["cliffs_delta"], 1.0);
    let [low, high] = [0, 1].map(|end| found["welch95_pct"][end].as_f64().unwrap());
    let [inner_low, inner_high] = [0, 1].map(|end| found["ci95_pct"][end].as_f64().unwrap());
    assert!(
        low < inner_low && inner_low < inner_high && inner_high < high,
        "{found}"
    );
    let said = sentences(&report);
    for sentence in [
        "3 against 4 trials cannot reach p < 0.05",
        "holds the truth in about 81 of 100 simulated experiments; Welch's t",
        "Every trial of one side lies above every trial of the other; p = 0.057",
    ] {
        assert!(said.contains(sentence), "{sentence}\n{said}");
    }
    let group = &report["groups"][0];
    assert_eq!(group["ci95_coverage_pct"], 73.0);
    assert!(group["t95_s"][0].as_f64() < group["ci95_s"][0].as_f64());
}

#[test]
fn an_outlier_is_named_and_counted() {
    let nodes = vec![
        Node::new("a", "6.1.144", trials(&[100.0, 101.0, 102.0, 103.0, 300.0])),
        Node::new("b", "6.12.46", trials(&[50.0, 51.0, 52.0, 53.0])),
    ];
    let report = results(&bundle(Bundle::of(nodes)), &[]);
    assert_eq!(report["groups"][0]["outliers"], json!([9]));
    assert_eq!(report["syncs"][9]["elapsed_s"], 300.0);
    let warnings = comparison(&report, "6.12.46", false)["warnings"].to_string();
    assert!(
        warnings.contains("1 of 6.1.144's 5 trials lies far from their median of 1m 42.0s"),
        "{warnings}"
    );
}

#[test]
fn whatever_else_differs_between_the_sides_is_said() {
    let facts = |node: Node, of: [&str; 5]| {
        node.fact("kube_proxy/version", of[0])
            .fact("instance_type", of[1])
            .fact("os_image", of[2])
            .fact("kube_proxy/min_sync_period", of[3])
            .fact("kube_proxy/mode", of[4])
    };
    let slow = Node::new("a", "6.1.144", trials(&[100.0, 110.0]));
    let fast = Node::new("b", "6.12.46", trials(&[50.0, 55.0]));
    let nodes = vec![
        facts(
            slow,
            [
                "v1.32.6",
                "m5.4xlarge",
                "Bottlerocket 1.44",
                "1s",
                "nftables",
            ],
        ),
        facts(
            fast,
            [
                "v1.34.1",
                "m6i.8xlarge",
                "Bottlerocket 1.49",
                "10s",
                "iptables",
            ],
        ),
    ];
    let report = results(
        &bundle(Bundle {
            incomplete: Some("node b: 3 lines are missing"),
            ..Bundle::of(nodes)
        }),
        &[],
    );
    let warnings = comparison(&report, "6.12.46", false)["warnings"].to_string();
    for difference in [
        "kube-proxy version too (6.1.144: v1.32.6; 6.12.46: v1.34.1)",
        "instance type too (6.1.144: m5.4xlarge; 6.12.46: m6i.8xlarge)",
        "OS image too",
        "minSyncPeriod too (6.1.144: 1s; 6.12.46: 10s)",
        "mode too (6.1.144: nftables; 6.12.46: iptables)",
        "the capture of run is incomplete: node b: 3 lines are missing",
    ] {
        assert!(warnings.contains(difference), "{difference}\n{warnings}");
    }
    assert!(!warnings.contains("differ in kernel"), "{warnings}");
    let unequal = codes(&report)
        .iter()
        .filter(|code| **code == "unequal_provenance")
        .count();
    assert_eq!(unequal, 5);
    // The doubts say each thing once.
    let doubts = report["headline"]["doubts"].as_array().unwrap();
    let mut once = doubts.clone();
    once.dedup();
    assert_eq!(doubts, &once);
    assert_eq!(
        doubts
            .iter()
            .filter(|one| one.to_string().contains("incomplete"))
            .count(),
        1
    );
}

#[test]
fn any_two_bundles_are_set_against_each_other() {
    let directory = tempfile::tempdir().unwrap();
    for (name, durations) in [("old", [100.0, 101.0, 102.0]), ("new", [50.0, 51.0, 52.0])] {
        let later = if name == "new" { 50_000.0 } else { 0.0 };
        let syncs = trials(&durations)
            .iter()
            .map(|sync| sync.later(later))
            .collect();
        let node = Node::new("a", "6.1.144", syncs);
        Bundle::of(vec![node]).write(&directory.path().join(name));
    }
    let arguments = ["old", "new", "--group-by", "bundle", "--format", "json"];
    let output = analyze(directory.path(), &arguments);
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let found = comparison(&report, "new", true);
    assert_eq!(found["baseline"], "old");
    same(&found["improvement_pct"], 100.0 * (101.0 - 51.0) / 101.0);
    assert_eq!(codes(&report), Vec::<&str>::new());
}

#[test]
fn no_order_of_the_inputs_changes_a_figure() {
    let directory = tempfile::tempdir().unwrap();
    let durations: [(&str, &str, &[f64]); 4] = [
        ("a.log", "6.1.144", &[100.0, 103.5]),
        ("b.log", "6.1.144", &[98.25, 120.0]),
        ("c.log", "6.12.46", &[50.0, 57.0, 61.0]),
        ("d.log", "6.12.46", &[55.5]),
    ];
    let mut labels = Vec::new();
    for (at, (name, kernel, durations)) in durations.into_iter().enumerate() {
        let syncs: Vec<Sync> = trials(durations)
            .iter()
            .map(|one| one.later(at as f64))
            .collect();
        std::fs::write(directory.path().join(name), log(&syncs)).unwrap();
        labels.push(format!("--label={name}={kernel}"));
    }
    let figures = |order: [usize; 4]| {
        let mut arguments: Vec<&str> = order.map(|at| durations[at].0).to_vec();
        arguments.extend(labels.iter().map(String::as_str));
        arguments.extend(["--format", "json"]);
        let output = analyze(directory.path(), &arguments);
        let mut report: Json = serde_json::from_slice(&output.stdout).unwrap();
        // Ids follow the order of the logs; figures must not.
        for key in ["groups", "matched_groups"] {
            let mut groups = report[key].as_array().unwrap().clone();
            groups.sort_by_key(|group| group["name"].to_string());
            for group in &mut groups {
                for ids in ["trials", "outliers"] {
                    group[ids] = json!(group[ids].as_array().unwrap().len());
                }
            }
            report[key] = json!(groups);
        }
        for comparison in report["comparisons"].as_array_mut().unwrap() {
            comparison["trials"] = Json::Null;
        }
        report["headline"]["from"] = Json::Null;
        ["groups", "matched_groups", "comparisons", "headline"].map(|key| report[key].clone())
    };
    let first = figures([0, 1, 2, 3]);
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        assert_eq!(figures(order), first, "{order:?}");
    }
}

#[test]
fn matched_trials_are_some_of_all() {
    let mut slow = trials(&[100.0, 110.0]);
    slow.push(Sync::new(5_000.0, 1.0, 80.0, 8_500));
    let nodes = vec![
        Node::new("a", "6.1.144", slow),
        Node::new("b", "6.12.46", trials(&[50.0, 55.0])),
    ];
    let report = results(&bundle(Bundle::of(nodes)), &["--include-small-changes"]);
    let ids = |key: &str, at: usize| -> Vec<u64> {
        let trials = report[key][at]["trials"].as_array().unwrap().iter();
        trials.map(|id| id.as_u64().unwrap()).collect()
    };
    assert_eq!(
        (ids("groups", 0).len(), ids("matched_groups", 0).len()),
        (3, 2)
    );
    for at in 0..2 {
        let all = ids("groups", at);
        assert!(ids("matched_groups", at).iter().all(|id| all.contains(id)));
    }
    let [all, matched] = [false, true].map(|matched| comparison(&report, "6.12.46", matched));
    assert!(
        all["warnings"].to_string().contains("unequal scale"),
        "{all}"
    );
    assert!(
        !matched["warnings"].to_string().contains("unequal scale"),
        "{matched}"
    );
}

#[test]
fn one_baseline_serves_all_comparisons_of_a_study() {
    // At the scale of both `a` is the slower; over all its trials, the small ones with it, the
    // faster.
    let mut wide = trials(&[100.0, 104.0]);
    wide.extend([
        Sync::new(5_000.0, 1.0, 20.0, 8_100),
        Sync::new(5_100.0, 1.0, 21.0, 8_300),
    ]);
    let nodes = vec![
        Node::new("a", "6.1.144", wide),
        Node::new("b", "6.12.46", trials(&[90.0, 95.0])),
    ];
    let report = results(&bundle(Bundle::of(nodes)), &["--include-small-changes"]);
    let mean = |at: usize| report["groups"][at]["mean_s"].as_f64().unwrap();
    assert!(mean(0) < mean(1));
    for comparison in report["comparisons"].as_array().unwrap() {
        assert_eq!(comparison["baseline"], "6.1.144");
    }
    assert_eq!(report["studies"][0]["groups"][0], "6.1.144");
}
