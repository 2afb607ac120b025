//! The lab's verbs that need no cluster, as a person calls them, and what they leave.

#![allow(unreachable_pub)] // a module of a test: nothing is reachable

use std::path::Path;
use std::process::{Command, Output};

use bundle::{Measurement, Replay};

pub const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// Calls the lab in a directory.
pub fn lab(words: &[&str], directory: &Path) -> Output {
    let mut command = Command::new(LAB);
    command.args(words).current_dir(directory);
    command.output().unwrap()
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What `lab ruleset` writes.
pub fn ruleset(words: &[&str], directory: &Path) -> String {
    let all: Vec<&str> = ["ruleset"].iter().chain(words).copied().collect();
    let done = lab(&all, directory);
    assert!(done.status.success(), "{words:?}: {}", said(&done));
    String::from_utf8(done.stdout).unwrap()
}

/// Writes `a.nft`: so many Services with so many endpoints.
pub fn put_ruleset(services: &str, endpoints: &str, directory: &Path) {
    let words = ["--services", services, "--endpoints", endpoints];
    std::fs::write(directory.join("a.nft"), ruleset(&words, directory)).unwrap();
}

/// What was measured.
pub fn rows(bundle: &Path) -> Vec<Measurement> {
    let rows = Replay::read(bundle).unwrap().measurements.rows;
    rows.into_iter().map(|(_, row)| row).collect()
}
