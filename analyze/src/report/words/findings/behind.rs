//! What lies behind the averages, a sentence each.

use crate::report::words::headline::named;
use crate::report::words::number::{count, counted, duration, share};
use crate::report::{CurveKind, Divergence, Report, Study, TimeSplit};

/// Where the time of a study's groups goes.
pub(super) fn time_split(report: &Report, study: &Study) -> Vec<String> {
    let mine = report
        .time_split
        .iter()
        .filter(|split| split.study == study.id);
    mine.flat_map(|split| {
        let on = format!("On {}", named(report, &split.group));
        phases(&on, split).into_iter().chain(holdups(&on, split))
    })
    .collect()
}

fn phases(on: &str, split: &TimeSplit) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(commit) = split.commit_share {
        found.push(format!(
            "{on} {} of the trials' time is the kernel's transaction (commit), {} is building the \
             rules (n = {}).",
            share(commit),
            share(1.0 - commit),
            split.split_trials
        ));
    }
    if let (Some(full), Some(partial)) = (split.full_mean_s, split.partial_mean_s) {
        found.push(format!(
            "{on} {} that wrote every rule anew took {} on average, {} that wrote only changes {}.",
            counted(split.full as u64, "sync"),
            duration(full),
            counted(split.partial as u64, "sync"),
            duration(partial)
        ));
    }
    if split.stale_syncs > 0 {
        found.push(format!(
            "{on} {} deleted {} inside their own time, which was {} together.",
            counted(split.stale_syncs as u64, "sync"),
            counted(split.stale_chains, "stale chain"),
            duration(split.stale_s)
        ));
    }
    found
}

/// Time that was spent for nothing, or waiting.
fn holdups(on: &str, split: &TimeSplit) -> Vec<String> {
    let mut found = Vec::new();
    if split.waited > 0 {
        found.push(format!(
            "{on} {} of a nearly empty IP family only waited for the other family's transaction in \
             the kernel, for {} together; that time is not charged to their family.",
            counted(split.waited as u64, "sync"),
            duration(split.waited_s)
        ));
    }
    if split.blocked > 0 {
        found.push(format!(
            "{on} the other IP family held the kernel's lock during {}, for {} together.",
            counted(split.blocked as u64, "trial"),
            duration(split.blocked_s)
        ));
    }
    if let Some(longest) = split.queued_max_s {
        found.push(format!(
            "{on} {} began the moment the one before ended: changes had queued behind it, for up \
             to {}.",
            counted(split.queued as u64, "sync"),
            duration(longest)
        ));
    }
    if split.failed > 0 {
        found.push(format!(
            "{on} {} failed, after {} together.",
            counted(split.failed as u64, "sync"),
            duration(split.failed_s)
        ));
    }
    found
}

/// How durations grow.
pub(super) fn scaling(report: &Report, study: &Study) -> Vec<String> {
    report
        .scaling
        .iter()
        .filter(|curve| curve.study == study.id)
        .filter_map(|curve| {
            let fit = curve.fit.as_ref()?;
            let [low, high] = fit.exponent_ci95?;
            let (what, of) = kind(curve.kind);
            Some(format!(
                "On {} {what} grows with {of} to the power {:.2} (95 % interval {low:.2} to \
                 {high:.2}, n = {}, measured from {} to {}).",
                named(report, &curve.group),
                fit.exponent,
                fit.n,
                count(fit.range[0].round() as u64),
                count(fit.range[1].round() as u64)
            ))
        })
        .collect()
}

/// What a curve measures, and against what.
fn kind(kind: CurveKind) -> (&'static str, &'static str) {
    match kind {
        CurveKind::BuildByEndpoints => ("building the rules", "endpoints"),
        CurveKind::CommitByNetChange => ("the commit", "the net change"),
        CurveKind::StepByEndpoints => ("a sync that carries a ramp step", "endpoints"),
    }
}

