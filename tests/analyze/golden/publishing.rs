//! A report takes its place as one, and nothing of the user's is lost by it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::program::*;

const EKS: &str = "samples/eks-2025-10-15";

/// Every file below a directory: path and content; of a link what it leads to.
fn tree(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    fn add(found: &mut BTreeMap<String, Vec<u8>>, folder: &Path, way: &str) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{way}{}", entry.file_name().to_string_lossy());
            let what = entry.path().symlink_metadata().unwrap();
            if what.is_dir() {
                add(found, &entry.path(), &format!("{path}/"));
            } else if what.is_symlink() {
                let to = fs::read_link(entry.path()).unwrap();
                found.insert(path, to.to_string_lossy().into_owned().into_bytes());
            } else {
                found.insert(path, fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    add(&mut found, directory, "");
    found
}

fn report(out: &Path, more: &[&str]) -> std::process::Output {
    analyze(&[more, &["-o", out.to_str().unwrap(), "--quiet"]].concat())
}

fn made(out: &Path, more: &[&str]) -> String {
    let output = report(out, more);
    assert!(output.status.success(), "{}", stderr(&output));
    stderr(&output)
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn files_of_the_users_stay_whatever_their_names() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("p");
    let outside = directory.path().join("outside");
    write(&out.join("charts/logo.svg"), "logo");
    write(&out.join("charts/photo.png"), "photo");
    write(&out.join("runs/mine.html"), "mine");
    write(&out.join("notes/deep/down.txt"), "notes");
    write(&out.join("junit.xml"), "another program's");
    fs::create_dir(out.join("empty")).unwrap();
    symlink("nowhere", out.join("dangling")).unwrap();
    write(&outside.join("x.html"), "outside");
    symlink(&outside, out.join("comparisons")).unwrap();
    let notes = fs::metadata(out.join("notes/deep/down.txt")).unwrap();
    fs::set_permissions(out.join("notes"), fs::Permissions::from_mode(0o750)).unwrap();

    let told = made(&out, &[FIXTURE]);
    assert!(told.contains("comparisons.yours: yours, kept"), "{told}");
    for _ in 0..2 {
        let now = tree(&out);
        for (path, text) in [
            ("charts/logo.svg", "logo"),
            ("charts/photo.png", "photo"),
            ("runs/mine.html", "mine"),
            ("notes/deep/down.txt", "notes"),
            ("junit.xml", "another program's"),
            ("dangling", "nowhere"),
            ("comparisons.yours", outside.to_str().unwrap()),
        ] {
            assert_eq!(now[path], text.as_bytes(), "{path}");
        }
        assert!(now.contains_key("runs/small-ramp.html") && now.contains_key("digests.txt"));
        assert!(out.join("empty").is_dir());
        assert_eq!(tree(&outside).len(), 1);
        // Another report, with other pages: its predecessor's go, the user's stay.
        made(&out, &[EKS]);
        assert!(!out.join("runs/small-ramp.html").exists());
        made(&out, &[FIXTURE]);
    }
    let now = fs::metadata(out.join("notes/deep/down.txt")).unwrap();
    assert_eq!((now.ino(), now.nlink()), (notes.ino(), 1));
    let mode = fs::metadata(out.join("notes")).unwrap().mode();
    assert_eq!(mode & 0o7777, 0o750);
    assert_eq!(report(&out, &[FIXTURE, "--check"]).status.code(), Some(0));
    let beside: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(beside.len(), 2, "{beside:?}");
}

#[test]
fn what_the_user_changed_or_put_in_the_way_is_kept_beside() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("p");
    write(&out.join("index.html"), "my site");
    write(&out.join("runs"), "no folder");
    write(&out.join("syncs.csv/inside.txt"), "no file");
    made(&out, &[FIXTURE]);
    assert_eq!(tree(&out)["index.html.yours"], b"my site");
    assert_eq!(tree(&out)["runs.yours"], b"no folder");
    assert_eq!(tree(&out)["syncs.csv.yours/inside.txt"], b"no file");
    write(&out.join("report.md"), "with my words");
    write(&out.join("runs/small-ramp.html"), "with my words");
    made(&out, &[EKS]);
    assert_eq!(tree(&out)["report.md.yours"], b"with my words");
    assert_eq!(tree(&out)["runs/small-ramp.html"], b"with my words");
    write(&out.join("report.md"), "with other words");
    made(&out, &[EKS]);
    assert_eq!(tree(&out)["report.md.yours"], b"with my words");
    assert_eq!(tree(&out)["report.md.yours-2"], b"with other words");
    assert!(tree(&out)["report.md"].starts_with(b"#"));
}

#[test]
fn a_list_of_somebody_elses_deletes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("p");
    made(&out, &[EKS]);
    // Listed with its right digest, outside and through a link.
    write(&directory.path().join("x.html"), "x");
    write(&directory.path().join("outside/x.html"), "x");
    symlink("../outside", out.join("linked")).unwrap();
    let digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    let list = fs::read_to_string(out.join("digests.txt")).unwrap();
    let more = format!("{digest}  ../x.html\n{digest}  linked/x.html\n");
    fs::write(out.join("digests.txt"), list + &more).unwrap();
    made(&out, &[FIXTURE]);
    assert!(directory.path().join("x.html").exists());
    assert!(directory.path().join("outside/x.html").exists());
    assert!(out.join("linked/x.html").exists());
}

