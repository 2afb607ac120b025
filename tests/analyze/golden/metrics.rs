//! `analyze metrics`: what it says is what the log of the same run says, as far as buckets tell.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::program::*;

const NAME: &str = "kubeproxy_sync_proxy_rules_duration_seconds";
/// kube-proxy's buckets: 15, each twice the one before.
const BOUNDS: [f64; 15] = [
    0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096,
    8.192, 16.384,
];

/// What `analyze metrics` says of files, and on standard error.
fn told(files: &[&Path], more: &[&str]) -> Result<Json, String> {
    let mut all = vec!["metrics", "--format", "json"];
    all.extend(files.iter().map(|file| file.to_str().unwrap()));
    all.extend(more);
    let output = analyze(&all);
    match output.status.code() {
        Some(0) => Ok(serde_json::from_slice(&output.stdout).unwrap()),
        Some(2) => Err(stderr(&output)),
        other => panic!("{other:?}: {}", stderr(&output)),
    }
}

/// The figures of syncs, of all kube-proxies together.
fn syncs(told: &Json) -> Json {
    let first = told["together"][0].clone();
    assert_eq!(first["measure"], "sync");
    first
}

/// Whether a value lies in an interval, give or take a slack.
#[track_caller]
fn within(interval: &Json, value: f64, slack: f64) {
    let least = interval["above_s"].as_f64().unwrap();
    let most = interval["up_to_s"].as_f64().unwrap_or(f64::INFINITY);
    assert!(
        least - slack <= value && value <= most + slack,
        "{value}: {interval}"
    );
}

/// That figures are those of durations, in ascending order, each known to a slack.
#[track_caller]
fn are_of(figures: &Json, durations: &[f64], slack: impl Fn(f64) -> f64) {
    let n = durations.len();
    assert_eq!(figures["n"], n, "{figures}");
    let mean = durations.iter().sum::<f64>() / n as f64;
    let found = figures["mean_s"].as_f64().unwrap();
    assert!((found - mean).abs() <= slack(mean), "{found} for {mean}");
    for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("longest", 1.0)] {
        let rank = (share * n as f64).ceil() as usize;
        let value = durations[rank - 1];
        within(&figures[name], value, slack(value));
    }
    // With a duration at a bound it may be on either side.
    for bucket in figures["buckets"].as_array().unwrap() {
        let [least, most] =
            ["above_s", "up_to_s"].map(|end| bucket[end].as_f64().unwrap_or(f64::INFINITY));
        let count = |by: f64| {
            let inside = durations.iter().filter(|value| {
                let slack = by * slack(**value);
                least - slack < **value && **value <= most + slack
            });
            inside.count() as u64
        };
        let found = bucket["n"].as_u64().unwrap();
        assert!((count(-1.0)..=count(1.0)).contains(&found), "{bucket}");
    }
    let beyond: Vec<f64> = durations
        .iter()
        .copied()
        .filter(|value| *value > 16.384)
        .collect();
    if let [.., longest] = beyond[..] {
        let mean = beyond.iter().sum::<f64>() / beyond.len() as f64;
        let told = &figures["beyond"];
        assert_eq!(told["n"], beyond.len());
        let [least, most] = [0, 1].map(|end| told["mean_s"][end].as_f64().unwrap());
        assert!(
            least <= mean + slack(mean) && mean <= most + slack(mean),
            "{mean}: {told}"
        );
        // The longest is told more closely than "over 16.384 s".
        assert!(figures["longest"]["above_s"].as_f64().unwrap() > 16.384 || longest < 33.0);
        assert!(figures["longest"]["up_to_s"].is_f64());
    } else {
        assert!(figures["beyond"].is_null());
    }
}

/// Durations of the finished syncs of a report, in ascending order; `of` picks by identity.
fn durations(report: &Json, of: impl Fn(u64) -> bool) -> Vec<f64> {
    let mine = some(report, "syncs", |sync| {
        sync["outcome"] != "unfinished" && of(sync["id"].as_u64().unwrap())
    });
    let mut durations: Vec<f64> = mine
        .iter()
        .filter_map(|sync| sync["elapsed_s"].as_f64())
        .collect();
    durations.sort_by(f64::total_cmp);
    durations
}

