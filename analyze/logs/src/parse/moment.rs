//! Time stamps in whatever form a tool or a console writes them.
//!
//! klog's header and the container runtimes' stamps are read by [`super::clock`]; here is what
//! stands around them: consoles, exports for spreadsheets, syslogs, epochs.

use super::civil;
use super::clock::{self, At, DAY_NS, month_of};
use super::digits::{fraction, number, two};

/// Reads a time stamp at the start of `text`; gives it and what follows.
///
/// ```text
/// 2026-06-12T08:02:05.25Z                    RFC 3339
/// 20260612T080205Z                           ISO 8601 without marks
/// 2026/06/12 08:02:05.25                     Go's log, nginx
/// Fri 2026-06-12 08:02:05 CST                journalctl -o short-full, systemctl status
/// Fri Jun 12 08:02:05 UTC 2026               date
/// Fri, 12 Jun 2026 08:02:05 +0000            RFC 2822, kubectl describe
/// 12/Jun/2026:08:02:05 +0000                 Apache
/// Jun 12, 2026 @ 08:02:05.250                Kibana
/// 6/12/2026, 8:02:05.250 AM                  Azure's portal
/// 12.06.2026 08:02:05.250                    with dots the day comes first
/// Jun 12 08:02:05                            syslog
/// 1781251325.25                              journalctl -o short-unix, fluent-bit
/// ```
pub(crate) fn read(text: &[u8]) -> Option<(At, &[u8])> {
    let known = |(ns, rest)| (At::Known(ns), rest);
    dated(text)
        .map(known)
        .or_else(|| spelled(text).map(known))
        .or_else(|| american(text).map(known))
        .or_else(|| dotted(text).map(known))
        .or_else(|| epoch_text(text).map(known))
        .or_else(|| clock::syslog(text).map(|(moment, rest)| (At::Yearless(moment), rest)))
}

/// Seconds, milliseconds, microseconds or nanoseconds since the epoch, by magnitude: each unit's
/// range holds the years 2001 to 2100.
pub(crate) fn epoch(whole: i64, fraction: f64) -> Option<i64> {
    const RANGES: [(i64, i64); 4] = [
        (1_000_000_000, 1_000_000_000),
        (1_000_000_000_000, 1_000_000),
        (1_000_000_000_000_000, 1_000),
        (1_000_000_000_000_000_000, 1),
    ];
    let (_, unit) = RANGES
        .into_iter()
        .find(|(least, _)| (*least..least * 4 + least / 8).contains(&whole))?;
    // A double holds microseconds of today's times, no more.
    let micros = (fraction * unit as f64 / 1e3).round() as i64;
    whole.checked_mul(unit)?.checked_add(micros * 1_000)
}

/// A weekday, if one stands there, and then a date that begins with the year.
fn dated(text: &[u8]) -> Option<(i64, &[u8])> {
    let text = weekday(text).unwrap_or(text);
    if let Some(found) = basic(text) {
        return Some(found);
    }
    let mut head = *text.first_chunk::<19>()?;
    if head[4] == b'/' && head[7] == b'/' {
        (head[4], head[7]) = (b'-', b'-');
        // The date is put right in a copy; what follows it is the text's own.
        let mut copy = head.to_vec();
        copy.extend_from_slice(text.get(19..text.len().min(64))?);
        let (ns, rest) = clock::rfc3339(&copy)?;
        let taken = copy.len() - rest.len();
        return Some((ns, &text[taken..]));
    }
    let (ns, rest) = clock::rfc3339(text)?;
    Some((ns, unknown_zone(rest)))
}

/// `20260612T080205Z`, `20260612T080205.250+0000`: ISO 8601 without marks.
fn basic(text: &[u8]) -> Option<(i64, &[u8])> {
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.iter().all(u8::is_ascii_digit).then_some(part)
    };
    if text.get(8) != Some(&b'T') {
        return None;
    }
    let (date, time) = (digits(0, 8)?, digits(9, 15)?);
    let (year, month) = (number(&date[..4])?, two(date[4], date[5])?);
    let day = two(date[6], date[7])?;
    let spelled = [
        &time[..2],
        b":",
        &time[2..4],
        b":",
        &time[4..],
        &text[15..text.len().min(64)],
    ]
    .concat();
    if !(2_000..2_100).contains(&year) {
        return None;
    }
    let (moment, rest) = timed((year, month, day), &spelled)?;
    let taken = spelled.len() - 2 - rest.len();
    Some((moment, &text[9 + taken..]))
}

