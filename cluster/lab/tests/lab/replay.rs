//! Transactions on kernels without a cluster.

use std::path::Path;
use std::process::{Command, Output};

use bundle::{Outcome, Replay};

use crate::cluster::{Needs, machine};

fn lab(words: &[&str], directory: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(words).current_dir(directory);
    command.output().unwrap()
}

#[test]
fn the_oldest_and_the_newest_kernel_say_the_same_figure_twice() {
    let Some(_machine) = machine(Needs::Guests) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let name = "cold-10x5-kube-proxy-1.32";
    let file = format!("{name}.nft");
    let text = lab(
        &["ruleset", "--services", "10", "--endpoints", "5"],
        place.path(),
    )
    .stdout;
    std::fs::write(place.path().join(&file), text).unwrap();
    let words = [
        "replay",
        &file,
        "--kernel",
        "6.1,newest",
        "--repeat",
        "2",
        "-o",
        "out",
    ];
    let done = lab(&words, place.path());
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let rows = Replay::read(&place.path().join("out"))
        .unwrap()
        .measurements
        .rows;
    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    assert_eq!(rows.len(), 4);
    for pair in rows.chunks(2) {
        let (a, b) = (&pair[0], &pair[1]);
        assert_eq!((a.outcome, b.outcome), (Outcome::Ok, Outcome::Ok));
        assert_eq!(a.kernel_release, b.kernel_release);
        let (a, b) = (a.kernel_ns.unwrap() as f64, b.kernel_ns.unwrap() as f64);
        assert!((a / b - 1.0).abs() <= 0.002, "{a} and {b} ns in the kernel");
    }
    // What is there is not measured again.
    let again = lab(&words, place.path());
    assert!(again.status.success() && again.stderr.is_empty());
}

#[test]
fn a_file_that_nft_refuses_is_named_with_its_line_and_kept_as_refused() {
    let Some(_machine) = machine(Needs::Guests) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let text = "add table ip t\nadd rule ip t nochain drop\n";
    std::fs::write(place.path().join("bad.nft"), text).unwrap();
    let done = lab(
        &["replay", "bad.nft", "--kernel", "newest", "-o", "out"],
        place.path(),
    );
    assert_eq!(done.status.code(), Some(1));
    let rows = Replay::read(&place.path().join("out"))
        .unwrap()
        .measurements
        .rows;
    assert_eq!(rows[0].1.outcome, Outcome::Refused);
    assert!(
        rows[0].1.problem.contains("load.1:2:"),
        "{}",
        rows[0].1.problem
    );
}
