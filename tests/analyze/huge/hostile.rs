//! What must not be read is refused, and what names say acts on nothing.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::Value as Json;
use tempfile::tempdir;

use super::program::{analyze, bundle, complete, line, prints, refused, stderr};

#[test]
fn pipes_devices_and_directories_are_no_files() {
    let here = tempdir().unwrap();
    let path = here.path();
    let fifo = |name: &str| {
        let made = Command::new("mkfifo").arg(path.join(name)).status();
        assert!(made.unwrap().success());
    };
    fifo("pipe.log");
    let why = refused(path, &["pipe.log", "--format", "csv"]);
    assert!(why.contains("pipe.log: a pipe"), "{why}");
    let why = refused(path, &["/dev/zero", "--format", "csv"]);
    assert!(why.contains("/dev/zero: a device"), "{why}");
    fs::write(path.join("a.log"), complete(30)).unwrap();
    for (metadata, what) in [("/dev/zero", "a device"), ("pipe.log", "a pipe")] {
        let why = refused(path, &["a.log", "--metadata", metadata, "--format", "csv"]);
        assert!(why.contains(what), "{why}");
    }
    bundle(&path.join("run"), "");
    prints(path, &["run", "--format", "csv"]);
    for name in [
        "bundle.json",
        "timeline.csv",
        "nodes/node-a/kube-proxy.0.log",
        "nodes/node-a/kube-proxy.1.log",
        "nodes/node-a/kernel.log",
        "nodes/node-a/metrics.before.prom",
    ] {
        let file = format!("run/{name}");
        let before = fs::read(path.join(&file)).ok();
        fs::remove_file(path.join(&file)).unwrap_or_default();
        fifo(&file);
        let why = refused(path, &["run", "--format", "csv"]);
        assert!(
            why.contains(&format!("{name}: not a regular file")),
            "{why}"
        );
        fs::remove_file(path.join(&file)).unwrap();
        if let Some(before) = before {
            fs::write(path.join(&file), before).unwrap();
        }
    }
    prints(path, &["run", "--format", "csv"]);
}

/// What a link promises and does not hold is missing; the run is not read without it.
#[test]
fn a_link_that_leads_nowhere_is_no_file() {
    let here = tempdir().unwrap();
    let path = here.path();
    bundle(&path.join("run"), "");
    for name in [
        "bundle.json",
        "timeline.csv",
        "nodes/node-a/kube-proxy.0.log",
        "nodes/node-a/kube-proxy.1.log",
        "nodes/node-a/kernel.log",
        "nodes/node-a/metrics.before.prom",
    ] {
        for target in ["nowhere", name.rsplit('/').next().unwrap()] {
            let file = path.join("run").join(name);
            let before = fs::read(&file).ok();
            fs::remove_file(&file).unwrap_or_default();
            symlink(target, &file).unwrap();
            let why = refused(path, &["run", "--format", "csv"]);
            let named = why.contains(&format!("{name}: not a regular file"));
            assert!(named, "{name} -> {target}: {why}");
            fs::remove_file(&file).unwrap();
            if let Some(before) = before {
                fs::write(&file, before).unwrap();
            }
        }
    }
    prints(path, &["run", "--format", "csv"]);
}

#[test]
fn no_link_leads_out_of_a_bundle() {
    let here = tempdir().unwrap();
    let path = here.path();
    let node = path.join("run/nodes/node-a");
    fs::write(path.join("secret.log"), complete(40)).unwrap();
    for name in ["kube-proxy.1.log", "kernel.log", "metrics.after.prom"] {
        bundle(&path.join("run"), "");
        symlink("../../../secret.log", node.join(name)).unwrap();
        let why = refused(path, &["run", "--format", "csv"]);
        assert!(why.contains(name) && why.contains("leads out"), "{why}");
        fs::remove_file(node.join(name)).unwrap();
    }
    // A node's whole directory, and the timeline.
    fs::rename(&node, path.join("node-a")).unwrap();
    symlink("../../node-a", &node).unwrap();
    let why = refused(path, &["run", "--format", "csv"]);
    assert!(why.contains("leads out"), "{why}");
    fs::remove_file(&node).unwrap();
    fs::rename(path.join("node-a"), &node).unwrap();
    symlink("/dev/zero", path.join("run/timeline.csv")).unwrap();
    let why = refused(path, &["run", "--format", "csv"]);
    assert!(why.contains("leads out"), "{why}");
    fs::remove_file(path.join("run/timeline.csv")).unwrap();
    // Inside of it links are fine, and so is one that leads to a bundle.
    symlink("kube-proxy.0.log", node.join("kube-proxy.1.log")).unwrap();
    symlink("run", path.join("linked")).unwrap();
    prints(path, &["linked", "--format", "csv"]);
}

