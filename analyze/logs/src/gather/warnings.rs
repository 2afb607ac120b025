//! What a reader must know about the inputs.

use super::failing::{self, Told, shown};
use super::inputs::Part;
use crate::reading::{Visibility, Warning};
use crate::syncs::Syncs;

/// All warnings, by input. `repeated`: how many syncs an earlier input had too, and the first.
pub(super) fn of(parts: &[Part], syncs: &Syncs, repeated: Option<(u64, u32, u64)>) -> Vec<Warning> {
    let mut storms = failing::storms(syncs);
    let mut warnings: Vec<Warning> = (0..)
        .zip(parts)
        .flat_map(|(place, part)| of_part(part, storms.remove(&place)))
        .collect();
    if let Some((count, input, line)) = repeated {
        let path = parts
            .get(input as usize)
            .map(|part| part.input.path.clone());
        let message = format!("{count} syncs stand in several inputs and count once");
        warnings.push(Warning {
            code: "repeated_syncs",
            message,
            input: path,
            line: Some(line),
        });
    }
    if syncs
        .iter()
        .any(|sync| sync.end_ns.is_none() && sync.start_ns.is_none())
    {
        let message = "some syncs have no time stamp: they have a duration, and no place on a \
                       time line"
            .to_owned();
        warnings.push(Warning {
            code: "no_time",
            message,
            input: None,
            line: None,
        });
    }
    warnings
}

fn of_part(part: &Part, storm: Option<Told>) -> impl Iterator<Item = Warning> {
    let all = [
        reading(part),
        failing::crashes(part).into_iter().chain(storm).collect(),
        missing(part),
        told_apart(part),
        guessed(part)
            .into_iter()
            .chain(late(part))
            .chain(zone(part))
            .chain(no_such_day(part))
            .collect(),
    ];
    let path = part.input.path.clone();
    all.into_iter()
        .flatten()
        .map(move |(code, message, line)| Warning {
            code,
            message,
            input: Some(path.clone()),
            line,
        })
}

/// What of the file could be read, and what it tells.
fn reading(part: &Part) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    if let Some(problem) = &part.broken {
        let message = match part.input.lines {
            0 => format!("not read: {problem}"),
            lines => format!("read up to line {lines}, then: {problem}"),
        };
        told.push(("broken_file", message, None));
    }
    match part.visibility() {
        Visibility::TooLow(level) => {
            let also = match part.input.backend {
                None => " (in ipvs mode --v=4)",
                Some(_) => "",
            };
            let message = format!(
                "kube-proxy's verbosity is too low to print sync durations; restart it with \
                 --v={level}{also}"
            );
            told.push(("verbosity_too_low", message, None));
        }
        Visibility::NoSync if part.gave_up().is_some() => told.extend(gave_up(part)),
        // Syncs that began and did not end are told as such.
        Visibility::NoSync if !part.begun() => {
            let likely = if part.talkative() {
                "it prints lines of a verbosity at which it prints syncs too, so the excerpt left \
                 them out, or none ended in it"
            } else if part.input.verbosity.is_some() {
                "the verbosity is high enough, so the excerpt is too short, or none ended in it"
            } else {
                "the excerpt may be too short, or the verbosity too low to print them (2; 4 in \
                 ipvs and kernelspace mode)"
            };
            let message =
                format!("kube-proxy speaks in it, and no completed sync was read: {likely}");
            told.push(("no_sync_completed", message, None));
        }
        Visibility::Nothing if part.input.lines == 0 && part.broken.is_some() => {}
        Visibility::Nothing if !part.input.kernel_log && part.kernel_lines == 0 => {
            let message = "no line of kube-proxy's syncs or of the kernel in it".to_owned();
            told.push(("nothing_found", message, None));
        }
        _ => {}
    }
    for (fault, count) in &part.input.malformed {
        let lines = if count.lines == 1 { "line" } else { "lines" };
        let message = format!("{} {lines} not read: {}", count.lines, fault.words());
        told.push(("unread_lines", message, Some(count.first)));
    }
    told
}

