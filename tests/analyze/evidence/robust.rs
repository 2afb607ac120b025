//! Inputs that nobody would send on purpose: no panic, an honest exit status, no number that is
//! none.

use crate::fixture::*;
use serde_json::Value as Json;
use std::fs;

/// Every number in a document is finite: `null` stands where there is none, and only there.
fn numbers(json: &Json, seen: &mut usize) {
    match json {
        Json::Number(number) => {
            assert!(number.as_f64().unwrap().is_finite());
            *seen += 1;
        }
        Json::Array(list) => list.iter().for_each(|one| numbers(one, seen)),
        Json::Object(map) => map.values().for_each(|one| numbers(one, seen)),
        _ => {}
    }
}

/// Those of the odd logs in which there is no sync.
const NOTHING: [&str; 2] = ["empty", "no line ends"];

#[test]
fn odd_logs_are_read_without_a_panic() {
    let huge = u64::MAX;
    let complete = |elapsed: &str| {
        format!(
            "2025-10-15T12:00:09Z I1015 12:00:09.000000       1 proxier.go:1] \
             \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"{elapsed}\"\n"
        )
    };
    let reloading = |n: u64| {
        format!(
            "2025-10-15T12:00:01Z I1015 12:00:01.000000       1 proxier.go:1] \"Reloading service \
             nftables data\" ipFamily=\"IPv4\" numServices={n} numEndpoints={n}\n"
        )
    };
    let cases = [
        ("empty", String::new()),
        ("zero endpoints", reloading(0) + &complete("9s")),
        (
            "huge counts",
            reloading(huge) + &complete("9s") + &reloading(0) + &complete("1s"),
        ),
        ("zero duration", reloading(5) + &complete("0s")),
        ("no such duration", reloading(5) + &complete("NaN")),
        (
            "longer than time itself",
            reloading(5) + &complete("2562047h47m16.854775807s"),
        ),
        ("negative", reloading(5) + &complete("-5s")),
        ("only the end", complete("9s")),
        (
            "the same again",
            (reloading(5) + &complete("9s")).repeat(40),
        ),
        ("no line ends", "SyncProxyRules complete".repeat(5_000)),
        (
            "control characters",
            format!("\u{1b}[2J\0{}\r\n", complete("9s")),
        ),
    ];
    for (name, text) in cases {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("run.log"), &text).unwrap();
        for format in ["table", "json", "csv", "markdown", "html"] {
            let output = analyze(directory.path(), &["run.log", "--format", format]);
            // Where there is nothing to read, that is said, and is no success.
            let nothing = NOTHING.contains(&name);
            assert_eq!(
                output.status.code(),
                Some(if nothing { 2 } else { 0 }),
                "{name} {format}: {}",
                stderr(&output)
            );
            assert_eq!(
                stderr(&output).contains("nothing was read"),
                nothing,
                "{name}"
            );
            assert!(!stderr(&output).contains("panicked"), "{name}");
            if format == "json" && !nothing {
                let mut seen = 0;
                numbers(&serde_json::from_slice(&output.stdout).unwrap(), &mut seen);
                assert!(seen > 3, "{name}");
                assert!(!stdout(&output).contains("NaN"), "{name}");
            }
        }
        let output = analyze(
            directory.path(),
            &["run.log", "-o", "out", "--fail-if", "warnings > 99"],
        );
        let status = if NOTHING.contains(&name) { 2 } else { 0 };
        assert_eq!(
            output.status.code(),
            Some(status),
            "{name}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_read_without_a_panic() {
    let directory = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0u32..40_000)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    fs::write(directory.path().join("noise.log"), bytes).unwrap();
    fs::write(directory.path().join("cut.log.gz"), b"\x1f\x8b\x08\x00").unwrap();
    let output = analyze(directory.path(), &["noise.log", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("nothing was read"));
    let output = analyze(directory.path(), &["cut.log.gz", "--format", "json"]);
    let said = stderr(&output);
    assert!(!said.contains("panicked"), "{said}");
    if output.status.code() == Some(2) {
        assert!(said.contains("cut.log.gz"), "{said}");
    }
}

#[test]
fn a_bundle_of_nothing_is_reported_as_one() {
    let directory = bundle(Bundle {
        load: (0, vec![]),
        incomplete: Some("the run did not reach its end"),
        ..Bundle::of(vec![Node::new("a", "6.1.144", Vec::new())])
    });
    let report = results(&directory, &[]);
    assert_eq!(report["comparisons"].as_array().unwrap().len(), 0);
    assert!(codes(&report).contains(&"incomplete_capture"));
    let output = analyze(
        directory.path(),
        &["run", "-o", "out", "--fail-if", "incomplete"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("`incomplete` holds: incomplete = yes [run]"));
    assert!(directory.path().join("out/index.html").exists());
}

#[test]
fn a_ramp_to_nothing_and_a_workload_without_end_are_computed() {
    let syncs = || {
        vec![
            Sync::new(0.0, 1.0, 9.0, 0),
            Sync::new(20.0, 1.0, 9.0, 10_000),
        ]
    };
    for load in [(0, vec![0]), (u64::MAX, vec![u64::MAX, 2])] {
        let directory = bundle(Bundle {
            load,
            timeline: vec![
                (1.0, "scale", "replicas=0", "0", "0"),
                (2.0, "scale", "replicas=999999999", "999999999", "0"),
                (3.0, "scale", "replicas=x", "nan", "-1"),
                (4.0, "endpoints", "", "inf", "nan"),
            ],
            ..Bundle::of(vec![
                Node::new("a", "6.1.144", syncs()),
                Node::new("b", "6.12.46", syncs()),
            ])
        });
        let report = results(&directory, &[]);
        let mut seen = 0;
        numbers(&report, &mut seen);
        assert!(seen > 20);
        let output = analyze(directory.path(), &["run", "--format", "html"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
}
