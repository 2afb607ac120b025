//! Data sets: a report of one is the report of the logs that it was made of.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::program::*;

/// Logs of every kind that the reader is tested with.
const LOGS: &str = "analyze/logs/tests/formats/corpus";

fn ingest(arguments: &[&str], set: &Path) -> String {
    let set = set.to_string_lossy();
    let mut all = vec!["ingest", "-o", &set];
    all.extend_from_slice(arguments);
    let output = analyze(&all);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

/// results.json as it is written, and what was said beside it.
fn results(arguments: &[&str]) -> (String, String) {
    let mut all = vec!["--format", "json"];
    all.extend_from_slice(arguments);
    let output = analyze(&all);
    assert!(output.status.success(), "{}", stderr(&output));
    (stdout(&output), stderr(&output))
}

fn files(below: &Path) -> BTreeSet<PathBuf> {
    let all = walkdir::WalkDir::new(below).into_iter().map(Result::unwrap);
    let files = all.filter(|entry| entry.file_type().is_file());
    files.map(walkdir::DirEntry::into_path).collect()
}

#[test]
fn a_report_of_a_data_set_is_that_of_the_logs_whoever_ingested_which_share() {
    let root = tempfile::tempdir().unwrap();
    for (from, to) in [
        ("samples", "given/samples"),
        (FIXTURE, "given/ramp"),
        (LOGS, "given/logs"),
    ] {
        copy(&self::root().join(from), &root.path().join(to));
    }
    let run = |arguments: &[&str]| {
        let output = analyze_in(root.path(), arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        (stdout(&output), stderr(&output))
    };
    let expected = run(&["--format", "json", "given"]);
    for shards in [1, 2, 4] {
        // The last first: their order says nothing.
        for index in (0..shards).rev() {
            let (set, share) = (format!("set-{shards}"), format!("{index}/{shards}"));
            run(&["ingest", "given", "-o", &set, "--shard", &share]);
        }
    }
    // Nothing is looked for where the logs were.
    fs::remove_dir_all(root.path().join("given")).unwrap();
    let mut tables = Vec::new();
    for shards in [1, 2, 4] {
        let set = format!("set-{shards}");
        let found = run(&["--format", "json", &set]);
        assert!(found == expected, "{shards} shards give another report");
        let set = root.path().join(set);
        let names = files(&set).into_iter();
        let names = names.map(|file| file.strip_prefix(&set).unwrap().to_owned());
        tables.push(names.collect::<Vec<_>>());
    }
    // A table's name tells its bytes.
    assert!(tables[0] == tables[1] && tables[1] == tables[2]);
    assert!(tables[0].len() > 100, "{}", tables[0].len());
}

#[test]
fn data_sets_bundles_and_logs_are_read_side_by_side() {
    let root = tempfile::tempdir().unwrap();
    let set = root.path().join("set");
    ingest(&["samples/bench-500x30", LOGS], &set);
    let rest = ["samples/churn-host", "samples/replay-nftables", FIXTURE];
    let mut all = vec!["samples/bench-500x30", LOGS];
    all.extend(rest);
    let set = set.to_string_lossy();
    let mut mixed = vec![&*set];
    mixed.extend(rest);
    assert!(results(&mixed) == results(&all));
    // A bundle that is given twice is one, as it lies or from a data set.
    mixed.push("samples/bench-500x30");
    assert!(results(&mixed).0 == results(&all).0);
}

#[test]
fn labels_and_groups_are_asked_of_a_data_set_as_of_logs() {
    let root = tempfile::tempdir().unwrap();
    let copy_of = |name: &str| {
        let to = root.path().join("logs").join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(
            self::root().join("samples/churn-host/nodes/node-a/kube-proxy.0.log"),
            &to,
        )
        .unwrap();
    };
    copy_of("a.log");
    copy_of("b.log");
    let logs = root.path().join("logs");
    let set = root.path().join("set");
    ingest(&[&logs.to_string_lossy()], &set);
    let asked = [
        "--label",
        "a.log=6.1",
        "--run",
        "b.log=night",
        "--min-endpoints",
        "1000",
    ];
    let of = |path: &Path| {
        let path = path.to_string_lossy();
        let mut all = asked.to_vec();
        all.push(&path);
        results(&all)
    };
    assert!(of(&set) == of(&logs));
    let output = analyze(&["--label", "c.log=6.1", &set.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no log is named c.log"));
}

#[test]
fn what_is_there_is_left_alone_and_a_changed_log_is_read_anew() {
    let root = tempfile::tempdir().unwrap();
    let logs = root.path().join("logs");
    copy(&self::root().join(FIXTURE), &logs);
    let (set, given) = (root.path().join("set"), logs.to_string_lossy());
    ingest(&[&given], &set);
    let before = files(&set);
    let stamps = |files: &BTreeSet<PathBuf>| -> Vec<_> {
        let modified = |file: &PathBuf| fs::metadata(file).unwrap().modified().unwrap();
        files.iter().map(modified).collect()
    };
    let times = stamps(&before);
    let said = ingest(&[&given], &set);
    assert!(said.contains("0 parts written, 2 as they were"), "{said}");
    assert_eq!((files(&set), stamps(&before)), (before.clone(), times));
    // One node's log goes on: its part alone is made anew, and the old tables go.
    let log = logs.join("nodes/node-new/kube-proxy.0.log");
    let text = fs::read_to_string(&log).unwrap();
    let half = text.len() / 2 + text[text.len() / 2..].find('\n').unwrap();
    fs::write(&log, &text[..half]).unwrap();
    let said = ingest(&[&given], &set);
    assert!(said.contains("1 part written, 1 as they were"), "{said}");
    assert_eq!(files(&set).len(), before.len());
    assert!(results(&[&set.to_string_lossy()]) == results(&[&given]));
}

#[test]
fn a_shard_that_is_killed_leaves_nothing_half_and_the_next_one_ends_it() {
    let root = tempfile::tempdir().unwrap();
    let set = root.path().join("set");
    let given = "samples/bench-500x30";
    ingest(&[given], &set);
    let whole = files(&set);
    let part = whole
        .iter()
        .find(|file| file.starts_with(set.join("parts")))
        .unwrap();
    let table = whole
        .iter()
        .find(|file| file.starts_with(set.join("syncs")))
        .unwrap();
    // As one that dies between its tables and its word on them leaves it: twice.
    for stray in ["BIN-0123456789abcdef.parquet", "251-aa.parquet"] {
        let bin = part.file_stem().unwrap().to_string_lossy().into_owned();
        let run = part.parent().unwrap().file_name().unwrap();
        fs::remove_file(part).unwrap();
        let stray = stray.replace("BIN", &bin);
        fs::write(set.join("syncs").join(run).join(&stray), "half a table").unwrap();
        let output = analyze(&["--format", "json", &set.to_string_lossy()]);
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(
            said.contains("the run is not whole") && said.contains("parts/run="),
            "{said}"
        );
        ingest(&[given], &set);
        assert_eq!(files(&set), whole, "the rest is swept");
        assert!(results(&[&set.to_string_lossy()]) == results(&[given]));
    }
    // A table that is damaged is named.
    fs::write(table, "half").unwrap();
    let output = analyze(&["--format", "json", &set.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("syncs"), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_a_data_set_is_refused_and_left_as_it_is() {
    let root = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str], because: &str| {
        let output = analyze_in(root.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(because), "{}", stderr(&output));
    };
    let home = self::root().join("samples/churn-host");
    let sample = home.to_string_lossy();
    fs::create_dir(root.path().join("mine")).unwrap();
    fs::write(root.path().join("mine/letter.txt"), "dear").unwrap();
    refused(&["ingest", &sample, "-o", "mine"], "no part of a data set");
    assert_eq!(fs::read_dir(root.path().join("mine")).unwrap().count(), 1);
    let set = root.path().join("set");
    ingest(&[&sample], &set);
    refused(&["ingest", "set", "-o", "other"], "in a data set already");
    refused(&["ingest", "-", "-o", "set"], "cannot be ingested");
    refused(
        &["ingest", &sample, "-o", "set", "--shard", "2/2"],
        "0/N to N-1/N",
    );
    fs::write(set.join("dataset.json"), r#"{"schema": 2}"#).unwrap();
    refused(&["set"], "layout 2; this program knows 1");
    refused(&["ingest", &sample, "-o", "set"], "layout 2");
    fs::write(set.join("dataset.json"), "{").unwrap();
    refused(&["set"], "dataset.json");
}

#[test]
fn an_empty_data_set_and_one_without_syncs_are_told() {
    let root = tempfile::tempdir().unwrap();
    let set = root.path().join("set");
    fs::create_dir(&set).unwrap();
    fs::write(set.join("dataset.json"), r#"{"schema": 1}"#).unwrap();
    let output = analyze(&[&set.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(2));
    fs::create_dir(root.path().join("logs")).unwrap();
    fs::write(root.path().join("logs/a.log"), "no line of kube-proxy's\n").unwrap();
    let logs = root.path().join("logs");
    ingest(&[&logs.to_string_lossy()], &set);
    let of = |path: &Path| stderr(&analyze(&[&path.to_string_lossy()]));
    assert_eq!(of(&set), of(&logs));
    assert!(of(&set).contains("nothing was read"));
}

/// Each small file of a data set is as its schema says, and as the types say: `BLESS=1 cargo test -p
/// analyze --test golden` writes the schema anew.
#[test]
fn small_files_follow_their_schema() {
    let path = root().join("analyze/dataset.schema.json");
    let text = analyze::dataset::schema().unwrap();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let schema: Json = serde_json::from_str(&text).unwrap();
    let place = tempfile::tempdir().unwrap();
    let set = place.path().join("set");
    ingest(&["samples"], &set);
    let json = |path: &Path| -> Json { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mark = json(&set.join("dataset.json"));
    let mut checked = 0;
    for run in files(&set.join("runs")) {
        let run = json(&run);
        let parts = format!("parts/run={}", run["id"].as_str().unwrap());
        for bin in run["parts"].as_array().unwrap() {
            let part = set.join(format!("{parts}/{:03}.json", bin.as_u64().unwrap()));
            let files = serde_json::json!({
                "dataset.json": mark, "runs/ID.json": run, "parts/run=ID/NNN.json": json(&part)
            });
            let faults = validator.iter_errors(&files).map(|fault| fault.to_string());
            assert_eq!(faults.collect::<Vec<_>>(), [""; 0], "{}", part.display());
            checked += 1;
        }
    }
    assert!(checked > 10, "{checked} parts");
    assert!(!validator.is_valid(&serde_json::json!({"dataset.json": mark})));
}

/// The contract in docs/data-set.md has the columns that are written.
#[test]
fn the_columns_are_those_of_the_documentation() {
    use analyze::dataset;
    let none = kube_proxy_logs::Gathered::default();
    let tables = [
        ("syncs", dataset::syncs(&none, &[]).next().unwrap()),
        ("kernel_events", dataset::kernel_events(&none, &[])),
        ("logs", dataset::logs(&none, &[]).unwrap()),
        ("lines", dataset::lines(&dataset::KeptLines::new())),
        ("steps", dataset::steps(&bundle::Timeline::default())),
    ];
    let line = |(name, table): &(&str, analyze::frame::Table)| {
        let columns = table
            .columns()
            .map(|(name, holds)| format!("{name} {holds}"));
        format!("{name}: {}\n", columns.collect::<Vec<_>>().join(", "))
    };
    let written: String = tables.iter().map(line).collect();
    let page = fs::read_to_string(root().join("docs/data-set.md")).unwrap();
    let told = page
        .split("```columns\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    assert_eq!(told, written);
}
