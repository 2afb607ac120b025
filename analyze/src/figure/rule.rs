//! How a figure is had from what it is of.

use super::Inputs;
use super::whose::Whose;
use crate::report::{Comparison, Curve, Group, Report};

/// What figures are of.
#[derive(Debug)]
pub(super) enum Of {
    /// The report.
    Whole(Rule<()>),
    /// A group's trials, or those at matched scale.
    Trials(Rule<Group>),
    /// All that a group did.
    Group(Rule<Whose>),
    /// A group's curve.
    Curve(Rule<Curve>),
    /// A comparison, over all trials or at matched scale.
    Pair(Rule<Comparison>),
    /// A comparison by convergence.
    Converged(Rule<Comparison>),
    /// A comparison in the scope that its study tests.
    Test(Rule<Comparison>),
}

/// From what a figure is of to its value and what that rests on.
#[derive(Debug)]
pub(super) struct Rule<T: 'static> {
    /// The value, in the figure's unit; truth is 1. None if there is none, or it is no number.
    pub(super) value: fn(&Report, &T) -> Option<f64>,
    /// What it is of, where the call does not say it all.
    pub(super) about: fn(&Report, &T) -> String,
    /// Why there is none.
    pub(super) missing: &'static str,
    /// The formula with this report's numbers in it; none where the inputs say it all.
    pub(super) computed: fn(&Report, &T) -> Option<String>,
    /// What chose the inputs.
    pub(super) chosen: fn(&Report, &T) -> Option<String>,
    /// What it rests on.
    pub(super) inputs: fn(&Report, &T) -> Vec<Inputs>,
}

/// A figure that a report has.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The value, in the figure's unit; truth is 1.
    pub value: f64,
    /// What it is of, where the call does not say it all: study and groups.
    pub about: String,
    /// The formula with this report's numbers in it.
    pub computed: Option<String>,
    /// What chose the inputs.
    pub chosen: Option<String>,
    /// What it rests on, each with its place.
    pub inputs: Vec<Inputs>,
}

/// Why a figure cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotKnown {
    /// The names are right, but there is no such figure; why.
    Missing(String),
    /// A name is none, or one of several.
    Name {
        /// The place of the name among the arguments; the call itself if there is none there.
        argument: usize,
        /// What is wrong and what would be right.
        problem: String,
    },
}

impl<T> Rule<T> {
    /// Applies it. NaN compares as false with everything: it must not pass for a figure.
    pub(super) fn find(&self, report: &Report, of: &T) -> Result<Found, NotKnown> {
        let about = (self.about)(report, of);
        let Some(value) = (self.value)(report, of).filter(|value| !value.is_nan()) else {
            let about = match about.as_str() {
                "" => String::new(),
                about => format!(" ({about})"),
            };
            return Err(NotKnown::Missing(format!("{}{about}", self.missing)));
        };
        Ok(Found {
            value,
            about,
            computed: (self.computed)(report, of),
            chosen: (self.chosen)(report, of),
            inputs: (self.inputs)(report, of),
        })
    }
}
