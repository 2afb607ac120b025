//! The contract: what is written is read back, and what is broken is named.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

use std::fs;
use std::path::Path;

use bundle::{
    Action, Build, Bundle, Capture, Clock, Error, Gap, Kind, Manifest, Measurement, Node,
    NoiseFloor, Outcome, Repetition, Replay, ReplayWriter, Row, Scenario, Tool, Transaction, Until,
    Verdict, Workload, Writer, manifest_schema,
};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::{Map, json};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn manifest() -> Manifest {
    let tool = Tool {
        name: "driver".into(),
        version: "0.1.0".into(),
    };
    let mut manifest = Manifest::begin("0193-test".into(), tool, at("2026-11-24T10:00:00Z"));
    manifest.nodes.push(Node {
        name: "node-a".into(),
        ..Node::default()
    });
    manifest.workload = Some(Workload {
        scenario: Scenario::ColdStart,
        namespace: "debug".into(),
        services: 8000,
        replicas: vec![1, 5, 30],
        step_pause_s: 60.0,
        stabilise_s: 300.0,
        pace: Some("fixed".into()),
        other: Map::new(),
    });
    manifest
}

fn written(directory: &Path, manifest: &Manifest) -> Writer {
    Writer::create(directory, manifest).unwrap()
}

#[test]
fn a_run_is_read_back_as_it_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let mut manifest = manifest();
    let mut writer = written(directory.path(), &manifest);
    let row = Row {
        time: at("2026-11-24T10:00:01.250Z"),
        action: Action::Scale,
        detail: "replicas=5, \"quoted\"\nand two lines".into(),
        requested: Some(5.0),
        achieved: Some(1.0),
    };
    writer.record(&row).unwrap();
    fs::write(
        writer.log_path("node-a", 0).unwrap(),
        "2026-11-24T10:00:00Z I1124 a\n",
    )
    .unwrap();
    manifest.capture.push(Capture {
        node: "node-a".into(),
        file: "nodes/node-a/kube-proxy.0.log".into(),
        lines: 1,
        gaps: vec![Gap {
            from: at("2026-11-24T10:00:00Z"),
            to: None,
            reason: "cut".into(),
        }],
        ..Capture::default()
    });
    manifest.verdict = Verdict::Complete;
    manifest
        .other
        .insert("from_the_future".into(), json!({"kept": true}));
    writer.update(&manifest).unwrap();

    let bundle = Bundle::open(directory.path()).unwrap();
    assert_eq!(bundle.manifest, manifest);
    assert_eq!(bundle.timeline.rows, [(2, row)]);
    assert_eq!(bundle.logs().unwrap().len(), 1);
    assert_eq!(
        bundle.manifest.workload.unwrap().target_endpoints(),
        Some(240_000)
    );
}

#[test]
fn a_run_that_dies_leaves_a_bundle_that_says_so() {
    let directory = tempfile::tempdir().unwrap();
    drop(written(directory.path(), &manifest()));
    let bundle = Bundle::open(directory.path()).unwrap();
    assert!(matches!(
        bundle.manifest.verdict,
        Verdict::Incomplete { .. }
    ));
}

#[test]
fn a_resumed_run_keeps_the_rows_and_survives_half_a_row() {
    let directory = tempfile::tempdir().unwrap();
    let row = |second: u32| Row {
        time: at(&format!("2026-11-24T10:00:{second:02}Z")),
        action: Action::Other("note".into()),
        detail: String::new(),
        requested: None,
        achieved: None,
    };
    written(directory.path(), &manifest())
        .record(&row(1))
        .unwrap();
    let timeline = directory.path().join(bundle::TIMELINE);
    let mut half = fs::read(&timeline).unwrap();
    half.extend_from_slice(b"2026-11-24T10:00");
    fs::write(&timeline, half).unwrap();
    written(directory.path(), &manifest())
        .record(&row(3))
        .unwrap();

    let timeline = Bundle::open(directory.path()).unwrap().timeline;
    assert_eq!(timeline.rows, [(2, row(1)), (4, row(3))]);
    assert_eq!(timeline.faults.len(), 1);
    assert_eq!(timeline.faults[0].0, 3);
}

