//! What a kernel changes under one kube-proxy or mode and under another, in words.

use super::extent::{self, Extent};
use super::number::{count, counted, p_value};
use crate::report::{Condition, Crossed, Independence, Interaction, Outcome, Report};

/// Each interaction of a table in a sentence.
pub(super) fn sentences(report: &Report, table: &Crossed) -> Vec<String> {
    let all = table.interactions.iter();
    all.map(|one| sentence(report, table, one)).collect()
}

pub(super) fn sentence(report: &Report, table: &Crossed, of: &Interaction) -> String {
    let names = |at: usize| {
        table
            .groups
            .get(at)
            .map_or("", |name| report.names.short(name))
    };
    let [a, b] = of.conditions;
    let changes = [a, b].map(|condition| {
        let cell = table.cells.get(of.candidate);
        let cell = cell.and_then(|cells| cells.get(condition));
        change(cell.and_then(|cell| cell.improvement_pct))
    });
    let labels = [a, b].map(|at| label(report, table, at));
    let runs = |row: usize, column: usize| {
        let cell = table.cells.get(row).and_then(|cells| cells.get(column));
        cell.map_or(0, |cell| cell.n)
    };
    let runs = [
        runs(0, a),
        runs(of.candidate, a),
        runs(0, b),
        runs(of.candidate, b),
    ];
    format!(
        "From {} to {} {} takes {} with {} and {} with {}: {}; {}.",
        names(0),
        names(of.candidate),
        what(table),
        changes[0],
        labels[0],
        changes[1],
        labels[1],
        shown(of),
        each(runs)
    )
}

/// `4 runs each`, `2 to 4 runs each`.
fn each(runs: [usize; 4]) -> String {
    let least = runs.into_iter().fold(usize::MAX, usize::min) as u64;
    let most = runs.into_iter().fold(0, usize::max) as u64;
    match least == most {
        true => format!("{} each", counted(most, "run")),
        false => format!("{} to {} each", count(least), counted(most, "run")),
    }
}

fn what(table: &Crossed) -> String {
    match (table.outcome, table.endpoints) {
        (Outcome::Trials, Some(endpoints)) => format!("a sync of {} endpoints", count(endpoints)),
        (Outcome::Trials, None) => "a sync".to_owned(),
        _ => "a ramp step".to_owned(),
    }
}

fn change(improvement_pct: Option<f64>) -> String {
    match improvement_pct {
        None => "an unknown time".to_owned(),
        Some(pct) if pct.abs() < 0.5 => "as long as before within 0.5 %".to_owned(),
        Some(pct) if pct > 0.0 => format!("{pct:.0} % less"),
        Some(pct) => format!("{:.0} % more", -pct),
    }
}

/// Whether the two conditions differ in what the candidate changes.
fn shown(of: &Interaction) -> String {
    let factor = format!("a factor of {:.2}", of.factor);
    let Some(interval @ [low, high]) = of.ci95 else {
        return format!("they differ by {factor}; with one run on a side nothing is sure");
    };
    let p = of
        .p_holm
        .map_or_else(String::new, |p| format!(", {}", p_value(p)));
    let rests = match extent::of_ratio(interval) {
        Extent::Whole => format!("95 % interval {low:.2} to {high:.2}{p}"),
        Extent::From => format!("95 % interval from {low:.2} on{p}"),
        Extent::Nothing => {
            return format!(
                "they cannot be told apart ({factor}, but the runs scatter too much to bound it{p})"
            );
        }
    };
    match (of.sure, of.independence) {
        (true, _) => format!("they differ by {factor} ({rests})"),
        (false, Independence::Unknown) => format!(
            "they differ by {factor} ({rests}), but whether these are independent runs is \
             unknown, so nothing is sure"
        ),
        (false, _) => format!("they cannot be told apart ({factor}, {rests})"),
    }
}

/// A condition by what tells it from the others of its table: `iptables`, `kube-proxy v1.36.3`.
#[must_use]
pub fn label(report: &Report, table: &Crossed, at: usize) -> String {
    let Some(of) = table.conditions.get(at) else {
        return String::new();
    };
    let differ = |value: fn(&Condition) -> Option<&String>| {
        let mut all = table.conditions.iter().map(value);
        let first = all.next().flatten();
        all.any(|one| one != first)
    };
    let mut words = Vec::new();
    if differ(|one| one.kernel.as_ref()) {
        let name = of.kernel.as_deref().unwrap_or("unknown");
        words.push(format!("kernel {}", report.names.short(name)));
    }
    if differ(|one| one.kube_proxy.as_ref()) {
        let version = of.kube_proxy.as_deref().unwrap_or("unknown");
        words.push(format!("kube-proxy {version}"));
    }
    if differ(|one| one.mode.as_ref()) {
        words.push(of.mode.clone().unwrap_or_else(|| "unknown".to_owned()));
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_that_tells_nothing_is_not_printed() {
        let of = |low: f64, high: f64| Interaction {
            factor: 2.5,
            ci95: Some([low, high]),
            p_holm: Some(0.5),
            independence: Independence::Recorded,
            ..Interaction::default()
        };
        for (low, high, rests) in [
            (0.1, 1e6, "95 % interval from 0.10 on"),
            (0.001, 10.0, "95 % interval 0.00 to 10.00"),
            (0.2, 9.0, "95 % interval 0.20 to 9.00"),
        ] {
            let said = shown(&of(low, high));
            assert!(said.contains(rests), "{said}");
        }
        let said = shown(&of(0.099, 10.1));
        let wanted = "they cannot be told apart (a factor of 2.50, but the runs scatter too much \
                      to bound it, p = 0.500)";
        assert_eq!(said, wanted);
    }
}
