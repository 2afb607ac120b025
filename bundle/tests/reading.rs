//! What a bundle names is read only if it is a file inside of it, of a size that it can have; and what
//! is written is its owner's alone.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use bundle::{
    Bundle, Capture, Clock, ClockSkew, Cluster, Error, KeptTransaction, KeptWriter, Manifest, Node,
    Profile, ReplayWriter, Scenario, Shard, Tool, Workload, Writer, kept_transactions,
    node_profile, regular,
};
use chrono::{DateTime, TimeDelta};
use serde_json::Map;

fn manifest(nodes: &[&str]) -> Manifest {
    let tool = Tool {
        name: "driver".into(),
        version: "0.1.0".into(),
    };
    let mut manifest = Manifest::begin("run".into(), tool, DateTime::UNIX_EPOCH);
    manifest.nodes = nodes.iter().map(|name| node(name, None)).collect();
    manifest
}

fn node(name: &str, ahead_s: Option<f64>) -> Node {
    Node {
        name: name.into(),
        clock: ahead_s.map(ahead),
        ..Node::default()
    }
}

fn ahead(ahead_s: f64) -> ClockSkew {
    ClockSkew {
        ahead_s,
        within_s: 0.25,
        samples: Vec::new(),
    }
}

/// A bundle of one node, and the node's directory.
fn bundle_of_one() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let writer = Writer::create(directory.path(), &manifest(&["node-a"])).unwrap();
    let of_node = writer.node_path("node-a").unwrap();
    (directory, of_node)
}

fn kept(file: &str) -> KeptTransaction {
    KeptTransaction {
        file: file.into(),
        program: "nft".into(),
        family: "ipv4".into(),
        started: DateTime::UNIX_EPOCH,
        ended: DateTime::UNIX_EPOCH + TimeDelta::microseconds(1),
        status: 0,
        bytes: 7,
    }
}

#[test]
fn a_file_is_read_up_to_its_largest_size_and_not_a_byte_beyond() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    let most = 2 << 20;
    fs::write(&path, vec![b'x'; most]).unwrap();
    let read = |most: usize| regular::read(&path, most as u64, "reading");
    assert_eq!(read(most).unwrap().map(|bytes| bytes.len()), Some(most));
    assert_eq!(read(most + 1).unwrap().map(|bytes| bytes.len()), Some(most));
    let error = read(most - 1).unwrap_err().to_string();
    assert!(error.contains("larger than 1 MB"), "{error}");
    fs::write(&path, "").unwrap();
    assert_eq!(read(0).unwrap(), Some(Vec::new()));
}

#[test]
fn only_what_is_not_there_is_none() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let read = |name: &str| regular::read(&at(name), 1 << 20, "reading");
    fs::write(at("file"), "x").unwrap();
    symlink(at("file"), at("link")).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    symlink("itself", at("itself")).unwrap();
    let _socket = UnixListener::bind(at("socket")).unwrap();
    assert_eq!(read("file").unwrap().as_deref(), Some(&b"x"[..]));
    assert_eq!(read("link").unwrap().as_deref(), Some(&b"x"[..]));
    assert_eq!(read("absent").unwrap(), None);
    for name in ["", "dangling", "itself", "socket"] {
        let found = read(name);
        assert!(matches!(found, Err(Error::NotAFile(_))), "{name} {found:?}");
    }
    // Behind a file there is nothing, and that is not the same as an empty place.
    let found = read("file/below");
    assert!(matches!(found, Err(Error::Io { .. })), "{found:?}");
}

#[test]
fn what_leads_out_of_a_bundle_is_outside_and_what_is_absent_is_not() {
    let place = tempfile::tempdir().unwrap();
    let bundle = place.path().join("bundle");
    fs::create_dir(&bundle).unwrap();
    for path in [place.path().join("out"), bundle.join("in")] {
        fs::write(path, "").unwrap();
    }
    symlink("../out", bundle.join("leads-out")).unwrap();
    symlink("in", bundle.join("leads-in")).unwrap();
    for (name, is_outside) in [
        ("in", false),
        ("leads-in", false),
        ("absent", false),
        ("leads-out", true),
        ("../out", true),
    ] {
        let found = regular::inside(&bundle, &bundle.join(name));
        assert_eq!(
            matches!(found, Err(Error::Outside(_))),
            is_outside,
            "{name}"
        );
        assert_eq!(found.is_err(), is_outside, "{name}");
    }
}

