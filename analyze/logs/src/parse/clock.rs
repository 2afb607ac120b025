//! Time stamps, with and without a year.

use chrono::{DateTime, Utc};

use super::civil;
use super::digits::{fraction, number as digits, two};

/// Nanoseconds of a day.
pub(crate) const DAY_NS: i64 = 86_400_000_000_000;
const SECOND_NS: i64 = 1_000_000_000;

/// A moment of an unknown year, as nanoseconds since the epoch in the leap year 2000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Yearless(pub(crate) i64);

impl Yearless {
    /// None if there is no such date or time in a leap year.
    pub(crate) fn new(
        month: u32,
        day: u32,
        hour: u32,
        minute: u32,
        second: u32,
        ns: u32,
    ) -> Option<Self> {
        let day = civil::days(2000, month, day)?;
        Some(Self(
            day * DAY_NS + civil::of_day(hour, minute, second, ns)?,
        ))
    }

    /// The moment in `year`; 29 February of a common year becomes 1 March.
    pub(crate) fn in_year(self, year: i32) -> i64 {
        /// 1 January 2000.
        const START: i64 = 946_684_800_000_000_000;
        /// Days of a leap year up to the end of February.
        const FEBRUARY: i64 = 60;
        let since = self.0 - START;
        let late = !civil::is_leap(year) && since >= FEBRUARY * DAY_NS;
        (civil::days_to(year) - i64::from(late))
            .checked_mul(DAY_NS)
            .and_then(|start| start.checked_add(since))
            .unwrap_or(i64::MAX)
    }

    /// Whether it is of 29 February, and the year has none.
    pub(crate) fn misses(self, year: i32) -> bool {
        const START: i64 = 946_684_800_000_000_000;
        const DAY: i64 = 59;
        (self.0 - START).div_euclid(DAY_NS) == DAY && !civil::is_leap(year)
    }

    /// The moment in the year that puts it closest to `near`.
    pub(crate) fn near(self, near: i64) -> i64 {
        /// A mean year of the Gregorian calendar.
        const YEAR_NS: i64 = 31_556_952_000_000_000;
        // Whole years from the moment in 2000 to about here.
        let since = near.saturating_sub(self.0).saturating_add(YEAR_NS / 2);
        let years = since.div_euclid(YEAR_NS);
        let year = 2000 + i32::try_from(years).unwrap_or(0);
        // The common case first: far closer than in the year before or the year after.
        let here = self.in_year(year);
        if here.abs_diff(near) < 150 * DAY_NS.unsigned_abs() {
            return here;
        }
        [year - 1, year, year + 1]
            .map(|year| self.in_year(year))
            .into_iter()
            .min_by_key(|moment| moment.abs_diff(near))
            .unwrap_or(here)
    }
}

/// When a line was logged, as far as it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// Nanoseconds since the epoch.
    Known(i64),
    /// What klog's header tells, beside a stamp of somebody else's. The zone is that of the stream.
    Stamped {
        /// The header's time as if it were UTC, in the year that puts it closest to the stamp.
        moment: i64,
        /// How far the stamp is ahead of it, in seconds.
        ahead_s: i32,
    },
    /// The year is to be inferred.
    Yearless(Yearless),
    /// Nothing is known.
    Never,
}

impl At {
    /// Nanoseconds since the epoch, if they are known.
    pub(crate) fn known(self) -> Option<i64> {
        match self {
            Self::Known(ns) => Some(ns),
            Self::Stamped { moment, ahead_s } => Some(moment + nearest_zone(ahead_s)),
            Self::Yearless(_) | Self::Never => None,
        }
    }
}

