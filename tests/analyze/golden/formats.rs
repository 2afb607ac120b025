//! Each format of one small bundle, letter by letter.

use crate::program::*;

/// Compares what is printed with `expected/FILE`; says at which line they part.
#[track_caller]
fn prints(arguments: &[&str], file: &str) {
    let mut all = vec![FIXTURE];
    all.extend_from_slice(arguments);
    let output = analyze(&all);
    assert!(output.status.success(), "{}", stderr(&output));
    let found = stdout(&output);
    let wanted = expected(file, &found);
    let mut lines = found.lines().zip(wanted.lines()).enumerate();
    if let Some((at, (found, wanted))) = lines.find(|(_, (found, wanted))| found != wanted) {
        panic!("{file}:{}\n  found {found}\n wanted {wanted}", at + 1);
    }
    assert_eq!(found.len(), wanted.len(), "{file}: one goes on");
}

#[test]
fn markdown() {
    prints(&["--format", "markdown"], "report.md");
}

#[test]
fn markdown_for_a_comment() {
    prints(&["--format", "markdown", "--compact"], "comment.md");
}

#[test]
fn csv() {
    prints(&["--format", "csv"], "syncs.csv");
}

#[test]
fn json() {
    prints(&["--format", "json"], "results.json");
}

#[test]
fn a_terminal() {
    prints(&["--format", "table"], "table.txt");
}

/// What other people's tools read; that they do is tried with the tools themselves (docs/tools.md).
#[test]
fn formats_of_other_tools() {
    for (format, file) in [
        ("benchstat", "tools/benchstat.txt"),
        ("openmetrics", "tools/openmetrics.txt"),
        ("perfdash", "tools/perfdash.json"),
        ("otava", "tools/otava.csv"),
        ("github-action", "tools/github-action.json"),
        ("bencher", "tools/bencher.json"),
    ] {
        prints(&["--format", format], file);
    }
}