#[test]
fn a_nodes_files_are_files_and_directories_inside_of_the_bundle() {
    type Put = fn(&Path);
    let puts: [(&str, Put, Option<&str>); 7] = [
        ("a file", |at| fs::write(at, "").unwrap(), None),
        ("a directory", |at| fs::create_dir(at).unwrap(), None),
        (
            "a link to a file",
            |at| {
                fs::write(at.with_extension("b"), "").unwrap();
                symlink("x.b", at).unwrap();
            },
            None,
        ),
        (
            "a link to nothing",
            |at| symlink("y", at).unwrap(),
            Some("not a regular file"),
        ),
        (
            "a link to itself",
            |at| symlink("x", at).unwrap(),
            Some("not a regular file"),
        ),
        (
            "a socket",
            |at| drop(UnixListener::bind(at).unwrap()),
            Some("not a regular file"),
        ),
        (
            "a link out",
            |at| symlink("/etc", at).unwrap(),
            Some("leads out of the bundle"),
        ),
    ];
    for (what, put, refused) in puts {
        let (directory, of_node) = bundle_of_one();
        put(&of_node.join("x"));
        let said = Bundle::open(directory.path()).err().map(|e| e.to_string());
        match (&said, refused) {
            (None, None) => {}
            (Some(said), Some(refused)) => assert!(said.contains(refused), "{what}: {said}"),
            _ => panic!("{what}: {said:?}"),
        }
    }
}

#[test]
fn a_directory_of_a_node_that_is_a_link_out_is_refused() {
    let (directory, of_node) = bundle_of_one();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::remove_dir(&of_node).unwrap();
    symlink(elsewhere.path(), &of_node).unwrap();
    let found = Bundle::open(directory.path());
    assert!(matches!(found, Err(Error::Outside(_))), "{found:?}");
}

#[test]
fn a_nodes_logs_are_listed_by_node_and_instance() {
    let directory = tempfile::tempdir().unwrap();
    // Two nodes have a directory, one has none.
    let writer = Writer::create(directory.path(), &manifest(&["b", "none", "a"])).unwrap();
    for (node, names) in [
        ("a", ["kube-proxy.0.log", "kernel.log"]),
        ("b", ["kube-proxy.10.log.zst", "kube-proxy.9.log.gz"]),
    ] {
        for name in names {
            fs::write(writer.node_path(node).unwrap().join(name), "").unwrap();
        }
    }
    let bundle = Bundle::open(directory.path()).unwrap();
    let found: Vec<(usize, u32)> = bundle
        .logs()
        .unwrap()
        .iter()
        .map(|log| (log.node, log.instance))
        .collect();
    assert_eq!(found, [(0, 9), (0, 10), (2, 0)]);
    let [b, _, a] = &bundle.manifest.nodes[..] else {
        panic!("three nodes")
    };
    let file = |node: &Node, name: &str| {
        let path = bundle.node_file(node, name)?;
        Some(path.file_name()?.to_str()?.to_owned())
    };
    assert_eq!(file(a, "kernel.log").as_deref(), Some("kernel.log"));
    assert_eq!(
        file(b, "kube-proxy.9.log").as_deref(),
        Some("kube-proxy.9.log.gz")
    );
    assert_eq!(
        file(b, "kube-proxy.10.log").as_deref(),
        Some("kube-proxy.10.log.zst")
    );
    assert_eq!(file(b, "kernel.log"), None);
}

#[test]
fn nodes_that_only_captures_or_folders_know_are_unlisted() {
    let (directory, _) = bundle_of_one();
    let mut manifest = manifest(&["node-a"]);
    let writer = Writer::create(directory.path(), &manifest).unwrap();
    for name in ["node-a", "captured"] {
        fs::write(writer.log_path(name, 0).unwrap(), "").unwrap();
        manifest.capture.push(Capture {
            node: name.into(),
            ..Capture::default()
        });
    }
    writer.node_path("folder").unwrap();
    fs::write(directory.path().join("nodes/file"), "").unwrap();
    writer.update(&manifest).unwrap();
    let bundle = Bundle::open(directory.path()).unwrap();
    assert_eq!(bundle.unlisted(), ["captured", "folder"]);
}

/// The lower one of the two in the middle, so that it is some node's clock.
#[test]
fn the_clock_of_logs_is_the_median_nodes_and_else_the_api_servers() {
    for (nodes, server, clock) in [
        (vec![], None, None),
        (vec![None], None, None),
        (vec![], Some(9.0), Some(9.0)),
        (vec![None], Some(9.0), Some(9.0)),
        (vec![None, Some(4.0)], Some(9.0), Some(4.0)),
        (vec![Some(4.0), Some(2.0)], None, Some(2.0)),
        (vec![Some(5.0), Some(-1.0), Some(2.0)], None, Some(2.0)),
        (
            vec![Some(5.0), Some(1.0), Some(3.0), Some(2.0)],
            None,
            Some(2.0),
        ),
    ] {
        let mut manifest = manifest(&[]);
        manifest.nodes = nodes.iter().map(|ahead_s| node("n", *ahead_s)).collect();
        manifest.cluster = Some(Cluster {
            clock: server.map(ahead),
            ..Cluster::default()
        });
        let found = manifest.clock_of_logs().map(|clock| clock.ahead_s);
        assert_eq!(found, clock, "{nodes:?} {server:?}");
    }
}

