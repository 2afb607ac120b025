//! `--fail-if`: exit status, figures, JUnit XML, and what is wrong with a condition.

use crate::fixture::*;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn two_kernels() -> TempDir {
    let syncs = |durations: [f64; 4]| -> Vec<Sync> {
        let sync =
            |(at, commit): (usize, f64)| Sync::new(1e3 * at as f64, 1.0, commit - 1.0, 10_000);
        durations.into_iter().enumerate().map(sync).collect()
    };
    let nodes = vec![
        Node::new("a", "6.1.144", syncs([100.0, 110.0, 120.0, 130.0])),
        Node::new("b", "6.12.46", syncs([40.0, 45.0, 50.0, 55.0])),
    ];
    bundle(Bundle::of(nodes))
}

fn run(directory: &TempDir, conditions: &[&str], more: &[&str]) -> std::process::Output {
    let mut arguments = vec!["run", "--include-small-changes", "-o", "out"];
    for condition in conditions {
        arguments.extend(["--fail-if", condition]);
    }
    arguments.extend_from_slice(more);
    analyze(directory.path(), &arguments)
}

#[test]
fn a_condition_that_holds_ends_with_1_and_its_figures() {
    let directory = two_kernels();
    let conditions = [
        "improvement < 50%",
        "mean(6.12.46) > 47s",
        "matched.delta < 1",
    ];
    let output = run(&directory, &conditions, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(
        stderr(&output),
        "analyze: --fail-if: `mean(6.12.46) > 47s` holds: mean(6.12.46) = 47.500 s \
         [run/6.12.46, 1 run, 4 trials] (limit 47s)\n"
    );
    let said = stdout(&output);
    assert!(said.contains("--fail-if: `improvement < 50%` does not hold: improvement = 58.696 %"));
    let junit = fs::read_to_string(directory.path().join("out/junit.xml")).unwrap();
    for part in [
        "<testsuites name=\"analyze\" tests=\"3\" skipped=\"0\" failures=\"1\" errors=\"0\">",
        "<testcase name=\"not (improvement &lt; 50%)\" classname=\"analyze.fail-if\">",
        "<failure message=\"`mean(6.12.46) &gt; 47s` holds",
    ] {
        assert!(junit.contains(part), "{part}\n{junit}");
    }
    // The report is written all the same.
    assert!(directory.path().join("out/index.html").exists());
}

#[test]
fn a_group_without_a_trial_has_the_figures_of_its_syncs() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let ends = |condition: &str| {
        let output = analyze(
            &root,
            &[
                "samples/guests-failing",
                "--format",
                "json",
                "--fail-if",
                condition,
            ],
        );
        (output.status.code(), stderr(&output))
    };
    assert_eq!(ends("failed('6.1.0-54-cloud-amd64') > 0").0, Some(1));
    assert_eq!(ends("failed('6.1.0-54-cloud-amd64') > 1000").0, Some(0));
    let (code, said) = ends("mean('6.1.0-54-cloud-amd64') > 0s");
    assert_eq!(code, Some(2));
    assert!(said.contains("has no trial"), "{said}");
}

#[test]
fn conditions_that_do_not_hold_end_with_0() {
    let directory = two_kernels();
    let conditions = [
        "incomplete",
        "failed(6.1.144) > 0",
        "commit_share(6.1.144) < 90%",
        "lockups(6.1.144) > 0s",
        "build(6.12.46) > 2s or commit(6.12.46) > 10m",
        "p > 0.05 and n(6.12.46) >= 4",
    ];
    let output = run(&directory, &conditions, &["--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        (stdout(&output), stderr(&output)),
        (String::new(), String::new())
    );
}

#[test]
fn a_condition_that_cannot_be_judged_ends_with_2_and_says_why() {
    let directory = two_kernels();
    for (condition, message) in [
        (
            "mean(6.2) > 5m",
            "no group is called `6.2`; there are: run/6.1.144, run/6.12.46\n  mean(6.2) > 5m\n       ^^^",
        ),
        (
            "staleness(6.1.144) > 5m",
            "no sync carried a step of a ramp (run/6.1.144)",
        ),
        ("exponent(6.1.144) > 2", "too few scales for a fit"),
        ("p(6.12.46, 6.1.144) > 5%", "write p(6.1.144, 6.12.46)"),
    ] {
        let output = run(&directory, &[condition, "mean(6.1.144) > 1s"], &[]);
        assert_eq!(output.status.code(), Some(2), "{condition}");
        let said = stderr(&output);
        assert!(said.contains(message), "{said}");
        // The other one is judged all the same.
        assert!(said.contains("`mean(6.1.144) > 1s` holds"), "{said}");
        let junit = fs::read_to_string(directory.path().join("out/junit.xml")).unwrap();
        assert!(junit.contains("failures=\"1\" errors=\"1\""), "{junit}");
    }
}

#[test]
fn a_condition_that_cannot_be_read_ends_with_2_before_anything_is_read() {
    let directory = two_kernels();
    for (condition, message) in [
        (
            "improvement < 50",
            "the unit does not fit: the figure is in percent",
        ),
        ("improvment < 50%", "no figure is called `improvment`"),
        ("mean(6.1.144) > 5min", "no limit: write one like 50%"),
        ("", "a figure or a limit is missing at the end"),
    ] {
        let output = run(&directory, &[condition], &[]);
        assert_eq!(output.status.code(), Some(2), "{condition}");
        let said = stderr(&output);
        assert!(said.contains(message) && said.contains('^'), "{said}");
        assert!(!directory.path().join("out").exists());
    }
    let output = analyze(directory.path(), &["run", "--junit", "x.xml"]);
    assert_eq!(output.status.code(), Some(2), "--junit without --fail-if");
}

#[test]
fn junit_goes_where_it_is_asked_for_and_only_there() {
    let directory = two_kernels();
    let there = |path: &str| Path::new(directory.path()).join(path).exists();
    let output = run(&directory, &["delta < 1"], &["--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_str::<serde_json::Value>(&stdout(&output)).unwrap();
    assert!(!there("out"));
    run(
        &directory,
        &["delta < 1"],
        &["--format", "json", "--junit", "ci/gate.xml"],
    );
    assert!(there("ci/gate.xml") && !there("out"));
    run(&directory, &["delta < 1"], &["--check"]);
    assert!(!there("out"));
    run(&directory, &["delta < 1"], &["--junit", "gate.xml"]);
    assert!(there("gate.xml") && there("out/index.html") && !there("out/junit.xml"));
}
