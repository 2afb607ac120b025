//! Years for lines that tell none.

use super::inputs::Part;
use super::zones::Zones;
use crate::parse::clock::{At, Yearless, nanos, year_of};
use crate::parse::years::{Years, year_before};
use crate::read::founds::Entry;
use crate::read::founds::Founds;
use crate::request::Request;

/// The times of a stream's lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Times {
    /// The latest.
    pub(super) latest: Option<i64>,
    /// Every line of kube-proxy's has one, and none is earlier than the one before.
    pub(super) in_order: bool,
    /// The zones of kube-proxy's clock.
    pub(super) zones: Zones,
}

/// Gives every line of a stream that tells a time its year, and the parts their spans.
///
/// The year is, in this order: the user's; the one closest to what the bundle or another line
/// tells; the last that does not put the stream's end after the file's modification time.
pub(super) fn resolve(found: &mut Founds, parts: &mut [Part], request: &Request) -> Times {
    let yearless = || {
        found.iter().filter_map(|found| match found.at {
            At::Yearless(moment) => Some(moment),
            _ => None,
        })
    };
    let mut years = yearless()
        .next()
        .map(|first| Years::from(base(first, &yearless(), found, parts, request)));
    let mut times = Times {
        latest: None,
        in_order: true,
        zones: Zones::of(found.iter().map(|found| found.at)),
    };
    let mut last = i64::MIN;
    for found in found.iter_mut() {
        if let (At::Yearless(moment), Some(years)) = (found.at, years.as_mut()) {
            let time = years.next(moment);
            if moment.misses(year_of(time))
                && let Some(part) = parts.get_mut(found.input as usize)
            {
                part.note_no_such_day(found.line);
            }
            found.at = At::Known(time);
        }
        if let Some(resolved) = times.zones.resolve(found.at) {
            found.at = At::Known(resolved.ns);
            if let (true, Some(part)) =
                (resolved.behind_s != 0, parts.get_mut(found.input as usize))
            {
                part.note_zone(resolved.behind_s, found.line);
            }
            if let (Some(late), Some(part)) = (resolved.late_s, parts.get_mut(found.input as usize))
            {
                part.note_late(late, found.line);
            }
        }
        let known = found.at.known();
        if matches!(found.entry, Entry::Mark { .. } | Entry::Fact(_)) {
            times.in_order &= known.is_some_and(|time| last <= time);
            last = known.unwrap_or(last);
        }
        let Some(time) = known else { continue };
        times.latest = times.latest.max(known);
        if let Some(part) = parts.get_mut(found.input as usize) {
            let span = part.input.span_ns.get_or_insert((time, time));
            *span = (span.0.min(time), span.1.max(time));
        }
    }
    times
}

fn base(
    first: Yearless,
    all: &(impl Iterator<Item = Yearless> + Clone),
    found: &Founds,
    parts: &mut [Part],
    request: &Request,
) -> i32 {
    if let Some(year) = request.year {
        return year;
    }
    let Some(part) = found
        .first()
        .and_then(|found| parts.get_mut(found.input as usize))
    else {
        return year_of(nanos(chrono::Utc::now()));
    };
    let known = found.iter().find_map(|found| found.at.known());
    if let Some(near) = part.hints.near_ns.or(known) {
        return year_of(first.near(near));
    }
    part.input.year_guessed = true;
    let latest = part
        .modified_ns
        .unwrap_or_else(|| nanos(chrono::Utc::now()));
    year_before(all, latest)
}
