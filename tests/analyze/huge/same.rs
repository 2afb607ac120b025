//! The same input gives the same report, however it is named, and counts once.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use tempfile::tempdir;

use super::input::Kind;
use super::program::{bundle, complete, prints};

#[test]
fn a_path_may_be_written_in_any_way() {
    let here = tempdir().unwrap();
    let path = here.path().canonicalize().unwrap();
    Kind::Pairs.make(&path, 2).unwrap();
    fs::write(path.join("pairs-2/loose.log"), complete(30)).unwrap();
    let absolute = path.join("pairs-2");
    let of = |name: &str| prints(&path, &[name, "--format", "json"]);
    let plain = of("pairs-2");
    for name in [
        "./pairs-2",
        "pairs-2/",
        "././pairs-2//",
        absolute.to_str().unwrap(),
    ] {
        assert_eq!(of(name), plain, "{name}");
    }
    let report = |name: &str, out: &str| {
        prints(&path, &[name, "-o", out, "--quiet"]);
        fs::read(path.join(out).join("digests.txt")).unwrap()
    };
    assert_eq!(
        report("pairs-2", "out"),
        report(&format!("{}/", absolute.display()), "other")
    );
    // A label may name the log in any of these ways too.
    let label = format!("{}/loose.log=6.6.1", absolute.display());
    for label in ["./pairs-2/loose.log=6.6.1", "loose.log=6.6.1", &label] {
        let labelled = prints(&path, &["./pairs-2", "--label", label, "--format", "json"]);
        assert!(labelled.contains("\"6.6.1\""), "{label}");
    }
}

#[test]
fn what_is_given_twice_counts_once() {
    let here = tempdir().unwrap();
    Kind::Pairs.make(here.path(), 2).unwrap();
    let csv = |arguments: &[&str]| prints(here.path(), &[arguments, &["--format", "csv"]].concat());
    let once = csv(&["pairs-2"]);
    assert_eq!(csv(&["pairs-2", "pairs-2"]), once);
    assert_eq!(csv(&["pairs-2", "./pairs-2/run-00001"]), once);
    std::os::unix::fs::symlink("pairs-2", here.path().join("to-pairs")).unwrap();
    assert_eq!(csv(&["pairs-2", "to-pairs"]), once);
}

#[test]
fn a_series_and_a_directory_of_its_name_are_not_pooled() {
    let here = tempdir().unwrap();
    bundle(&here.path().join("in/a1"), "\"series\":\"b2\",");
    bundle(&here.path().join("in/b2"), "");
    // No two nodes log the same line.
    let log = here.path().join("in/b2/nodes/node-a/kube-proxy.0.log");
    fs::write(log, complete(50)).unwrap();
    let studies = studies(here.path());
    assert_eq!(studies.len(), 2, "{studies:?}");
    assert_ne!(studies[0].0, studies[1].0);
    assert!(studies.iter().all(|(_, bundles)| bundles.len() == 1));
}

/// Identities of studies, with their bundles; of two kernels, since else all are one study.
fn studies(folder: &Path) -> Vec<(String, Vec<String>)> {
    let second = folder.join("in/a1/nodes/node-b");
    fs::create_dir_all(&second).unwrap();
    fs::write(second.join("kube-proxy.0.log"), complete(70)).unwrap();
    let manifest = folder.join("in/a1/bundle.json");
    let text = fs::read_to_string(&manifest).unwrap().replace(
        "\"nodes\":[",
        "\"nodes\":[{\"name\":\"node-b\",\"kernel_version\":\"6.12.46\"},",
    );
    fs::write(&manifest, text).unwrap();
    let json: Json = serde_json::from_str(&prints(folder, &["in", "--format", "json"])).unwrap();
    let studies = json["studies"].as_array().unwrap().iter();
    studies
        .map(|study| {
            let bundles = study["bundles"].as_array().unwrap().iter();
            let bundles = bundles.map(|id| id.as_str().unwrap().to_owned());
            (study["id"].as_str().unwrap().to_owned(), bundles.collect())
        })
        .collect()
}
