//! `analyze predict`: the samples' own larger loads, told from their smaller ones; what is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;
use tempfile::TempDir;

/// Largest size that is left in.
const LARGEST: u64 = 1000;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/replay-nftables")
}

fn predict(words: &[&str], from: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
    command.arg("predict").args(words).arg("--from").arg(from);
    command.output().unwrap()
}

/// Services of a cold load by its name: `cold-1000x30-...`.
fn size(name: &str) -> Option<u64> {
    name.strip_prefix("cold-")?.split_once('x')?.0.parse().ok()
}

/// The sample with cold loads of at most so many Services, and the rows of the larger.
fn cut() -> (TempDir, Vec<(String, String, f64)>) {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("cut");
    fs::create_dir(&directory).unwrap();
    for name in ["bundle.json", "transactions.csv"] {
        fs::copy(sample().join(name), directory.join(name)).unwrap();
    }
    let text = fs::read_to_string(sample().join("replays.csv")).unwrap();
    let columns: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let column = |name: &str| columns.iter().position(|one| *one == name).unwrap();
    let (mut kept, mut larger) = (String::new(), Vec::new());
    for line in text.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        let name = cells[column("transaction")];
        if size(name).is_none_or(|services| services <= LARGEST) {
            kept += line;
            kept.push('\n');
        } else if cells[column("pieces")] == "1" {
            let seconds: f64 = cells[column("kernel_ns")].parse().unwrap();
            let kernel = cells[column("kernel_version")].to_owned();
            larger.push((name.to_owned(), kernel, seconds / 1e9));
        }
    }
    fs::write(directory.join("replays.csv"), kept).unwrap();
    (place, larger)
}

#[test]
fn larger_loads_are_told_from_loads_of_up_to_1000_services_within_a_tenth() {
    let (place, larger) = cut();
    let of = |services: u64, shape: &str| {
        let mine = larger
            .iter()
            .filter(|(name, ..)| size(name) == Some(services) && name.ends_with(shape));
        mine.collect::<Vec<_>>()
    };
    assert!(of(2000, "1.32").len() >= 3 && of(2000, "1.36").len() >= 3);
    assert!(of(4000, "1.32").len() >= 3);
    for (name, kernel, measured) in &larger {
        let services = size(name).unwrap().to_string();
        let version = name.rsplit('-').next().unwrap();
        let words = [
            "--services",
            &services,
            "--endpoints",
            "30",
            "--kernel",
            kernel,
            "--kube-proxy",
            version,
            "--json",
        ];
        let output = predict(&words, place.path());
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        let told: Json = serde_json::from_slice(&output.stdout).unwrap();
        let billion = told["work"]["billion"].as_f64().unwrap();
        let off = billion / measured - 1.0;
        println!(
            "{name} on {kernel}: told {billion:.3}, measured {measured:.3}, {:+.1} %",
            off * 100.0
        );
        assert!(off.abs() < 0.1, "{name} on {kernel}: {off}");
    }
}

#[test]
fn what_is_too_far_or_unknown_is_refused_with_what_there_is() {
    let from = sample();
    for (words, said) in [
        (
            [
                "--services",
                "40000",
                "--endpoints",
                "30",
                "--kernel",
                "6.1",
            ],
            "more than eight",
        ),
        (
            [
                "--services",
                "1000",
                "--endpoints",
                "241",
                "--kernel",
                "6.1",
            ],
            "endpoints of each",
        ),
        (
            ["--services", "15", "--endpoints", "30", "--kernel", "6.1"],
            "15 Services",
        ),
        (
            ["--services", "100", "--endpoints", "30", "--kernel", "5.10"],
            "there are 6.1.192",
        ),
    ] {
        let output = predict(&words, &from);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(
            error.contains("cannot predict") && error.contains(said),
            "{error}"
        );
    }
    let near = ["--services", "16", "--endpoints", "240", "--kernel", "6.1"];
    assert!(predict(&near, &from).status.success());
    let other = [
        "--services",
        "100",
        "--endpoints",
        "30",
        "--kernel",
        "6.1",
        "--kube-proxy",
        "1.34",
    ];
    let error = String::from_utf8_lossy(&predict(&other, &from).stderr).into_owned();
    assert!(
        error.contains("there are kube-proxy-1.32, kube-proxy-1.36"),
        "{error}"
    );
}

