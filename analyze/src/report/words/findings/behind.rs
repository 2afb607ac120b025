//! What lies behind the averages, a sentence each.

use super::{Finding, MOST};
use crate::report::words::best::named;
use crate::report::words::number::{count, counted, duration, share};
use crate::report::{Complaint, LineRef, LockupSummary, Profile, Report, Study, TimeSplit};

/// Where the time of a study's groups goes: of many, those that lost most of it, then those that
/// spent most.
pub(super) fn time_split(report: &Report, study: &Study) -> Vec<Finding> {
    let mut mine: Vec<&TimeSplit> = study.of(&report.time_split).collect();
    let untold = mine.len().saturating_sub(MOST);
    if untold > 0 {
        let spent = |of: &TimeSplit| {
            let lost = of.waited_s + of.blocked_s + of.stale_s + of.failed_s;
            (lost, of.build_s + of.commit_s)
        };
        let order = |a: &&TimeSplit, b: &&TimeSplit| {
            let (a, b) = (spent(a), spent(b));
            b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1))
        };
        mine.sort_by(order);
        mine.truncate(MOST);
    }
    let told = mine.iter().flat_map(|split| {
        let on = format!("On {}", named(report, &split.group));
        phases(&on, split).into_iter().chain(holdups(&on, split))
    });
    let more = (untold > 0).then(|| {
        let text = format!(
            "results.json has, under time_split, where the time of {} more groups goes.",
            count(untold as u64)
        );
        Finding::new(text, &[])
    });
    told.chain(more).collect()
}

fn phases(on: &str, split: &TimeSplit) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(commit) = split.commit_share {
        let text = format!(
            "{on} {} of the trials' time is the commit (nft or iptables-restore, the kernel's work \
             included, and what follows), {} is building the rules (n = {}).",
            share(commit),
            share(1.0 - commit),
            split.split_trials
        );
        found.push(Finding::new(text, &split.split_trial_ids));
    }
    if let (Some(full), Some(partial)) = (split.full_mean_s, split.partial_mean_s) {
        let text = format!(
            "{on} {} that wrote every rule anew took {} on average, {} that wrote only changes {}.",
            counted(split.full as u64, "sync"),
            duration(full),
            counted(split.partial as u64, "sync"),
            duration(partial)
        );
        found.push(Finding::new(
            text,
            &[&split.full_ids[..], &split.partial_ids].concat(),
        ));
    }
    if split.stale_syncs > 0 {
        let text = format!(
            "{on} {} deleted {} inside their own time, which was {} together.",
            counted(split.stale_syncs as u64, "sync"),
            counted(split.stale_chains, "stale chain"),
            duration(split.stale_s)
        );
        found.push(Finding::new(text, &split.stale_ids));
    }
    found
}

/// Time that was spent for nothing, or waiting.
fn holdups(on: &str, split: &TimeSplit) -> Vec<Finding> {
    let mut found = Vec::new();
    if split.waited > 0 {
        let text = format!(
            "{on} {} of a nearly empty IP family only waited for the other family's commit, \
             for {} together; that time is not charged to their family.",
            counted(split.waited as u64, "sync"),
            duration(split.waited_s)
        );
        found.push(Finding::new(text, &split.waited_syncs));
    }
    if split.blocked > 0 {
        let text = format!(
            "{on} the other IP family held the kernel's lock during {}, for {} together.",
            counted(split.blocked as u64, "trial"),
            duration(split.blocked_s)
        );
        found.push(Finding::new(text, &split.blocked_ids));
    }
    if let Some(longest) = split.queued_max_s {
        let text = format!(
            "{on} {} began the moment the one before ended: changes had queued behind it, for up \
             to {}.",
            counted(split.queued as u64, "sync"),
            duration(longest)
        );
        found.push(Finding::new(text, &split.queued_ids));
    }
    if split.failed > 0 {
        let text = format!(
            "{on} {} failed, after {} together.",
            counted(split.failed as u64, "sync"),
            duration(split.failed_s)
        );
        found.push(Finding::new(text, &split.failed_ids));
    }
    found
}

/// What the hottest functions of its nodes mean.
pub(super) fn causes(report: &Report, study: &Study) -> Vec<Finding> {
    let mine = report
        .profiles
        .iter()
        .filter(|one| one.study.as_ref() == Some(&study.id));
    let each = mine.flat_map(|one| one.causes.iter().map(move |cause| (one, cause)));
    each.map(|(one, cause)| Finding::new(format!("{}: {cause}", sampled(one)), &[]))
        .collect()
}

/// What was sampled, as it stands before what that means: a node, or what the watchdog saw.
fn sampled(of: &Profile) -> String {
    match of.path.as_str() {
        "" => capital(&of.what),
        path => format!("{} ({path}, {} samples)", of.what, of.samples),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// What the kernel complained of.
pub(super) fn lockups(report: &Report, study: &Study) -> Vec<Finding> {
    let mine = study.of(&report.lockups);
    mine.map(|one| {
        let article = match one.kind {
            Complaint::RcuStall => "an",
            _ => "a",
        };
        let longest = if one.longest_s > 0.0 {
            format!(", the longest {} (real seconds)", duration(one.longest_s))
        } else {
            String::new()
        };
        let function = match one.functions.first() {
            Some((name, n)) => format!(
                ", most often in {name}{} ({n} of {})",
                callers(one, name),
                one.reports
            ),
            None => String::new(),
        };
        let commits = match one.commit_share {
            Some(locked) => format!(
                "; {} of the commits that they fall in was spent so",
                share(locked)
            ),
            None => String::new(),
        };
        let text = format!(
            "On {} the kernel printed {} of {article} {} in {}{longest}{function}{commits}.",
            named(report, &one.group),
            counted(one.reports as u64, "report"),
            one.kind,
            counted(one.episodes as u64, "episode")
        );
        let mut finding = Finding::new(text, &one.syncs);
        let events = one
            .events
            .iter()
            .filter_map(|at| report.kernel_events.get(*at));
        finding.from.lines = events.map(|event| line(&event.input, event.line)).collect();
        finding
    })
    .collect()
}

/// What called a function most often.
fn callers(of: &LockupSummary, function: &str) -> String {
    let stack = of.stacks.iter().find(|stack| stack.function == function);
    match stack.map_or(&[][..], |stack| &stack.callers) {
        [] => String::new(),
        callers => format!(", called by {}", callers.join(" in ")),
    }
}

/// Whether kube-proxy's metrics tell the same as its log.
pub(super) fn metrics(report: &Report, study: &Study) -> Option<Finding> {
    let mine = || study.of(&report.metrics);
    let agreeing = mine().filter(|check| check.agrees).count();
    let syncs: u64 = mine()
        .filter(|check| check.agrees)
        .map(|check| check.log_count)
        .sum();
    if agreeing == 0 {
        return None;
    }
    let text = format!(
        "kube-proxy's own metrics agree with its log on {} of {}: {}, to a millisecond each.",
        agreeing,
        counted(mine().count() as u64, "node"),
        counted(syncs, "sync")
    );
    let from = mine().filter(|check| check.agrees);
    let syncs: Vec<usize> = from.clone().flat_map(|check| check.syncs.clone()).collect();
    let mut finding = Finding::new(text, &syncs);
    finding.from.lines = from.flat_map(|check| check.metrics.clone()).collect();
    Some(finding)
}

/// A line of a file that tells of no sync.
pub(super) fn line(input: &str, line: u64) -> LineRef {
    LineRef {
        input: input.to_owned(),
        line,
    }
}
