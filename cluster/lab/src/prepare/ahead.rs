//! Every program that is pinned and the latest kernel of every series.

use std::time::{Duration, Instant};

use crate::build::{self, Missing};
use crate::debian;
use crate::error::Error;
use crate::progress::Progress;

/// Seconds that a kernel takes to be fetched and unpacked, roughly.
const KERNEL_S: f64 = 30.0;

/// Something that is not there yet.
enum Task {
    Program(Missing),
    Kernel(String),
}

impl Task {
    fn name(&self) -> String {
        match self {
            Self::Program(program) => program.name(),
            Self::Kernel(series) => format!("kernel {series}"),
        }
    }

    /// Seconds on two processors, roughly.
    fn expected_s(&self) -> f64 {
        match self {
            Self::Program(program) => program.expected_s(),
            Self::Kernel(_) => KERNEL_S,
        }
    }

    async fn run(&self) -> Result<(), Error> {
        match self {
            Self::Program(program) => program.build().await,
            Self::Kernel(series) => debian::fetch(series).await,
        }
    }
}

/// Builds and fetches what is missing, saying how far it is and how long the rest takes.
///
/// # Errors
/// What the compiler or `apt` says.
pub(super) async fn all(progress: &Progress) -> Result<(), Error> {
    let programs = build::all_missing()?.into_iter().map(Task::Program);
    let kernels = debian::missing().await?.into_iter().map(Task::Kernel);
    let tasks: Vec<Task> = kernels.chain(programs).collect();
    if tasks.is_empty() {
        println!("every program is built, every kernel fetched");
        return Ok(());
    }
    let expected: Vec<f64> = tasks.iter().map(Task::expected_s).collect();
    let names: Vec<String> = tasks.iter().map(Task::name).collect();
    println!("{} missing: {}", tasks.len(), names.join(", "));
    println!(
        "on two free processors that takes {}",
        about(expected.iter().sum())
    );
    let began = Instant::now();
    let steps = progress.steps("preparing", tasks.len());
    for (number, task) in tasks.iter().enumerate() {
        let left = left_s(&expected, number, began.elapsed());
        steps.begin(&format!("{}, {} left", task.name(), about(left)));
        task.run().await?;
        steps.done();
    }
    drop(steps);
    let took = began.elapsed().as_secs_f64();
    println!("all of it is there, after {}", about(took));
    Ok(())
}

/// Seconds that the tasks from `next` on take, at the pace of those before.
fn left_s(expected: &[f64], next: usize, passed: Duration) -> f64 {
    let (done, left) = expected.split_at(next);
    let (done, left): (f64, f64) = (done.iter().sum(), left.iter().sum());
    match done {
        0.0 => left,
        done => left * passed.as_secs_f64() / done,
    }
}

fn about(seconds: f64) -> String {
    match (seconds / 60.0).round() {
        minutes if minutes >= 2.0 => format!("about {minutes} minutes"),
        _ => format!("about {} seconds", seconds.ceil()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_goes_by_the_pace_so_far() {
        let expected = [100.0, 300.0];
        for (next, passed, left) in [
            (0, 0, 400.0),
            (1, 100, 300.0),
            (1, 200, 600.0),
            (2, 900, 0.0),
        ] {
            let found = left_s(&expected, next, Duration::from_secs(passed));
            assert_eq!(found, left, "{next} after {passed} s");
        }
        assert_eq!(about(89.0), "about 89 seconds");
        assert_eq!(about(91.0), "about 2 minutes");
    }
}