#[test]
fn broken_manifests_are_named() {
    let whole = serde_json::to_string_pretty(&manifest()).unwrap();
    let newer = whole.replace("\"1.1\"", "\"2.0\"");
    let odd = whole.replace("\"1.1\"", "\"zero\"");
    let wrong = whole.replace("\"nodes\": [", "\"nodes\": 5, \"x\": [");
    for (text, said) in [
        (&whole[..whole.len() / 2], "bundle.json is cut short"),
        ("", "bundle.json is cut short"),
        (
            &newer,
            "schema_version 2.0 is newer than this program reads (1.x)",
        ),
        (&odd, "is not a version that ever was"),
        (&wrong, "invalid type: integer `5`"),
        ("{]", "bundle.json:1:"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(bundle::MANIFEST), text).unwrap();
        let error = Bundle::open(directory.path()).unwrap_err().to_string();
        assert!(
            error.contains(said) && error.contains("bundle.json"),
            "{said}: {error}"
        );
    }
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(
        Bundle::open(empty.path()),
        Err(Error::MissingManifest(_))
    ));
}

#[test]
fn an_absent_log_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let mut manifest = manifest();
    manifest.capture.push(Capture {
        node: "../up".into(),
        instance: 2,
        ..Capture::default()
    });
    drop(written(directory.path(), &manifest));
    let error = Bundle::open(directory.path()).unwrap_err().to_string();
    assert!(
        error.contains("nodes/%2E.%2Fup/kube-proxy.2.log"),
        "{error}"
    );
}

#[test]
fn logs_of_nodes_that_the_manifest_does_not_list_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let mut manifest = manifest();
    let _writer = written(directory.path(), &manifest);
    let listed = || Bundle::open(directory.path()).unwrap().unlisted();
    let log = directory.path().join("nodes/node-a/kube-proxy.0.log");
    fs::create_dir_all(log.parent().unwrap()).unwrap();
    fs::write(&log, "").unwrap();
    assert!(listed().is_empty());
    manifest.nodes.clear();
    let text = serde_json::to_string(&manifest).unwrap();
    fs::write(directory.path().join("bundle.json"), text).unwrap();
    assert_eq!(listed(), ["node-a"]);
}

#[test]
fn a_directory_with_other_things_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("thesis.txt"), "mine").unwrap();
    assert!(matches!(
        Writer::create(directory.path(), &manifest()),
        Err(Error::NotEmpty(_))
    ));
}

#[test]
fn a_timeline_without_its_header_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    drop(written(directory.path(), &manifest()));
    fs::write(directory.path().join(bundle::TIMELINE), "a,b\n1,2\n").unwrap();
    let error = Bundle::open(directory.path()).unwrap_err().to_string();
    assert!(
        error.contains("timeline.csv:1: the first line is not"),
        "{error}"
    );
}

fn transaction() -> Transaction {
    Transaction {
        transaction: "cold-10x3-kube-proxy-1.32".into(),
        mode: "nftables".into(),
        shape: "kube-proxy-1.32".into(),
        family: "ipv4".into(),
        services: Some(10),
        endpoints_per_service: Some(3),
        sha256: "00".repeat(32),
        bytes: 9000,
        anonymous_maps: 10,
        ..Transaction::default()
    }
}

