//! What a series of repetitions was planned for: how long it goes on, and how far runs of one
//! kernel lie apart.

use bundle::{Repetition, Until};

use super::compare::ALPHA;
use crate::corpus::{Corpus, Studies};
use crate::report::{Comparison, NoiseFloor, Outcome, Report, Sequence, of_study};
use crate::stats::sequential::Looks;

/// What the bundles of a study say of their repetitions.
fn repetitions<'c>(
    corpus: &'c Corpus,
    studies: &'c Studies,
    study: usize,
) -> impl Iterator<Item = &'c Repetition> {
    let bundles = studies.studies[study].bundles.iter();
    let open = bundles.filter_map(|at| corpus.bundles.get(*at));
    open.filter_map(|open| open.bundle.manifest.repetition.as_ref())
}

/// The looks that a study's repetitions were planned with; none where their number was fixed. The
/// strictest plan counts where bundles differ.
pub(super) fn sequence(corpus: &Corpus, studies: &Studies, study: usize) -> Option<Sequence> {
    let made = repetitions(corpus, studies, study).map(|one| one.number);
    let made = made.max()?;
    let plans = repetitions(corpus, studies, study).filter_map(|one| one.until);
    let of = |until: Until| {
        let looks = Looks {
            first: until.first_look,
            last: until.at_most,
        };
        Sequence {
            width_pct: until.width_pct,
            repetitions: made,
            at_most: until.at_most,
            look: looks.number(made),
            level: looks.level(ALPHA, made),
            widest_pct: None,
        }
    };
    plans.map(of).min_by(|a, b| a.level.total_cmp(&b.level))
}

/// Puts into the study, the report's last, how wide its intervals are and its noise floor.
pub(super) fn put_in(
    report: &mut Report,
    corpus: &Corpus,
    (studies, study): (&Studies, usize),
    sequence: Option<Sequence>,
) {
    let Some(id) = report.studies.last().map(|study| study.id.clone()) else {
        return;
    };
    let leading = leading(report, &id);
    let width = |one: &&Comparison| one.ci95_pct.map(|[low, high]| high - low);
    let widths: Option<Vec<f64>> = leading.iter().map(width).collect();
    let widest_pct = widths.and_then(|all| all.into_iter().reduce(f64::max));
    let measured = leading.iter().find(|one| one.same_kernel);
    let measured = measured.and_then(|one| {
        Some(NoiseFloor {
            kernel: one.baseline.clone(),
            pct: one.largest_pct?,
            measured_pct: one.by_run_pct,
            ci95_pct: one.ci95_pct,
            runs: one.n,
        })
    });
    let told = || {
        let all = repetitions(corpus, studies, study);
        let floors = all.filter_map(|one| one.noise_floor.as_ref());
        // The one that rests on most runs.
        let floor = floors.max_by_key(|floor| floor.runs)?;
        Some(NoiseFloor {
            kernel: floor.kernel.clone(),
            pct: floor.pct,
            measured_pct: None,
            ci95_pct: None,
            runs: [usize::try_from(floor.runs).unwrap_or(usize::MAX); 2],
        })
    };
    let noise_floor = measured.or_else(told);
    if let Some(study) = report.studies.last_mut() {
        study.sequence = sequence.map(|one| Sequence { widest_pct, ..one });
        study.noise_floor = noise_floor;
    }
}

/// The comparisons that lead in a study: of convergence where a timeline tells of steps, else of
/// trials, at matched scale where there is one.
pub(super) fn leading<'r>(report: &'r Report, study: &str) -> Vec<&'r Comparison> {
    let steps = of_study(&report.convergence_comparisons, study);
    let steps: Vec<&Comparison> = steps.filter(|one| one.outcome == Outcome::Steps).collect();
    if !steps.is_empty() {
        return steps;
    }
    let trials: Vec<&Comparison> = of_study(&report.comparisons, study).collect();
    let matched = trials.iter().any(|one| one.matched && one.n != [0, 0]);
    trials
        .into_iter()
        .filter(|one| one.matched == matched)
        .collect()
}
