//! `lab bench`: the published procedure on several kernels and modes, repeated in random order;
//! it runs unattended, and goes on where it was interrupted.

mod estimate;
mod look;
mod order;
mod plan;
mod procedure;
mod trial;

use std::path::{Path, PathBuf};
use std::time::Instant;

use tokio::process::Command;

use crate::caller::{self, Caller};
use crate::cli::{Bench, Global, Run, Up};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::whole_run::{beside, whole_run};
use look::Look;
use plan::Plan;
use trial::Trial;

/// Runs what is still missing of the plan, then the report.
///
/// # Errors
/// [`Error::Usage`] if the directory holds another benchmark; [`Error::Unmet`] with the runs that
/// did not complete.
pub async fn bench(global: &Global, flags: &Bench, interrupt: &Interrupt) -> Result<(), Error> {
    let progress = Progress::new(global.quiet);
    let plan = Plan::open(flags)?;
    let open = plan.open_trials(&flags.output);
    print!("{}", plan.describe(open.len()));
    if flags.plan {
        return Ok(());
    }
    let driver = beside("driver", flags.driver.as_deref())?;
    let mut estimate = estimate::Estimate::new(&plan.procedure);
    if plan.until.is_some() || plan.measures_noise() {
        // Not found after the first hours only.
        beside("analyze", None)?;
    }
    let mut failed = Vec::new();
    let mut done = 0;
    for repetition in plan.repetitions() {
        for trial in repetition.iter().filter(|trial| open.contains(trial)) {
            let left = estimate::words(estimate.left(open.len() - done));
            let (number, all) = (done + 1, open.len());
            progress.say(&format!(
                "run {number} of {all}: {trial}; about {left} left"
            ));
            done += 1;
            let began = Instant::now();
            let run = run_of(flags, &driver, &plan, trial)?;
            caller::hand_over(&flags.output)?;
            match whole_run(global, &run, interrupt).await {
                Ok(()) => estimate.took(began.elapsed()),
                // One run's own trouble; any other would meet the next run too.
                Err(error @ (Error::Driver(_) | Error::NotReady { .. })) => {
                    progress.say(&format!("{trial}: {error}"));
                    failed.push(trial.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        let look = look_after(flags, &plan, repetition, &progress);
        if interrupt.or(look).await? {
            break;
        }
    }
    interrupt.or(report(flags, &progress)).await?;
    if failed.is_empty() {
        return Ok(());
    }
    let (count, names) = (failed.len(), failed.join("; "));
    let problem = format!("{count} runs did not complete: {names}; the same command tries again");
    Err(Error::Unmet(problem))
}

/// Looks at the data after a repetition that is whole; gives whether it is enough.
///
/// Each bundle says first which repetition it is, so that the look allows for all looks.
async fn look_after(
    flags: &Bench,
    plan: &Plan,
    repetition: &[Trial],
    progress: &Progress,
) -> Result<bool, Error> {
    let output = &flags.output;
    look::stamp(plan, output, None)?;
    let whole = repetition
        .iter()
        .all(|trial| plan::is_complete(&trial.bundle(output)));
    let number = repetition.first().map_or(0, |trial| trial.repetition);
    let looks = plan.until.is_some_and(|until| number >= until.first_look);
    if !whole || !(looks || plan.measures_noise()) {
        return Ok(false);
    }
    // What was recorded after an earlier call's look is no part of this one.
    if plan.recorded_after(output, number) {
        return Ok(false);
    }
    let look = Look::at(output).await?;
    look::stamp(plan, output, Some(&look))?;
    if !looks {
        return Ok(false);
    }
    let enough = look.is_enough(plan);
    let so = if enough { "narrow enough" } else { "not yet" };
    progress.say(&format!(
        "after repetition {number} the widest intervals span {}: {so}",
        look.widths(plan)
    ));
    Ok(enough)
}

/// A trial as `lab run` takes it; what an interrupted one has left is out of its way.
fn run_of(flags: &Bench, driver: &Path, plan: &Plan, trial: &Trial) -> Result<Run, Error> {
    set_aside(&flags.output, trial)?;
    let node = trial.node();
    let up = Up {
        nodes: vec![node],
        kwok_nodes: 0,
        mode: trial.mode,
        // A run that is measured is not sampled.
        profile: false,
        cluster: flags.cluster.clone(),
    };
    let words = plan.procedure.words(&trial.bundle(&flags.output), trial);
    Ok(Run {
        up,
        driver: Some(driver.to_path_buf()),
        keep: false,
        words,
    })
}

/// Moves what an interrupted run left out of the way: its cluster is gone, so it cannot be gone
/// on with, but what it recorded is kept.
fn set_aside(output: &Path, trial: &Trial) -> Result<(), Error> {
    let bundle = trial.bundle(output);
    if !bundle.exists() {
        return Ok(());
    }
    // Beside the benchmark, not in it: reports must not count it.
    let mut attic = output.as_os_str().to_owned();
    attic.push(".interrupted");
    let attic = PathBuf::from(attic);
    caller::directory(&attic)?;
    let name = bundle.file_name().unwrap_or_default().to_string_lossy();
    let free = (1..)
        .map(|number| attic.join(format!("{name}.{number}")))
        .find(|path| !path.exists());
    let Some(free) = free else { return Ok(()) };
    std::fs::rename(&bundle, &free).map_err(Error::io(&bundle, "moving"))
}

/// Runs `analyze` over the bundles, or says how.
async fn report(flags: &Bench, progress: &Progress) -> Result<(), Error> {
    let mut report = flags.output.as_os_str().to_owned();
    report.push(".report");
    let report = PathBuf::from(report);
    let line = format!("analyze {} -o {}", flags.output.display(), report.display());
    let Ok(analyze) = beside("analyze", None) else {
        progress.say(&format!(
            "the bundles are in {}; then: {line}",
            flags.output.display()
        ));
        return Ok(());
    };
    progress.say(&line);
    let mut command = Command::new(&analyze);
    command.arg(&flags.output).arg("-o").arg(&report);
    caller::hand_over(&flags.output)?;
    if let Some(caller) = Caller::known() {
        caller.runs(&mut command);
    }
    let status = command.kill_on_drop(true).status().await;
    let status = status.map_err(Error::io(&analyze, "running"))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Unmet(format!("`{line}` ended with {status}")))
}
