//! Runs commands and takes their time and memory.

use std::io::Result;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a run cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    pub(crate) seconds: f64,
    /// Most anonymous memory that was seen of it, in MB; of its children nothing.
    pub(crate) megabytes: f64,
}

/// Whether a command can be started at all.
pub(crate) fn exists(program: &str, argument: &str) -> bool {
    let quiet = Command::new(program)
        .arg(argument)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.is_ok_and(|status| status.success())
}

/// Lets commands take turns; the quickest run of each counts.
pub(crate) fn in_turns(
    rounds: usize,
    commands: &mut [&mut dyn FnMut() -> Command],
) -> Result<Vec<Cost>> {
    let mut best: Vec<Option<Cost>> = vec![None; commands.len()];
    for _ in 0..rounds {
        for (command, best) in commands.iter_mut().zip(&mut best) {
            let cost = once(&mut command())?;
            *best = Some(best.map_or(cost, |known: Cost| Cost {
                seconds: known.seconds.min(cost.seconds),
                megabytes: known.megabytes.max(cost.megabytes),
            }));
        }
    }
    Ok(best.into_iter().flatten().collect())
}

fn once(command: &mut Command) -> Result<Cost> {
    let began = Instant::now();
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let megabytes = watch(&mut child);
    let status = child.wait()?;
    let seconds = began.elapsed().as_secs_f64();
    if status.success() {
        Ok(Cost { seconds, megabytes })
    } else {
        Err(std::io::Error::other(format!("{command:?}: {status}")))
    }
}

/// Looks at a process until it ends; gives the most anonymous memory seen.
fn watch(child: &mut Child) -> f64 {
    const EVERY: Duration = Duration::from_millis(4);
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0.0f64;
    while matches!(child.try_wait(), Ok(None)) {
        let now = std::fs::read_to_string(&status).ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("RssAnon:"))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        });
        most = most.max(now.unwrap_or(0.0) / 1024.0);
        std::thread::sleep(EVERY);
    }
    most
}
