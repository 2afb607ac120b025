//! What reports of much input weigh: counts and bytes, by which what is quadratic shows.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tempfile::tempdir;

use super::input::Kind;
use super::program::prints;

/// Makes a report; gives its files with their sizes.
fn report(here: &Path, kind: Kind, n: usize) -> Vec<(PathBuf, u64)> {
    let input = kind.make(here, n).unwrap();
    let out = here.join(format!("out-{n}"));
    let arguments = [
        input.to_str().unwrap(),
        "--quiet",
        "-o",
        out.to_str().unwrap(),
    ];
    prints(here, &arguments);
    let (mut files, mut waiting) = (Vec::new(), vec![out]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => waiting.push(path),
                false => files.push((path.clone(), path.metadata().unwrap().len())),
            }
        }
    }
    files
}

fn size(files: &[(PathBuf, u64)], name: &str) -> u64 {
    let mine = files.iter().filter(|(path, _)| path.ends_with(name));
    mine.map(|(_, size)| size).sum()
}

#[test]
fn pages_of_many_nodes_and_groups_stay_small_and_say_of_how_many() {
    let here = tempdir().unwrap();
    let few = report(here.path(), Kind::Groups, 100);
    let many = report(here.path(), Kind::Groups, 400);
    for name in ["report.md", "runs/run.html", "comparisons/run.html"] {
        let (few, many) = (size(&few, name), size(&many, name));
        assert!(many < few * 4 && many < 5_000_000, "{name}: {few}, {many}");
    }
    // Each group against the baseline, and not every two: linear.
    let json = fs::read(here.path().join("out-400/results.json")).unwrap();
    let json: Json = serde_json::from_slice(&json).unwrap();
    let count = |key: &str| json[key].as_array().unwrap().len();
    assert_eq!(count("groups"), 400);
    assert!(count("comparisons") <= 2 * 399);
    assert!((1..=3 * 399).contains(&count("divergences")));
    let pairs = json["divergences"].as_array().unwrap().iter();
    let baseline = &json["comparisons"][0]["baseline"];
    assert!(pairs.clone().all(|one| one["groups"][0] == *baseline));
    let page = fs::read_to_string(here.path().join("out-400/comparisons/run.html")).unwrap();
    assert!(page.contains("200 of 800; results.json has all, syncs.parquet every sync."));
}

#[test]
fn every_two_of_a_few_groups_and_the_baseline_with_each_of_many() {
    for (n, pairs) in [(12, 12 * 11 / 2), (13, 12)] {
        let here = tempdir().unwrap();
        let input = Kind::Groups.make(here.path(), n).unwrap();
        let json = prints(here.path(), &[input.to_str().unwrap(), "--format", "json"]);
        let json: Json = serde_json::from_str(&json).unwrap();
        let steps = json["divergences"].as_array().unwrap().iter();
        let steps = steps.filter(|one| one["kind"] == "step_by_endpoints");
        assert_eq!(steps.count(), pairs, "{n} groups");
    }
}

#[test]
fn pages_of_many_bundles_are_made_a_few_at_a_time() {
    let here = tempdir().unwrap();
    let files = report(here.path(), Kind::Pairs, 60);
    let pages = files
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|end| end == "html"));
    assert_eq!(pages.clone().count(), 1 + 2 * 60);
    assert!(pages.clone().all(|(_, size)| *size < 1_500_000));
    // Pictures are drawn of 40 studies.
    let drawn = files
        .iter()
        .filter(|(path, _)| path.to_string_lossy().ends_with("-trials.svg"));
    assert_eq!(drawn.count(), 40);
    let markdown = fs::read_to_string(here.path().join("out-60/report.md")).unwrap();
    assert!(markdown.contains("40 of 60 studies follow"));
}

#[test]
fn remarks_and_actions_do_not_fill_pages() {
    let here = tempdir().unwrap();
    for (kind, n) in [(Kind::Notes, 5_000), (Kind::Timeline, 6_000)] {
        let files = report(here.path(), kind, n);
        let json = size(&files, "results.json");
        for (path, size) in files {
            let small = size < 2_000_000 || path.ends_with("results.json");
            assert!(small, "{}: {size}", path.display());
        }
        assert!(json > 100_000);
    }
}

#[test]
fn of_many_syncs_the_page_brings_some_and_the_parquet_all() {
    let here = tempdir().unwrap();
    let files = report(here.path(), Kind::Syncs, 20_000);
    let page = here.path().join("out-20000/runs/logs.html");
    let text = fs::read_to_string(&page).unwrap();
    assert!(text.contains("1,000 of 20,000 stand here"));
    assert!(text.contains("10,667: those, and others taken evenly"));
    assert!(text.len() < 3_000_000, "{}", text.len());
    // Up to 100,000 syncs there is a table as text, and of more there is none.
    assert!(size(&files, "syncs.csv") > 1_000_000);
    let more = report(here.path(), Kind::Syncs, 100_001);
    assert_eq!(size(&more, "syncs.csv"), 0);
    assert!(size(&more, "syncs.parquet") > 1_000_000);
    let index = fs::read_to_string(here.path().join("out-100001/index.html")).unwrap();
    assert!(index.contains("which has all 100,001 syncs") && !index.contains("syncs.csv"));
}

/// What the benchmark makes of a fleet's size is read whole at a small one.
#[test]
fn every_kind_of_a_fleet_is_read() {
    for (kind, syncs) in [
        (Kind::Bundles, 2 * 200),
        (Kind::Pairs, 2 * 2 * 100),
        (Kind::Series, 2 * 2 * 100),
        (Kind::Nodes, 2 * 200),
        (Kind::Files, 2 * 2),
    ] {
        let here = tempdir().unwrap();
        let input = kind.make(here.path(), 2).unwrap();
        let json = prints(here.path(), &[input.to_str().unwrap(), "--format", "json"]);
        let json: Json = serde_json::from_str(&json).unwrap();
        assert_eq!(json["syncs"].as_array().unwrap().len(), syncs, "{kind:?}");
    }
}
