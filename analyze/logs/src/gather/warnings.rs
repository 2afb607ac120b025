//! What a reader must know about the inputs.

use super::inputs::Part;
use crate::reading::{Visibility, Warning};
use crate::sync::Sync;

/// All warnings, by input. `repeated`: how many syncs an earlier input had too, and the first.
pub(super) fn of(
    parts: &[Part],
    syncs: &[Sync],
    repeated: Option<(u64, u32, u64)>,
) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = parts.iter().flat_map(of_part).collect();
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

fn of_part(part: &Part) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |code, message: String, line| {
        let input = Some(part.input.path.clone());
        warnings.push(Warning {
            code,
            message,
            input,
            line,
        });
    };
    if let Some(problem) = &part.broken {
        warn(
            "broken_file",
            format!("read up to line {}, then: {problem}", part.input.lines),
            None,
        );
    }
    match part.visibility() {
        Visibility::TooLow(level) => {
            let also = match part.input.backend {
                None => " (in ipvs mode --v=4)",
                Some(_) => "",
            };
            warn(
                "verbosity_too_low",
                format!(
                    "kube-proxy's verbosity is too low to print sync durations; restart it with --v={level}{also}"
                ),
                None,
            );
        }
        Visibility::Nothing if !part.input.kernel_log && part.kernel_lines == 0 => {
            warn(
                "nothing_found",
                "no line of kube-proxy's syncs or of the kernel in it".to_owned(),
                None,
            );
        }
        _ => {}
    }
    for (fault, count) in &part.input.malformed {
        let lines = if count.lines == 1 { "line" } else { "lines" };
        warn(
            "unread_lines",
            format!("{} {lines} not read: {}", count.lines, fault.words()),
            Some(count.first),
        );
    }
    if part.lost > 0 {
        warn(
            "lost_lines",
            format!(
                "{} syncs began and their end is missing: lines were lost",
                part.lost
            ),
            None,
        );
    }
    if part.unmarked > 0 {
        let message = format!(
            "the lines of {} kube-proxies stand one behind the other, told apart by their times; \
             `kubectl logs --prefix` names them",
            part.unmarked
        );
        warn("unmarked_processes", message, None);
    }
    if part.ambiguous > 0 {
        let message = format!(
            "{} syncs without ipFamily ran side by side: their endpoints and phases cannot be told apart",
            part.ambiguous
        );
        warn("ambiguous_families", message, None);
    }
    if part.input.duplicates > 0 {
        warn(
            "duplicate_lines",
            format!(
                "{} lines stand there twice and count once",
                part.input.duplicates
            ),
            None,
        );
    }
    if part.input.year_guessed {
        let message =
            "the lines tell no year; it is guessed from the file's time: set it with --year"
                .to_owned();
        warn("year_guessed", message, None);
    }
    warnings
}