#[test]
fn a_report_in_its_place_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("p");
    made(&out, &[EKS]);
    let (folder, page) = (out.clone(), out.join("index.html"));
    let inode = |path: &Path| fs::metadata(path).unwrap().ino();
    let before = (inode(&folder), inode(&page), inode(&out.join("syncs.csv")));
    made(&out, &[EKS]);
    assert_eq!(
        (inode(&folder), inode(&page), inode(&out.join("syncs.csv"))),
        before
    );
    // Another report of the same syncs: what is the same stays the file that it was.
    made(&out, &[EKS, "--min-endpoints", "90%"]);
    assert_ne!(inode(&page), before.1);
    let picture = out.join("charts/eks-2025-10-15-phases.svg");
    assert!(!picture.exists() || fs::metadata(picture).unwrap().nlink() == 1);
}

#[test]
fn a_check_writes_nothing_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("p");
    let condition = ["--fail-if", "improvement < 1%"];
    made(&out, &[EKS, condition[0], condition[1]]);
    assert!(out.join("junit.xml").is_file());
    let before = tree(directory.path());
    let asked = directory.path().join("asked.xml");
    let check = [
        EKS,
        "--check",
        condition[0],
        condition[1],
        "--junit",
        asked.to_str().unwrap(),
    ];
    report(&out, &check);
    let check = [EKS, "--check", condition[0], condition[1]];
    assert_eq!(report(&out, &check).status.code(), Some(0));
    assert_eq!(
        report(&directory.path().join("new/out"), &check)
            .status
            .code(),
        Some(1)
    );
    assert!(tree(directory.path()) == before);
    assert!(!directory.path().join("new").exists());
    // The verdicts of an earlier call are the report's own, and go with it.
    made(&out, &[EKS]);
    assert!(!out.join("junit.xml").exists());
}

#[test]
fn a_readme_is_changed_where_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("docs/real.md");
    let text = "# mine\n<!-- results: begin -->\n<!-- results: end -->\n";
    write(&target, text);
    fs::set_permissions(&target, fs::Permissions::from_mode(0o664)).unwrap();
    let link = directory.path().join("README.md");
    symlink("docs/real.md", &link).unwrap();
    made(
        &directory.path().join("p"),
        &[EKS, "--readme", link.to_str().unwrap()],
    );
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(fs::read_to_string(&target).unwrap().len() > 2 * text.len());
    assert_eq!(fs::metadata(&target).unwrap().mode() & 0o7777, 0o664);
    assert_eq!(
        fs::read_dir(directory.path().join("docs")).unwrap().count(),
        1
    );
}

#[test]
fn a_report_below_its_logs_is_not_read_as_one() {
    let directory = tempfile::tempdir().unwrap();
    let logs = directory.path().join("logs");
    let nodes = root().join("samples/host-6.18-8001x30/nodes");
    copy(&nodes, &logs);
    for out in [logs.clone(), logs.join("report")] {
        let call = || {
            analyze_in(
                directory.path(),
                &["logs", "-o", out.to_str().unwrap(), "--quiet"],
            )
        };
        let first = call();
        assert!(first.status.success(), "{}", stderr(&first));
        let before = fs::read(out.join("results.json")).unwrap();
        assert!(call().status.success());
        assert!(
            fs::read(out.join("results.json")).unwrap() == before,
            "{}",
            out.display()
        );
    }
}

