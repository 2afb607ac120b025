//! A node's profile: only what falls within its commits counts, and what it shows is told where a
//! person looks.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::fixture::*;

const NODE: &str = "node-old";
const HOT: &str = "nft;entry_SYSCALL_64_after_hwframe;nf_tables_newrule;__nft_set_trans_bind";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

fn results(place: &Path) -> Json {
    let output = analyze(place, &["--format", "json", "bundle"]);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Nanoseconds since 1970.
fn nanoseconds(time: &str) -> i64 {
    let time = chrono::DateTime::parse_from_rfc3339(time).unwrap();
    time.timestamp_nanos_opt().unwrap()
}

/// A bundle whose node was sampled three times within a commit and once before it began.
fn sampled() -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixture = fixture.join("../tests/analyze/golden/fixture/small-ramp");
    let bundle = place.path().join("bundle");
    copy(&fixture, &bundle);
    let report = results(place.path());
    let syncs = report["syncs"].as_array().unwrap();
    let first = syncs
        .iter()
        .find(|sync| sync["node"] == NODE && sync["commit_s"].as_f64() > Some(0.1))
        .unwrap();
    let end = nanoseconds(first["end"].as_str().unwrap());
    let commit = (first["commit_s"].as_f64().unwrap() * 1e9) as i64;
    let before = syncs
        .iter()
        .filter(|sync| sync["node"] == NODE && sync["start"].is_string())
        .map(|sync| nanoseconds(sync["start"].as_str().unwrap()))
        .min()
        .unwrap();
    let at = |ns: i64| format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000);
    let (inside, outside) = (at(end - commit / 2), at(before - 1_000_000_000));
    let text = format!(
        "{inside} {HOT} 1\n{inside} {HOT} 1\n{inside} nft;[user] 1\n\
         {outside} nft;entry_SYSCALL_64_after_hwframe;nf_tables_commit 1\n"
    );
    let file = bundle.join("nodes").join(NODE).join("profile.folded");
    fs::write(&file, text).unwrap();
    (place, file)
}

#[test]
fn what_is_within_a_commit_counts_and_the_run_is_said_to_be_sampled() {
    let (place, _) = sampled();
    let report = results(place.path());
    let profiles = report["profiles"].as_array().unwrap();
    let mine: Vec<&Json> = profiles.iter().filter(|one| one["what"] == NODE).collect();
    let [profile] = mine[..] else {
        panic!("one profile: {profiles:?}");
    };
    assert_eq!(profile["run"], "bundle");
    assert_eq!(profile["samples"], 3);
    assert_eq!(profile["kernel_samples"], 2);
    assert_eq!(profile["outside_commits"], 1);
    assert_eq!(profile["functions"][0]["function"], "__nft_set_trans_bind");
    let warnings = report["warnings"].as_array().unwrap();
    let said = warnings.iter().filter(|one| one["code"] == "sampled_run");
    assert_eq!(said.count(), 1);
}

#[test]
fn its_causes_reach_the_findings_the_runs_page_and_the_terminal() {
    let (place, file) = sampled();
    let told = |place: &Path| {
        let output = analyze(place, &["-o", "report", "bundle"]);
        assert!(output.status.success(), "{}", stderr(&output));
        let page = place.join("report/runs/bundle.html");
        let document = place.join("report/report.md");
        [
            stdout(&output)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            fs::read_to_string(page).unwrap(),
            fs::read_to_string(document).unwrap(),
        ]
    };
    let cause = "in __nft_set_trans_bind: for each new map the kernel walks the whole";
    for text in told(place.path()) {
        let plain = text.replace("\\_", "_");
        assert!(plain.contains(cause), "{plain}");
    }
    fs::remove_file(file).unwrap();
    let [terminal, page, _] = told(place.path());
    assert!(!terminal.contains(cause) && !page.contains("trans_bind: for each new map"));
}
