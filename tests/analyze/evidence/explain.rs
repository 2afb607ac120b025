//! `analyze explain`: every figure with its formula, its inputs, and a line that holds each.

use crate::fixture::*;
use std::path::{Path, PathBuf};
use std::process::Output;

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap().to_path_buf()
}

fn explain(arguments: &[&str]) -> Output {
    let mut all = vec!["explain"];
    all.extend_from_slice(arguments);
    analyze(&root(), &all)
}

#[test]
fn a_mean_is_the_sum_of_the_lines_that_it_names() {
    let output = explain(&["mean(6.1.144)", "samples/eks-2025-10-15"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stdout(&output);
    assert!(
        said.starts_with("mean(6.1.144) = 912.129 s  [eks-2025-10-15/6.1.144, 4 runs, 5 trials]\n")
    );
    let mut sum = 0.0;
    let rows: Vec<&str> = said.lines().filter(|line| line.contains(".log:")).collect();
    for row in &rows {
        let (path, line) = row
            .split_whitespace()
            .last()
            .unwrap()
            .rsplit_once(':')
            .unwrap();
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        let line = text
            .lines()
            .nth(line.parse::<usize>().unwrap() - 1)
            .unwrap();
        let elapsed = line
            .rsplit_once("elapsed=\"")
            .unwrap()
            .1
            .trim_end_matches('"');
        let logged = kube_proxy_logs::parse_duration(elapsed).unwrap() as f64 / 1e9;
        let printed: f64 = row.split_whitespace().next().unwrap().parse().unwrap();
        assert!((printed - logged).abs() < 5e-10, "{row}\n{line}");
        sum += printed;
    }
    assert_eq!(rows.len(), 5);
    assert!((sum / 5.0 - 912.129_170_313_2).abs() < 1e-9, "{sum}");
    assert!(
        said.contains("computed  4560.645851566 s / 5 = 912.129170313 s"),
        "{said}"
    );
}

#[test]
fn every_figure_can_be_explained() {
    let group = "'guests-6.1-6.12-501x30/6.1.0-54-cloud-amd64'";
    let paths = ["samples/eks-2025-10-15", "samples/guests-6.1-6.12-501x30"];
    // What the table of figures lists, so that none is forgotten here.
    let figures = analyze::figure::all()
        // Of these there is none here: below, and where convergence is compared.
        .filter(|figure| !["failed", "lockups", "in_sync_worst_hour"].contains(&figure.name))
        .filter(|figure| !figure.name.starts_with("convergence_"))
        .flat_map(|figure| {
            let name = figure.name;
            let calls = match figure.pattern() {
                "(GROUP)" => vec![format!("{name}({group})")],
                "(GROUP) or (GROUP, step)" => {
                    vec![format!("{name}({group})"), format!("{name}({group}, step)")]
                }
                _ => vec![name.to_owned()],
            };
            let matched = figure.can_match().then(|| format!("matched.{}", calls[0]));
            calls.into_iter().chain(matched)
        });
    for figure in figures {
        let output = explain(&[&figure, paths[0], paths[1]]);
        let said = stdout(&output);
        assert!(output.status.success(), "{figure}: {}", stderr(&output));
        assert!(
            said.contains("\n  formula   ") && said.contains("\n  source    "),
            "{said}"
        );
        let place = |line: &str| line.contains("samples/") && line.starts_with("    ");
        assert!(said.lines().any(place), "{figure} names no place\n{said}");
    }
    // No sync failed and no kernel log was read: nothing to name, and said to be so.
    for (figure, value) in [("failed", "= 0"), ("lockups", "= 0.000 s")] {
        let output = explain(&[&format!("{figure}({group})"), paths[1]]);
        assert!(stdout(&output).contains(value), "{}", stdout(&output));
    }
}

#[test]
fn a_condition_is_explained_figure_by_figure() {
    let output = explain(&[
        "matched.improvement < 50% or p > 5%",
        "samples/eks-2025-10-15",
    ]);
    let said = stdout(&output);
    let heads: Vec<&str> = said
        .lines()
        .filter(|line| !line.starts_with(' ') && !line.is_empty())
        .collect();
    assert_eq!(heads.len(), 2, "{said}");
    assert!(heads[0].starts_with("matched.improvement = 66.286 %"));
    assert!(heads[1].starts_with("p = "));
    assert!(said.contains("(908.605614938 s - 306.326389432 s) / 908.605614938 s x 100 = 66.286"));
    assert!(said.contains("the trials within 2 % of 240015 endpoints"));
}

#[test]
fn a_figure_that_is_none_is_an_error() {
    for (arguments, message) in [
        (vec!["meen(6.1.144)"], "no figure is called `meen`"),
        (
            vec!["mean(6.2)", "samples/eks-2025-10-15"],
            "no group is called `6.2`",
        ),
        (
            vec!["exponent(6.1.144)", "samples/eks-2025-10-15"],
            "exponent(6.1.144) cannot be had: too few scales for a fit",
        ),
        (
            vec!["mean(x)", "nowhere"],
            "nowhere: no such file or directory",
        ),
        (vec![], "<FIGURE>"),
    ] {
        let output = explain(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains(message),
            "{arguments:?} {}",
            stderr(&output)
        );
    }
    // Options before the word would be lost; they are refused.
    let output = analyze(&root(), &["--group-by", "node", "explain", "warnings"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn lockups_and_failures_lead_to_their_lines() {
    let kernel = "2025-10-15T12:01:00,000000+00:00 watchdog: BUG: soft lockup - CPU#3 stuck for \
                  26s! [nft:4242]\n";
    let syncs = vec![
        Sync::new(0.0, 1.0, 100.0, 10_000),
        Sync::new(200.0, 1.0, 2.0, 10_000).failed(),
    ];
    let node = Node::new("a", "6.1.144", syncs).file("kernel.log", kernel);
    let directory = bundle(Bundle::of(vec![node]));
    for (figure, value, place) in [
        ("lockups(6.1.144)", "= 27.917 s", "run/nodes/a/kernel.log:1"),
        ("failed(6.1.144)", "= 1", "run/nodes/a/kube-proxy.0.log:5"),
    ] {
        let output = analyze(directory.path(), &["explain", figure, "run"]);
        let said = stdout(&output);
        assert!(
            said.contains(value) && said.contains(place),
            "{said}{}",
            stderr(&output)
        );
    }
}