#[test]
fn a_ruleset_is_told_as_the_scale_that_it_is_of() {
    let batch = transaction::generate(&transaction::Request {
        mode: transaction::Mode::Nftables,
        shape: transaction::Shape::KubeProxy1_32,
        services: 40,
        endpoints: 30,
        from_replicas: None,
        local: 0,
        has_api_endpoint: true,
    });
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("rules.nft");
    fs::write(&file, batch).unwrap();
    let told = |words: &[&str]| -> Json {
        let output = predict(
            &[words, &["--kernel", "6.12", "--json"]].concat(),
            &sample(),
        );
        assert!(output.status.success());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (by_file, by_scale) = (
        told(&["--ruleset", file.to_str().unwrap()]),
        told(&["--services", "40", "--endpoints", "30"]),
    );
    assert_eq!(by_file["work"], by_scale["work"]);
    assert_eq!(by_file["load"]["entries"], by_scale["load"]["entries"]);
    fs::write(&file, "table ip t {\n").unwrap();
    let output = predict(
        &["--ruleset", file.to_str().unwrap(), "--kernel", "6.12"],
        &sample(),
    );
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("rules.nft: line 1"), "{error}");
}

/// Replays of loads as small as those that the listings are of.
fn small() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let copy = |name: &str| fs::copy(sample().join(name), place.path().join(name)).unwrap();
    copy("bundle.json");
    let header = |name: &str| -> String {
        let text = fs::read_to_string(sample().join(name)).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    let (mut transactions, mut replays) = (header("transactions.csv"), header("replays.csv"));
    for services in [2, 3, 4, 6, 8, 12] {
        let text = transaction::generate(&transaction::Request {
            mode: transaction::Mode::Nftables,
            shape: transaction::Shape::KubeProxy1_32,
            services,
            endpoints: 3,
            from_replicas: None,
            local: 0,
            has_api_endpoint: true,
        });
        let of = transaction::Tables::default().load(&text).unwrap();
        let name = format!("cold-{services}x3");
        transactions += &format!(
            "\n{name},nftables,kube-proxy-1.32,ipv4,{services},3,,0,{},{},{},{},{},{},{},{},{},{},",
            of.bytes,
            of.commands,
            of.chains,
            of.rules,
            of.sets,
            of.maps,
            of.anonymous,
            of.elements,
            of.entries,
            of.table_sets
        );
        let ns = 1_000 * of.entries + 10 * of.anonymous * of.entries;
        replays += &format!(
            "\n2026-11-27T07:56:09Z,{name},,6.12.117-1,6.12,6.12.117,instructions,qemu,nft,1,1,1,ok,\
             ,1,{ns},,,,,,,,,0"
        );
    }
    fs::write(place.path().join("transactions.csv"), transactions + "\n").unwrap();
    fs::write(place.path().join("replays.csv"), replays + "\n").unwrap();
    place
}

/// What `lab ruleset --from` reads, `predict --ruleset` reads: text and JSON, with what else stands
/// on the node left out.
#[test]
fn a_nodes_own_rules_are_told_however_they_were_printed() {
    let listed = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../bundle/transaction/tests/listed")
            .join(name);
        fs::read_to_string(path).unwrap()
    };
    let place = tempfile::tempdir().unwrap();
    let told = |text: &str| {
        let file = place.path().join("rules");
        fs::write(&file, text).unwrap();
        let words = ["--kernel", "6.12", "--json", "--ruleset"];
        let words = [&words[..], &[file.to_str().unwrap()]].concat();
        predict(&words, small().path())
    };
    let work = |output: &Output| -> Json {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let told: Json = serde_json::from_slice(&output.stdout).unwrap();
        told["load"].clone()
    };
    let text = listed("kube-proxy-1.32-3x3.txt");
    let wanted = work(&told(&text));
    assert_eq!(work(&told(&listed("kube-proxy-1.32-3x3.json"))), wanted);
    // A node has other tables, which kube-proxy does not send, and kubectl says a word before.
    let others = format!(
        "Creating debugging pod node-debugger-x with container debugger on node n.\n\
         table inet firewall {{\n\tchain input {{\n\t\tip saddr {{ 10.0.0.1, 10.0.0.2 }} drop\n\
         \t}}\n}}\n{text}"
    );
    let output = told(&others);
    assert_eq!(work(&output), wanted);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("left out: table inet firewall"), "{said}");
    // No rules of nftables.
    for (text, wanted) in [
        (
            listed("kube-proxy-1.32-3x3.iptables-save"),
            "rules of iptables",
        ),
        (
            "table inet t {\n}\n".to_owned(),
            "without a table of kube-proxy",
        ),
        ("{\"nftables\": [".to_owned(), "line 1"),
    ] {
        let output = told(&text);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(wanted), "{said}");
    }
}

