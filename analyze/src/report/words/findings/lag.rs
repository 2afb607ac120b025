//! How long nodes ran old rules, and what that comes to by kernel.

use super::Finding;
use super::behind::line;
use crate::report::words::best::{lead, named};
use crate::report::words::headline::compared;
use crate::report::words::number::{count, counted, duration};
use crate::report::{Outcome, RampStep, Report, Staleness, Study, of_study};

/// What it means for traffic, a sentence a group.
pub(super) fn staleness(report: &Report, study: &Study) -> Vec<Finding> {
    let mine = study.of(&report.staleness);
    mine.filter_map(|one| {
        let steps: Vec<&RampStep> = one
            .ramp_steps
            .iter()
            .filter_map(|at| report.ramp_steps.get(*at))
            .collect();
        let syncs: Vec<usize> = steps.iter().filter_map(|step| step.sync).collect();
        let mut finding = Finding::new(of_group(report, one, &steps)?, &syncs);
        finding.from.lines = steps
            .iter()
            .map(|step| line(&step.input, step.line))
            .collect();
        Some(finding)
    })
    .collect()
}

fn of_group(report: &Report, one: &Staleness, steps: &[&RampStep]) -> Option<String> {
    let worst = steps.first()?;
    let (mean, most) = one.mean_s.zip(one.worst_s)?;
    let to = counted(worst.endpoints, "endpoint");
    let on = named(report, &one.group);
    let long = if one.carried == 1 {
        format!(
            "After the step to {to} a node on {on} ran old rules for {}",
            duration(most)
        )
    } else {
        format!(
            "After a ramp step nodes on {on} ran old rules for {} on average, for {} at worst \
             (the step to {to})",
            duration(mean),
            duration(most)
        )
    };
    let late = match one.late {
        0 => String::new(),
        n => format!(
            "; {n} of {} only with a sync that began after the next step",
            counted(one.steps as u64, "step")
        ),
    };
    let open = match one.steps - one.carried {
        0 => String::new(),
        n => format!(
            "; {} not in the kernel before the log's end",
            match n {
                1 => "1 step was".to_owned(),
                n => format!("{n} steps were"),
            }
        ),
    };
    let places: usize = of_study(&report.convergence, &one.study)
        .filter(|whole| whole.group == one.group)
        .map(|whole| whole.in_place)
        .sum();
    let placed = match places {
        0 => String::new(),
        1 => ". One step was in place when it began, and is not counted".to_owned(),
        n => format!(
            ". {} steps were in place when they began, and are not counted",
            count(n as u64)
        ),
    };
    Some(format!("{long}{late}{open}{placed}."))
}

/// Convergence compared: what is tested, unless the headline says it, and the whole ramp where
/// both sides were told apart by their steps.
pub(super) fn compared_by(report: &Report, study: &Study) -> Vec<Finding> {
    let headline = lead(report, &study.id);
    let mine = study
        .of(&report.convergence_comparisons)
        .filter(|c| c.outcome == Outcome::Steps && c.sure)
        .filter(|c| headline.is_none_or(|lead| !std::ptr::eq(lead, *c)));
    mine.map(|c| Finding::new(compared(report, c), &c.trials.concat()))
        .collect()
}
