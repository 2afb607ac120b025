//! A node's own rules: loaded, printed and made into a transaction again.

use std::path::Path;
use std::process::Command;

use bundle::{Outcome, Replay};
use transaction::{Ledger, Tables};

use crate::calls::{lab, ruleset, said};
use crate::cluster::{Needs, machine};

/// What the commands print in a network namespace that ends with them.
fn in_namespace(script: &str, directory: &Path) {
    let mut unshare = Command::new("unshare");
    unshare.args(["--net", "sh", "-ec", script]);
    let done = unshare.current_dir(directory).output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
}

/// But for bytes; and what kube-proxy 1.37 makes and removes at once leaves no trace.
fn ledger(text: &str) -> Ledger {
    let is_traceless = |line: &&str| !line.contains("localhost-nodeport");
    let lines: Vec<&str> = text.lines().filter(is_traceless).collect();
    let ledger = Tables::default().load(&lines.join("\n")).unwrap();
    Ledger { bytes: 0, ..ledger }
}

#[test]
fn a_table_that_was_loaded_and_printed_becomes_its_transaction_again() {
    let Some(_machine) = machine(Needs::Host) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    for shape in ["kube-proxy-1.32", "kube-proxy-1.36", "kube-proxy-1.37"] {
        let words = ["--services", "200", "--endpoints", "10", "--shape", shape];
        let original = ruleset(&words, place);
        std::fs::write(place.join("original.nft"), &original).unwrap();
        in_namespace(
            "nft -f original.nft; nft list table ip kube-proxy >table; nft -j list ruleset >json; \
             nft add table ip other; nft -a list ruleset >handles",
            place,
        );
        for printed in ["table", "json", "handles"] {
            let made = ruleset(&["--from", printed], place);
            assert_eq!(ledger(&made), ledger(&original), "{shape} {printed}");
            let scrubbed = ruleset(&["--from", printed, "--scrub"], place);
            assert_eq!(ledger(&scrubbed), ledger(&original), "{shape} {printed}");
            assert!(!scrubbed.contains("service-1") && !scrubbed.contains("172.20."));
            std::fs::write(place.join("scrubbed.nft"), scrubbed).unwrap();
            // A kernel takes it.
            in_namespace("nft -f scrubbed.nft", place);
        }
    }
}

#[test]
fn what_iptables_save_prints_becomes_its_transaction_again() {
    let Some(_machine) = machine(Needs::Host) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let words = ["--services", "50", "--endpoints", "5", "--mode", "iptables"];
    let original = ruleset(&words, place);
    std::fs::write(place.join("original"), &original).unwrap();
    in_namespace(
        "iptables-restore --noflush original; iptables -t nat -A OUTPUT -j KUBE-SERVICES; \
         iptables-save -c >printed",
        place,
    );
    for flags in [
        &["--from", "printed"][..],
        &["--from", "printed", "--scrub"],
    ] {
        let made = ruleset(flags, place);
        assert_eq!(ledger(&made), ledger(&original));
        std::fs::write(place.join("made"), made).unwrap();
        in_namespace("iptables-restore --noflush made", place);
    }
}

#[test]
fn a_file_that_is_not_understood_is_named_with_its_line() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    std::fs::write(place.join("a"), "table ip kube-proxy {\n\tfrob\n}\n").unwrap();
    std::fs::write(place.join("b"), b"add table ip t\n\xff\n").unwrap();
    std::fs::write(place.join("c"), "add table ip t\nfrob\n").unwrap();
    for (file, problem) in [
        ("a", "a: line 2: not as `nft list table` prints it"),
        ("b", "b: line 2: no text (not UTF-8)"),
        ("c", "c: line 2: a command is a verb and what it is about"),
        ("d", "d: reading: No such file"),
    ] {
        for words in [
            vec!["ruleset", "--from", file],
            vec![
                "replay", file, "--kernel", "host", "--clock", "wall", "-o", "out",
            ],
        ] {
            let done = lab(&words, place);
            assert_eq!(done.status.code(), Some(2));
            let words = said(&done);
            assert!(words.contains(problem), "{words}");
        }
    }
}

#[test]
fn what_a_node_prints_is_replayed_as_it_is() {
    let Some(_machine) = machine(Needs::Host) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let words = ["--services", "20", "--endpoints", "3", "--shape", "1.36"];
    std::fs::write(place.join("original.nft"), ruleset(&words, place)).unwrap();
    in_namespace("nft -f original.nft; nft list ruleset >mine.txt", place);
    let words = [
        "replay", "mine.txt", "--kernel", "host", "--clock", "wall", "-o", "out",
    ];
    let done = lab(&words, place);
    assert!(done.status.success(), "{}", said(&done));
    let found = Replay::read(&place.join("out")).unwrap();
    let (_, row) = &found.transactions.rows[0];
    assert_eq!(
        (row.transaction.as_str(), row.shape.as_str()),
        ("mine", "own")
    );
    assert_eq!(
        (row.services, row.endpoints_per_service),
        (Some(20), Some(3))
    );
    assert_eq!(found.measurements.rows[0].1.outcome, Outcome::Ok);
}
