//! What these runs do not tell apart: one sentence, however many pairs.

use super::Finding;
use crate::report::words::best::lead;
use crate::report::words::headline::{bound, scale_words};
use crate::report::words::number::counted;
use crate::report::{Comparison, Outcome, Report, Study, Verdict};

/// The pairs that were tested and are not told apart, by convergence and by trials; what the
/// headline says already is left out.
pub(super) fn not_told(report: &Report, study: &Study, trials: &[&Comparison]) -> Vec<Finding> {
    let headline = lead(report, &study.id);
    let converged = study
        .of(&report.convergence_comparisons)
        .filter(|c| c.outcome == Outcome::Steps && c.p_value.is_some() && !c.sure);
    let new = |c: &&Comparison| headline.is_none_or(|lead| !std::ptr::eq(lead, *c));
    let open = |c: &&Comparison| c.verdict == Verdict::Undecided;
    let converged: Vec<&Comparison> = converged.filter(open).filter(new).collect();
    let trials: Vec<&Comparison> = trials.iter().copied().filter(open).filter(new).collect();
    [converged, trials]
        .iter()
        .filter_map(|pairs| sentence(report, pairs))
        .collect()
}

fn sentence(report: &Report, pairs: &[&Comparison]) -> Option<Finding> {
    let first = pairs.first()?;
    let names: Vec<&str> = pairs
        .iter()
        .map(|c| report.names.short(&c.candidate))
        .collect();
    let of = match first.outcome {
        Outcome::Trials => format!("in syncs{}", scale_words(first.endpoints)),
        _ => "in how soon a ramp step is in the kernel".to_owned(),
    };
    let bounds: Option<Vec<f64>> = pairs.iter().map(|c| bound(c)).collect();
    let largest = match bounds {
        Some(all) => {
            let largest = all.into_iter().fold(0.0, f64::max);
            format!("by these runs: no difference larger than {largest:.0} %")
        }
        None => "by these runs, which scatter too much to bound the difference".to_owned(),
    };
    let needed: Option<Vec<usize>> = pairs.iter().map(|c| c.runs_needed).collect();
    let needed = match needed.and_then(|all| all.into_iter().max()) {
        Some(runs) => format!(
            "; about {} a side would tell 10 %",
            counted(runs as u64, "run")
        ),
        None => String::new(),
    };
    let text = format!(
        "{} cannot be told apart from {} {of} {largest}{needed}.",
        list(&names),
        report.names.short(&first.baseline),
    );
    let trials: Vec<usize> = pairs.iter().flat_map(|c| c.trials.concat()).collect();
    Some(Finding::new(text, &trials))
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}
