//! `analyze history`: a file that each run is appended to, and what changed in it.

use std::fs;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use crate::program::*;

const HEADING: &str = "time,run,load,figure,of,seconds,kernel,kube_proxy,image,name\n";

/// A normal number: twelve even ones together.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let even = |rng: &mut ChaCha8Rng| rng.next_u64() as f64 / u64::MAX as f64;
    (0..12).map(|_| even(rng)).sum::<f64>() - 6.0
}

/// A history of runs a day apart; from `step` on a tenth slower, with another kernel.
fn history(seed: u64, runs: usize, step: usize) -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut text = HEADING.to_owned();
    for at in 0..runs {
        let (times, kernel) = if at < step { (1.0, 46) } else { (1.1, 50) };
        let seconds = 2.0 * times * (1.0 + 0.05 * normal(&mut rng));
        let time = format!("2025-{:02}-{:02}T02:00:00Z", 1 + at / 28, 1 + at % 28);
        let name = if at == 10 { "ten" } else { "" };
        text += &format!(
            "{time},run-{at},ramp 500x30 nftables,mean,6.12,{seconds},6.12.{kernel},v1.35.0,image,{name}\n"
        );
    }
    text
}

/// What `history` says of a file with that text: exit status, standard output, standard error.
fn told(text: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("history.csv");
    fs::write(&file, text).unwrap();
    let mut all = vec!["history", "--file", file.to_str().unwrap()];
    all.extend(more);
    let output = analyze(&all);
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "only looked at");
    (output.status.code(), stdout(&output), stderr(&output))
}

#[test]
fn a_step_of_a_tenth_is_found_within_four_runs_most_of_the_time() {
    let mut found = 0;
    for seed in 0..20 {
        let seen = (21..=24).any(|runs| {
            let (code, out, _) = told(
                &history(seed, runs, 20),
                &["--fail-if", "changed(mean(6.12))"],
            );
            assert_eq!(code == Some(1), out.contains("p = 0.0"), "{out}");
            code == Some(1)
        });
        found += u32::from(seen);
    }
    // Twice the noise, four runs behind it: two of three series are expected to show it.
    assert!(found >= 11, "{found} of 20");
}

#[test]
fn what_changed_beside_it_is_said_and_conditions_judge_it() {
    let changed = history(3, 32, 20);
    let (_, out, _) = told(&changed.replace("6.12.50", "6.12.46"), &[]);
    assert!(out.contains("no other kernel"), "{out}");
    let (code, out, err) = told(&changed, &["--fail-if", "changed"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(
        out.contains("with it changed kernel 6.12.46 -> 6.12.50"),
        "{out}"
    );
    assert!(err.contains("--fail-if changed: mean(6.12)"), "{err}");
    let (code, ..) = told(&changed, &["--fail-if", "changed(convergence)"]);
    assert_eq!(code, Some(2), "a figure that is not there passes nothing");
    let (code, _, err) = told(&changed, &["--since", "eleven"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("no run of that name"), "{err}");
    // From the tenth run on there are fewer; the step is still in them.
    let (_, out, _) = told(&changed, &["--since", "ten"]);
    assert!(out.contains("22 runs"), "{out}");
    let (code, out, _) = told(&history(3, 19, 20), &["--fail-if", "changed"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(
        out.contains("19 runs") && out.contains("no change"),
        "{out}"
    );
    for (runs, words) in [(5, "too few"), (6, "no change")] {
        let (_, out, _) = told(&history(3, runs, 20), &[]);
        assert!(out.contains(words), "{runs}: {out}");
    }
}

#[test]
fn the_page_asks_for_nothing_and_shows_names_as_text() {
    let place = tempfile::tempdir().unwrap();
    let page = place.path().join("page.html");
    let text = history(3, 32, 20).replace("run-31", "<script>alert(1)</script>");
    told(&text, &["--page", page.to_str().unwrap()]);
    let page = fs::read_to_string(page).unwrap();
    assert!(
        page.contains("&lt;script&gt;alert") && !page.contains("<script"),
        "{page}"
    );
    assert!(
        page.contains("<svg") && page.contains("1 of 1 figure changed"),
        "{page}"
    );
    assert!(!page.contains("http://") || page.contains("http://www.w3.org/2000/svg"));
}

#[test]
fn runs_of_bundles_are_entered_once() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("history.csv");
    let enter = |name: &[&str]| {
        let mut all = vec!["history", FIXTURE, "--file", file.to_str().unwrap()];
        all.extend(name);
        let output = analyze(&all);
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    assert!(enter(&["--name", "first"]).contains("added"));
    let text = fs::read_to_string(&file).unwrap();
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert!(rows.iter().any(|row| row.contains(",mean,6.12,")), "{text}");
    assert!(rows.iter().all(|row| row.ends_with(",first")), "{text}");
    assert!(enter(&[]).contains("0 rows added"));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    // The page does not take the history's place.
    let path = file.to_str().unwrap();
    let output = analyze(&["history", "--file", path, "--page", path]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    // What is no bundle has no load.
    let logs = place.path().join("x.log");
    fs::write(
        &logs,
        "I1015 12:00:00.645270 1 proxier.go:1168] \"SyncProxyRules complete\" elapsed=\"0.5s\"\n",
    )
    .unwrap();
    let output = analyze(&[
        "history",
        logs.to_str().unwrap(),
        "--file",
        file.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(Path::new(&file).exists());
}

/// Progress and words of a command can be silenced behind it, as without a command.
#[test]
fn quiet_stands_behind_every_command() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("history.csv");
    let file = file.to_str().unwrap();
    for (words, silent) in [(&["--quiet"][..], true), (&["-q"], true), (&[], false)] {
        fs::remove_file(file).ok();
        let output = analyze(&[&["history", FIXTURE, "--file", file], words].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(stderr(&output).is_empty(), silent, "{}", stderr(&output));
    }
    let output = analyze(&["explain", "warnings", FIXTURE, "--quiet"]);
    assert!(output.status.success(), "{}", stderr(&output));
}
