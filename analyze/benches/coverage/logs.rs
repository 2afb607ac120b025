//! The same through the whole program: logs in which the effect is known, on disk, read, paired,
//! selected and compared.
//!
//! Each experiment is a bundle of two nodes. Between its trials each node logs what real logs
//! hold beside them: the syncs of small changes, failed syncs, and syncs of the other family that
//! wait for the kernel's lock. A trial missed, or a sync too many, moves every rate.

use std::fs;
use std::path::Path;

use analyze::cli::{Cli, Plan};
use analyze::report::Report;
use analyze::{corpus, evidence};
use clap::Parser as _;
use kube_proxy_logs::{Request, Silent};

use super::{BASELINE_MEAN, IMPROVEMENT_PCT, Rate, Shape};

/// Rates over the experiments of one size.
#[derive(Default)]
pub(super) struct Rates {
    /// Intervals of the baseline's mean.
    pub(super) mean: Rate,
    /// Student's.
    pub(super) student: Rate,
    /// Intervals of the improvement.
    pub(super) improvement: Rate,
    /// Welch's.
    pub(super) welch: Rate,
    /// Experiments in which the program took the right syncs for trials.
    pub(super) selected: Rate,
}

/// Simulates so many experiments of `n` trials a side. None if one of them cannot be read.
pub(super) fn simulate(
    shape: Shape,
    n: usize,
    experiments: u32,
    draw: &mut dyn FnMut() -> f64,
) -> Option<Rates> {
    let directory = tempfile::tempdir().ok()?;
    let candidate = BASELINE_MEAN * (1.0 - IMPROVEMENT_PCT / 100.0);
    let mut rates = Rates::default();
    for _ in 0..experiments {
        let mut trials = |mean: f64| -> Vec<f64> {
            let one = |_| (mean * shape.quantile(draw())).max(1.0);
            (0..n).map(one).collect()
        };
        let sides = [trials(BASELINE_MEAN), trials(candidate)];
        write(directory.path(), &sides).ok()?;
        judge(&mut rates, &report(directory.path())?, n);
    }
    Some(rates)
}

fn judge(rates: &mut Rates, report: &Report, n: usize) {
    let group = report.groups.iter().find(|group| group.name == "6.1.144");
    let comparison = report.comparisons.iter().find(|one| !one.matched);
    let right = comparison.is_some_and(|one| one.n == [n, n]);
    rates.selected.made += 1;
    rates.selected.held += u32::from(right);
    rates
        .mean
        .count(group.and_then(|group| group.ci95_s), BASELINE_MEAN);
    rates
        .student
        .count(group.and_then(|group| group.t95_s), BASELINE_MEAN);
    let of = |pick: fn(&analyze::report::Comparison) -> Option<[f64; 2]>| comparison.and_then(pick);
    rates
        .improvement
        .count(of(|one| one.ci95_pct), IMPROVEMENT_PCT);
    rates
        .welch
        .count(of(|one| one.welch95_pct), IMPROVEMENT_PCT);
}

fn report(bundle: &Path) -> Option<Report> {
    let path = bundle.to_string_lossy();
    let cli = Cli::try_parse_from(["analyze", &*path, "--baseline", "6.1.144"]).ok()?;
    let plan = Plan::of(&cli.subject).ok()?;
    let corpus = corpus::open(&plan).ok()?;
    let request = Request {
        sources: corpus.sources.clone(),
        threads: Some(1),
        ..Request::default()
    };
    let reading = kube_proxy_logs::read(&request, &Silent).ok()?;
    evidence::assemble::report(&plan, &corpus, reading).ok()
}

/// A bundle of two nodes, one a kernel.
fn write(bundle: &Path, sides: &[Vec<f64>; 2]) -> std::io::Result<()> {
    let kernels = ["6.1.144", "6.12.46"];
    for (node, (kernel, trials)) in kernels.iter().zip(sides).enumerate() {
        let directory = bundle.join("nodes").join(kernel);
        fs::create_dir_all(&directory)?;
        // The nodes' clocks tick apart: no two lines are the same.
        fs::write(
            directory.join("kube-proxy.0.log"),
            log(trials, node as u64 * 1_000),
        )?;
    }
    let nodes = kernels.map(|kernel| {
        format!(r#"{{"name":"{kernel}","kernel_version":"{kernel}","kube_proxy":{{"mode":"nftables"}}}}"#)
    });
    let capture = kernels.map(|kernel| {
        let file = format!("nodes/{kernel}/kube-proxy.0.log");
        format!(r#"{{"node":"{kernel}","instance":0,"file":"{file}","lines":1,"bytes":1}}"#)
    });
    let manifest = format!(
        r#"{{"schema_version":"1.0","run_id":"simulated","started":"2025-10-15T00:00:00Z",
        "tool":{{"name":"coverage","version":"1"}},"nodes":[{}],"capture":[{}],
        "workload":{{"scenario":"ramp","namespace":"x","services":1000,"replicas":[240],
        "step_pause_s":60.0,"stabilise_s":60.0}},"verdict":{{"state":"complete"}}}}"#,
        nodes.join(","),
        capture.join(",")
    );
    fs::write(bundle.join("bundle.json"), manifest)
}

/// The log of a node: each trial a step from half scale, and noise between.
fn log(trials: &[f64], apart_us: u64) -> String {
    let mut text = String::new();
    for (at, seconds) in trials.iter().enumerate() {
        // Trials are an hour and more apart; the longest draws are below one.
        let hour = 3_600_000_000 * 2 * at as u64 + apart_us;
        sync(&mut text, hour, 2.0, 120_000, "IPv4", false);
        sync(&mut text, hour + 10_000_000, 1.0, 240_000, "IPv4", true);
        sync(
            &mut text,
            hour + 20_000_000,
            *seconds,
            240_000,
            "IPv4",
            false,
        );
        // Waited from within that commit until a moment behind it.
        let waited = (seconds - 0.75).max(0.1);
        sync(&mut text, hour + 20_500_000, waited, 8, "IPv6", false);
        let after = hour + 30_000_000 + (seconds * 1e6) as u64;
        sync(&mut text, after, 3.0, 240_001, "IPv4", false);
    }
    text
}

/// The lines of a sync that starts so many microseconds into the day and longer.
fn sync(text: &mut String, start: u64, seconds: f64, endpoints: u64, family: &str, failed: bool) {
    use std::fmt::Write as _;
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