/// klog's own time, completed by what the container runtime or the log agent wrote before it.
///
/// The header is the finer clock: it is taken when the line is logged. What it lacks, the year
/// and the zone, is taken from the wrapper; the zone by all lines of a stream together.
pub(crate) fn complete(outer: At, header: Option<Yearless>) -> At {
    let Some(header) = header else { return outer };
    let At::Known(outer) = outer else {
        return At::Yearless(header);
    };
    let moment = header.near(outer);
    let ahead = outer.saturating_sub(moment).saturating_add(SECOND_NS / 2) / SECOND_NS;
    let ahead_s = i32::try_from(ahead).unwrap_or(i32::MAX);
    At::Stamped { moment, ahead_s }
}

/// What the zone nearest to such a difference adds to the header's time, in nanoseconds: zones
/// differ by whole quarters of an hour, and none is further than 14 hours from UTC.
fn nearest_zone(ahead_s: i32) -> i64 {
    const QUARTER_S: i64 = 900;
    let quarters = (i64::from(ahead_s) + QUARTER_S / 2).div_euclid(QUARTER_S);
    if quarters.abs() > 14 * 4 {
        0
    } else {
        quarters * QUARTER_S * SECOND_NS
    }
}

/// The calendar year of a moment (UTC).
pub(crate) fn year_of(ns: i64) -> i32 {
    civil::year_of(ns.div_euclid(DAY_NS))
}

/// Reads an RFC 3339 time stamp at the start of `text`, or what people's tools make of one;
/// gives nanoseconds since the epoch and what follows. Without a zone it counts as UTC.
///
/// ```text
/// 2025-10-15T12:35:54.334108123Z ...
/// 2025-08-06T10:38:13.342405728+02:00 stderr F ...
/// 2025-11-29T10:00:26,123456+00:00 ...          (dmesg --time-format iso)
/// 2025-11-29T10:00:26+0000 host kernel: ...     (journalctl -o short-iso)
/// 2025-11-29 10:00:26.123 UTC ...               (Cloud Logging)
/// ```
pub(crate) fn rfc3339(text: &[u8]) -> Option<(i64, &[u8])> {
    let (head, rest) = text.split_first_chunk::<{ "2025-10-15T12:35:54".len() }>()?;
    let marks = [head[4], head[7], head[13], head[16]];
    if marks != *b"--::" || !matches!(head[10], b'T' | b't' | b' ') {
        return None;
    }
    let two = |at: usize| two(head[at], head[at + 1]);
    let year = (two(0)? * 100 + two(2)?).cast_signed();
    let day = civil::days(year, two(5)?, two(8)?)?;
    // A leap second is printed as :60; it ends the minute like :59 does.
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?.min(59));
    let (ns, rest) = match rest.split_first() {
        Some((b'.' | b',', digits)) => fraction(digits)?,
        _ => (0, rest),
    };
    let time = civil::of_day(hour, minute, second, ns)?;
    let (offset_s, rest) = zone(rest);
    let offset = i64::from(offset_s) * 1_000_000_000;
    let moment = day.checked_mul(DAY_NS)?.checked_add(time - offset)?;
    Some((moment, rest))
}

/// Zones by the names that consoles print, in quarters of an hour east of Greenwich, longer
/// names first. `CST` is two zones, so it is none.
const ZONES: [(&[u8], i32); 16] = [
    (b" UTC", 0),
    (b" GMT", 0),
    (b" CEST", 8),
    (b" CET", 4),
    (b" EEST", 12),
    (b" EET", 8),
    (b" BST", 4),
    (b" IST", 22),
    (b" JST", 36),
    (b" EST", -20),
    (b" EDT", -16),
    (b" CDT", -20),
    (b" MST", -28),
    (b" MDT", -24),
    (b" PST", -32),
    (b" PDT", -28),
];