/// `Fri `, `Fri, `, `Friday, `.
fn weekday(text: &[u8]) -> Option<&[u8]> {
    const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    let rest = DAYS.iter().find_map(|day| text.strip_prefix(*day))?;
    let letters = rest.iter().take_while(|byte| byte.is_ascii_lowercase());
    let rest = &rest[letters.count()..];
    rest.strip_prefix(b", ").or_else(|| rest.strip_prefix(b" "))
}

/// A name of a zone that is not known, or of two: the time counts as it stands there.
fn unknown_zone(rest: &[u8]) -> &[u8] {
    let Some(name) = rest.strip_prefix(b" ") else {
        return rest;
    };
    let letters = name.iter().take_while(|byte| byte.is_ascii_uppercase());
    match letters.count() {
        length @ 3..=5 if matches!(name.get(length), None | Some(b' ' | b'\t' | b']' | b';')) => {
            &name[length..]
        }
        _ => rest,
    }
}

/// A date with the month's name, with a year somewhere.
fn spelled(text: &[u8]) -> Option<(i64, &[u8])> {
    let text = weekday(text).unwrap_or(text);
    day_first(text).or_else(|| month_first(text))
}

/// `12.06.2026 08:02:05.25`: with dots the day comes first.
fn dotted(text: &[u8]) -> Option<(i64, &[u8])> {
    let (day, rest) = leading(text, 2)?;
    let (month, rest) = leading(rest.strip_prefix(b".")?, 2)?;
    let (year, rest) = leading(rest.strip_prefix(b".")?, 4).filter(|(year, _)| *year > 1_999)?;
    let rest = rest.strip_prefix(b",").unwrap_or(rest);
    timed((year, month, day), rest.strip_prefix(b" ")?)
}

/// `12 Jun 2026 08:02:05.25 +0000`, `12/Jun/2026:08:02:05 +0000`, `12-Jun-2026 08:02:05`, and as
/// Erlang has it `12-Jun-2026::08:02:05`.
fn day_first(text: &[u8]) -> Option<(i64, &[u8])> {
    let (day, rest) = leading(text, 2)?;
    let rest = separator(rest, b" /-")?;
    let (month, rest) = month_of(rest)?;
    let rest = separator(rest, b" /-")?;
    let (year, rest) = leading(rest, 4).filter(|(year, _)| *year > 1_999)?;
    let rest = separator(rest, b" :")?;
    timed((year, month, day), rest.strip_prefix(b":").unwrap_or(rest))
}

/// `Jun 12, 2026 @ 08:02:05.250`, `June 12th 2026, 08:02:05.250`, `Jun 12 08:02:05 UTC 2026`.
fn month_first(text: &[u8]) -> Option<(i64, &[u8])> {
    let (month, rest) = month_of(text)?;
    let rest = rest.strip_prefix(b" ")?.trim_ascii_start();
    let (day, rest) = leading(rest, 2)?;
    let rest = [&b"st"[..], b"nd", b"rd", b"th"]
        .iter()
        .find_map(|ending| rest.strip_prefix(*ending))
        .unwrap_or(rest);
    let rest = rest.strip_prefix(b",").unwrap_or(rest).strip_prefix(b" ")?;
    if let Some((year, rest)) = leading(rest, 4).filter(|(year, _)| *year > 1_999) {
        let rest = rest.strip_prefix(b",").unwrap_or(rest).strip_prefix(b" ")?;
        let rest = rest.strip_prefix(b"@ ").unwrap_or(rest);
        return timed((year, month, day), rest);
    }
    // Jun 12 08:02:05 UTC 2026
    let (moment, rest) = clock::syslog(text)?;
    let rest = unknown_zone(rest).strip_prefix(b" ")?;
    let (year, rest) = leading(rest, 4).filter(|(year, _)| (2_000..2_100).contains(year))?;
    let ends = rest
        .first()
        .is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let moment = moment.in_year(i32::try_from(year).ok()?);
    ends.then_some((moment, rest))
}

/// `6/12/2026, 8:02:05.250 AM`: only with AM or PM, since else the day may come first.
fn american(text: &[u8]) -> Option<(i64, &[u8])> {
    let (month, rest) = leading(text, 2)?;
    let (day, rest) = leading(rest.strip_prefix(b"/")?, 2)?;
    let (year, rest) = leading(rest.strip_prefix(b"/")?, 4).filter(|(year, _)| *year > 1_999)?;
    let rest = rest.strip_prefix(b",").unwrap_or(rest).strip_prefix(b" ")?;
    let (moment, rest) = timed((year, month, day), rest)?;
    let before = &text[..text.len() - rest.len()];
    (before.ends_with(b"AM") || before.ends_with(b"PM")).then_some((moment, rest))
}