/// Real scrapes before and after a run, beside the log of that run, 26 times.
#[test]
fn scrapes_of_a_run_say_what_its_log_says() {
    let mut compared = 0;
    for sample in ["samples/bench-500x30", "samples/lockup-6.12"] {
        let report = json(&[sample]);
        for check in report["metrics"].as_array().unwrap() {
            let lines = check["metrics"].as_array().unwrap();
            let ends = [lines.first(), lines.last()];
            let [before, after] =
                ends.map(|line| root().join(line.unwrap()["input"].as_str().unwrap()));
            assert_ne!(before, after);
            let ids: Vec<u64> = check["syncs"]
                .as_array()
                .unwrap()
                .iter()
                .map(|id| id.as_u64().unwrap())
                .collect();
            let durations = durations(&report, |id| ids.contains(&id));
            // Whatever the order in which they are given: both are of one process.
            for files in [[&before, &after], [&after, &before]] {
                let told = told(&files.map(PathBuf::as_path), &[]).unwrap();
                assert_eq!(told["warnings"].as_array().unwrap().len(), 0, "{told}");
                // The metric is observed a moment after the line.
                are_of(&syncs(&told), &durations, |value| (0.01 * value).max(0.001));
                assert_eq!(syncs(&told)["failed"], 0);
                assert_eq!(syncs(&told)["kube_proxies"], 1);
            }
            compared += 1;
        }
    }
    assert!(compared >= 20, "{compared}");
}

/// A histogram as kube-proxy shows it.
fn exposition(durations: &[f64], labels: &str, stamp: &str) -> String {
    let comma = if labels.is_empty() { "" } else { "," };
    let braces = if labels.is_empty() {
        String::new()
    } else {
        format!("{{{labels}}}")
    };
    let mut text = format!(
        "# HELP {NAME} [ALPHA] SyncProxyRules latency in seconds\n# TYPE {NAME} histogram\n"
    );
    for bound in BOUNDS {
        let n = durations.iter().filter(|value| **value <= bound).count();
        text += &format!("{NAME}_bucket{{{labels}{comma}le=\"{bound}\"}} {n}{stamp}\n");
    }
    let (n, sum) = (durations.len(), durations.iter().sum::<f64>());
    text += &format!("{NAME}_bucket{{{labels}{comma}le=\"+Inf\"}} {n}{stamp}\n");
    text + &format!("{NAME}_sum{braces} {sum}{stamp}\n{NAME}_count{braces} {n}{stamp}\n")
}

