//! An experiment as logs on disk, in which the effect is known: written, read, paired, selected
//! and compared by the whole program.
//!
//! Between its trials each node logs what real logs hold beside them: the syncs of small changes,
//! failed syncs, and syncs of the other family that wait for the kernel's lock. A trial missed, or
//! a sync too many, moves every rate.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use analyze::cli::Cli;
use analyze::report::Report;
use analyze::{corpus, evidence};
use clap::Parser as _;
use kube_proxy_logs::{Request, Silent};

/// The kernels: baseline, candidate, and one between.
pub(super) const KERNELS: [&str; 3] = ["6.1.144", "6.12.46", "6.6.99"];

/// A run: its kernel, a place of [`KERNELS`], and the seconds of its trials.
pub(super) struct Run {
    pub(super) kernel: usize,
    pub(super) trials: Vec<f64>,
}

/// What the runs are kept in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// A bundle each, all of one series.
    Series,
    /// A bundle each, of none.
    Bundles,
    /// Nodes of one bundle, side by side.
    Nodes,
    /// A bundle each, all of one series, with timelines that tell of the steps.
    Ramps,
    /// Loose logs, of which `--run` and `--label` tell.
    Logs,
}

/// The report of an experiment; runs are made in their order, three hours apart. None if it
/// cannot be written or read.
pub(super) fn report(directory: &Path, runs: &[Run], kept: Kept) -> Option<Report> {
    let mut words = vec!["analyze".to_owned(), directory.to_str()?.to_owned()];
    if kept == Kept::Nodes {
        let nodes: Vec<(usize, &Run)> = runs.iter().enumerate().collect();
        bundle(&directory.join("run"), &nodes, None, true).ok()?;
    }
    for (at, run) in runs.iter().enumerate() {
        let name = format!("run-{}-{at:02}", KERNELS[run.kernel]);
        let path = directory.join(&name);
        match kept {
            Kept::Series | Kept::Ramps => {
                bundle(&path, &[(at, run)], Some("bench"), false).ok()?;
                if kept == Kept::Ramps {
                    fs::write(path.join("timeline.csv"), timeline(run, start(at))).ok()?;
                }
            }
            Kept::Bundles => bundle(&path, &[(at, run)], None, false).ok()?,
            Kept::Nodes => {}
            Kept::Logs => {
                fs::write(
                    directory.join(format!("{name}.log")),
                    log(&run.trials, start(at)),
                )
                .ok()?;
                words.push(format!("--label={name}.log={}", KERNELS[run.kernel]));
                words.push(format!("--run={name}.log={at}"));
            }
        }
    }
    let plan = Cli::try_parse_from(words).ok()?.subject.plan().ok()?;
    let corpus = corpus::open(&plan).ok()?;
    let request = Request {
        sources: corpus.sources.clone(),
        threads: Some(1),
        max_memory: None,
        ..Request::default()
    };
    let reading = kube_proxy_logs::read(&request, &Silent).ok()?;
    evidence::assemble::report(&plan, &corpus, reading).ok()
}

/// When a run begins, in microseconds; no two logs hold the same line.
fn start(at: usize) -> u64 {
    at as u64 * (3 * 3_600_000_000 + 1_001)
}

/// A bundle of these runs, each on a node of its own.
fn bundle(
    path: &Path,
    runs: &[(usize, &Run)],
    series: Option<&str>,
    at_once: bool,
) -> std::io::Result<()> {
    let (mut nodes, mut capture) = (Vec::new(), Vec::new());
    for (at, run) in runs {
        let (node, kernel) = (format!("node-{at}"), KERNELS[run.kernel]);
        let file = format!("nodes/{node}/kube-proxy.0.log");
        let begins = if at_once {
            *at as u64 * 1_001
        } else {
            start(*at)
        };
        fs::create_dir_all(path.join("nodes").join(&node))?;
        fs::write(path.join(&file), log(&run.trials, begins))?;
        nodes.push(format!(
            r#"{{"name":"{node}","kernel_version":"{kernel}","kube_proxy":{{"mode":"nftables"}}}}"#
        ));
        capture.push(format!(
            r#"{{"node":"{node}","instance":0,"file":"{file}","lines":1,"bytes":1}}"#
        ));
    }
    let series = series.map_or_else(String::new, |name| format!(r#""series":"{name}","#));
    let manifest = format!(
        r#"{{"schema_version":"1.0","run_id":"simulated","started":"2025-10-15T00:00:00Z",{series}
        "tool":{{"name":"coverage","version":"1"}},"nodes":[{}],"capture":[{}],
        "workload":{{"scenario":"ramp","namespace":"x","services":1000,"replicas":[240],
        "step_pause_s":60.0,"stabilise_s":60.0}},"verdict":{{"state":"complete"}}}}"#,
        nodes.join(","),
        capture.join(",")
    );
    fs::write(path.join("bundle.json"), manifest)
}

