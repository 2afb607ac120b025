//! Transactions on kernels without a cluster.

use bundle::{Outcome, Replay};

use crate::calls::{lab, put_ruleset, rows, said};
use crate::cluster::{Needs, machine};

#[test]
fn the_oldest_and_the_newest_kernel_say_the_same_figure_twice() {
    let Some(_machine) = machine(Needs::Guests) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    put_ruleset("10", "5", place.path());
    let words = [
        "replay",
        "a.nft",
        "--kernel",
        "6.1,newest",
        "--repeat",
        "2",
        "-o",
        "out",
    ];
    let done = lab(&words, place.path());
    assert!(done.status.success(), "{}", said(&done));
    let rows = rows(&place.path().join("out"));
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
    let row = rows(&place.path().join("out")).remove(0);
    assert_eq!(row.outcome, Outcome::Refused);
    assert!(row.problem.starts_with("bad:2:"), "{}", row.problem);
}

#[test]
fn a_load_is_split_and_sampled_and_what_is_sampled_is_not_measured() {
    let Some(_machine) = machine(Needs::SampledGuests) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    put_ruleset("100", "10", place.path());
    let words = [
        "replay",
        "a.nft",
        "--kernel",
        "newest",
        "--split",
        "1,4",
        "--profile",
        "-o",
        "out",
    ];
    let done = lab(&words, place.path());
    assert!(done.status.success(), "{}", said(&done));
    let tables = Replay::read(&place.path().join("out")).unwrap();
    let rows: Vec<_> = tables
        .measurements
        .rows
        .iter()
        .map(|(_, row)| row)
        .collect();
    let pieces: Vec<(u32, u32)> = rows.iter().map(|row| (row.piece, row.pieces)).collect();
    assert_eq!(pieces, [(1, 1), (1, 4), (2, 4), (3, 4), (4, 4)]);
    assert!(
        rows.iter().all(|row| row.outcome == Outcome::Ok),
        "{rows:?}"
    );
    // The pieces together make what the whole makes.
    let (whole, last) = (rows[0], rows[4]);
    assert_eq!(whole.rules_after, last.rules_after);
    assert_eq!(whole.elements_after, last.elements_after);
    let [(_, profile)] = &tables.profiles.rows[..] else {
        panic!("one profile: {:?}", tables.profiles.rows);
    };
    assert!(profile.kernel_samples > 0 && profile.kernel_samples < profile.samples);
    let stacks = place.path().join("out/profiles").join(&profile.file);
    let stacks = std::fs::read_to_string(stacks).unwrap();
    let counted: u64 = stacks
        .lines()
        .map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap())
        .sum();
    assert_eq!(counted, profile.samples);
    assert!(stacks.contains(";nfnetlink_rcv_batch;"), "{stacks}");
}
