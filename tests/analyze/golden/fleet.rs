//! `analyze fleet`: its figures are those of the data set's report, whoever made which part, and the
//! nodes that were made slow are those that stand out.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::program::*;

fn fleet(sets: &[&Path], more: &[&str]) -> Json {
    let mut all = vec!["fleet", "--json"];
    all.extend(sets.iter().map(|set| set.to_str().unwrap()));
    all.extend(more);
    let output = analyze(&all);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn ingest(from: &Path, set: &Path, more: &[&str]) {
    let mut all = vec![
        "ingest",
        from.to_str().unwrap(),
        "-o",
        set.to_str().unwrap(),
    ];
    all.extend(more);
    let output = analyze(&all);
    assert!(output.status.success(), "{}", stderr(&output));
}

/// numpy's default.
fn percentile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}

#[track_caller]
fn near(found: &Json, real: f64, what: &str) {
    let found = found.as_f64().unwrap();
    assert!(
        (found - real).abs() <= 1e-9 * real.max(1.0),
        "{what}: {found} for {real}"
    );
}

/// Every sync of results.json, of its kernel, mode and family.
#[test]
fn groups_are_those_of_the_syncs() {
    let place = tempfile::tempdir().unwrap();
    let set = place.path().join("set");
    ingest(&root().join("samples"), &set, &[]);
    let told = fleet(&[&set], &[]);
    let report = json(&[set.to_str().unwrap()]);
    let syncs = report["syncs"].as_array().unwrap();
    assert_eq!(told["syncs"], syncs.len());
    let inputs = report["inputs"].as_array().unwrap();
    let of_input = |path: &Json, what: &str| {
        let found = inputs.iter().find(|input| input["path"] == *path);
        found.unwrap()[what].clone()
    };
    let groups = told["groups"].as_array().unwrap();
    let mut seen = 0;
    for group in groups {
        let mine = |sync: &&Json| {
            of_input(&sync["input"], "kernel") == group["values"][0]
                && of_input(&sync["input"], "mode") == group["mode"]
                && sync["family"] == group["family"]
        };
        let mine: Vec<&Json> = syncs.iter().filter(mine).collect();
        let of = |outcome: &str| {
            mine.iter()
                .filter(|sync| sync["outcome"] == outcome)
                .count()
        };
        assert_eq!(group["failed"], of("failed"), "{group}");
        seen += mine.len();
        let ok = mine.iter().filter(|sync| sync["outcome"] == "ok");
        let mut durations: Vec<f64> = ok.filter_map(|sync| sync["elapsed_s"].as_f64()).collect();
        durations.sort_by(f64::total_cmp);
        let found = &group["syncs"];
        if durations.is_empty() {
            assert!(found.is_null());
            continue;
        }
        assert_eq!(found["n"], durations.len());
        near(
            &found["mean_s"],
            durations.iter().sum::<f64>() / durations.len() as f64,
            "mean",
        );
        for (name, p) in [
            ("p5_s", 0.05),
            ("p50_s", 0.5),
            ("p99_s", 0.99),
            ("most_s", 1.0),
        ] {
            near(&found[name], percentile(&durations, p), name);
        }
        let [node, at] = [0, 1].map(|part| group["longest_at"][part].clone());
        let longest = syncs
            .iter()
            .find(|sync| sync["input"] == at["input"] && sync["line"] == at["line"]);
        near(
            &found["most_s"],
            longest.unwrap()["elapsed_s"].as_f64().unwrap(),
            "its line",
        );
        assert!(node.is_string());
    }
    assert!(groups.len() > 10);
    assert_eq!(seen, syncs.len(), "every sync is in one group");
}

/// A log of a node: so many syncs about so long, each a little different. The last three digits
/// are the node's number: a sync of the same moment and the same nanoseconds in two logs of no
/// known node is one that both have, and whether such two lie in one part hangs on their paths.
fn log_of(node: usize, base_ms: f64) -> String {
    let mut text = String::new();
    for sync in 0..20 {
        let wobble = ((node * 31 + sync * 17) % 97) as f64 / 97.0;
        let ms = base_ms * (0.9 + 0.2 * wobble);
        let (minute, second) = (sync / 2, 30 * (sync % 2) + 20);
        text += &format!(
            "I1128 10:{minute:02}:{second:02}.000000       1 proxier.go:1] \"SyncProxyRules complete\" \
             ipFamily=\"IPv4\" elapsed=\"{ms:.3}{node:03}ms\"\n"
        );
    }
    text
}

