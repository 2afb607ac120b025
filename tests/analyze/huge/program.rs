//! The program, and logs and bundles made for it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs `analyze` in a directory.
pub(crate) fn analyze(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyze"))
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap()
}

/// The same, which ends well; gives what it prints.
pub(crate) fn prints(directory: &Path, arguments: &[&str]) -> String {
    let output = analyze(directory, arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The same, which is refused with exit status 2; gives why.
pub(crate) fn refused(directory: &Path, arguments: &[&str]) -> String {
    let output = analyze(directory, arguments);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    stderr(&output)
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A line of kube-proxy's at a second.
pub(crate) fn line(second: u32, message: &str) -> String {
    let clock = format!("12:{:02}:{:02}.000000", second / 60, second % 60);
    format!("2025-10-15T{clock}Z I1015 {clock}       1 proxier.go:1168] {message}\n")
}

/// The end of a sync of ten seconds.
pub(crate) fn complete(second: u32) -> String {
    line(
        second,
        "\"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"10.000000s\"",
    )
}

/// A bundle of one node with one sync.
pub(crate) fn bundle(folder: &Path, more: &str) {
    let node = folder.join("nodes/node-a");
    fs::create_dir_all(&node).unwrap();
    fs::write(node.join("kube-proxy.0.log"), complete(30)).unwrap();
    let manifest = format!(
        r#"{{"schema_version":"1.0","run_id":"r","tool":{{"name":"t","version":"1"}},{more}
        "started":"2025-10-15T12:00:00Z","origin":{{"kind":"recorded"}},
        "nodes":[{{"name":"node-a","kernel_version":"6.1.144"}}],"capture":[],
        "verdict":{{"state":"complete"}}}}"#
    );
    fs::write(folder.join("bundle.json"), manifest).unwrap();
}