/// A time of day behind its date, with a zone or AM and PM.
fn timed((year, month, day): (u32, u32, u32), text: &[u8]) -> Option<(i64, &[u8])> {
    let (hour, rest) = leading(text, 2)?;
    let rest = rest.strip_prefix(b":")?;
    let minute = two(*rest.first()?, *rest.get(1)?)?;
    let rest = rest[2..].strip_prefix(b":")?;
    let second = two(*rest.first()?, *rest.get(1)?)?.min(59);
    let rest = &rest[2..];
    let (ns, rest) = match rest.split_first() {
        Some((b'.' | b',', digits)) if digits.first().is_some_and(u8::is_ascii_digit) => {
            fraction(digits)?
        }
        _ => (0, rest),
    };
    let (hour, rest) = match rest.strip_prefix(b" ") {
        Some(half) if half.starts_with(b"AM") => (hour % 12, &half[2..]),
        Some(half) if half.starts_with(b"PM") => (hour % 12 + 12, &half[2..]),
        _ => (hour, rest),
    };
    let (offset_s, rest) = clock::zone(rest);
    let day = civil::days(i32::try_from(year).ok()?, month, day)?;
    let time = civil::of_day(hour, minute, second, ns)?;
    let moment = day.checked_mul(DAY_NS)?.checked_add(time)?;
    let moment = moment - i64::from(offset_s) * 1_000_000_000;
    Some((moment, unknown_zone(rest)))
}

/// `1781251325.25`, `1781251325250`, `1781251325250000000`: nothing but a number.
fn epoch_text(text: &[u8]) -> Option<(i64, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !matches!(length, 10 | 13 | 16 | 19) {
        return None;
    }
    let whole: i64 = std::str::from_utf8(&text[..length]).ok()?.parse().ok()?;
    let rest = &text[length..];
    let (part, rest) = match rest.split_first() {
        Some((b'.', digits)) if digits.first().is_some_and(u8::is_ascii_digit) => {
            let (ns, rest) = fraction(digits)?;
            (f64::from(ns) / 1e9, rest)
        }
        _ => (0.0, rest),
    };
    let ends = rest
        .first()
        .is_none_or(|byte| !byte.is_ascii_alphanumeric());
    ends.then_some((epoch(whole, part)?, rest))
}

/// A number of at most so many digits.
fn leading(text: &[u8], most: usize) -> Option<(u32, &[u8])> {
    let window = text.iter().take(most);
    let length = window.take_while(|byte| byte.is_ascii_digit()).count();
    Some((number(&text[..length])?, &text[length..]))
}

fn separator<'a>(text: &'a [u8], any_of: &[u8]) -> Option<&'a [u8]> {
    let (first, rest) = text.split_first()?;
    any_of.contains(first).then_some(rest)
}

/// A moment without a year that stands anywhere in a text, or one with a year; the first.
pub(crate) fn find(text: &[u8]) -> Option<(At, usize, usize)> {
    let mut before = b' ';
    for (start, byte) in text.iter().enumerate() {
        let begins =
            !before.is_ascii_alphanumeric() && before != b'.' && byte.is_ascii_alphanumeric();
        before = *byte;
        if !begins {
            continue;
        }
        if let Some((at, rest)) = read(&text[start..]) {
            return Some((at, start, text.len() - rest.len()));
        }
    }
    None
}

