//! A run of the program: what it took, and what it left.

use std::io::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a run cost.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cost {
    pub(crate) seconds: f64,
    /// Processor seconds, of all threads, in the program itself.
    pub(crate) user: f64,
    /// Most memory that was resident, MB.
    pub(crate) megabytes: f64,
    /// How it ended, if not well.
    pub(crate) failed: Option<String>,
}

/// What a report weighs, MB.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weight {
    /// All but results.json.
    pub(crate) report: f64,
    pub(crate) results: f64,
    /// The largest of what a person opens: pages and Markdown.
    pub(crate) page: f64,
    pub(crate) largest: PathBuf,
    pub(crate) files: usize,
}

/// Runs a command to its end, or so many seconds, looking at it every 10 ms.
pub(crate) fn run(command: &mut Command, limit: f64) -> Result<Cost> {
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let mut cost = Cost::default();
    loop {
        look(&process, &mut cost);
        if let Some(status) = child.try_wait()? {
            cost.seconds = began.elapsed().as_secs_f64();
            if !status.success() {
                cost.failed.get_or_insert(status.to_string());
            }
            return Ok(cost);
        }
        if began.elapsed().as_secs_f64() > limit && cost.failed.is_none() {
            cost.failed = Some(format!("stopped after {limit} s"));
            child.kill()?;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn look(process: &Path, cost: &mut Cost) {
    let number = |text: &str| text.split_whitespace().nth(1)?.parse::<f64>().ok();
    if let Ok(status) = std::fs::read_to_string(process.join("status"))
        && let Some(line) = status.lines().find(|line| line.starts_with("VmHWM:"))
    {
        cost.megabytes = cost
            .megabytes
            .max(number(line).unwrap_or(0.0) * 1024.0 / 1e6);
    }
    // Behind the name in brackets: state is field 3, utime field 14, in hundredths of a second.
    if let Ok(stat) = std::fs::read_to_string(process.join("stat"))
        && let Some((_, rest)) = stat.rsplit_once(')')
        && let Some(ticks) = rest.split_whitespace().nth(11)
    {
        cost.user = cost.user.max(ticks.parse::<f64>().unwrap_or(0.0) / 100.0);
    }
}

/// Weighs a report.
pub(crate) fn weigh(folder: &Path) -> Result<Weight> {
    let mut weight = Weight::default();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            weight.files += 1;
            let megabytes = std::fs::metadata(&path)?.len() as f64 / 1e6;
            if path.ends_with("results.json") {
                weight.results = megabytes;
                continue;
            }
            weight.report += megabytes;
            let opened = path
                .extension()
                .is_some_and(|end| end == "html" || end == "md");
            if opened && megabytes > weight.page {
                (weight.page, weight.largest) = (megabytes, path);
            }
        }
    }
    Ok(weight)
}