/// Where groups' curves part, and where they meet.
pub(super) fn apart(report: &Report, study: &Study) -> Vec<String> {
    let mine = report
        .divergences
        .iter()
        .filter(|one| one.study == study.id);
    mine.map(|one| {
        let (what, _) = kind(one.kind);
        let sure = if one.exponents_differ {
            "the intervals of their exponents lie apart"
        } else {
            "the intervals of their exponents overlap, so a common exponent is not ruled out"
        };
        format!(
            "By the fits {what} takes {:.2} times as long on {} as on {} at {} and {:.2} times at \
             {}{}; {sure}.",
            one.ratio[0],
            named(report, &one.groups[0]),
            one.groups[1],
            scale(one.kind, one.range[0]),
            one.ratio[1],
            scale(one.kind, one.range[1]),
            meeting(report, one)
        )
    })
    .collect()
}

/// Where the fits of a divergence cross, if they do near what was measured.
fn meeting(report: &Report, of: &Divergence) -> String {
    let crossing = report
        .crossings
        .iter()
        .find(|one| one.study == of.study && one.kind == of.kind && one.groups == of.groups);
    match crossing {
        None => String::new(),
        Some(one) if one.measured => {
            format!("; they cross at {}", scale(one.kind, one.at))
        }
        Some(one) => format!(
            "; they cross at {}, which is an extrapolation: not both were measured there",
            scale(one.kind, one.at)
        ),
    }
}

/// A scale of a curve.
fn scale(kind: CurveKind, x: f64) -> String {
    let x = x.round() as u64;
    match kind {
        CurveKind::BuildByEndpoints | CurveKind::StepByEndpoints => counted(x, "endpoint"),
        CurveKind::CommitByNetChange => format!("a net change of {}", count(x)),
    }
}

/// What it means for traffic.
pub(super) fn staleness(report: &Report, study: &Study) -> Vec<String> {
    let mine = report.staleness.iter().filter(|one| one.study == study.id);
    mine.filter_map(|one| {
        let (mean, worst) = one.mean_s.zip(one.worst_s)?;
        let late = match one.late {
            0 => String::new(),
            n => format!(", {n} of them only by a sync that began after the next step"),
        };
        let programmed = one.least_programmed.map_or_else(String::new, |least| {
            format!(
                "; when the next step began, the kernel had {} of a step's endpoints at worst",
                share(least)
            )
        });
        Some(format!(
            "On {} rules carried a ramp step {} after it on average, {} at worst: so long traffic \
             went by old rules. {} of {} were carried{late}{programmed}.",
            named(report, &one.group),
            duration(mean),
            duration(worst),
            one.carried,
            counted(one.steps as u64, "step")
        ))
    })
    .collect()
}

/// What the kernel complained of.
pub(super) fn lockups(report: &Report, study: &Study) -> Vec<String> {
    let mine = report.lockups.iter().filter(|one| one.study == study.id);
    mine.map(|one| {
        let kind = match one.kind.as_str() {
            "soft_lockup" => "soft lockup",
            "rcu_stall" => "RCU stall",
            "hung_task" => "hung task",
            other => other,
        };
        let longest = if one.longest_s > 0.0 {
            format!(", the longest {} (real seconds)", duration(one.longest_s))
        } else {
            String::new()
        };
        let function = match one.functions.first() {
            Some((name, n)) => format!(", most often in {name} ({n} of {})", one.reports),
            None => String::new(),
        };
        let commits = match one.commit_share {
            Some(locked) => format!(
                "; {} of the commits that they fall in was spent so",
                share(locked)
            ),
            None => String::new(),
        };
        format!(
            "On {} the kernel printed {} of a {kind} in {}{longest}{function}{commits}.",
            named(report, &one.group),
            counted(one.reports as u64, "report"),
            counted(one.episodes as u64, "episode")
        )
    })
    .collect()
}

/// Whether kube-proxy's metrics tell the same as its log.
pub(super) fn metrics(report: &Report, study: &Study) -> Option<String> {
    let mine = || {
        report
            .metrics
            .iter()
            .filter(|check| check.study == study.id)
    };
    let agreeing = mine().filter(|check| check.agrees).count();
    let syncs: u64 = mine()
        .filter(|check| check.agrees)
        .map(|check| check.log_count)
        .sum();
    (agreeing > 0).then(|| {
        format!(
            "kube-proxy's own metrics agree with its log on {} of {}: {}, to a millisecond each.",
            agreeing,
            counted(mine().count() as u64, "node"),
            counted(syncs, "sync")
        )
    })
}
