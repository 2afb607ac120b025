//! Writes the bundle of the benchmark published on 15 October 2025 from its table of trials.
//!
//! `cargo run -p bundle --example published_trials -- samples/sources/published-trials.csv
//! samples/eks-2025-10-15`
//!
//! The publication shows two log lines a trial. They are rebuilt here from its figures, to the
//! nanosecond; nothing else of the logs was published. Each excerpt becomes a node of its own:
//! trials that overlap in time ran on different nodes, and a trial that begins within a minute
//! of its predecessor's end is the next sync of the same node.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bundle::{
    Capture, Claim, Cluster, KubeProxy, Manifest, Node, Origin, Quantity, Scenario, Scope, Tool,
    Verdict, Workload, Writer,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, json};

const SOURCE: &str = "kube-proxy nftables benchmark, 15 October 2025";

/// A row of the published table.
#[derive(Deserialize)]
struct Trial {
    kernel: String,
    instance: String,
    kube_proxy: String,
    mode: String,
    family: String,
    reloading_line: String,
    complete_line: String,
    reloading: NaiveDateTime,
    complete: NaiveDateTime,
    services: u64,
    endpoints: u64,
    elapsed: String,
}

/// Consecutive trials of one node.
struct Excerpt {
    node: String,
    trials: Vec<Trial>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(table), Some(directory)) = (arguments.next(), arguments.next()) else {
        return Err("usage: published_trials TABLE.csv BUNDLE".into());
    };
    let trials = csv::Reader::from_path(&table)?
        .into_deserialize()
        .collect::<Result<_, _>>()?;
    let excerpts = excerpts(trials);
    let mut manifest = manifest(&excerpts);
    let writer = Writer::create(&directory, &manifest)?;
    for excerpt in &excerpts {
        manifest.capture.push(write_log(&writer, excerpt)?);
    }
    manifest.verdict = Verdict::Incomplete {
        reasons: vec!["only the published lines of each log are known".to_owned()],
    };
    writer.update(&manifest)?;
    // Nothing of what the publisher's scripts did, and when, was published.
    fs::remove_file(directory.join(bundle::TIMELINE))?;
    Ok(())
}

/// Trials by kernel and time, cut wherever more than a minute lies between two of them.
fn excerpts(mut trials: Vec<Trial>) -> Vec<Excerpt> {
    trials.sort_by(|a, b| (&a.kernel, a.reloading).cmp(&(&b.kernel, b.reloading)));
    let mut per_kernel: BTreeMap<String, u8> = BTreeMap::new();
    let mut excerpts: Vec<Excerpt> = Vec::new();
    for trial in trials {
        if let Some(open) = excerpts.last_mut()
            && let Some(before) = open.trials.last()
            && before.kernel == trial.kernel
            && trial.reloading > before.complete
            && trial.reloading - before.complete < TimeDelta::minutes(1)
        {
            open.trials.push(trial);
            continue;
        }
        let count = per_kernel.entry(trial.kernel.clone()).or_default();
        let node = format!("kernel-{}-{}", trial.kernel, char::from(b'a' + *count));
        *count += 1;
        excerpts.push(Excerpt {
            node,
            trials: vec![trial],
        });
    }
    excerpts
}

