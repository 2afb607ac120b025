//! The figures that a condition can speak of.

use super::value::Dimension;

/// A figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Mean duration of a group's trials.
    Mean,
    /// Median of them.
    Median,
    /// Their sample standard deviation.
    Sd,
    /// `sd / mean`.
    Cv,
    /// The shortest.
    Min,
    /// The longest.
    Max,
    /// 5th percentile.
    P5,
    /// 25th percentile.
    P25,
    /// 75th percentile.
    P75,
    /// 95th percentile.
    P95,
    /// Number of a group's runs.
    N,
    /// Mean time that a group's trials took to build their rules.
    Build,
    /// Mean time that the kernel took for their transactions.
    Commit,
    /// Share of the commit in their time.
    CommitShare,
    /// Number of a group's syncs that failed.
    Failed,
    /// Mean time from a step of the ramp to the sync that carried it.
    Staleness,
    /// The longest.
    StalenessMax,
    /// Longest soft lockup that the kernel reported, in real seconds.
    Lockups,
    /// `(mean(baseline) - mean(candidate)) / mean(baseline)`.
    Improvement,
    /// Lower end of its 95 % interval.
    ImprovementLow,
    /// Upper end of its 95 % interval.
    ImprovementHigh,
    /// `mean(baseline) / mean(candidate)`.
    Speedup,
    /// Two-sided p of no difference, by run.
    P,
    /// The same after Holm's correction over a study's comparisons.
    PHolm,
    /// Hodges-Lehmann shift, baseline - candidate.
    Shift,
    /// Cliff's delta.
    Delta,
    /// Exponent of a group's power law.
    Exponent,
    /// Number of the report's warnings.
    Warnings,
    /// Whether a bundle's capture is incomplete.
    Incomplete,
}

/// What a function is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A group.
    Group,
    /// A group, never at matched scale: it is of more than its trials.
    WholeGroup,
    /// Nothing (the report's own comparison), or baseline and candidate.
    Pair,
    /// A group and, if it is not `step`, the curve: `build`, `commit` or `step`.
    Curve,
}

impl Takes {
    /// Whether so many names will do.
    pub(super) fn accepts(self, count: usize) -> bool {
        match self {
            Self::Nothing => count == 0,
            Self::Group | Self::WholeGroup => count == 1,
            Self::Pair => count == 0 || count == 2,
            Self::Curve => count == 1 || count == 2,
        }
    }

    /// What to write behind the function's name.
    pub(super) fn pattern(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Group | Self::WholeGroup => "(GROUP)",
            Self::Pair => " or (BASELINE, CANDIDATE)",
            Self::Curve => "(GROUP) or (GROUP, build|commit|step)",
        }
    }

    /// Whether `matched.` can stand before it.
    pub(super) fn can_match(self) -> bool {
        matches!(self, Self::Group | Self::Pair)
    }
}

/// Name, what it is given, what it gives.
const TABLE: [(&str, Function, Takes, Dimension); 29] = [
    ("mean", Function::Mean, Takes::Group, Dimension::Seconds),
    ("median", Function::Median, Takes::Group, Dimension::Seconds),
    ("sd", Function::Sd, Takes::Group, Dimension::Seconds),
    ("cv", Function::Cv, Takes::Group, Dimension::Share),
    ("min", Function::Min, Takes::Group, Dimension::Seconds),
    ("max", Function::Max, Takes::Group, Dimension::Seconds),
    ("p5", Function::P5, Takes::Group, Dimension::Seconds),
    ("p25", Function::P25, Takes::Group, Dimension::Seconds),
    ("p75", Function::P75, Takes::Group, Dimension::Seconds),
    ("p95", Function::P95, Takes::Group, Dimension::Seconds),
    ("n", Function::N, Takes::Group, Dimension::Count),
    ("build", Function::Build, Takes::Group, Dimension::Seconds),
    ("commit", Function::Commit, Takes::Group, Dimension::Seconds),
    (
        "commit_share",
        Function::CommitShare,
        Takes::WholeGroup,
        Dimension::Share,
    ),
    (
        "failed",
        Function::Failed,
        Takes::WholeGroup,
        Dimension::Count,
    ),
    (
        "staleness",
        Function::Staleness,
        Takes::WholeGroup,
        Dimension::Seconds,
    ),
    (
        "staleness_max",
        Function::StalenessMax,
        Takes::WholeGroup,
        Dimension::Seconds,
    ),
    (
        "lockups",
        Function::Lockups,
        Takes::WholeGroup,
        Dimension::Seconds,
    ),
    (
        "improvement",
        Function::Improvement,
        Takes::Pair,
        Dimension::Percent,
    ),
    (
        "improvement_low",
        Function::ImprovementLow,
        Takes::Pair,
        Dimension::Percent,
    ),
    (
        "improvement_high",
        Function::ImprovementHigh,
        Takes::Pair,
        Dimension::Percent,
    ),
    ("speedup", Function::Speedup, Takes::Pair, Dimension::Number),
    ("p", Function::P, Takes::Pair, Dimension::Share),
    ("p_holm", Function::PHolm, Takes::Pair, Dimension::Share),
    ("shift", Function::Shift, Takes::Pair, Dimension::Seconds),
    ("delta", Function::Delta, Takes::Pair, Dimension::Number),
    (
        "exponent",
        Function::Exponent,
        Takes::Curve,
        Dimension::Number,
    ),
    (
        "warnings",
        Function::Warnings,
        Takes::Nothing,
        Dimension::Count,
    ),
    (
        "incomplete",
        Function::Incomplete,
        Takes::Nothing,
        Dimension::Truth,
    ),
];

impl Function {
    /// The function of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TABLE
            .iter()
            .find(|row| row.0 == name)
            .map(|(_, function, ..)| *function)
    }

    /// All names, in the order in which they are documented.
    pub fn all_names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|(name, ..)| *name)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// What it is given.
    #[must_use]
    pub fn takes(self) -> Takes {
        self.row().2
    }

    /// What it gives.
    #[must_use]
    pub fn dimension(self) -> Dimension {
        self.row().3
    }

    fn row(self) -> (&'static str, Self, Takes, Dimension) {
        // The table is in the order of the variants; a test says so.
        TABLE[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_variants() {
        for (place, (name, function, ..)) in TABLE.iter().enumerate() {
            assert_eq!(*function as usize, place, "{name}");
            assert_eq!(Function::named(name), Some(*function));
            assert_eq!(function.name(), *name);
        }
    }
}