/// A moment of this text alone, as a field holds it.
pub(crate) fn whole(text: &str) -> Option<At> {
    let text = text.trim().trim_matches('"').trim_start_matches('[');
    if let Some((digits, "9" | "+9" | "09" | "+09")) = text.split_once(['E', 'e'])
        && digits.len() < 24
    {
        // BigQuery's `1.78125132525E9`.
        let seconds = digits.parse::<f64>().ok()? * 1e9;
        return epoch(seconds.trunc() as i64, seconds.fract()).map(At::Known);
    }
    let (at, rest) = read(text.as_bytes())?;
    (rest.len() <= 12).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::super::clock::Yearless;
    use super::*;

    fn ns(text: &str) -> i64 {
        clock::nanos(text.parse().unwrap())
    }

    #[test]
    fn one_moment_in_every_form() {
        let moment = ns("2026-06-12T08:02:05.25Z");
        let second = ns("2026-06-12T08:02:05Z");
        for (text, expected) in [
            ("2026-06-12T08:02:05.25Z x", moment),
            ("2026-06-12 10:02:05.25 +0200 x", moment),
            ("2026/06/12 08:02:05.25 x", moment),
            ("Fri 2026-06-12 08:02:05 CST host", second),
            ("Fri Jun 12 08:02:05 UTC 2026", second),
            ("Fri Jun 12 08:02:05 2026] x", second),
            ("Fri, 12 Jun 2026 08:02:05 +0000", second),
            ("12-Jun-2026::08:02:05.250 ===", moment),
            ("12/Jun/2026:08:02:05 +0000] x", second),
            ("Jun 12, 2026 @ 08:02:05.250", moment),
            ("June 12th 2026, 08:02:05.250", moment),
            ("6/12/2026, 8:02:05.250 AM", moment),
            ("12.06.2026 08:02:05.25", moment),
            ("1781251325.25", moment),
            ("1781251325250", moment),
            ("1781251325250000000", moment),
        ] {
            let found = read(text.as_bytes()).map(|(at, _)| at);
            assert_eq!(found, Some(At::Known(expected)), "{text}");
        }
        let yearless = Yearless::new(6, 12, 8, 2, 5, 0).map(At::Yearless);
        assert_eq!(read(b"Jun 12 08:02:05 n1").map(|(at, _)| at), yearless);
        assert_eq!(
            read(b"6/12/2026, 8:02:05 PM").map(|(at, _)| at),
            Some(At::Known(ns("2026-06-12T20:02:05Z")))
        );
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "12",
            "6/12/2026, 8:02:05",
            "178125132",
            "v1.36.1",
            "June",
            "12 apples",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }

    /// Three to five capitals with an end behind them are a zone's name, known or not.
    #[test]
    fn a_name_of_a_zone_is_no_part_of_what_follows() {
        for (behind, rest) in [
            (" CST host", " host"),
            (" CST", ""),
            (" ABCDE] x", "] x"),
            (" XYZ; x", "; x"),
            (" AB x", " AB x"),
            (" ABCDEF x", " ABCDEF x"),
            (" ERROR: x", " ERROR: x"),
            (" INFO-1 x", " INFO-1 x"),
        ] {
            let text = format!("Fri 2026-06-12 08:02:05{behind}");
            let found = read(text.as_bytes()).map(|(at, rest)| (at, rest.to_vec()));
            let moment = At::Known(ns("2026-06-12T08:02:05Z"));
            assert_eq!(found, Some((moment, rest.as_bytes().to_vec())), "{text}");
        }
    }

    /// BigQuery prints its seconds with an exponent, in no more than 23 characters.
    #[test]
    fn seconds_with_an_exponent_are_a_moment_up_to_23_characters() {
        let moment = Some(At::Known(ns("2026-06-12T08:02:05.25Z")));
        for (digits, found) in [(23, moment), (24, None)] {
            for exponent in ["E9", "E+9", "e09", "e+09"] {
                let text = format!("{:0<digits$}{exponent}", "1.78125132525");
                assert_eq!(whole(&text), found, "{text}");
            }
        }
    }

    #[test]
    fn twelve_hours_of_the_morning_and_the_afternoon() {
        for (time, hour) in [
            ("12:02:05 AM", 0),
            ("1:02:05 AM", 1),
            ("12:02:05 PM", 12),
            ("11:02:05 PM", 23),
        ] {
            let found = read(format!("6/12/2026, {time}").as_bytes()).map(|(at, _)| at);
            let wanted = ns(&format!("2026-06-12T{hour:02}:02:05Z"));
            assert_eq!(found, Some(At::Known(wanted)), "{time}");
        }
    }

    #[test]
    fn epochs_by_magnitude() {
        assert_eq!(epoch(1_781_251_325, 0.25), Some(1_781_251_325_250_000_000));
        assert_eq!(
            epoch(1_781_251_325_250, 0.0),
            Some(1_781_251_325_250_000_000)
        );
        assert_eq!(
            epoch(1_781_251_325_250, 0.065),
            Some(1_781_251_325_250_065_000)
        );
        for none in [0, 44_012, 999_999_999, 4_200_000_000] {
            assert_eq!(epoch(none, 0.0), None, "{none}");
        }
    }
}