#[test]
fn a_shard_is_said_in_the_version_that_knows_shards() {
    let mut manifest = manifest(&[]);
    let shard = Shard::new(1, 4).unwrap();
    manifest.say_shard(shard);
    assert_eq!(manifest.shard, Some(shard));
    assert_eq!(manifest.schema_version, "1.3");
}

#[test]
fn the_target_is_services_by_the_most_replicas() {
    for (replicas, target) in [
        (vec![], None),
        (vec![1, 30, 5], Some(240_000)),
        (vec![u64::MAX], Some(u64::MAX)),
    ] {
        let workload = Workload {
            scenario: Scenario::Ramp,
            namespace: "debug".into(),
            services: 8_000,
            replicas,
            step_pause_s: 60.0,
            stabilise_s: 300.0,
            pace: None,
            other: Map::new(),
        };
        assert_eq!(workload.target_endpoints(), target, "{workload:?}");
    }
}

#[test]
fn kept_transactions_are_read_back_in_order() {
    let (directory, of_node) = bundle_of_one();
    let read = || kept_transactions(directory.path(), "node-a").unwrap().rows;
    assert_eq!(read(), []);
    for file in ["0.gz", "1.gz"] {
        let mut writer = KeptWriter::open(directory.path(), "node-a").unwrap();
        assert_eq!(writer.directory(), of_node.join(bundle::KEPT_DIRECTORY));
        writer.add(&kept(file)).unwrap();
    }
    assert_eq!(read(), [(2, kept("0.gz")), (3, kept("1.gz"))]);
}

#[test]
fn what_belongs_to_a_bundle_is_not_put_elsewhere() {
    let elsewhere = tempfile::tempdir().unwrap();
    let errors = [
        KeptWriter::open(elsewhere.path(), "node-a").err(),
        node_profile(elsewhere.path(), "node-a").err(),
        Writer::join(elsewhere.path()).err(),
    ];
    for error in errors {
        assert!(
            matches!(error, Some(Error::MissingManifest(_))),
            "{error:?}"
        );
    }
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn a_nodes_profile_stands_in_its_directory() {
    let (directory, of_node) = bundle_of_one();
    fs::remove_dir(&of_node).unwrap();
    let path = node_profile(directory.path(), "node-a").unwrap();
    assert_eq!(path, of_node.join("profile.folded.gz"));
    assert!(of_node.is_dir());
}

#[test]
fn every_file_and_directory_of_a_bundle_is_its_owners_alone() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let run = at("above/run");
    let writer = Writer::create(&run, &manifest(&["node-a"])).unwrap();
    assert_eq!(writer.directory(), run);
    writer.node_path("node-a").unwrap();
    KeptWriter::open(&run, "node-b")
        .unwrap()
        .add(&kept("0.gz"))
        .unwrap();
    node_profile(&run, "node-c").unwrap();
    let mut writer = ReplayWriter::create(&at("replay"), &manifest(&[])).unwrap();
    writer.edit("a.toml", "").unwrap();
    writer.profile(&profile(), "nft;[user] 1\n").unwrap();

    let mut entries = vec![at("above"), at("replay")];
    let mut seen = 0;
    while let Some(path) = entries.pop() {
        let known = fs::metadata(&path).unwrap();
        let wanted = if known.is_dir() {
            entries.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            bundle::DIRECTORY_MODE
        } else {
            bundle::FILE_MODE
        };
        let mode = known.permissions().mode() & 0o777;
        assert_eq!(mode, wanted, "{}: {mode:o}", path.display());
        seen += 1;
    }
    assert_eq!(seen, 19);
}

fn profile() -> Profile {
    Profile {
        time: DateTime::UNIX_EPOCH,
        transaction: "t".into(),
        after: String::new(),
        kernel_release: "6.1.0".into(),
        kernel_series: "6.1".into(),
        kernel_version: String::new(),
        clock: Clock::Wall,
        host: "here".into(),
        sampler: "perf".into(),
        frequency_hz: 100,
        samples: 1,
        kernel_samples: 0,
        file: "t.folded".into(),
    }
}
