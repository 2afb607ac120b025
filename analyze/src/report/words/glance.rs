//! A study in one row of a table: its leading comparison, or, where nothing is compared, its
//! worst sync and what went wrong.

use super::best::lead;
use super::extent::{self, Extent};
use super::headline::{scale_words, told_apart};
use super::number::{count, counted, rounded};
use crate::report::{Comparison, Independence, Outcome, Recording, Report, Study, Verdict};

/// What a study's row tells.
pub enum Glance<'r> {
    /// A candidate against the baseline, as the study's headline compares them.
    Compared(&'r Comparison),
    /// Nothing is compared.
    Alone(Alone),
}

/// What happened in a study with nothing to compare.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Alone {
    /// Its slowest sync that ended: an id of `syncs`.
    pub slowest: Option<usize>,
    /// Syncs.
    pub syncs: usize,
    /// Of these, failed.
    pub failed: usize,
    /// Kernel complaints.
    pub complaints: usize,
}

/// Returns what a study's row tells.
#[must_use]
pub fn glance<'r>(report: &'r Report, study: &Study) -> Glance<'r> {
    if let Some(comparison) = lead(report, &study.id) {
        return Glance::Compared(comparison);
    }
    let mine: Vec<&Recording> = study.of(&report.recordings).collect();
    let sum = |of: fn(&Recording) -> usize| mine.iter().map(|one| of(one)).sum::<usize>();
    let took = |place: &usize| {
        let sync = report.syncs.syncs.get(*place);
        sync.and_then(|sync| sync.elapsed_ns).unwrap_or(0)
    };
    Glance::Alone(Alone {
        slowest: mine.iter().filter_map(|one| one.slowest).max_by_key(took),
        syncs: sum(Recording::syncs),
        failed: sum(|one| one.failed),
        complaints: sum(|one| one.complaints),
    })
}

impl Alone {
    /// What went wrong: `104 of 105 syncs failed, 1 kernel complaint`; empty where nothing did.
    #[must_use]
    pub fn trouble(&self) -> String {
        let mut parts = Vec::new();
        if self.failed > 0 {
            let all = counted(self.syncs as u64, "sync");
            parts.push(format!("{} of {all} failed", count(self.failed as u64)));
        }
        if self.complaints > 0 {
            parts.push(counted(self.complaints as u64, "kernel complaint"));
        }
        parts.join(", ")
    }
}

impl Comparison {
    /// What its seconds are, in a few words: `a ramp step held`, `sync of 240,000 endpoints`.
    #[must_use]
    pub fn measure(&self) -> String {
        match self.outcome {
            Outcome::Trials => format!("sync{}", scale_words(self.endpoints)),
            Outcome::Steps => "a ramp step held after".to_owned(),
            Outcome::Step => format!(
                "a ramp step{} held after",
                self.endpoints.map_or_else(String::new, |[_, most]| format!(
                    " to {} endpoints",
                    count(rounded(most))
                ))
            ),
            Outcome::Ramp => "the whole ramp held after".to_owned(),
        }
    }

    /// The difference in a few words: `12 % less`; none where there is no figure.
    #[must_use]
    pub fn difference(&self) -> Option<String> {
        let pct = self.improvement_pct?;
        let way = if pct < 0.0 { "more" } else { "less" };
        Some(format!("{:.0} % {way}", pct.abs()))
    }

    /// The 95 % interval of the difference: `53 to 75 % less`, `7 % less to 26 % more`.
    #[must_use]
    pub fn range(&self) -> Option<String> {
        let [low, high] = self.ci95_pct?;
        let whole = |pct: f64| format!("{:.0}", pct.abs());
        match extent::of_improvement([low, high]) {
            Extent::Whole => {}
            Extent::From if high < 0.0 => return Some(format!("at least {} % more", whole(high))),
            Extent::From => return Some(format!("at most {} % less", whole(high))),
            Extent::Nothing => return Some("runs scatter too much".to_owned()),
        }
        Some(match (low >= 0.0, high <= 0.0) {
            (true, _) => format!("{} to {} % less", whole(low), whole(high)),
            (_, true) => format!("{} to {} % more", whole(high), whole(low)),
            _ => format!("{} % less to {} % more", whole(high), whole(low)),
        })
    }

    /// What it shows, in a few words.
    #[must_use]
    pub fn shows(&self) -> &'static str {
        match self.verdict {
            _ if self.n.contains(&1) => "one run a side",
            Verdict::Equivalent => "equivalent",
            _ if told_apart(self) => "shown",
            _ if self.independence == Independence::Unknown => "independence unknown",
            _ => "not shown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(improvement_pct: f64, ci95_pct: [f64; 2]) -> Comparison {
        Comparison {
            improvement_pct: Some(improvement_pct),
            ci95_pct: Some(ci95_pct),
            n: [4, 4],
            independence: Independence::Recorded,
            ..Comparison::default()
        }
    }

    #[test]
    fn a_difference_is_told_with_its_direction() {
        for (pct, interval, difference, range) in [
            (66.3, [52.9, 75.1], "66 % less", "53 to 75 % less"),
            (-12.0, [-26.0, 7.4], "12 % more", "7 % less to 26 % more"),
            (-12.0, [-26.0, -3.0], "12 % more", "3 to 26 % more"),
            (0.0, [0.0, 2.0], "0 % less", "0 to 2 % less"),
            (
                -12.0,
                [-900.0, 95.0],
                "12 % more",
                "95 % less to 900 % more",
            ),
            (-12.0, [-900.1, 95.0], "12 % more", "runs scatter too much"),
            (-12.0, [-901.0, 20.0], "12 % more", "at most 20 % less"),
            (-50.0, [-901.0, -5.0], "50 % more", "5 to 901 % more"),
            (-50.0, [-951.0, -5.0], "50 % more", "at least 5 % more"),
        ] {
            let c = of(pct, interval);
            assert_eq!(c.difference().as_deref(), Some(difference));
            assert_eq!(c.range().as_deref(), Some(range));
        }
    }

    #[test]
    fn one_run_a_side_comes_before_any_verdict() {
        let mut c = of(50.0, [40.0, 60.0]);
        (c.sure, c.verdict) = (true, Verdict::Faster);
        assert_eq!(c.shows(), "shown");
        c.n = [1, 4];
        assert_eq!(c.shows(), "one run a side");
        c = of(50.0, [-40.0, 60.0]);
        assert_eq!(c.shows(), "not shown");
        c.independence = Independence::Unknown;
        assert_eq!(c.shows(), "independence unknown");
    }

    #[test]
    fn trouble_is_named_and_no_trouble_is_nothing() {
        let mut alone = Alone {
            syncs: 105,
            ..Alone::default()
        };
        assert_eq!(alone.trouble(), "");
        (alone.failed, alone.complaints) = (104, 1);
        assert_eq!(
            alone.trouble(),
            "104 of 105 syncs failed, 1 kernel complaint"
        );
    }
}