#[test]
fn no_manifest_is_so_large() {
    let here = tempdir().unwrap();
    bundle(&here.path().join("run"), "");
    let manifest = here.path().join("run/bundle.json");
    let file = File::options().write(true).open(&manifest).unwrap();
    file.set_len(250 << 20).unwrap();
    let why = refused(here.path(), &["run", "--format", "csv"]);
    assert!(why.contains("bundle.json: larger than 64 MB"), "{why}");
}

#[test]
fn one_line_a_hundred_thousand_times_costs_nothing() {
    let here = tempdir().unwrap();
    let mut log = File::create(here.path().join("a.log")).unwrap();
    log.write_all(complete(30).repeat(100_000).as_bytes())
        .unwrap();
    log.write_all(complete(90).as_bytes()).unwrap();
    let few = ["a.log", "--format", "csv", "--max-memory", "1M"];
    assert_eq!(prints(here.path(), &few).lines().count(), 3);
    // As many different ones do not fit.
    let many: String = (0..10_000).map(different).collect();
    fs::write(here.path().join("b.log"), many).unwrap();
    let why = refused(
        here.path(),
        &["b.log", "--format", "csv", "--max-memory", "1M"],
    );
    assert!(
        why.contains("b.log") && why.contains("--max-memory"),
        "{why}"
    );
    prints(here.path(), &["b.log", "--format", "csv"]);
}

fn different(at: u32) -> String {
    let message = format!("\"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"1.{at:06}s\"");
    line(at % 3_600, &message)
}

/// Turns text round, moves a cursor, and is not seen.
const ACTS: &str = "\u{202e}\u{1b}[31m\u{9b}2J\u{200b}";

fn harmless(text: &str) {
    let acts =
        |c: char| c.is_control() && c != '\n' || ACTS.contains(c) && c != '[' && !c.is_ascii();
    assert!(!text.contains(acts), "{text:?}");
}

#[test]
fn nothing_that_is_printed_acts_on_a_terminal() {
    let here = tempdir().unwrap();
    let path = here.path();
    let name = format!("a{ACTS}.log");
    for arguments in [
        &[name.as_str()][..],
        &["--baseline", &name, "a.log", "--format", "csv"],
        &["--label", &name, "a.log"],
        &["--fail-if", &name, "a.log", "--format", "csv"],
        &["--family", &name],
        &[&format!("--{name}")],
        &["a.log", "--max-memory", &name],
    ] {
        fs::write(path.join("a.log"), complete(30)).unwrap();
        let output = analyze(path, arguments);
        assert!(!output.status.success(), "{arguments:?}");
        harmless(&stderr(&output));
    }
    bundle(
        &path.join("run"),
        &format!(
            "\"notes\":[{}],\"series\":{},",
            serde_json::to_string(ACTS).unwrap(),
            serde_json::to_string(&name).unwrap()
        ),
    );
    for format in ["json", "csv", "table", "markdown", "html"] {
        harmless(&prints(path, &["run", "--format", format]));
    }
    // And JSON still says what was written.
    let json: Json = serde_json::from_str(&prints(path, &["run", "--format", "json"])).unwrap();
    assert_eq!(json["bundles"][0]["notes"][0], ACTS);
    assert_eq!(json["bundles"][0]["series"], name);
}