fn manifest(excerpts: &[Excerpt]) -> Manifest {
    let times = || excerpts.iter().flat_map(|excerpt| &excerpt.trials);
    let first = times()
        .map(|trial| trial.reloading.and_utc())
        .min()
        .unwrap_or_default();
    let last = times().map(|trial| trial.complete.and_utc()).max();
    let tool = Tool {
        name: "published_trials".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let mut manifest = Manifest::begin("eks-2025-10-15".to_owned(), tool, first);
    manifest.finished = last;
    manifest.origin = Origin::Rebuilt {
        from: format!("{SOURCE}: its table of trials, samples/sources/published-trials.csv"),
    };
    manifest.workload = Some(Workload {
        scenario: Scenario::Ramp,
        namespace: "debug".to_owned(),
        services: 8000,
        replicas: vec![1, 5, 10, 15, 20, 25, 30],
        step_pause_s: 60.0,
        stabilise_s: 300.0,
        pace: Some("fixed".to_owned()),
        other: Map::new(),
    });
    manifest.cluster = Some(Cluster {
        server_version: Some("1.34".to_owned()),
        provider: Some("aws".to_owned()),
        clock: None,
        other: Map::from_iter([("region".to_owned(), json!("us-east-1"))]),
    });
    manifest.nodes = excerpts.iter().map(node).collect();
    manifest.claims = claims();
    manifest.notes = vec![
        "The log lines are rebuilt from published figures; each node here is one published \
         excerpt, and its name is made up."
            .to_owned(),
        "The publisher's own limits: one instance type, two kernels, one cluster size, one \
         pattern of Services and endpoints."
            .to_owned(),
    ];
    manifest
}

fn node(excerpt: &Excerpt) -> Node {
    let trial = &excerpt.trials[0];
    Node {
        name: excerpt.node.clone(),
        kernel_version: Some(trial.kernel.clone()),
        os_image: Some(
            if trial.kernel.starts_with("6.1.") {
                "Bottlerocket OS 1.44.0 (aws-k8s-1.32)"
            } else {
                "Bottlerocket OS 1.49.0 (aws-k8s-1.34)"
            }
            .to_owned(),
        ),
        instance_type: Some(trial.instance.clone()),
        kube_proxy: Some(KubeProxy {
            version: Some(trial.kube_proxy.clone()),
            mode: Some(trial.mode.clone()),
            verbosity: Some(2),
            ..KubeProxy::default()
        }),
        ..Node::default()
    }
}

/// The publication's averages and its headline.
fn claims() -> Vec<Claim> {
    let mean = |kernel: &str, text: &str, value| Claim {
        text: format!("average of kernel {kernel}: {text}"),
        source: Some(SOURCE.to_owned()),
        quantity: Quantity::MeanS,
        value,
        tolerance: 0.05,
        group: Some(kernel.to_owned()),
        baseline: None,
        candidate: None,
        scope: Scope::All,
        other: Map::new(),
    };
    let improvement = |scope| Claim {
        text: "73 % faster".to_owned(),
        source: Some(SOURCE.to_owned()),
        quantity: Quantity::ImprovementPct,
        value: 73.0,
        tolerance: 0.5,
        group: None,
        baseline: Some("6.1.144".to_owned()),
        candidate: Some("6.12.46".to_owned()),
        scope,
        other: Map::new(),
    };
    vec![
        mean("6.12.46", "4m 0.1s", 240.1),
        mean("6.1.144", "15m 0.1s", 900.1),
        improvement(Scope::All),
        improvement(Scope::Matched),
    ]
}

fn write_log(writer: &Writer, excerpt: &Excerpt) -> Result<Capture, Box<dyn Error>> {
    let mut text = String::new();
    for trial in &excerpt.trials {
        let (family, line) = (&trial.family, &trial.reloading_line);
        writeln!(
            text,
            "{}{line}] \"Reloading service {} data\" ipFamily=\"{family}\" numServices={} \
             numEndpoints={}",
            header(trial.reloading),
            trial.mode,
            trial.services,
            trial.endpoints
        )?;
        writeln!(
            text,
            "{}{}] \"SyncProxyRules complete\" ipFamily=\"{family}\" elapsed=\"{}\"",
            header(trial.complete),
            trial.complete_line,
            trial.elapsed
        )?;
    }
    let path = writer.log_path(&excerpt.node, 0)?;
    fs::write(&path, &text)?;
    let stamp = |time: Option<NaiveDateTime>| time.map(|time| time.and_utc());
    Ok(Capture {
        node: excerpt.node.clone(),
        file: below(writer.directory(), &path),
        first: stamp(excerpt.trials.first().map(|trial| trial.reloading)),
        last: stamp(excerpt.trials.last().map(|trial| trial.complete)),
        lines: text.lines().count() as u64,
        bytes: text.len() as u64,
        ..Capture::default()
    })
}

/// The kubelet's time stamp and klog's header, up to the source line.
fn header(time: NaiveDateTime) -> String {
    let utc: DateTime<Utc> = time.and_utc();
    format!(
        "{} I{}       1 ",
        utc.format("%Y-%m-%dT%H:%M:%S%.6fZ"),
        utc.format("%m%d %H:%M:%S%.6f")
    )
}

fn below(directory: &Path, path: &Path) -> String {
    path.strip_prefix(directory)
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}
