//! What goes wrong with a replay: a clear word, and what was measured is kept.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use bundle::Outcome;

use crate::calls::{LAB, lab, put_ruleset, rows, said};
use crate::cluster::{Needs, machine};

/// On this machine's own kernel, which is quick.
const HOST: [&str; 6] = ["--kernel", "host", "--clock", "wall", "-o", "out/bundle"];

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
    put_ruleset("10", "5", place);
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
    put_ruleset("10", "5", place);
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
fn a_guest_that_does_not_come_up_is_told() {
    let Some(_machine) = machine(Needs::Guests) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    put_ruleset("10", "5", place);
    // No kernel at all.
    std::fs::write(place.join("image"), [7; 100_000]).unwrap();
    let done = without_modules("image", "9.9.9", "none", place);
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    let row = rows(&place.join("none")).remove(0);
    assert_eq!(row.outcome, Outcome::Silent);
    assert!(
        row.problem
            .starts_with("the guest ended before it was up; its last words: qemu"),
        "{}",
        row.problem
    );
}

#[test]
fn a_kernel_without_nf_tables_and_another_ones_modules_are_told() {
    let Some(_machine) = machine(Needs::Guests) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    put_ruleset("10", "5", place);
    let (image, release) = newest(place);
    let done = without_modules(&image, "9.9.9", "other", place);
    assert_eq!(done.status.code(), Some(2), "{}", said(&done));
    assert!(
        said(&done).contains("are modules of 9.9.9"),
        "{}",
        said(&done)
    );
    let done = without_modules(&image, &release, "bare", place);
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    let row = rows(&place.join("bare")).remove(0);
    assert_eq!(row.outcome, Outcome::Unsupported, "{}", row.problem);
    assert!(
        row.problem.starts_with("the kernel has no nf_tables"),
        "{}",
        row.problem
    );
}

/// The newest kernel's image, and its release. A replay unpacks it.
fn newest(place: &Path) -> (String, String) {
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
    (image.to_string_lossy().into_owned(), release)
}

/// A replay on a kernel of one's own whose directory of modules is empty.
fn without_modules(image: &str, release: &str, into: &str, place: &Path) -> Output {
    let modules = put_no_modules(place, release);
    let words = ["replay", "a.nft", "--modules", &modules];
    let words = [&words[..], &["--image", image, "-o", into]].concat();
    lab(&words, place)
}

/// A release's directory of modules that holds none.
fn put_no_modules(place: &Path, release: &str) -> String {
    let modules = place.join("lib/modules").join(release);
    std::fs::create_dir_all(&modules).unwrap();
    for name in ["modules.dep", "modules.alias"] {
        std::fs::write(modules.join(name), "").unwrap();
    }
    modules.to_string_lossy().into_owned()
}

/// A program in a directory of its own, to stand before the real one on PATH.
fn put_program(place: &Path, name: &str, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = place.join("bin");
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let before = std::env::var("PATH").unwrap();
    format!("{}:{before}", directory.display())
}

fn real(program: &str) -> String {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .unwrap();
    String::from_utf8(found.stdout).unwrap().trim().to_owned()
}

/// What hangs does so for longer.
const HANG: Duration = Duration::from_secs(4000);

/// A load that hangs is ended, told and kept as such; the others are measured all the same.
#[test]
fn a_load_on_the_host_that_hangs_is_ended_and_the_next_is_measured() {
    let Some(_machine) = machine(Needs::Host) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    put_ruleset("10", "5", place);
    let text = std::fs::read_to_string(place.join("a.nft")).unwrap();
    std::fs::write(place.join("hangs.nft"), format!("# HANGS\n{text}")).unwrap();
    let nft = real("nft");
    let script = format!(
        "for file; do grep -qs HANGS -- \"$file\" && {{ echo $$ >{0}/id; exec sleep 4321; }}; done\n\
         exec {nft} \"$@\"",
        place.display()
    );
    let path = put_program(place, "nft", &script);
    let began = Instant::now();
    let mut command = Command::new(LAB);
    command.args(["replay", "hangs.nft", "a.nft", "--patience", "20"]);
    let done = command.args(HOST).env("PATH", path).current_dir(place);
    let done = done.output().unwrap();
    assert!(began.elapsed() < HANG);
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    let rows = rows(&place.join("out/bundle"));
    let found: Vec<Outcome> = rows.iter().map(|row| row.outcome).collect();
    assert_eq!(found, [Outcome::Silent, Outcome::Ok]);
    assert!(
        rows[0]
            .problem
            .starts_with("the load was not done within --patience (20 s) and was ended while it"),
        "{}",
        rows[0].problem
    );
    assert!(said(&done).contains("--patience (20 s)"), "{}", said(&done));
    // Nothing of it is left.
    let id = std::fs::read_to_string(place.join("id")).unwrap();
    let left = Path::new("/proc").join(id.trim()).join("cmdline");
    let left = std::fs::read_to_string(left).unwrap_or_default();
    assert!(!left.contains("4321"), "{left}");
}

/// A guest that says no more, and one that never stops complaining: QEMU is a script that says so.
#[test]
fn a_guest_that_hangs_is_ended_whatever_it_says() {
    let Some(_machine) = machine(Needs::Guests) else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    put_ruleset("10", "5", place);
    let qemu = real("qemu-system-x86_64");
    for (name, hangs, last) in [
        ("silent", "exec sleep 4321", "it said nothing of why"),
        (
            "noisy",
            "while :; do echo a complaint; sleep 0.1; done",
            "its last words: a complaint | a complaint",
        ),
    ] {
        let script = format!(
            "[ \"$1\" = --version ] && exec {qemu} --version\n\
             echo '#replay booted'; echo '#replay loading'\n{hangs}"
        );
        let path = put_program(place, "qemu-system-x86_64", &script);
        let words = [
            "replay",
            "a.nft",
            "--kernel",
            "newest",
            "--patience",
            "3",
            "-o",
        ];
        let mut command = Command::new(LAB);
        let began = Instant::now();
        let done = command.args(words).arg(name).env("PATH", path);
        let done = done.current_dir(place).output().unwrap();
        assert!(began.elapsed() < HANG);
        assert_eq!(done.status.code(), Some(1), "{}", said(&done));
        let row = rows(&place.join(name)).remove(0);
        assert_eq!(row.outcome, Outcome::Silent);
        let wanted = "the guest was not done within --patience (3 s) and was ended while it loaded";
        assert!(row.problem.starts_with(wanted), "{}", row.problem);
        assert!(row.problem.contains(last), "{}", row.problem);
    }
}
