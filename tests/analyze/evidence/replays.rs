//! Bundles of replays: kernels beside each other, curves, builds of one kernel.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::fixture::{codes, results, same};

const SIZES: [u64; 4] = [125, 250, 500, 1000];

/// A load: kernel release and version, build, Services, seconds.
type Load<'a> = (&'a str, &'a str, &'a str, u64, f64);

fn written(loads: &[Load<'_>], more: &str) -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("run");
    fs::create_dir_all(&directory).unwrap();
    let manifest = json!({
        "schema_version": "1.1", "kind": "replay", "run_id": "r",
        "tool": { "name": "lab", "version": "0" }, "started": "2026-11-24T10:00:00Z",
        "verdict": { "state": "complete" },
    });
    fs::write(directory.join("bundle.json"), manifest.to_string()).unwrap();
    let mut text = "transaction,mode,shape,services,endpoints_per_service,sha256,bytes,commands,\
                    chains,rules,sets,maps,anonymous_maps,elements,entries,table_sets\n"
        .to_owned();
    for n in SIZES {
        writeln!(
            text,
            "cold-{n},nftables,kube-proxy-1.32,{n},30,00,1,1,1,1,1,1,{n},1,{},1",
            n * 100
        )
        .unwrap();
    }
    fs::write(directory.join("transactions.csv"), text).unwrap();
    let mut text = "time_utc,transaction,kernel_release,kernel_series,kernel_version,clock,host,\
                    repetition,piece,pieces,outcome,problem,kernel_ns,build\n"
        .to_owned();
    for (release, version, build, n, seconds) in loads {
        writeln!(
            text,
            "2026-11-24T10:00:00Z,cold-{n},{release},6.1,{version},instructions,qemu,1,1,1,ok,,\
             {:.0},{build}",
            seconds * 1e9
        )
        .unwrap();
    }
    text += more;
    fs::write(directory.join("replays.csv"), text).unwrap();
    let builds = "build,kernel_release,source,compiler,module_sha256,says,edits\n\
                  control,6.1.0-1,linux-source-6.1 1,gcc 12,00,,\n\
                  a,6.1.0-1,linux-source-6.1 1,gcc 12,00,walks from the end,a.toml\n\
                  a+b,6.1.0-1,linux-source-6.1 1,gcc 12,00,stops,a.toml+b.toml\n";
    fs::write(directory.join("builds.csv"), builds).unwrap();
    place
}

/// Seconds of a curve: parts at 1,000 Services.
fn curve(linear: f64, quadratic: f64, n: u64) -> f64 {
    let n = n as f64 / 1000.0;
    linear * n + quadratic * n * n
}

fn ablated() -> TempDir {
    let mut loads = Vec::new();
    for n in SIZES {
        for (build, quadratic) in [("", 2.0), ("control", 2.0), ("a", 1.2), ("a+b", 0.5)] {
            // The control is 0.4 % off.
            let off = if build == "control" { 1.004 } else { 1.0 };
            loads.push(("6.1.0-1", "6.1.9", build, n, curve(2.0, quadratic, n) * off));
        }
        loads.push(("6.12.5-1", "6.12.5", "", n, curve(2.0, 1.2, n)));
    }
    written(&loads, "")
}

#[test]
fn what_edits_take_away_is_attributed_one_after_another() {
    let report = results(&ablated(), &[]);
    let replay = &report["replays"][0];
    let [one] = replay["ablations"].as_array().unwrap().as_slice() else {
        panic!("{}", replay["ablations"]);
    };
    let names: Vec<&Json> = one["builds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| &b["name"])
        .collect();
    assert_eq!(names, ["stock", "control", "a", "a+b"]);
    let whole = 2.0 * 1.004;
    for (at, name, seconds) in [(0, "a", whole - 1.2), (1, "b", 0.7), (2, "rest", 0.5)] {
        let part = &one["parts"][at];
        assert_eq!(part["name"], name);
        near(&part["quadratic_s"], seconds);
        near(&part["share_pct"], seconds / whole * 100.0);
    }
    near(&one["control_off_pct"], 0.4);
    assert_eq!(one["source"], "linux-source-6.1 1, gcc 12");
    let last = curve(2.0, 0.5, 1000) / curve(2.0, 0.5, 500);
    near(&one["builds"][3]["exponent"], last.log2());
    assert_eq!(one["builds"][3]["says"], "stops");
    let finding = replay["findings"][0].as_str().unwrap();
    let shares = "at 1,000 Services x 30: a 40 %, b 35 %, rest 25 %.";
    assert!(finding.contains(shares), "{finding}");
}

#[test]
fn builds_of_ones_own_are_no_kernels_of_the_distribution() {
    let report = results(&ablated(), &[]);
    let replay = &report["replays"][0];
    let figures = replay["figures"].as_array().unwrap();
    assert_eq!(figures.len(), 2 * SIZES.len());
    let of = |kernel: &str| {
        let found = figures
            .iter()
            .find(|f| f["kernel"] == kernel && f["transaction"] == 3);
        found.unwrap().clone()
    };
    near(&of("6.1.9")["kernel_s"], 4.0);
    near(&of("6.12.5")["ratio"], 0.8);
    near(&replay["costs"][0]["quadratic_s"], 2.0);
    near(&replay["costs"][1]["quadratic_s"], 1.2);
    same(&replay["figures"][0]["n"], 1.0);
}

#[test]
fn without_a_control_nothing_is_attributed() {
    let loads: Vec<Load<'_>> = SIZES
        .iter()
        .map(|n| ("6.1.0-1", "6.1.9", "a", *n, curve(2.0, 1.2, *n)))
        .collect();
    let report = results(&written(&loads, ""), &[]);
    let one = &report["replays"][0]["ablations"][0];
    assert_eq!(one["parts"], json!([]));
    assert_eq!(one["control_off_pct"], Json::Null);
    near(&one["builds"][0]["quadratic_s"], 1.2);
}

#[test]
fn rows_that_did_not_end_well_or_cannot_be_read_are_warned_of() {
    let bad = "2026-11-24T10:00:00Z,cold-125,6.1.0-1,6.1,6.1.9,instructions,qemu,1,1,1,refused,\
               no such file,,\n2026-11-24T10:00\n\
               2026-11-24T10:00:00Z,other,6.1.0-1,6.1,6.1.9,instructions,qemu,1,1,1,ok,,5,\n";
    let place = written(&[("6.1.0-1", "6.1.9", "", 125, 1.0)], bad);
    let report = results(&place, &[]);
    let mut found = codes(&report);
    found.sort_unstable();
    let wanted = ["replay_failed", "replay_row_unread", "replay_row_unread"];
    assert_eq!(found, wanted);
    assert_eq!(report["replays"][0]["figures"].as_array().unwrap().len(), 1);
}

/// A bundle in which two kube-proxies' rules, and those of iptables, were loaded on three kernels.
fn by_two_factors(newer: [f64; 3]) -> TempDir {
    let place = written(&[], "");
    let run = place.path().join("run");
    let mut transactions = fs::read_to_string(run.join("transactions.csv")).unwrap();
    let mut replays = fs::read_to_string(run.join("replays.csv")).unwrap();
    let writers = [
        ("a", "nftables", "1.32"),
        ("b", "nftables", "1.36"),
        ("c", "iptables", "1.32"),
    ];
    for ((name, mode, shape), newest) in writers.into_iter().zip(newer) {
        writeln!(
            transactions,
            "{name},{mode},kube-proxy-{shape},500,30,00,1,1,1,1,1,1,1,1,1,1"
        )
        .unwrap();
        for (release, seconds) in [("6.1", 2.0), ("6.12", 1.5), ("7.3", newest)] {
            // One kernel lacks one of them.
            if (name, release) == ("c", "6.12") {
                continue;
            }
            writeln!(
                replays,
                "2026-11-24T10:00:00Z,{name},{release}.0-1,{release},{release}.9,instructions,\
                 qemu,1,1,1,ok,,{:.0},",
                seconds * 1e9
            )
            .unwrap();
        }
    }
    fs::write(run.join("transactions.csv"), transactions).unwrap();
    fs::write(run.join("replays.csv"), replays).unwrap();
    place
}

#[test]
fn what_a_kernel_changes_is_told_by_who_writes_the_rules() {
    let report = results(&by_two_factors([1.0, 1.8, 2.0]), &[]);
    let replay = &report["replays"][0];
    let table = &replay["factors"];
    assert_eq!(table["kernels"], json!(["6.1.9", "7.3.9"]));
    // By mode and shape: iptables first.
    for (at, ratio) in [1.0, 0.5, 0.9].into_iter().enumerate() {
        near(&table["ratios"][at], ratio);
    }
    near(&table["interaction"], 2.0);
    let findings = replay["findings"].to_string();
    let wanted = "500 Services x 30, from 6.1.9 to 7.3.9: kube-proxy-1.32 (iptables) the same \
                  within 0.5 %, kube-proxy-1.32 (nftables) 50 % less, kube-proxy-1.36 (nftables) \
                  10 % less. What the kernel changes depends on who writes the rules: the largest \
                  of these ratios is 2.00 times the smallest.";
    assert!(findings.contains(wanted), "{findings}");
}

#[test]
fn within_three_percent_it_is_the_same_for_all() {
    for (newest, same) in [(1.029, true), (1.031, false)] {
        let report = results(&by_two_factors([1.0, 1.0, newest]), &[]);
        let findings = report["replays"][0]["findings"].to_string();
        let words = "is the same for all of them within 3 %";
        assert_eq!(findings.contains(words), same, "{findings}");
    }
    // One writer alone, or one kernel: no table.
    let report = results(&written(&[("6.1.0-1", "6.1.9", "", 125, 1.0)], ""), &[]);
    assert_eq!(report["replays"][0]["factors"], Json::Null);
}

/// Nanoseconds are whole numbers.
#[track_caller]
fn near(found: &Json, wanted: f64) {
    let value = found.as_f64().unwrap_or(f64::NAN);
    assert!(
        (value - wanted).abs() <= 1e-6 * wanted.abs(),
        "{found} is not {wanted}"
    );
}