fn measurement(repetition: u32) -> Measurement {
    Measurement {
        time: at("2026-11-24T10:00:01.250Z"),
        transaction: transaction().transaction,
        after: String::new(),
        kernel_release: "6.1.0-56-cloud-amd64".into(),
        kernel_series: "6.1".into(),
        kernel_version: "6.1.192".into(),
        clock: Clock::Instructions,
        host: "qemu 10.0.8".into(),
        loader: "nft 1.0.6".into(),
        repetition,
        piece: 1,
        pieces: 1,
        outcome: Outcome::Ok,
        problem: "line 3: \"syntax\",\nand more".into(),
        user_ns: Some(5),
        kernel_ns: Some(u64::MAX),
        elapsed_ns: None,
        wall_s: Some(1.25),
        peak_memory_kib: Some(1),
        kernel_memory_kib: Some(-4),
        chains_after: Some(1),
        rules_after: Some(2),
        sets_after: Some(3),
        elements_after: Some(4),
        complaints: Some(0),
        build: "control".into(),
    }
}

fn replay_manifest() -> Manifest {
    Manifest::begin_replay("r".into(), manifest().tool, at("2026-11-24T10:00:00Z"))
}

#[test]
fn a_replay_is_read_back_and_gone_on_with() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = ReplayWriter::create(directory.path(), &replay_manifest()).unwrap();
    writer.transaction(&transaction()).unwrap();
    writer.measurement(&measurement(1)).unwrap();
    drop(writer);
    let path = directory.path().join(bundle::REPLAYS);
    let mut half = fs::read(&path).unwrap();
    half.extend_from_slice(b"2026-11-24T10:00");
    fs::write(&path, half).unwrap();
    let mut writer = ReplayWriter::create(directory.path(), &replay_manifest()).unwrap();
    writer.measurement(&measurement(2)).unwrap();

    let replay = Replay::read(directory.path()).unwrap();
    assert_eq!(replay.transactions.rows, [(2, transaction())]);
    let rows: Vec<_> = replay
        .measurements
        .rows
        .into_iter()
        .map(|(_, row)| row)
        .collect();
    assert_eq!(rows, [measurement(1), measurement(2)]);
    assert_eq!(replay.measurements.faults.len(), 1);
    let bundle = Bundle::open(directory.path()).unwrap();
    assert_eq!(
        (
            bundle.manifest.kind,
            bundle.manifest.schema_version.as_str()
        ),
        (Kind::Replay, "1.1")
    );
}

#[test]
fn a_table_that_an_earlier_version_began_gets_the_columns_that_it_lacks() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = ReplayWriter::create(directory.path(), &replay_manifest()).unwrap();
    writer.measurement(&measurement(1)).unwrap();
    drop(writer);
    let path = directory.path().join(bundle::REPLAYS);
    let text = fs::read_to_string(&path).unwrap();
    // With a row that was left half-written.
    let older = (text + "2026-11-24T10:00\n")
        .replacen(",build\n", "\n", 1)
        .replace(",0,control\n", ",0\n");
    assert!(!older.contains("build") && !older.contains("control"));
    fs::write(&path, older).unwrap();
    let mut writer = ReplayWriter::create(directory.path(), &replay_manifest()).unwrap();
    writer.measurement(&measurement(2)).unwrap();
    let replay = Replay::read(directory.path()).unwrap().measurements;
    let builds: Vec<&str> = replay.rows.iter().map(|(_, row)| &*row.build).collect();
    assert_eq!((builds, replay.faults.len()), (vec!["", "control"], 1));
}

/// Another table's columns are not this one's, and what a newer version began has all that it needs.
#[test]
fn a_table_that_lacks_no_column_or_is_another_keeps_its_first_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(bundle::REPLAYS);
    let measured = |number| {
        let mut writer = ReplayWriter::create(directory.path(), &replay_manifest()).unwrap();
        writer.measurement(&measurement(number)).unwrap();
        fs::read_to_string(&path).unwrap()
    };
    let first = measured(1);
    let (columns, _) = first.split_once('\n').unwrap();
    for columns in [
        columns,
        &format!("{columns},newer"),
        "other",
        "time_utc,other",
    ] {
        let begun = format!("{columns}\nx\n");
        fs::write(&path, &begun).unwrap();
        let after = measured(2);
        assert!(after.starts_with(&begun), "{begun} {after}");
    }
}