/// A process that gave up, in its own words.
fn gave_up(part: &Part) -> Option<Told> {
    let (count, line, words) = part.gave_up()?;
    let times = if count > 1 {
        format!(" {count} times")
    } else {
        String::new()
    };
    let why = shown(words);
    let message = format!("kube-proxy gave up{times} before it completed a sync: {why}");
    Some(("no_sync_completed", message, Some(line)))
}

/// Lines that are gone, or there twice.
fn missing(part: &Part) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    if part.lost > 0 {
        let message = format!(
            "{} syncs began and their end is missing: lines were lost",
            part.lost
        );
        told.push(("lost_lines", message, None));
    }
    if let Some((count, first)) = part.contradicted {
        let syncs = if count == 1 {
            "1 sync"
        } else {
            &format!("{count} syncs")
        };
        let message = format!(
            "the duration of {syncs} contradicts other lines: it would have begun long before its \
             own first line, or before the one before it ended. The number may be damaged; it \
             counts as it stands"
        );
        told.push(("contradicted_durations", message, Some(first)));
    }
    if part.input.duplicates > 0 {
        let message = format!(
            "{} lines stand there twice and count once",
            part.input.duplicates
        );
        told.push(("duplicate_lines", message, None));
    }
    told
}

/// What had to be told apart, or could not be.
fn told_apart(part: &Part) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    if part.unmarked > 0 {
        let message = format!(
            "the lines of {} kube-proxies stand one behind the other, told apart by their times; \
             `kubectl logs --prefix` names them",
            part.unmarked
        );
        told.push(("unmarked_processes", message, None));
    }
    if part.ambiguous > 0 {
        let message = format!(
            "{} syncs without ipFamily ran side by side: their endpoints and phases cannot be \
             told apart",
            part.ambiguous
        );
        told.push(("ambiguous_families", message, None));
    }
    told
}

/// What the lines do not tell.
fn guessed(part: &Part) -> Option<Told> {
    let message = "log lines have no year; it is guessed from the file's time: set it with --year";
    let year = part.input.year_guessed;
    year.then(|| ("year_guessed", message.to_owned(), None))
}

/// 29 February in a year that has 28.
fn no_such_day(part: &Part) -> Option<Told> {
    let (count, first) = part.no_such_day?;
    let message = format!(
        "{} of 29 February, which the year that they are counted to does not have: they count as \
         1 March; set --year",
        lines(count)
    );
    Some(("no_such_day", message, Some(first)))
}

/// A clock of another zone than UTC, as the stamps tell.
fn zone(part: &Part) -> Option<Told> {
    let (count, first, behind_s) = part.zoned?;
    let minutes = behind_s.abs() / 60;
    let far = match minutes % 60 {
        0 => format!("{}", minutes / 60),
        rest => format!("{}:{rest:02}", minutes / 60),
    };
    let (side, sign) = if behind_s < 0 {
        ("before", '+')
    } else {
        ("after", '-')
    };
    let message = format!(
        "{} are stamped {far} h {side} the time that kube-proxy wrote: its clock counts as UTC{sign}{far}. \
         Stamps in a collector's own local time, or that late, would put times off by as much",
        lines(count)
    );
    Some(("zone_of_stamps", message, Some(first)))
}

/// Stamps that are not of their line's moment.
fn late(part: &Part) -> Option<Told> {
    let late = part.late;
    let minutes = late.most_s.abs() / 60;
    let far = if minutes < 120 {
        format!("{minutes} minutes")
    } else {
        format!("{} hours", minutes / 60)
    };
    let side = if late.most_s < 0 { "before" } else { "after" };
    let message = format!(
        "{} are stamped up to {far} {side} the time that kube-proxy logged them at: such a stamp \
         tells no time zone, and they count as the other lines do, or as UTC",
        lines(late.lines)
    );
    (late.lines > 0).then_some(("late_stamps", message, Some(late.first)))
}

fn lines(count: u64) -> String {
    if count == 1 {
        "1 line".to_owned()
    } else {
        format!("{count} lines")
    }
}
