//! The commands of the documentation: each call of `analyze` in a block of `sh` is made, in a directory
//! that has what the pages speak of. (Those of `driver` and `lab` are read by their own command lines in
//! their own tests, since they need a cluster, or a machine's root.)

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::calls::{assert_one_way, calls, pages};
use crate::program::{FIXTURE, analyze_in, root, stderr};

/// What the pages name: logs of nodes, bundles, a node's rules.
fn lay_out(directory: &Path) {
    let samples = root().join("samples");
    symlink(&samples, directory.join("samples")).unwrap();
    for (name, log) in [
        ("node-a.log", "churn-host/nodes/node-a/kube-proxy.0.log"),
        (
            "node-b.log",
            "cold-start-host/nodes/node-a/kube-proxy.0.log",
        ),
        ("old.log", "churn-host/nodes/node-a/kube-proxy.0.log"),
        ("new.log", "cold-start-host/nodes/node-a/kube-proxy.0.log"),
        ("kernel.log", "full-scale-host/nodes/node-a/kernel.log"),
    ] {
        symlink(samples.join(log), directory.join(name)).unwrap();
    }
    symlink(samples.join("churn-host"), directory.join("old")).unwrap();
    symlink(root().join(FIXTURE), directory.join("my-bundle")).unwrap();
    symlink(samples.join("cold-start-host"), directory.join("new")).unwrap();
    let rules = transaction::generate(&transaction::Request {
        mode: transaction::Mode::Nftables,
        shape: transaction::Shape::KubeProxy1_32,
        services: 500,
        endpoints: 30,
        from_replicas: None,
        local: 0,
        has_api_endpoint: true,
    });
    fs::write(directory.join("node.txt"), rules).unwrap();
    for (name, node, when) in [
        ("a-before.prom", "lockup-6.12/nodes/old", "before"),
        ("a-after.prom", "lockup-6.12/nodes/old", "after"),
        (
            "b-after.prom",
            "bench-500x30/nftables-7.3-1/nodes/node-a",
            "after",
        ),
    ] {
        let scrape = samples.join(node).join(format!("metrics.{when}.prom"));
        symlink(scrape, directory.join(name)).unwrap();
    }
    let answer = root().join("tests/analyze/golden/fixture/query-range.json");
    symlink(answer, directory.join("answer.json")).unwrap();
    fs::create_dir(directory.join("bundles")).unwrap();
}

#[test]
fn every_call_of_analyze_in_the_documentation_works() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    lay_out(directory);
    let mut made = 0;
    for page in pages(&root()) {
        for call in calls(&fs::read_to_string(&page).unwrap(), "analyze") {
            for word in call.iter().filter(|word| word.starts_with("bundles/")) {
                let bundle = directory.join(word);
                if !bundle.exists() && !word.ends_with(".report") {
                    symlink(root().join(FIXTURE), bundle).unwrap();
                }
            }
            let arguments: Vec<&str> = call[1..].iter().map(String::as_str).collect();
            let output = analyze_in(directory, &arguments);
            // 1 is an answer: a condition that holds.
            let answered = output.status.code().is_some_and(|code| code <= 1);
            let page = page.display();
            assert!(answered, "{page}: {}\n{}", call.join(" "), stderr(&output));
            made += 1;
        }
    }
    assert!(made >= 20, "{made} calls");
    assert_one_way(&root());
}

/// The first column of the table below a heading of a page: each name in code.
fn listed(page: &str, heading: &str) -> BTreeSet<String> {
    let (_, below) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = below.split("\n## ").next().unwrap();
    let cells = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let names = cells.flat_map(|cell| cell.split(", "));
    let plain = |name: &str| name.trim_matches(['`', ' ']).to_owned();
    names.map(plain).collect()
}

/// The page about the formats names each field that a schema has, and none that it has not.
#[test]
fn every_field_of_the_formats_is_documented() {
    let page = fs::read_to_string(root().join("docs/formats.md")).unwrap();
    for (heading, schema) in [
        ("bundle.json", "bundle/bundle.schema.json"),
        ("results.json", "analyze/results.schema.json"),
    ] {
        let schema = fs::read_to_string(root().join(schema)).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        let fields = schema["properties"].as_object().unwrap();
        let fields: BTreeSet<String> = fields.keys().cloned().collect();
        assert_eq!(listed(&page, heading), fields, "{heading}");
    }
    for file in [
        bundle::MANIFEST,
        bundle::TIMELINE,
        bundle::TRANSACTIONS,
        bundle::REPLAYS,
        bundle::BUILDS,
        bundle::PROFILES,
        bundle::KUBE_PROXY_CONFIG,
        bundle::KERNEL_LOG,
        bundle::NODE_OBJECT,
        bundle::METRICS_BEFORE,
        bundle::METRICS_AFTER,
        bundle::KEPT_DIRECTORY,
        bundle::KEPT_INDEX,
        bundle::EDITS,
    ] {
        assert!(page.contains(file), "{file} is in no table");
    }
}

/// The dashboard asks for what `--format openmetrics` writes, by labels that it has.
#[test]
fn the_dashboard_asks_for_metrics_that_there_are() {
    let text = fs::read_to_string(root().join("docs/grafana.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
    let written =
        fs::read_to_string(root().join("tests/analyze/golden/expected/tools/openmetrics.txt"))
            .unwrap();
    let mut asked = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let expression = target["expr"].as_str().unwrap();
            for metric in expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                if metric.starts_with("kube_proxy_") {
                    let family = format!("# TYPE {metric} gauge");
                    assert!(written.contains(&family), "{metric}");
                    asked += 1;
                }
            }
            for label in ["study=", "group=", "node="] {
                assert!(
                    expression.contains(label) && written.contains(label),
                    "{expression}"
                );
            }
        }
    }
    assert!(asked >= 6, "{asked}");
}
