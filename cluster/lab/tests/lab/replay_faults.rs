//! What goes wrong with a replay: a clear word, and what was measured is kept.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use bundle::{Measurement, Outcome, Replay};

use crate::cluster::{Needs, machine};

const LAB: &str = env!("CARGO_BIN_EXE_lab");
/// On this machine's own kernel, which is quick.
const HOST: [&str; 6] = ["--kernel", "host", "--clock", "wall", "-o", "out/bundle"];

fn lab(words: &[&str], directory: &Path) -> Output {
    let mut command = Command::new(LAB);
    command.args(words).current_dir(directory);
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn put_ruleset(directory: &Path) {
    let words = ["ruleset", "--services", "10", "--endpoints", "5"];
    std::fs::write(directory.join("a.nft"), lab(&words, directory).stdout).unwrap();
}

fn rows(bundle: &Path) -> Vec<Measurement> {
    let rows = Replay::read(bundle).unwrap().measurements.rows;
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Each repetition once, all of them well.
fn assert_whole(bundle: &Path, repetitions: u32) {
    let rows = rows(bundle);
    let found: BTreeSet<u32> = rows.iter().map(|row| row.repetition).collect();
    assert_eq!(found, (1..=repetitions).collect());
    assert_eq!(rows.len(), found.len(), "none is measured twice");
    assert!(rows.iter().all(|row| row.outcome == Outcome::Ok));
}

#[test]
fn an_interrupted_replay_keeps_what_was_measured_and_is_gone_on_with() {
    let Some(_machine) = machine(Needs::Host) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    put_ruleset(place);
    let words: Vec<&str> = ["replay", "a.nft", "--repeat", "60"]
        .into_iter()
        .chain(HOST)
        .collect();
    let mut begun = Command::new(LAB);
    let begun = begun.args(&words).current_dir(place).stderr(Stdio::piped());
    let mut begun = begun.spawn().unwrap();
    let table = place.join("out/bundle/replays.csv");
    let patience = Instant::now() + Duration::from_secs(60);
    let lines = || std::fs::read_to_string(&table).map_or(0, |text| text.lines().count());
    while lines() < 4 {
        assert!(Instant::now() < patience, "nothing was measured");
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = rustix::process::Pid::from_child(&begun);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    let status = begun.wait().unwrap();
    let mut last = String::new();
    begun
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut last)
        .unwrap();
    assert_eq!(status.code(), Some(1), "{last}");
    assert!(last.trim_end().ends_with("lab: interrupted"), "{last}");
    let kept = rows(&place.join("out/bundle")).len();
    assert!((3..60).contains(&kept), "{kept}");
    let again = lab(&words, place);
    assert!(again.status.success(), "{}", said(&again));
    assert_whole(&place.join("out/bundle"), 60);
}

#[test]
fn a_full_disk_is_named_and_what_was_measured_is_kept() {
    let Some(_machine) = machine(Needs::Host) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    put_ruleset(place);
    std::fs::create_dir(place.join("out")).unwrap();
    // A page for each of the three files, and two more for the table.
    let script = "mount -t tmpfs -o size=20k tmpfs out\n\
        \"$0\" replay a.nft --repeat 150 --kernel host --clock wall -o out/bundle 2>said\n\
        echo $? >status\ncp -r out/bundle kept\n\
        mount -o remount,size=400k out\n\
        \"$0\" replay a.nft --repeat 150 --kernel host --clock wall -o out/bundle 2>again || exit 3\n\
        cp -r out/bundle whole";
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "sh", "-c", script, LAB]);
    let done = unshare.current_dir(place).output().unwrap();
    let read = |name: &str| std::fs::read_to_string(place.join(name)).unwrap_or_default();
    assert!(done.status.success(), "{}{}", said(&done), read("again"));
    assert_eq!(read("status").trim(), "2", "{}", read("said"));
    let last = read("said");
    let last = last.lines().last().unwrap();
    assert!(last.contains("No space left on device"), "{last}");
    assert!(last.contains("out/bundle/replays.csv"), "{last}");
    let kept = rows(&place.join("kept")).len();
    assert!((10..150).contains(&kept), "{kept}");
    assert_whole(&place.join("whole"), 150);
}

#[test]
fn a_guest_that_does_not_come_up_and_a_kernel_without_nf_tables_are_told() {
    let Some(_machine) = machine(Needs::Guests) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    put_ruleset(place);
    let modules = place.join("lib/modules/9.9.9");
    std::fs::create_dir_all(&modules).unwrap();
    for name in ["modules.dep", "modules.alias"] {
        std::fs::write(modules.join(name), "").unwrap();
    }
    // No kernel at all.
    std::fs::write(place.join("image"), [7; 100_000]).unwrap();
    let own = [
        "replay",
        "a.nft",
        "--modules",
        "lib/modules/9.9.9",
        "--image",
    ];
    let done = lab(&[&own[..], &["image", "-o", "none"]].concat(), place);
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    let row = rows(&place.join("none")).remove(0);
    assert_eq!(row.outcome, Outcome::Silent);
    assert!(
        row.problem
            .starts_with("the guest ended before it was up; its last words: qemu"),
        "{}",
        row.problem
    );
    // One without its modules: where its image is, an earlier replay has unpacked it.
    let words = ["replay", "a.nft", "--kernel", "newest", "-o", "newest"];
    let done = lab(&words, place);
    assert!(done.status.success(), "{}", said(&done));
    let release = rows(&place.join("newest")).remove(0).kernel_release;
    let home = std::env::var("HOME").unwrap();
    let cache = std::env::var("XDG_CACHE_HOME").unwrap_or(format!("{home}/.cache"));
    let kernel = Path::new(&cache)
        .join("kube-proxy-bench/kernels")
        .join(&release);
    let places = [
        kernel.join("boot").join(format!("vmlinuz-{release}")),
        kernel
            .join("usr/lib/modules")
            .join(&release)
            .join("vmlinuz"),
    ];
    let image = places.iter().find(|path| path.exists()).unwrap();
    let image = image.to_string_lossy().into_owned();
    let done = lab(&[&own[..], &[&image, "-o", "bare"]].concat(), place);
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    let row = rows(&place.join("bare")).remove(0);
    assert_eq!(row.outcome, Outcome::Unsupported, "{}", row.problem);
    assert!(
        row.problem.starts_with("the kernel has no nf_tables"),
        "{}",
        row.problem
    );
}
