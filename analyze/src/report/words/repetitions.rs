//! What a series of repetitions can tell: the smallest difference to trust, and the looks taken.

use super::extent;
use super::number::counted;
use crate::report::{Comparison, Report, Study};

/// The smallest difference to trust in a study, where one kernel ran under two names.
pub(super) fn noise_floor(report: &Report, study: &Study) -> Option<String> {
    let floor = study.noise_floor.as_ref()?;
    let kernel = report.names.short(&floor.kernel);
    let runs = match floor.runs {
        [a, b] if a == b => format!("{} each", counted(a as u64, "run")),
        [a, b] => format!("{} and {}", a, counted(b as u64, "run")),
    };
    let measured = match (floor.measured_pct, floor.ci95_pct) {
        (Some(pct), Some(interval)) => format!(
            "; they lay {:.1} % apart{}",
            pct.abs(),
            extent::clause(interval, false, 1)
        ),
        _ => "; as its bundles tell".to_owned(),
    };
    Some(format!(
        "Smallest difference to trust here: {} ({kernel} under two names, {runs}{measured}).",
        extent::most(floor.pct)
    ))
}

/// A difference that runs of one kernel may have as well.
pub(super) fn below_noise(study: &Study, comparison: &Comparison) -> Option<String> {
    let floor = study.noise_floor.as_ref()?;
    let pct = comparison.by_run_pct?.abs();
    (!comparison.same_kernel && pct < floor.pct).then(|| {
        format!(
            "The difference ({pct:.1} %) is below the smallest to trust here: runs of one kernel \
             under two names leave room for {}.",
            extent::most(floor.pct)
        )
    })
}

/// How many looks were taken at a study that went on until its intervals were narrow.
pub(super) fn looks(study: &Study) -> Option<String> {
    let of = study.sequence?;
    let width = of.widest_pct.map_or_else(String::new, |widest| {
        let enough = if widest <= of.width_pct {
            "is"
        } else {
            "is not yet"
        };
        let spans = extent::most(widest).replace(" %", " points");
        format!("; the widest spans {spans}, which {enough} narrow enough")
    });
    Some(format!(
        "Repetitions went on until each interval spanned {} points at most ({} of at most {}, look \
         {}): intervals and tests allow for all looks together{width}.",
        of.width_pct, of.repetitions, of.at_most, of.look
    ))
}