/// The steps of a run, each half a second before the sync that carries it: to full scale, and
/// down again to half of it.
fn timeline(run: &Run, begins: u64) -> String {
    let mut text = "time_utc,action,detail,requested,achieved\n".to_owned();
    let mut scale = |at: u64, to: u64, from: u64| {
        let (second, micros) = (at / 1_000_000, at % 1_000_000);
        let day = 15 + second / 86_400;
        // Writing to a String cannot fail.
        writeln!(
            text,
            "2025-10-{day}T{:02}:{:02}:{:02}.{micros:06}Z,scale,replicas={to},{to},{from}",
            second / 3_600 % 24,
            second / 60 % 60,
            second % 60
        )
        .unwrap_or_default();
    };
    for at in 0..run.trials.len() as u64 {
        let from = begins + 3_000_000_000 * at;
        if at > 0 {
            scale(from - 500_000, 120, 240);
        }
        scale(from + 19_500_000, 240, 120);
    }
    text
}

/// The log of a run: each trial a step from half scale, and noise between.
fn log(trials: &[f64], begins: u64) -> String {
    let mut text = String::new();
    for (at, seconds) in trials.iter().enumerate() {
        // Longer than any trial.
        let from = begins + 3_000_000_000 * at as u64;
        sync(&mut text, from, 2.0, 120_000, "IPv4", false);
        sync(&mut text, from + 10_000_000, 1.0, 240_000, "IPv4", true);
        sync(
            &mut text,
            from + 20_000_000,
            *seconds,
            240_000,
            "IPv4",
            false,
        );
        // Waited from within that commit until a moment behind it.
        let waited = (seconds - 0.75).max(0.1);
        sync(&mut text, from + 20_500_000, waited, 8, "IPv6", false);
        let after = from + 30_000_000 + (seconds * 1e6) as u64;
        sync(&mut text, after, 3.0, 240_001, "IPv4", false);
    }
    text
}

/// The lines of a sync that starts so many microseconds into the month's 15th and longer.
fn sync(text: &mut String, start: u64, seconds: f64, endpoints: u64, family: &str, failed: bool) {
    let whole = (seconds * 1e9).round() as u64;
    let end = start + whole / 1_000;
    let family = format!("ipFamily=\"{family}\"");
    let mut line = |at: u64, message: String| {
        let (second, micros) = (at / 1_000_000, at % 1_000_000);
        let day = 15 + second / 86_400;
        let time = format!(
            "{:02}:{:02}:{:02}.{micros:06}",
            second / 3_600 % 24,
            second / 60 % 60,
            second % 60
        );
        // Writing to a String cannot fail.
        writeln!(
            text,
            "2025-10-{day}T{time}Z I10{day} {time}       1 proxier.go:1] {message} {family}"
        )
        .unwrap_or_default();
    };
    let reloading = "\"Reloading service nftables data\"";
    line(
        start + (seconds * 5e4) as u64,
        format!("{reloading} numServices=1000 numEndpoints={endpoints}"),
    );
    if failed {
        line(end, "\"Sync failed\" retryingTime=\"30s\"".to_owned());
    }
    let elapsed = std::time::Duration::from_nanos(whole);
    let (minutes, rest) = (elapsed.as_secs() / 60, elapsed.as_secs_f64() % 60.0);
    line(
        end,
        format!("\"SyncProxyRules complete\" elapsed=\"{minutes}m{rest:.9}s\""),
    );
}