#[test]
fn builds_and_edits_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = ReplayWriter::create(directory.path(), &replay_manifest()).unwrap();
    let build = |name: &str| Build {
        build: name.into(),
        kernel_release: "6.1.0-56-cloud-amd64".into(),
        source: "linux-source-6.1 6.1.192-2".into(),
        compiler: "gcc 12".into(),
        module_sha256: "00".repeat(32),
        says: String::new(),
        edits: String::new(),
    };
    assert!(
        Replay::read(directory.path())
            .unwrap()
            .builds
            .rows
            .is_empty()
    );
    for name in ["control", "a+b"] {
        writer.build(&build(name)).unwrap();
    }
    writer.edit("a.toml", "name = \"a\"\n").unwrap();
    let rows = Replay::read(directory.path()).unwrap().builds.rows;
    assert_eq!(rows, [(2, build("control")), (3, build("a+b"))]);
    let kept = directory.path().join(bundle::EDITS).join("a.toml");
    assert_eq!(fs::read_to_string(kept).unwrap(), "name = \"a\"\n");
}

#[test]
fn a_run_does_not_name_its_kind() {
    let text = serde_json::to_string(&manifest()).unwrap();
    assert!(
        !text.contains("\"kind\":\"run\"") && text.contains("\"1.1\""),
        "{text}"
    );
}

/// What an older reader does not know is one field, and nothing else of the bundle changes.
#[test]
fn a_repetition_is_said_of_a_finished_bundle() {
    let directory = tempfile::tempdir().unwrap();
    let mut manifest = manifest();
    manifest.other.insert("from_the_future".into(), json!(7));
    written(directory.path(), &manifest);
    let repetition = Repetition {
        number: 3,
        again: true,
        until: Some(Until {
            width_pct: 5.0,
            first_look: 3,
            at_most: 20,
        }),
        noise_floor: Some(NoiseFloor {
            kernel: "6.1.144".into(),
            pct: 4.2,
            runs: 3,
        }),
        other: Map::new(),
    };
    Manifest::say_repetition(directory.path(), &repetition).unwrap();
    let found = Manifest::read(directory.path()).unwrap();
    assert_eq!(found.repetition.as_ref(), Some(&repetition));
    assert_eq!(found.schema_version, "1.2");
    manifest.schema_version = "1.2".into();
    manifest.repetition = Some(repetition);
    assert_eq!(found, manifest);
    let nowhere = Manifest::say_repetition(&directory.path().join("x"), &Repetition::default());
    assert!(
        matches!(nowhere, Err(Error::MissingManifest(_))),
        "{nowhere:?}"
    );
}

#[test]
fn a_table_of_something_else_is_an_error_and_an_absent_one_is_empty() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(Replay::read(directory.path()).unwrap(), Replay::default());
    fs::write(directory.path().join(bundle::TRANSACTIONS), "a,b\n1,2\n").unwrap();
    let error = Replay::read(directory.path()).unwrap_err().to_string();
    assert!(
        error.contains("transactions.csv:1: the first line has no column"),
        "{error}"
    );
}

/// `BLESS=1 cargo test -p bundle` writes the file anew.
#[test]
fn the_committed_schema_is_the_types_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("bundle.schema.json");
    let schema = manifest_schema().unwrap();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), schema);
}

proptest! {
    #[test]
    fn any_row_is_read_back(detail in "\\PC{0,60}", action in "[a-z-]{1,20}", n in any::<Option<u32>>()) {
        let directory = tempfile::tempdir().unwrap();
        let row = Row {
            time: at("2026-11-24T10:00:01.000001Z"),
            action: Action::from(action),
            // The reader trims, as hand-written timelines need.
            detail: detail.trim().to_owned(),
            requested: n.map(f64::from),
            achieved: None,
        };
        written(directory.path(), &manifest()).record(&row).unwrap();
        let timeline = Bundle::open(directory.path()).unwrap().timeline;
        prop_assert_eq!(&timeline.rows[0].1, &row);
    }
}
