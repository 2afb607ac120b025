//! Sides set against each other: Holm's correction, provenance, what n can conclude, order.

use crate::fixture::*;
use serde_json::{Value as Json, json};
use std::fs;

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

/// Nodes of a kernel, a run each, with one trial of so many seconds.
fn runs(names: &[&'static str], kernel: &str, seconds: &[f64]) -> Vec<Node> {
    let one = |(name, seconds): (&&'static str, &f64)| Node::new(name, kernel, trials(&[*seconds]));
    names.iter().zip(seconds).map(one).collect()
}

#[test]
fn several_candidates_are_corrected_by_holm() {
    let nodes = [
        runs(
            &["a", "b", "c", "d"],
            "6.1.144",
            &[100.0, 102.0, 104.0, 106.0],
        ),
        runs(&["e", "f", "g", "h"], "6.12.46", &[50.0, 51.0, 52.0, 53.0]),
        runs(
            &["i", "j", "k", "l"],
            "6.18.1",
            &[99.0, 101.0, 103.0, 107.0],
        ),
    ];
    let directory = bundle(Bundle::of(nodes.concat()));
    let report = results(&directory, &[]);
    let (clear, alike) = (
        comparison(&report, "6.12.46", false),
        comparison(&report, "6.18.1", false),
    );
    assert_eq!(clear["baseline"], "6.1.144");
    assert_eq!(clear["n"], json!([4, 4]));
    let p = clear["p_value"].as_f64().unwrap();
    assert!(p < 1e-6, "{p}");
    same(&clear["p_holm"], 2.0 * p);
    // Each run is half of one of the other side's.
    same(&clear["by_run_pct"], 50.0);
    assert_eq!(
        (&clear["sure"], &clear["verdict"]),
        (&json!(true), &json!("faster"))
    );
    let p = alike["p_value"].as_f64().unwrap();
    assert!(p > 0.5);
    same(&alike["p_holm"], p);
    assert_eq!(
        (&alike["sure"], &alike["verdict"]),
        (&json!(false), &json!("undecided"))
    );
    assert!(alike["runs_needed"].as_u64().unwrap() >= 2);
    // The highest release is the headline's, whatever it came to.
    let sentence = report["headline"]["sentence"].as_str().unwrap();
    assert!(sentence.contains("no difference is shown"), "{sentence}");
    assert!(sentence.contains("no difference larger than"), "{sentence}");
    let one = results(&directory, &["--candidate", "6.12.46"]);
    same(
        &comparison(&one, "6.12.46", false)["p_holm"],
        clear["p_value"].as_f64().unwrap(),
    );
    // A margin decides what the interval leaves open.
    let near = results(&directory, &["--margin", "20%"]);
    assert_eq!(comparison(&near, "6.18.1", false)["verdict"], "equivalent");
    same(&comparison(&near, "6.18.1", false)["margin_pct"], 20.0);
    let far = results(&directory, &["--margin", "0.5%"]);
    assert_eq!(comparison(&far, "6.18.1", false)["verdict"], "undecided");
}

#[test]
fn trials_of_one_run_are_not_runs_and_nothing_is_sure() {
    let nodes = vec![
        Node::new("a", "6.1.144", trials(&[100.0, 101.0, 102.0, 103.0])),
        Node::new("b", "6.12.46", trials(&[50.0, 51.0, 52.0, 53.0])),
    ];
    let report = results(&bundle(Bundle::of(nodes)), &[]);
    let found = comparison(&report, "6.12.46", true);
    assert_eq!(
        (&found["n"], &found["n_trials"]),
        (&json!([1, 1]), &json!([4, 4]))
    );
    for absent in ["ci95_pct", "p_value", "p_holm", "runs_needed", "by_run_pct"] {
        assert_eq!(found[absent], Json::Null, "{absent}");
    }
    assert_eq!(found["sure"], false);
    assert_eq!(report["groups"][0]["ci95_s"], Json::Null);
    let said = sentences(&report);
    for sentence in [
        "with one run on a side nothing is sure",
        "1 run a side, 4 trials a side",
    ] {
        assert!(said.contains(sentence), "{sentence}\n{said}");
    }
}

/// Loose logs say nothing of how many runs they are; `--run` does.
#[test]
fn runs_of_loose_logs_are_told_by_the_user() {
    let directory = tempfile::tempdir().unwrap();
    let mut arguments = vec!["--format".to_owned(), "json".to_owned()];
    for (at, (name, kernel, seconds)) in [
        ("a.log", "6.1.144", 100.0),
        ("b.log", "6.12.46", 51.0),
        ("c.log", "6.12.46", 50.0),
        ("d.log", "6.1.144", 103.0),
        ("e.log", "6.1.144", 101.0),
        ("f.log", "6.12.46", 52.0),
    ]
    .into_iter()
    .enumerate()
    {
        let later = |sync: &Sync| sync.later(20_000.0 * at as f64);
        let syncs: Vec<Sync> = trials(&[seconds, seconds + 1.0])
            .iter()
            .map(later)
            .collect();
        std::fs::write(directory.path().join(name), log(&syncs)).unwrap();
        arguments.extend([name.to_owned(), format!("--label={name}={kernel}")]);
    }
    let report = |more: &[&str]| -> Json {
        let mut all: Vec<&str> = arguments.iter().map(String::as_str).collect();
        all.extend(more);
        let output = analyze(directory.path(), &all);
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let unknown = report(&[]);
    let found = comparison(&unknown, "6.12.46", false);
    assert_eq!(
        (&found["n"], &found["independence"]),
        (&json!([3, 3]), &json!("unknown"))
    );
    assert_eq!(found["sure"], false, "{found}");
    assert!(
        sentences(&unknown).contains("independence unknown")
            || found["warnings"]
                .to_string()
                .contains("independence unknown")
    );
    let each = ["a", "b", "c", "d", "e", "f"].map(|name| format!("--run={name}.log={name}"));
    let each: Vec<&str> = each.iter().map(String::as_str).collect();
    let told = report(&each);
    let found = comparison(&told, "6.12.46", false);
    assert_eq!(
        (&found["independence"], &found["sure"]),
        (&json!("told"), &json!(true))
    );
    // Made by turns they are blocks.
    assert_eq!(found["blocks"], 3);
    // Two files of one run are one.
    let mut joined = each.clone();
    joined[4] = "--run=e.log=d";
    assert_eq!(
        comparison(&report(&joined), "6.12.46", false)["n"],
        json!([2, 3])
    );
    let slip = analyze(directory.path(), &["a.log", "--run", "x.log=1"]);
    assert_eq!(slip.status.code(), Some(2));
    assert!(
        stderr(&slip).contains("no log is named x.log"),
        "{}",
        stderr(&slip)
    );
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
    let arguments = [
        "old",
        "new",
        "--group-by",
        "bundle",
        "--baseline",
        "old",
        "--format",
        "json",
    ];
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
                for ids in ["trials", "outliers", "runs"] {
                    group[ids] = json!(group[ids].as_array().unwrap().len());
                }
            }
            report[key] = json!(groups);
        }
        for comparison in report["comparisons"].as_array_mut().unwrap() {
            comparison["trials"] = Json::Null;
            comparison["runs"] = Json::Null;
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

/// Full scale is each bundle's own workload, or else the most that was seen: what a study says of
/// it holds for all of its bundles, not for the last one read.
#[test]
fn a_study_tells_where_full_scale_is_from_of_all_its_bundles() {
    let directory = tempfile::tempdir().unwrap();
    for (name, kernel, start) in [("a", "6.1.144", 0.0), ("b", "6.12.46", 500.0)] {
        let syncs = vec![Sync::new(start, 1.0, 9.0, 10_000)];
        Bundle::of(vec![Node::new("n", kernel, syncs)]).write(&directory.path().join(name));
    }
    let paths = ["a", "b"].map(|name| directory.path().join(name).join("bundle.json"));
    let whole = paths
        .each_ref()
        .map(|path| fs::read_to_string(path).unwrap());
    let from = |without: [bool; 2]| {
        for ((path, text), without) in paths.iter().zip(&whole).zip(without) {
            let mut manifest: Json = serde_json::from_str(text).unwrap();
            if without {
                manifest.as_object_mut().unwrap().remove("workload");
            }
            fs::write(path, manifest.to_string()).unwrap();
        }
        let arguments = ["a", "b", "--group-by", "bundle", "--format", "json"];
        let output = analyze(directory.path(), &arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let report: Json = serde_json::from_slice(&output.stdout).unwrap();
        report["studies"][0]["rule"]["target_from"].clone()
    };
    assert_eq!(from([false, false]), "workload");
    assert_eq!(from([true, false]), "workload or largest seen");
    assert_eq!(from([false, true]), "workload or largest seen");
    assert_eq!(from([true, true]), "largest seen");
}

/// A node whose kernel holds each of two steps so many seconds after it.
fn ramped(name: &'static str, kernel: &str, after: [f64; 2]) -> Node {
    let [first, second] = after;
    let syncs = vec![
        Sync::new(0.0, 0.5, 0.5, 1_000),
        Sync::new(100.0, 0.5, first - 0.5, 5_000),
        // The work of the second step is cut in two: what counts is when all of it is in.
        Sync::new(200.0, 0.5, 0.1 * first, 9_000),
        Sync::new(202.0, 0.5, second - 2.5, 10_000),
    ];
    Node::new(name, kernel, syncs)
}

fn ramp(nodes: Vec<Node>) -> Bundle {
    let timeline = vec![
        (100.0, "scale", "replicas=5", "5", "1"),
        (200.0, "scale", "replicas=10", "10", "5"),
    ];
    Bundle {
        load: (1_000, vec![5, 10]),
        timeline,
        ..Bundle::of(nodes)
    }
}

#[test]
fn convergence_leads_and_stands_in_one_family_with_the_trials() {
    let mut nodes = Vec::new();
    for (name, more) in [("a", 0.0), ("b", 1.0), ("c", 2.0)] {
        nodes.push(ramped(name, "6.1.144", [10.0 + more, 30.0 + more]));
    }
    for (name, more) in [("d", 0.0), ("e", 1.0), ("f", 0.5)] {
        nodes.push(ramped(name, "6.12.46", [5.0 + more, 15.0 + more]));
    }
    let directory = bundle(ramp(nodes));
    let report = results(&directory, &[]);
    let groups = report["converged"].as_array().unwrap();
    let of = |outcome: &str, name: &str| -> &Json {
        let mine = |one: &&Json| one["outcome"] == outcome && one["name"] == name;
        groups.iter().find(mine).unwrap()
    };
    let old = of("steps", "6.1.144");
    assert_eq!((&old["n"], &old["steps"]), (&json!(3), &json!(2)));
    let means: Vec<f64> = old["run_means_s"]
        .as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect();
    for (found, wanted) in means.iter().zip([20.0, 21.0, 22.0]) {
        assert!((found - wanted).abs() < 0.01, "{means:?}");
    }
    assert!((of("ramp", "6.12.46")["mean_s"].as_f64().unwrap() - 115.5).abs() < 0.01);
    assert!((of("step", "6.12.46")["worst_s"].as_f64().unwrap() - 6.0).abs() < 0.01);
    let compared = report["convergence_comparisons"].as_array().unwrap();
    let outcomes: Vec<&Json> = compared.iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, ["steps", "step", "step", "ramp"]);
    // Only the mean of the steps is tested, and it shares its family with the trials.
    assert_eq!(compared[1]["p_value"], Json::Null);
    let (p, holm) = (
        &compared[0]["p_value"],
        compared[0]["p_holm"].as_f64().unwrap(),
    );
    let trial = comparison(&report, "6.12.46", true)["p_value"]
        .as_f64()
        .unwrap();
    let p = p.as_f64().unwrap();
    same(
        &json!(holm),
        if p < trial {
            2.0 * p
        } else {
            p.max(2.0 * trial)
        },
    );
    let sentence = report["headline"]["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("had the rules of a ramp step in the kernel 10.5 s after it on average")
            && sentence.contains("about 2 times as fast (50 % less"),
        "{sentence}"
    );
    assert_eq!(
        (
            &report["headline"]["comparison"],
            &report["headline"]["convergence"]
        ),
        (&Json::Null, &json!(0))
    );
    let fails = |condition: &str| {
        let output = analyze(
            directory.path(),
            &["run", "-o", "out", "--quiet", "--fail-if", condition],
        );
        output.status.code()
    };
    assert_eq!(fails("convergence(6.1.144) > 20s"), Some(1));
    assert_eq!(fails("convergence(6.1.144) > 22s"), Some(0));
    assert_eq!(fails("convergence_improvement < 55%"), Some(1));
    assert_eq!(fails("convergence_improvement < 45%"), Some(0));
    assert_eq!(fails("ramp(6.12.46) > 2m"), Some(0));
    for figure in [
        "convergence(6.1.144)",
        "convergence_improvement",
        "convergence_p",
    ] {
        let explained = analyze(directory.path(), &["explain", figure, "run"]);
        let said = stdout(&explained);
        assert!(said.contains("timeline.csv:2"), "{figure}: {said}");
    }
}

#[test]
fn a_step_that_a_kernel_did_not_come_to_hold_is_left_out_on_both_sides_and_told() {
    let never = Node::new(
        "a",
        "6.1.144",
        vec![
            Sync::new(0.0, 0.5, 0.5, 1_000),
            Sync::new(100.0, 0.5, 9.5, 5_000),
            Sync::new(200.0, 0.5, 1.0, 9_000),
        ],
    );
    let nodes = vec![never, ramped("b", "6.12.46", [5.0, 15.0])];
    let report = results(&bundle(ramp(nodes)), &[]);
    let steps: Vec<&Json> = report["converged"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["steps"])
        .collect();
    assert_eq!(steps, [&json!(1), &json!(1)]);
    let warnings = report["convergence_comparisons"][0]["warnings"].to_string();
    assert!(
        warnings.contains("1 ramp step of 6.1.144 was not in its kernel before the log's end"),
        "{warnings}"
    );
}

/// A node that booted anew in the middle of a bundle did two runs; one that did not did one, as its
/// kernel's own complaints tell, each by its time and the uptime beside it.
#[test]
fn what_follows_a_reboot_is_another_run() {
    // Seconds of the fixture, and of uptime, of two complaints.
    let kernel_log = |complaints: [(f64, f64); 2]| -> String {
        let line = |(second, uptime): (f64, f64)| {
            format!(
                "{} host kernel: [{uptime:.6}] watchdog: BUG: soft lockup - CPU#1 stuck for 23s! \
                 [nft:{second}]\n",
                fixture_time(second)
            )
        };
        complaints.map(line).concat()
    };
    let report = |complaints| {
        let node = Node::new("a", "6.1.144", trials(&[100.0, 104.0, 90.0, 94.0]));
        let node = node.file("kernel.log", kernel_log(complaints));
        results(&bundle(Bundle::of(vec![node])), &[])
    };
    // Trials start at 100, 1,100, 2,100 and 3,100 s.
    let rebooted = report([(150.0, 5_000.0), (2_150.0, 250.0)]);
    let group = &rebooted["groups"][0];
    assert_eq!((&group["n"], &group["n_trials"]), (&json!(2), &json!(4)));
    assert_eq!(group["run_means_s"], json!([102.0, 92.0]));
    let same_boot = report([(150.0, 5_000.0), (2_150.0, 7_000.0)]);
    assert_eq!(same_boot["groups"][0]["n"], 1);
    // A clock that was set in between is no boot.
    assert_eq!(
        report([(150.0, 5_000.0), (2_150.0, 6_940.0)])["groups"][0]["n"],
        1
    );
}

/// The same endpoints are not the same work: a trial that changed far less is no match.
#[test]
fn matched_trials_changed_as_much() {
    let of = |half: u64, kernel: &'static str, name: &'static str| {
        let syncs = vec![
            Sync::new(0.0, 0.5, 0.5, half),
            Sync::new(100.0, 1.0, 49.0, 10_000),
        ];
        Node::new(name, kernel, syncs)
    };
    let scale = |half: u64| {
        let nodes = vec![of(5_000, "6.1.144", "a"), of(half, "6.12.46", "b")];
        results(&bundle(Bundle::of(nodes)), &[])["studies"][0]["matched_scale"].clone()
    };
    // Net changes of 5,000 and, 2 % of 10,000 endpoints away at most, 4,900; then 3,000.
    assert_eq!(scale(5_100), json!(10_000));
    assert_eq!(scale(7_000), Json::Null);
}

#[test]
fn of_differences_that_nobody_tested_fifty_are_told_and_how_many_more() {
    // One run a side: nothing is tested. All trials are at matched scale: told once.
    for (logs, told, more) in [
        (50_u32, 49, None),
        (51, 50, None),
        (52, 50, Some("results.json has 1 more")),
    ] {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("run")).unwrap();
        for at in 0..logs {
            let text = log(&trials(&[10.0 + f64::from(at)]));
            fs::write(place.path().join(format!("run/node-{at:02}.log")), text).unwrap();
        }
        let report = results(&place, &[]);
        let findings = report["studies"][0]["findings"].as_array().unwrap();
        let findings: Vec<&str> = findings.iter().map(|one| one.as_str().unwrap()).collect();
        let each = findings.iter().filter(|one| one.contains("speed-up"));
        assert_eq!(each.count(), told, "{findings:#?}");
        let rest = findings
            .iter()
            .find(|one| one.contains("of these differences"));
        assert_eq!(rest.is_some(), more.is_some(), "{findings:#?}");
        assert!(
            rest.is_none_or(|one| one.starts_with(more.unwrap())),
            "{rest:?}"
        );
        let spent = |one: &&&str| one.contains("of the trials' time is the commit");
        let spent = findings.iter().filter(spent).count();
        assert_eq!(spent, 50.min(logs as usize), "{findings:#?}");
        let rest = findings.iter().find(|one| one.contains("more groups goes"));
        let more = logs.checked_sub(50).filter(|more| *more > 0);
        let told = more.map(|more| format!("where the time of {more} more groups goes"));
        assert_eq!(rest.is_some(), told.is_some(), "{findings:#?}");
        assert!(
            rest.is_none_or(|one| one.contains(&told.unwrap())),
            "{rest:?}"
        );
    }
}