/// 400 nodes in two kinds, three of them slow.
fn made(place: &Path) -> std::path::PathBuf {
    let logs = place.join("logs");
    for node in 0..400 {
        // Not all alike: a node's own pace differs from its neighbours' by a tenth.
        let pace = 1.0 + 0.1 * ((node * 7919 % 101) as f64 / 101.0 - 0.5);
        let slow = if [17, 133, 399].contains(&node) {
            3.0
        } else {
            1.0
        };
        let base = if node % 2 == 0 { 800.0 } else { 200.0 };
        let folder = logs.join(format!("node-{node:03}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(
            folder.join("kube-proxy.log"),
            log_of(node, base * pace * slow),
        )
        .unwrap();
    }
    logs
}

#[test]
fn slow_nodes_stand_out_however_many_shards_there_were() {
    let place = tempfile::tempdir().unwrap();
    let logs = made(place.path());
    let nodes: Vec<String> = (0..400)
        .map(|node| {
            let kernel = if node % 2 == 0 { "6.1.1" } else { "6.12.1" };
            format!(
                r#"{{"metadata":{{"name":"node-{node:03}"}},"status":{{"nodeInfo":{{"kernelVersion":"{kernel}"}}}}}}"#
            )
        })
        .collect();
    let list = place.path().join("nodes.json");
    fs::write(
        &list,
        format!(r#"{{"kind":"List","items":[{}]}}"#, nodes.join(",")),
    )
    .unwrap();
    let metadata = ["--metadata", list.to_str().unwrap(), "--year", "2026"];
    let whole = place.path().join("whole");
    ingest(&logs, &whole, &metadata);
    let one = fleet(&[&whole], &[]);
    let parts = place.path().join("parts");
    for shard in ["0/3", "1/3", "2/3"] {
        ingest(
            &logs,
            &parts,
            &[&metadata[..], &["--shard", shard]].concat(),
        );
    }
    let mut three = fleet(&[&parts], &[]);
    three["sets"] = one["sets"].clone();
    assert_eq!(one, three);
    assert_eq!((&one["nodes"], &one["syncs"]), (&400.into(), &8_000.into()));
    let groups = one["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2, "{groups:?}");
    for group in groups {
        let slow = group["values"][0] == "6.1.1";
        let middle = group["medians"]["p50_s"].as_f64().unwrap();
        assert!(
            (middle / if slow { 0.8 } else { 0.2 } - 1.0).abs() < 0.05,
            "{group}"
        );
        assert_eq!(group["nodes"], 200);
    }
    let out = one["outliers"].as_array().unwrap();
    let mut names: Vec<&str> = out
        .iter()
        .map(|node| node["node"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["node-017", "node-133", "node-399"], "{out:?}");
    assert_eq!(one["outlying"], 3);
    for node in out {
        let times = node["times"].as_f64().unwrap();
        assert!((2.7..3.3).contains(&times), "{node}");
        let (input, line) = (
            node["longest_at"]["input"].as_str().unwrap(),
            &node["longest_at"]["line"],
        );
        let text = fs::read_to_string(input).unwrap();
        let line = text
            .lines()
            .nth(line.as_u64().unwrap() as usize - 1)
            .unwrap();
        assert!(line.contains("elapsed="), "{line}");
    }
    let page = place.path().join("page.html");
    let output = analyze(&[
        "fleet",
        parts.to_str().unwrap(),
        "--page",
        page.to_str().unwrap(),
    ]);
    let said = stdout(&output);
    assert!(
        said.contains("3 nodes are far") && said.contains("node-399"),
        "{said}"
    );
    assert!(said.lines().all(|line| line.chars().count() < 80), "{said}");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("<svg") && page.contains("node-399"));
    assert!(
        !page.contains("node-018"),
        "a page has distributions, not a row a node"
    );
}

/// A bundle knows what its nodes are, and which of them said nothing.
#[test]
fn bundles_tell_zones_and_silent_nodes() {
    let place = tempfile::tempdir().unwrap();
    let bundle = place.path().join("bundle");
    copy(&root().join("samples").join("full-scale-host"), &bundle);
    let path = bundle.join("bundle.json");
    let mut manifest: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let nodes = manifest["nodes"].as_array_mut().unwrap();
    nodes[0]["zone"] = "eu-1a".into();
    nodes[0]["instance_type"] = "m5.large".into();
    let mut mute = nodes[0].clone();
    mute["name"] = "mute".into();
    nodes.push(mute);
    fs::write(&path, manifest.to_string()).unwrap();
    let set = place.path().join("set");
    ingest(&bundle, &set, &[]);
    let told = fleet(&[&set], &["--by", "zone,instance"]);
    assert_eq!(told["by"], serde_json::json!(["zone", "instance"]));
    assert_eq!(
        told["groups"][0]["values"],
        serde_json::json!(["eu-1a", "m5.large"])
    );
    let silent: Vec<&Json> = told["silent_nodes"].as_array().unwrap().iter().collect();
    assert!(silent.iter().any(|node| node[1] == "mute"), "{silent:?}");
    // A run that lies in two data sets is one.
    let again = place.path().join("again");
    ingest(&bundle, &again, &[]);
    let both = fleet(&[&set, &again], &["--by", "zone,instance"]);
    assert_eq!(both["groups"], told["groups"]);
}

/// Both sides of a hundred nodes.
#[test]
fn a_report_of_many_nodes_names_what_shows_them() {
    let place = tempfile::tempdir().unwrap();
    let logs = made(place.path());
    for node in 101..400 {
        fs::remove_dir_all(logs.join(format!("node-{node:03}"))).unwrap();
    }
    let next = || json(&[logs.to_str().unwrap(), "--year", "2026"])["next"].to_string();
    assert!(
        next().contains("How the 101 nodes are spread"),
        "{}",
        next()
    );
    fs::remove_dir_all(logs.join("node-100")).unwrap();
    assert!(!next().contains("analyze fleet"), "{}", next());
}

#[test]
fn what_is_no_data_set_is_told_how_to_become_one() {
    let output = analyze(&["fleet", root().join("samples").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("analyze ingest"),
        "{}",
        stderr(&output)
    );
    let output = analyze(&["fleet", "set", "--by", "colour"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("kube-proxy"),
        "{}",
        stderr(&output)
    );
}
