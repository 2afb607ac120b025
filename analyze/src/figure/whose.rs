//! Whose a figure is.

use crate::report::{OfStudy, of_study};

/// A group of a study, whether it has trials or not.
#[derive(Debug)]
pub(super) struct Whose {
    /// Identity of the study.
    pub(super) study: String,
    /// The group.
    pub(super) name: String,
}

impl Whose {
    /// `study/name`, which is unique in a report.
    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.study, self.name)
    }

    /// The row of a table that is of this group.
    pub(super) fn of<'r, T: OfStudy>(
        &self,
        rows: &'r [T],
        name: fn(&T) -> &String,
    ) -> Option<&'r T> {
        of_study(rows, &self.study).find(|row| *name(row) == self.name)
    }
}
