//! The rows of one study: every table of the report holds those of all.

use super::{
    BundleFacts, ClaimCheck, Comparison, ConvergedGroup, Convergence, CostModel, Crossing, Curve,
    Divergence, Group, LockupSummary, MetricsCheck, RampStep, Recording, Staleness, Study,
    TimeInSync, TimeSplit,
};

/// What belongs to a study.
pub trait OfStudy {
    /// The identity of its study.
    fn study(&self) -> &str;
}

macro_rules! of_study {
    ($($row:ty),+ $(,)?) => {
        $(impl OfStudy for $row {
            fn study(&self) -> &str {
                &self.study
            }
        })+
    };
}

of_study!(
    BundleFacts,
    ClaimCheck,
    Comparison,
    Convergence,
    ConvergedGroup,
    CostModel,
    Crossing,
    Curve,
    Divergence,
    Group,
    LockupSummary,
    MetricsCheck,
    RampStep,
    Recording,
    Staleness,
    TimeInSync,
    TimeSplit,
);

/// Returns those of `rows` that belong to the study with this identity, in their order.
pub fn of_study<'r, T: OfStudy + 'r>(
    rows: impl IntoIterator<Item = &'r T, IntoIter: Clone>,
    study: &str,
) -> impl Iterator<Item = &'r T> + Clone {
    rows.into_iter().filter(move |row| row.study() == study)
}

impl Study {
    /// Returns those of `rows` that belong to this study, in their order.
    pub fn of<'r, T: OfStudy + 'r>(
        &self,
        rows: impl IntoIterator<Item = &'r T, IntoIter: Clone>,
    ) -> impl Iterator<Item = &'r T> + Clone {
        of_study(rows, &self.id)
    }
}