#[test]
fn in_the_working_directory_files_are_replaced_one_by_one() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path().join("here");
    copy(&root().join(FIXTURE), &here.join("small-ramp"));
    write(&here.join("charts/logo.svg"), "logo");
    write(&here.join("report.md"), "mine");
    let inode = fs::metadata(&here).unwrap().ino();
    let run = |more: &[&str]| {
        let output = analyze_in(&here, &[&["small-ramp", "-o", "."], more].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    let told = run(&[]);
    assert!(
        told.contains("file by file, not as one: it is the working"),
        "{told}"
    );
    assert_eq!(fs::metadata(&here).unwrap().ino(), inode);
    let now = tree(&here);
    assert_eq!(now["charts/logo.svg"], b"logo");
    assert_eq!(now["report.md.yours"], b"mine");
    run(&["--check"]);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    // The other report's files go, and their folders with them where they are empty.
    let eks = root().join(EKS);
    let output = analyze_in(&here, &[eks.to_str().unwrap(), "-o", ".", "--quiet"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(!here.join("runs/small-ramp.html").exists());
    assert_eq!(tree(&here)["charts/logo.svg"], b"logo");
}

/// The two reports that take turns, as they are when nobody disturbs them.
fn alternatives(directory: &Path) -> [BTreeMap<String, Vec<u8>>; 2] {
    [FIXTURE, EKS].map(|input| {
        let out = directory.join("undisturbed");
        made(&out, &[input]);
        let mut files = tree(&out);
        // The way to the logs depends upon the directory's depth, which is the same for all.
        files.insert("mine.txt".to_owned(), b"mine".to_vec());
        fs::remove_dir_all(&out).unwrap();
        files
    })
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_report_or_the_new_one() {
    let directory = tempfile::tempdir().unwrap();
    let whole = alternatives(directory.path());
    let out = directory.path().join("p");
    made(&out, &[FIXTURE]);
    write(&out.join("mine.txt"), "mine");
    let began = Instant::now();
    made(&directory.path().join("elsewhere"), &[EKS]);
    let takes = began.elapsed();
    fs::remove_dir_all(directory.path().join("elsewhere")).unwrap();
    let mut ends = [0, 0];
    for round in 0..60_u32 {
        let input = [EKS, FIXTURE][round as usize % 2];
        let mut child = Command::new(env!("CARGO_BIN_EXE_analyze"))
            .args([input, "-o", out.to_str().unwrap(), "--quiet"])
            .current_dir(root())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Through the whole of a run and beyond its end, also if others are at work by then.
        std::thread::sleep(takes * (round * 37 % 60) / 20);
        child.kill().unwrap();
        child.wait().unwrap();
        let now = tree(&out);
        let which = whole.iter().position(|whole| *whole == now);
        ends[which.unwrap_or_else(|| panic!("a mixture in round {round}: {:?}", now.keys()))] += 1;
    }
    assert!(
        ends[0] > 0 && ends[1] > 0,
        "{ends:?}: nothing was killed at work"
    );
    made(&out, &[EKS]);
    let left: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(tree(&out) == whole[1]);
}

#[test]
fn the_second_of_two_writers_waits() {
    let directory = tempfile::tempdir().unwrap();
    let whole = alternatives(directory.path());
    let out = directory.path().join("p");
    write(&out.join("mine.txt"), "mine");
    let start = |input: &str| {
        Command::new(env!("CARGO_BIN_EXE_analyze"))
            .args([input, "-o", out.to_str().unwrap(), "--quiet"])
            .current_dir(root())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let writers: Vec<_> = (0..6).map(|n| start([EKS, FIXTURE][n % 2])).collect();
    for writer in writers {
        let output = writer.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let told = stderr(&output);
        assert!(
            told.is_empty() || told.contains("waiting for it to end"),
            "{told}"
        );
    }
    let now = tree(&out);
    assert!(whole.contains(&now), "{:?}", now.keys());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

/// As in an image whose root is read-only.
#[test]
fn a_place_where_nothing_may_be_written_is_told_with_what_to_do() {
    let output = report(Path::new("/sys/report"), &[EKS]);
    assert_eq!(output.status.code(), Some(2));
    let error = stderr(&output);
    for words in ["/sys", "with -o", "--format table"] {
        assert!(error.contains(words), "{error}");
    }
}
