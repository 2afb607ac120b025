//! Why a sync is no trial.

/// A clause of the rule that makes a sync a trial, named for what it leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clause {
    /// kube-proxy said `Sync failed`.
    Failed,
    /// The log ends before the sync does.
    Unfinished,
    /// It ends outside `--since` and `--until`.
    OutsideWindow,
    /// It is of a family that was not selected.
    OtherFamily,
    /// It only waited for the other family's transaction.
    Waited,
    /// It tells no endpoints where others do.
    EndpointsUnknown,
    /// It is below the scale.
    TooFewEndpoints,
    /// It is above the scale.
    TooManyEndpoints,
    /// It is shorter than `--min-elapsed`.
    TooShort,
    /// It left fewer endpoints than it found.
    FewerEndpoints,
    /// It changed next to nothing.
    SmallChange,
    /// It carried what another sync left of the load, or what came before it.
    NotTheLoad,
    /// It is not the first after an action of the timeline.
    NoAnswer,
}

impl Clause {
    /// All, in the order in which they are tried.
    pub const ALL: [Self; 13] = [
        Self::Failed,
        Self::Unfinished,
        Self::OutsideWindow,
        Self::OtherFamily,
        Self::Waited,
        Self::EndpointsUnknown,
        Self::TooFewEndpoints,
        Self::TooManyEndpoints,
        Self::TooShort,
        Self::FewerEndpoints,
        Self::SmallChange,
        Self::NotTheLoad,
        Self::NoAnswer,
    ];

    /// Its words: a sync's `why_not`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unfinished => "unfinished",
            Self::OutsideWindow => "outside the time window",
            Self::OtherFamily => "other family",
            Self::Waited => "waited for the other family",
            Self::EndpointsUnknown => "endpoints unknown",
            Self::TooFewEndpoints => "too few endpoints",
            Self::TooManyEndpoints => "too many endpoints",
            Self::TooShort => "too short",
            Self::FewerEndpoints => "fewer endpoints than before",
            Self::SmallChange => "small change",
            Self::NotTheLoad => "another sync carried the load",
            Self::NoAnswer => "no answer to an action",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Clause;

    #[test]
    fn every_clause_is_listed_once_and_in_order() {
        assert!(Clause::ALL.is_sorted());
        let mut words: Vec<&str> = Clause::ALL.iter().map(|one| one.words()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Clause::ALL.len());
    }
}