/// `Z`, `+02:00`, `+0200`, ` UTC`, ` CEST`, or nothing.
pub(super) fn zone(text: &[u8]) -> (i32, &[u8]) {
    if let Some(rest) = text.strip_prefix(b"Z") {
        return (0, rest);
    }
    let named = ZONES
        .iter()
        .find_map(|(name, quarters)| Some((quarters * 900, text.strip_prefix(*name)?)));
    if let Some(named) = named {
        return named;
    }
    // fluentd and Ruby put a space before the sign.
    let digits_follow = |text: &[u8]| {
        text.get(1..5)
            .is_some_and(|four| four.iter().all(u8::is_ascii_digit))
    };
    let spaced = text
        .strip_prefix(b" ")
        .filter(|zone| matches!(zone.first(), Some(b'+' | b'-')) && digits_follow(zone));
    let whole = text;
    let text = spaced.unwrap_or(text);
    let sign = match text.first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return (0, whole),
    };
    let hours = text.get(1..3).and_then(digits);
    let (minutes, length) = match text.get(3) {
        Some(b':') => (text.get(4..6).and_then(digits), 6),
        _ => (text.get(3..5).and_then(digits), 5),
    };
    match (hours, minutes) {
        (Some(hours), Some(minutes)) if hours < 15 && minutes < 60 => (
            sign * (hours * 3600 + minutes * 60).cast_signed(),
            &text[length..],
        ),
        _ => (0, whole),
    }
}

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// Reads a month's name, short or whole, as its number; gives what follows.
pub(super) fn month_of(text: &[u8]) -> Option<(u32, &[u8])> {
    let month = MONTHS.iter().position(|name| text.starts_with(name))?;
    let letters = text[3..]
        .iter()
        .take_while(|byte| byte.is_ascii_lowercase());
    Some((u32::try_from(month).ok()? + 1, &text[3 + letters.count()..]))
}

/// Reads `Nov 29 10:00:26` (syslog, `journalctl`); gives the moment and what follows.
pub(crate) fn syslog(text: &[u8]) -> Option<(Yearless, &[u8])> {
    let month = MONTHS.iter().position(|name| text.starts_with(name))?;
    let rest = text.get(3..)?.strip_prefix(b" ")?;
    let day = match rest.first()? {
        b' ' => digits(rest.get(1..2)?)?,
        _ => digits(rest.get(..2)?)?,
    };
    let clock = rest.get(2..)?.strip_prefix(b" ")?;
    let (hms, rest) = hms(clock)?;
    let (ns, rest) = match rest.first() {
        Some(b'.') => fraction(&rest[1..])?,
        _ => (0, rest),
    };
    let moment = Yearless::new(
        u32::try_from(month).ok()? + 1,
        day,
        hms[0],
        hms[1],
        hms[2],
        ns,
    )?;
    Some((moment, rest))
}

/// Reads `Sat Nov 29 10:00:26 2025` (`dmesg -T`); gives nanoseconds since the epoch and what
/// follows. The zone is the host's; it counts as UTC.
pub(crate) fn ctime(text: &[u8]) -> Option<(i64, &[u8])> {
    const DAYS: [&[u8]; 7] = [
        b"Mon ", b"Tue ", b"Wed ", b"Thu ", b"Fri ", b"Sat ", b"Sun ",
    ];
    let rest = DAYS.iter().find_map(|day| text.strip_prefix(*day))?;
    let (moment, rest) = syslog(rest)?;
    let rest = rest.strip_prefix(b" ")?;
    let year = digits(rest.get(..4)?)?;
    Some((moment.in_year(i32::try_from(year).ok()?), &rest[4..]))
}

fn hms(text: &[u8]) -> Option<([u32; 3], &[u8])> {
    if text.get(2) != Some(&b':') || text.get(5) != Some(&b':') {
        return None;
    }
    let parts = [
        digits(&text[..2])?,
        digits(&text[3..5])?,
        digits(text.get(6..8)?)?,
    ];
    Some((parts, &text[8..]))
}

/// Nanoseconds since the epoch of a UTC date, for tests and for file times.
pub(crate) fn nanos(time: DateTime<Utc>) -> i64 {
    time.timestamp_nanos_opt().unwrap_or(0)
}

#[cfg(test)]
mod tests;
