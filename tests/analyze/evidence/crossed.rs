//! Two factors in runs: kernels by who writes the rules, each cell with runs of its own.

use std::fs;
use std::path::Path;

use crate::fixture::*;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

const KERNELS: [&str; 2] = ["6.1.144", "6.12.46"];

/// A bundle of one run of so many seconds.
fn run(path: &Path, series: &str, (kernel, kube_proxy, mode): (&str, &str, &str), at: (f64, f64)) {
    let (start, seconds) = at;
    let syncs = vec![
        Sync::new(start, 0.5, 0.5, 5_000),
        Sync::new(start + 100.0, 1.0, seconds - 1.0, 10_000),
    ];
    let node = Node::new("a", kernel, syncs)
        .fact("kube_proxy/version", kube_proxy)
        .fact("kube_proxy/mode", mode);
    Bundle::of(vec![node]).write(path);
    let path = path.join("bundle.json");
    let mut manifest: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    manifest["series"] = json!(series);
    fs::write(path, manifest.to_string()).unwrap();
}

/// Seconds of the runs of 6.1 and of 6.12, repetition by repetition.
type Cell<'s> = [&'s [f64]; 2];

/// A series for each writer (its name, kube-proxy, mode), or one for all of the same name.
fn recorded(writers: &[(&str, &str, &str, Cell<'_>)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut start = 0.0;
    for (at, (series, kube_proxy, mode, cells)) in writers.iter().enumerate() {
        for repetition in 0..cells[0].len().max(cells[1].len()) {
            for turn in 0..2 {
                // Each is first as often as the other.
                let which = (turn + repetition) % 2;
                let Some(seconds) = cells[which].get(repetition) else {
                    continue;
                };
                let path = format!("run/{at}-{repetition}-{which}");
                let of = (KERNELS[which], *kube_proxy, *mode);
                run(&directory.path().join(path), series, of, (start, *seconds));
                start += 10_000.0;
            }
        }
    }
    directory
}

const SLOW: Cell<'_> = [&[100.0, 103.0, 98.0, 101.0], &[50.0, 51.0, 50.5, 49.5]];
const NO_CHANGE: Cell<'_> = [&[20.0, 20.6, 19.6, 20.2], &[20.1, 20.4, 19.9, 20.0]];
const HALVED: Cell<'_> = [&[20.0, 20.6, 19.6, 20.2], &[10.1, 10.4, 9.9, 10.0]];

fn two(second: Cell<'static>) -> TempDir {
    recorded(&[
        ("bench-nftables", "v1.32.6", "nftables", SLOW),
        ("bench-nftables", "v1.36.3", "nftables", second),
    ])
}

fn only(report: &Json) -> (&Json, &Json) {
    let tables = report["crossed"].as_array().unwrap();
    assert_eq!(tables.len(), 1, "{tables:?}");
    let interactions = tables[0]["interactions"].as_array().unwrap();
    assert_eq!(interactions.len(), 1, "{interactions:?}");
    (&tables[0], &interactions[0])
}

/// A series that was recorded with two kube-proxies is two studies of kernels, and what the kernel
/// changes is told to depend on them.
#[test]
fn two_kube_proxies_of_one_series_are_two_studies_and_a_table() {
    let report = results(&two(NO_CHANGE), &[]);
    let titles: Vec<&str> = report["studies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|study| study["title"].as_str().unwrap())
        .collect();
    let wanted = [
        "bench-nftables, kube-proxy v1.32.6",
        "bench-nftables, kube-proxy v1.36.3",
    ];
    assert_eq!(titles, wanted);
    let (table, one) = only(&report);
    assert_eq!(table["by"], "kernel");
    assert_eq!(table["groups"], json!(KERNELS));
    assert_eq!(table["conditions"][1]["kube_proxy"], "v1.36.3");
    assert_eq!(table["conditions"][1]["kernel"], Json::Null);
    let cell = |row: usize, column: usize| &table["cells"][row][column];
    same(&cell(0, 0)["mean_s"], 100.5);
    // Each interval is of its own mean.
    for (row, column) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let cell = cell(row, column);
        let [low, mean, high] = [&cell["ci95_s"][0], &cell["mean_s"], &cell["ci95_s"][1]]
            .map(|figure| figure.as_f64().unwrap());
        assert!(low < mean && mean < high, "{cell}");
    }
    assert_eq!(cell(1, 1)["n"], 4);
    assert_eq!(cell(1, 1)["trials"].as_array().unwrap().len(), 4);
    // By hand, of the means of logarithms.
    let mean = |runs: &[f64]| runs.iter().map(|x| x.ln()).sum::<f64>() / runs.len() as f64;
    let of = |cell: Cell<'_>| mean(cell[1]) - mean(cell[0]);
    same(&one["factor"], (of(NO_CHANGE) - of(SLOW)).exp());
    assert_eq!(one["sure"], true);
    assert_eq!(one["p_holm"], one["p_value"]);
    let said = table["findings"][0].as_str().unwrap();
    let wanted = "From 6.1.144 to 6.12.46 a sync of 10,000 endpoints takes 50 % less with \
                  kube-proxy v1.32.6 and as long as before within 0.5 % with kube-proxy v1.36.3: \
                  they differ by a factor of 2.00 (95 % interval 1.9";
    assert!(said.starts_with(wanted), "{said}");
    assert!(said.ends_with("; 4 runs each."), "{said}");
    // On the pages of both studies too.
    for study in report["studies"].as_array().unwrap() {
        assert!(study["findings"].to_string().contains(&said[..60]));
    }
}

#[test]
fn what_is_the_same_under_both_cannot_be_told_apart() {
    let report = results(&two(HALVED), &[]);
    let (table, one) = only(&report);
    assert_eq!(one["sure"], false);
    let said = table["findings"][0].as_str().unwrap();
    assert!(
        said.contains("they cannot be told apart (a factor of 1."),
        "{said}"
    );
    let [low, high] = [0, 1].map(|at| one["ci95"][at].as_f64().unwrap());
    assert!(low < 1.0 && high > 1.0);
}

/// Just shown and just not: what is called sure is what p says.
#[test]
fn sure_is_a_p_below_a_twentieth() {
    let mut seen = Vec::new();
    for share in [1.0, 1.01, 1.02, 1.03, 1.05, 1.08, 1.2] {
        let after: Vec<f64> = HALVED[1].iter().map(|x| x * share).collect();
        let writers = [
            ("bench", "v1.32.6", "nftables", SLOW),
            ("bench", "v1.36.3", "nftables", [HALVED[0], &after]),
        ];
        let report = results(&recorded(&writers), &[]);
        let (_, one) = only(&report);
        let p = one["p_holm"].as_f64().unwrap();
        assert_eq!(one["sure"], p < 0.05, "{p}");
        let low = one["ci95"][0].as_f64().unwrap();
        assert_eq!(p < 0.05, low > 1.0, "{p} {low}");
        seen.push(p < 0.05);
    }
    assert!(seen.contains(&true) && seen.contains(&false), "{seen:?}");
}

/// By kube-proxy the same runs are a study a kernel. One kube-proxy ran after the other there, so
/// that a drift is taken out: the factor is nearly the same.
#[test]
fn the_other_way_round_it_is_kube_proxies_on_each_kernel() {
    let directory = two(NO_CHANGE);
    let by_kernel = results(&directory, &[]);
    let by_proxy = results(&directory, &["--group-by", "kube-proxy"]);
    let (table, one) = only(&by_proxy);
    assert_eq!(table["groups"], json!(["v1.32.6", "v1.36.3"]));
    assert_eq!(table["conditions"][0]["kernel"], "6.1.144");
    assert_eq!(table["conditions"][0]["kube_proxy"], Json::Null);
    let said = table["findings"][0].as_str().unwrap();
    let wanted = "From v1.32.6 to v1.36.3 a sync of 10,000 endpoints takes 80 % less with kernel \
                  6.1.144 and 59 % less with kernel 6.12.46";
    assert!(said.starts_with(wanted), "{said}");
    let (_, other) = only(&by_kernel);
    let apart = one["factor"].as_f64().unwrap() / other["factor"].as_f64().unwrap();
    assert!((apart - 1.0).abs() < 0.03, "{apart}");
}

/// Modes are in series of their own; of three writers only those are set against each other that
/// differ in one thing.
#[test]
fn three_writers_make_two_pairs() {
    let report = results(
        &recorded(&[
            ("bench-nftables", "v1.32.6", "nftables", SLOW),
            ("bench-nftables", "v1.36.3", "nftables", NO_CHANGE),
            ("bench-iptables", "v1.32.6", "iptables", HALVED),
        ]),
        &[],
    );
    let table = &report["crossed"][0];
    let conditions = table["conditions"].as_array().unwrap();
    let modes: Vec<&str> = conditions
        .iter()
        .map(|one| one["mode"].as_str().unwrap())
        .collect();
    assert_eq!(modes, ["nftables", "nftables", "iptables"]);
    let interactions = table["interactions"].as_array().unwrap();
    let pairs: Vec<&Json> = interactions.iter().map(|one| &one["conditions"]).collect();
    assert_eq!(pairs, [&json!([0, 1]), &json!([0, 2])]);
    // Two are tested: Holm doubles the smaller p.
    let p = |at: usize, key: &str| interactions[at][key].as_f64().unwrap();
    let least = p(0, "p_value").min(p(1, "p_value"));
    let corrected = p(0, "p_holm").min(p(1, "p_holm"));
    assert!((corrected - 2.0 * least).abs() < 1e-12);
    let said = table["findings"].to_string();
    assert!(
        said.contains("with kube-proxy v1.32.6, nftables and"),
        "{said}"
    );
    assert!(
        said.contains("with kube-proxy v1.32.6, iptables:"),
        "{said}"
    );
}

#[test]
fn with_one_run_of_a_side_nothing_is_sure() {
    let report = results(&two([&[20.0], &[20.0]]), &[]);
    let (table, one) = only(&report);
    assert_eq!((&one["ci95"], &one["sure"]), (&Json::Null, &json!(false)));
    let said = table["findings"][0].as_str().unwrap();
    assert!(
        said.ends_with("with one run on a side nothing is sure; 1 to 4 runs each."),
        "{said}"
    );
}

/// Another load, or a kernel that only one writer has: no table, and nothing is parted.
#[test]
fn what_is_not_crossed_is_left_as_it_is() {
    let apart = recorded(&[("bench", "v1.32.6", "nftables", SLOW)]);
    assert_eq!(results(&apart, &[])["crossed"], json!([]));
    // Each kernel with a kube-proxy of its own is compared as before, with a word on it.
    let directory = tempfile::tempdir().unwrap();
    for (at, seconds) in [100.0, 50.0, 102.0, 51.0].into_iter().enumerate() {
        let of = (KERNELS[at % 2], ["v1.32.6", "v1.36.3"][at % 2], "nftables");
        let path = directory.path().join(format!("run/{at}"));
        run(&path, "bench", of, (10_000.0 * at as f64, seconds));
    }
    let report = results(&directory, &[]);
    assert_eq!(report["studies"].as_array().unwrap().len(), 1);
    assert_eq!(report["crossed"], json!([]));
    let warnings = report["comparisons"][0]["warnings"].to_string();
    assert!(
        warnings.contains("the sides differ in kube-proxy version too"),
        "{warnings}"
    );
}

/// What cannot be parted, for one kernel lacks one of them, is at least no silent mixture.
#[test]
fn a_mixture_of_kube_proxies_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let writers = [
        ("6.1.144", "v1.32.6"),
        ("6.12.46", "v1.32.6"),
        ("6.1.144", "v1.36.3"),
        ("6.12.46", "v1.36.3"),
        // This one on one kernel alone.
        ("6.1.144", "v1.37.2"),
        ("6.12.46", "v1.38.0"),
    ];
    for (at, (kernel, kube_proxy)) in writers.into_iter().enumerate() {
        let path = directory.path().join(format!("run/{at}"));
        let seconds = 50.0 + at as f64;
        let of = (kernel, kube_proxy, "nftables");
        run(&path, "bench", of, (10_000.0 * at as f64, seconds));
    }
    let report = results(&directory, &[]);
    assert_eq!(report["studies"].as_array().unwrap().len(), 1);
    let warnings = report["comparisons"][0]["warnings"].to_string();
    assert!(
        warnings.contains("the sides differ in kube-proxy version too"),
        "{warnings}"
    );
    // The same on both kernels, but one bundle tells no version.
    let mixed = two(HALVED);
    let path = mixed.path().join("run/0-0-0/bundle.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("\"version\":\"v1.32.6\"", "\"other\":1"),
    )
    .unwrap();
    let report = results(&mixed, &[]);
    assert_eq!(report["studies"].as_array().unwrap().len(), 1);
    let warnings = report["comparisons"][0]["warnings"].to_string();
    assert!(warnings.contains("kube-proxy version"), "{warnings}");
}