#[test]
fn splitting_says_what_it_rests_on() {
    for (kernel, rests) in [
        ("6.1", "in 2, 4, 8, 16, 32 transactions on 6.1.192; other"),
        ("7.3", "in 2, 4, 8, 16, 32 transactions on 7.3.4; other"),
        ("6.18", ", none on 6.18.15; other"),
    ] {
        let load = ["--services", "1000", "--endpoints", "30"];
        let words = [&load[..], &["--kernel", kernel, "--json"]].concat();
        let output = predict(&words, &sample());
        assert!(output.status.success());
        let told: Json = serde_json::from_slice(&output.stdout).unwrap();
        let notes = told["notes"].as_array().unwrap();
        let said = |note: &Json| {
            let note = note.as_str().unwrap();
            note.starts_with("Splitting rests on") && note.contains(rests)
        };
        assert!(notes.iter().any(said), "{notes:?}");
    }
}

/// Rows of a load in so many pieces: their sum and the longest, in billions.
fn split(name: &str, kernel: &str, pieces: &str) -> (f64, f64) {
    let text = fs::read_to_string(sample().join("replays.csv")).unwrap();
    let columns: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let column = |name: &str| columns.iter().position(|one| *one == name).unwrap();
    let rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let mine = rows.filter(|cells| {
        cells[column("transaction")] == name
            && cells[column("kernel_version")] == kernel
            && cells[column("pieces")] == pieces
    });
    let each: Vec<f64> = mine
        .map(|cells| cells[column("kernel_ns")].parse::<f64>().unwrap() / 1e9)
        .collect();
    let longest = each.iter().copied().fold(0.0, f64::max);
    (each.iter().sum(), longest)
}

#[test]
fn the_best_number_of_transactions_is_told_from_smaller_loads() {
    let (place, _) = cut();
    let load = ["--services", "2000", "--endpoints", "30"];
    let words = [&load[..], &["--kernel", "6.1", "--json"]].concat();
    let output = predict(&words, place.path());
    let told: Json = serde_json::from_slice(&output.stdout).unwrap();
    let upgrades = told["upgrades"].as_array().unwrap();
    let one = upgrades.iter().find(|one| one["kind"] == "splitting");
    let one = one.unwrap();
    assert_eq!(one["to"], "8 transactions");
    let of = |pieces: &str| split("cold-2000x30-kube-proxy-1.32", "6.1.192", pieces);
    let (measured, longest) = of("8");
    assert!(measured < of("4").0 && measured < of("16").0);
    for (told, measured) in [
        (&one["billion"], measured),
        (&one["longest_billion"], longest),
    ] {
        let off = told.as_f64().unwrap() / measured - 1.0;
        println!("told {told}, measured {measured}: {:+.1} %", off * 100.0);
        assert!(off.abs() < 0.05, "{told} for {measured}");
    }
}

#[test]
fn what_pays_first_is_not_told_where_intervals_overlap() {
    let of = |kernel: &str| -> Json {
        let load = ["--services", "1000", "--endpoints", "30", "--json"];
        let words = [&load[..], &["--kernel", kernel]].concat();
        serde_json::from_slice(&predict(&words, &sample()).stdout).unwrap()
    };
    for kernel in ["6.1", "6.12", "7.3"] {
        let told = of(kernel);
        let upgrades = told["upgrades"].as_array().unwrap();
        let first: Vec<u64> = told["first"]
            .as_array()
            .unwrap()
            .iter()
            .map(|at| at.as_u64().unwrap())
            .collect();
        let range = |of: &Json, at: usize| of["range"][at].as_f64().unwrap();
        for (at, one) in upgrades.iter().enumerate() {
            let billion = one["billion"].as_f64().unwrap();
            assert!(
                range(one, 0) <= billion && billion <= range(one, 1),
                "{one}"
            );
            let alike = range(one, 0) <= range(&upgrades[0], 1);
            assert_eq!(first.contains(&(at as u64)), alike, "{kernel}: {one}");
        }
        assert!(range(&upgrades[0], 1) < range(&told["work"], 0));
    }
}
