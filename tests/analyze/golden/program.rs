//! The program, and what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// Runs `analyze` in the repository's root.
pub(crate) fn analyze(arguments: &[&str]) -> Output {
    analyze_in(&root(), arguments)
}

pub(crate) fn analyze_in(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyze"))
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(crate) fn json(arguments: &[&str]) -> Json {
    let mut all = vec!["--format", "json"];
    all.extend_from_slice(arguments);
    let output = analyze(&all);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The list at `key`, narrowed to what `keep` accepts.
pub(crate) fn some<'j>(report: &'j Json, key: &str, keep: impl Fn(&Json) -> bool) -> Vec<&'j Json> {
    report[key]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| keep(one))
        .collect()
}

/// A bundle that has something for every part of a report: two kernels, both IP families, a
/// ramp, failures, lockups, a claim.
pub(crate) const FIXTURE: &str = "tests/analyze/golden/fixture/small-ramp";

/// What a file of `expected/` holds. With BLESS set, `found` becomes that first: look at
/// the difference before you commit it.
pub(crate) fn expected(name: &str, found: &str) -> String {
    let path = root().join("tests/analyze/golden/expected").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, found).unwrap();
    }
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Copies a directory.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
