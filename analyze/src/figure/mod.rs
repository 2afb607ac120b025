//! Figures by name: what `--fail-if` and `explain` can be asked for, one row a figure.
//!
//! ```text
//! trials    of a group's trials, all of them or those at matched scale
//! group     of all that a group did
//! pair      of a comparison
//! work      of what a group's syncs cost, and how much of the time they take
//! curve     of a group's growth with scale
//! whole     of the report
//! inputs    what a figure rests on: syncs, steps of a ramp, kernel reports, each with its line
//! target    from the names in a call to a group, a comparison, a curve
//! whose     a group of a study
//! unit      what may be compared with what, and how a value is printed
//! ```
//!
//! A row holds name, unit, help, formula, source, value and inputs; conditions, explanations,
//! `--help` and error messages are made from it. A new figure is a row in the file of what it is
//! of, and a line in that file's test.

mod call;
mod curve;
mod group;
mod inputs;
mod pair;
mod rule;
mod target;
mod trials;
mod unit;
mod whole;
mod whose;
mod work;

pub use call::{Argument, Call};
pub use inputs::{Input, Inputs};
pub use rule::{Found, NotKnown};
pub use unit::Unit;

use rule::Of;

use crate::report::Report;

/// A figure.
#[derive(Debug)]
pub struct Figure {
    /// What it is called in conditions.
    pub name: &'static str,
    /// What it is measured in.
    pub unit: Unit,
    /// What it is, in a line for `--help`.
    pub help: &'static str,
    /// The formula, in words and signs.
    pub formula: &'static str,
    /// Where the formula or the values are from.
    pub source: &'static str,
    /// How it is had, from what it is of.
    of: Of,
}

/// All figures, in the order in which `--help` tells them.
pub fn all() -> impl Iterator<Item = &'static Figure> {
    kinds().into_iter().flat_map(|(_, figures)| figures)
}

/// The figures by what they are of, with how one is written.
pub fn kinds() -> [(&'static str, &'static [Figure]); 6] {
    [
        ("of a group's trials, as in mean(6.12.46)", &trials::FIGURES),
        ("of a group, as in failed(6.12.46)", &group::FIGURES),
        ("of a group's work, as in in_sync(6.12.46)", &work::FIGURES),
        (
            "of a group's curve, as in exponent(6.12.46)",
            &curve::FIGURES,
        ),
        (
            "of a comparison, alone for the headline's or as in improvement(6.1.144, 6.12.46)",
            &pair::FIGURES,
        ),
        ("of the whole", &whole::FIGURES),
    ]
}

/// The figure of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Figure> {
    all().find(|figure| figure.name == name)
}

impl Figure {
    /// Whether a call may give it so many names.
    #[must_use]
    pub fn accepts(&self, names: usize) -> bool {
        match self.of {
            Of::Whole(_) => names == 0,
            Of::Trials(_) | Of::Group(_) => names == 1,
            Of::Pair(_) | Of::Converged(_) | Of::Test(_) => names == 0 || names == 2,
            Of::Curve(_) => names == 1 || names == 2,
        }
    }

    /// What to write behind its name.
    #[must_use]
    pub fn pattern(&self) -> &'static str {
        match self.of {
            Of::Whole(_) => "",
            Of::Trials(_) | Of::Group(_) => "(GROUP)",
            Of::Pair(_) | Of::Converged(_) | Of::Test(_) => " or (BASELINE, CANDIDATE)",
            Of::Curve(_) => "(GROUP) or (GROUP, step)",
        }
    }

    /// Whether `matched.` may stand before it.
    #[must_use]
    pub fn can_match(&self) -> bool {
        matches!(self.of, Of::Trials(_) | Of::Pair(_) | Of::Test(_))
    }
}

/// The figure that a call asks for: its value and all that it rests on.
///
/// # Errors
/// [`NotKnown`]: a name that is none, or a figure that this report does not have.
pub fn look_up(report: &Report, call: &Call) -> Result<Found, NotKnown> {
    match &call.figure.of {
        Of::Whole(rule) => rule.find(report, &()),
        Of::Trials(rule) => rule.find(report, target::scaled(report, call)?),
        Of::Group(rule) => rule.find(report, &target::group(report, call)?),
        Of::Curve(rule) => rule.find(report, target::curve(report, call)?),
        Of::Pair(rule) | Of::Converged(rule) => rule.find(report, target::pair(report, call)?),
        Of::Test(rule) => rule.find(report, target::tested(report, call)?),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_is_found_and_none_stands_twice() {
        let names: BTreeSet<&str> = all().map(|figure| figure.name).collect();
        assert_eq!(names.len(), all().count());
        for figure in all() {
            assert!(named(figure.name).is_some_and(|found| std::ptr::eq(found, figure)));
            let texts = [figure.help, figure.formula, figure.source];
            assert!(texts.iter().all(|text| !text.is_empty()), "{}", figure.name);
        }
        assert!(named("meen").is_none());
    }
}