/// The same as an answer of `query_range`, a value a moment.
fn answer(moments: &[(u64, &[f64])], labels: &str) -> String {
    let mut series: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, le: Option<String>, value: &dyn Fn(&[f64]) -> String| {
        let le = le.map_or_else(String::new, |le| format!(r#","le":"{le}""#));
        let values: Vec<String> = moments
            .iter()
            .map(|(at, all)| format!(r#"[{at},"{}"]"#, value(all)))
            .collect();
        series.push((
            format!(r#"{{"__name__":"{NAME}_{name}"{labels}{le}}}"#),
            values.join(","),
        ));
    };
    for bound in BOUNDS {
        let count = move |all: &[f64]| {
            all.iter()
                .filter(|value| **value <= bound)
                .count()
                .to_string()
        };
        add("bucket", Some(bound.to_string()), &count);
    }
    add("bucket", Some("+Inf".to_owned()), &|all| {
        all.len().to_string()
    });
    add("count", None, &|all| all.len().to_string());
    add("sum", None, &|all| all.iter().sum::<f64>().to_string());
    let series: Vec<String> = series
        .iter()
        .map(|(metric, values)| format!(r#"{{"metric":{metric},"values":[{values}]}}"#))
        .collect();
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}]}}}}"#,
        series.join(",")
    )
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

/// Syncs of minutes: most of them are longer than the histogram reaches.
#[test]
fn metrics_made_of_a_log_say_what_the_log_says() {
    let report = json(&["samples/full-scale-host"]);
    let all = durations(&report, |_| true);
    assert!(all.iter().any(|value| *value > 200.0) && all.len() > 20);
    let files = Files::new();
    let exact = |value: f64| value * 1e-9;
    let whole = files.with("a.prom", &exposition(&all, "", ""));
    are_of(&syncs(&told(&[&whole], &[]).unwrap()), &all, exact);
    // The first half before the first scrape: what was added is the second half, by any form.
    let half: Vec<f64> = all.iter().copied().step_by(2).collect();
    let rest: Vec<f64> = all.iter().copied().skip(1).step_by(2).collect();
    let forms = [
        files.with(
            "twice.prom",
            &(exposition(&half, "", "") + &exposition(&all, "", "")),
        ),
        files.with(
            "timed.prom",
            &(exposition(&all, "", " 1700000060000") + &exposition(&half, "", " 1700000000000")),
        ),
        files.with(
            "open.prom",
            &(exposition(&half, "", " 1700000000")
                + &exposition(&all, "", " 1700000060.000")
                + "# EOF\n"),
        ),
        files.with(
            "range.json",
            &answer(
                &[
                    (1_700_000_000, &half),
                    (1_700_000_030, &half),
                    (1_700_000_060, &all),
                ],
                r#","instance":"10.0.0.1:10249""#,
            ),
        ),
    ];
    for form in forms {
        let told = told(&[&form], &[]).unwrap();
        assert_eq!(
            told["warnings"].as_array().unwrap().len(),
            0,
            "{}: {told}",
            form.display()
        );
        are_of(&syncs(&told), &rest, |value| value * 1e-6);
        if !form.ends_with("twice.prom") {
            assert_eq!(
                syncs(&told)["window"]["last"],
                "2023-11-14T22:14:20.000000Z"
            );
        }
    }
}

#[test]
fn kube_proxies_are_told_apart_and_put_together() {
    let files = Files::new();
    let process =
        |text: String, start: u32| text + &format!("process_start_time_seconds {start}\n");
    let v4 = "ip_family=\"IPv4\"";
    let one = files.with("one.prom", &process(exposition(&[0.1, 0.2], v4, ""), 1));
    let later = files.with(
        "later.prom",
        &process(exposition(&[0.1, 0.2, 0.6], v4, ""), 1),
    );
    let other = files.with("other.prom", &process(exposition(&[3.0], v4, ""), 2));
    let all = told(&[&one, &other, &later], &[]).unwrap();
    let found: Vec<u64> = all["each"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["n"].as_u64().unwrap())
        .collect();
    assert_eq!(found, [1, 1]);
    assert_eq!(all["each"][0]["ip_family"], "IPv4");
    assert_eq!(
        (&syncs(&all)["kube_proxies"], &syncs(&all)["n"]),
        (&2.into(), &2.into())
    );
    // By name: it began again between its scrapes, and lost nothing that is known.
    let nodes = [&one, &other].map(|file| format!("{}=a", file.display()));
    let again = told(&[&one, &other], &["--node", &nodes[0], "--node", &nodes[1]]).unwrap();
    assert_eq!(again["each"][0]["window"]["restarts"], 1);
    assert_eq!(
        (&again["each"][0]["kube_proxy"], &syncs(&again)["n"]),
        (&"a".into(), &1.into())
    );
    let error = told(&[&one], &["--node", "none.prom=a"]).unwrap_err();
    assert!(error.contains("--node none.prom=a"), "{error}");
    // Two nodes of a Prometheus, in two files; the parts of one in two files.
    let with =
        |node: &str, all: &[f64]| answer(&[(1, &[]), (60, all)], &format!(r#","node":"{node}""#));
    let a = files.with("a.json", &with("a", &[1.0, 2.0]));
    let b = files.with("b.json", &with("b", &[4.0]));
    let both = told(&[&a, &b], &[]).unwrap();
    assert_eq!(
        (
            &both["each"][0]["kube_proxy"],
            &both["each"][1]["kube_proxy"]
        ),
        (&"a".into(), &"b".into())
    );
    assert_eq!(syncs(&both)["sum_s"], 7.0);
}

#[test]
fn counters_that_begin_again_are_added_up() {
    let files = Files::new();
    let [first, second, third]: [&[f64]; 3] = [&[1.0, 1.0], &[3.0], &[3.0, 5.0]];
    let range = files.with(
        "range.json",
        &answer(&[(1, first), (2, second), (3, third)], ""),
    );
    let told = told(&[&range], &[]).unwrap();
    let found = syncs(&told);
    assert_eq!((&found["n"], &found["sum_s"]), (&2.into(), &8.0.into()));
    assert_eq!(
        (&found["window"]["restarts"], &found["window"]["scrapes"]),
        (&1.into(), &3.into())
    );
}

/// What is wrong is told with its file and line, or nothing is said at all.
#[test]
fn hostile_metrics_give_an_error_or_a_warning() {
    let files = Files::new();
    let good = exposition(&[0.1, 30.0], "", "");
    let swapped = |from: &str, to: &str| {
        assert!(good.contains(from));
        good.replace(from, to)
    };
    let count = format!("{NAME}_count 2\n");
    for (text, code) in [
        (
            swapped(&count, &format!("{NAME}_count NaN\n")),
            "malformed_metric",
        ),
        (
            swapped(&count, &format!("{NAME}_count -2\n")),
            "malformed_metric",
        ),
        (
            swapped(&count, &format!("{NAME}_count 2\n{NAME}_count 5\n")),
            "duplicate_metric",
        ),
        (swapped(&count, &format!("{NAME}_count 2")), "cut_short"),
        (
            swapped("le=\"0.128\"} 1", "le=\"0.128\"} 2"),
            "buckets_fall",
        ),
        (
            swapped(&format!("{NAME}_sum 30.1"), &format!("{NAME}_sum 12")),
            "sum_and_buckets",
        ),
        (swapped("le=\"+Inf\"} 2", "le=\"+Inf\"} 3"), "buckets_fall"),
    ] {
        let file = files.with("bad.prom", &text);
        match told(&[&file], &[]) {
            Ok(told) => {
                let warning = &told["warnings"][0];
                assert_eq!(warning["code"], code, "{told}");
                assert!(warning["line"].is_u64(), "{told}");
                assert_eq!(syncs(&told)["n"], 2);
            }
            Err(error) => {
                assert_eq!(code, "buckets_fall", "{error}");
                assert!(error.contains("bad.prom:"), "{error}");
            }
        }
    }
    // No order is asked of buckets, and the last one is the count.
    let mut lines: Vec<&str> = good
        .lines()
        .skip(2)
        .filter(|line| !line.contains("+Inf"))
        .collect();
    lines.reverse();
    let shuffled = files.with("shuffled.prom", &(lines.join("\n") + "\n"));
    let found = told(&[&shuffled], &[]).unwrap();
    assert_eq!(
        (&syncs(&found)["beyond"]["n"], &found["warnings"]),
        (&1.into(), &Json::Array(vec![]))
    );
    for (name, text, words) in [
        ("empty.prom", "", "no metric of kube-proxy"),
        ("other.prom", "up 1\n", "other.prom"),
        ("broken.json", "{\"status\":\n\"succ", "broken.json:2"),
        (
            "refused.json",
            "{\"status\":\"error\",\"error\":\"out of memory\"}",
            "out of memory",
        ),
        (
            "rate.json",
            "[{\"metric\":{},\"value\":[1,\"0.5\"]}]",
            "rate()",
        ),
        (
            "sum.prom",
            &format!("{NAME}_sum 1\n"),
            "neither _count nor buckets",
        ),
    ] {
        let error = told(&[&files.with(name, text)], &[]).unwrap_err();
        assert!(error.contains(words), "{name}: {error}");
    }
    let error = told(&[Path::new("no/such.prom")], &[]).unwrap_err();
    assert!(error.contains("no/such.prom: no such file"), "{error}");
}

/// Of a hundred thousand scrapes it takes seconds, and a bomb is refused.
#[test]
fn large_files_are_read_or_refused() {
    let files = Files::new();
    let one = exposition(&[0.1, 30.0], "", "");
    let many = files.with("many.prom", &one.repeat(20_000));
    let found = told(&[&many], &[]).unwrap();
    assert_eq!(
        (&syncs(&found)["n"], &syncs(&found)["window"]["scrapes"]),
        (&0.into(), &20_000.into())
    );
    let deep = files.with("deep.json", &"[".repeat(1_000_000));
    assert!(told(&[&deep], &[]).unwrap_err().contains("deep.json:1"));
}

#[test]
fn a_terminal_is_told_where_the_histogram_ends() {
    let mut found = String::new();
    let lockup = ["before", "after"]
        .map(|when| format!("samples/lockup-6.12/nodes/old/metrics.{when}.prom"));
    let bench = ["1", "2"].map(|run| {
        format!("samples/bench-500x30/iptables-6.1-{run}/nodes/node-a/metrics.after.prom")
    });
    for files in [lockup, bench] {
        let output = analyze(&["metrics", &files[0], &files[1]]);
        assert!(output.status.success(), "{}", stderr(&output));
        found += &stdout(&output);
        found.push('\n');
    }
    assert_eq!(expected("metrics.txt", &found), found);
}

/// Whoever gives metrics to the report is told what reads them.
#[test]
fn a_report_of_metrics_names_the_command() {
    let scrape = "samples/lockup-6.12/nodes/old/metrics.after.prom";
    let answer = "tests/analyze/golden/fixture/query-range.json";
    for (file, named) in [(scrape, true), (answer, true), ("Cargo.toml", false)] {
        let output = analyze(&[file, "--format", "table"]);
        assert_eq!(output.status.code(), Some(2));
        let error = stderr(&output);
        let names = error.contains(&format!("analyze metrics {file}"));
        assert_eq!(names, named, "{error}");
    }
}
