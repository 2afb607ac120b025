//! Whether a captured log is the node's own, and what is missing of it lies where a gap says so.
#![allow(unreachable_pub)] // a module of tests: nothing is reachable

use bundle::Gap;
use chrono::{DateTime, Utc};

/// From where on a log is wanted.
#[derive(Debug, Clone, Copy)]
pub enum Begin {
    /// From its first line.
    Whole,
    /// After the line with this time stamp.
    After(DateTime<Utc>),
    /// From the first line that was taken: nobody noted where the log stood.
    Taken,
}

/// What a log that is as it should be holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Lines that were taken.
    pub taken: usize,
    /// Lines that were not, each within a gap.
    pub missing: usize,
}

/// Holds a captured log against the node's own. A gap is looked for by place and not by time, which
/// says nothing on a node whose clock was set: its ends are the time stamps of the lines on both
/// sides of what is missing.
///
/// # Errors
/// The first line that is missing without such a gap, or that is not the node's next one.
pub fn hold(own: &str, captured: &str, gaps: &[Gap], begin: Begin) -> Result<Found, String> {
    let mut found = Found::default();
    let mut taken = captured.lines().peekable();
    let (mut before, mut missing) = (None, Vec::new());
    for line in wanted(own, captured, begin) {
        if taken.peek() != Some(&line) {
            missing.push(line);
            continue;
        }
        taken.next();
        found.taken += 1;
        found.missing += recorded(&mut missing, gaps, before, Some(line))?;
        before = Some(line);
    }
    if let Some(line) = taken.next() {
        let after = before.unwrap_or("the beginning");
        return Err(format!(
            "{line} is not what the node said after {after}, or it was taken twice"
        ));
    }
    found.missing += recorded(&mut missing, gaps, before, None)?;
    Ok(found)
}

/// The part of the node's log that should have been taken.
fn wanted<'a>(own: &'a str, captured: &str, begin: Begin) -> impl Iterator<Item = &'a str> {
    let lines = own.lines();
    let before = match begin {
        Begin::Whole => 0,
        Begin::After(time) => lines
            .clone()
            .enumerate()
            .filter(|(_, line)| time_of(line) == time)
            .last()
            .map_or(0, |(at, _)| at + 1),
        Begin::Taken => {
            let first = captured.lines().next();
            let at = lines.clone().position(|line| Some(line) == first);
            at.unwrap_or(own.lines().count())
        }
    };
    lines.skip(before)
}

/// Forgets what is missing between two lines that were taken, if a gap stands for it; returns how
/// many lines that are.
fn recorded(
    missing: &mut Vec<&str>,
    gaps: &[Gap],
    before: Option<&str>,
    after: Option<&str>,
) -> Result<usize, String> {
    let Some(first) = missing.first() else {
        return Ok(0);
    };
    let (from, to) = (before.map(time_of), after.map(time_of));
    // Before the first line there is none that the gap could begin with.
    let is_it = |gap: &Gap| gap.to == to && from.is_none_or(|from| gap.from == from);
    if !gaps.iter().any(is_it) {
        return Err(format!(
            "{} lines are missing from {first} on, without a gap between {} and {}; the gaps are {gaps:?}",
            missing.len(),
            before.unwrap_or("the beginning"),
            after.unwrap_or("the end")
        ));
    }
    Ok(std::mem::take(missing).len())
}

fn time_of(line: &str) -> DateTime<Utc> {
    line.split(' ').next().unwrap().parse().unwrap()
}
