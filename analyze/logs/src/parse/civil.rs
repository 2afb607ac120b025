//! Days and years of the Gregorian calendar. Every relevant line has two time stamps, so they
//! are reckoned directly instead of through a calendar type.

/// Days from the epoch to 1 January of a year.
pub(super) fn days_to(year: i32) -> i64 {
    /// Years of whole cycles of the calendar that are counted in addition, so that no year is
    /// negative: numbers without a sign divide faster.
    const CYCLES: i64 = 6_000_000 * 400;
    /// Days from there to the epoch.
    const EPOCH: i64 = 6_000_000 * 146_097 + 719_162;
    let before = (i64::from(year) + CYCLES - 1).unsigned_abs();
    (before * 365 + before / 4 - before / 100 + before / 400).cast_signed() - EPOCH
}

pub(super) fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days from the epoch to a date; none if there is no such date.
pub(super) fn days(year: i32, month: u32, day: u32) -> Option<i64> {
    /// Days of a common year before each month, and before the next year.
    const BEFORE: [u32; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    let place = usize::try_from(month.checked_sub(1)?).ok()?;
    let (before, next) = (*BEFORE.get(place)?, *BEFORE.get(place + 1)?);
    let leap = is_leap(year);
    let length = next - before + u32::from(leap && month == 2);
    (1..=length).contains(&day).then(|| {
        days_to(year) + i64::from(before) + i64::from(leap && month > 2) + i64::from(day) - 1
    })
}

/// Nanoseconds since midnight; none if there is no such time.
pub(super) fn of_day(hour: u32, minute: u32, second: u32, ns: u32) -> Option<i64> {
    let exists = hour < 24 && minute < 60 && second < 60;
    exists.then(|| {
        let seconds = hour * 3_600 + minute * 60 + second;
        i64::from(seconds) * 1_000_000_000 + i64::from(ns)
    })
}

/// The year of a day, counted from the epoch.
pub(super) fn year_of(day: i64) -> i32 {
    /// Days of 400 years.
    const CYCLE: i64 = 146_097;
    let near = 1970 + (day * 400).div_euclid(CYCLE);
    let near = i32::try_from(near).unwrap_or(1970);
    // The mean year's error is less than a year.
    [near + 1, near]
        .into_iter()
        .find(|year| days_to(*year) <= day)
        .unwrap_or(near - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike as _, NaiveDate};

    #[test]
    fn every_day_of_six_centuries_is_the_calendar_s() {
        let mut date = NaiveDate::from_ymd_opt(1677, 9, 22).unwrap();
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
        while date.year() < 2262 {
            let day = (date - epoch).num_days();
            assert_eq!(days(date.year(), date.month(), date.day()), Some(day));
            assert_eq!(year_of(day), date.year(), "{date}");
            date = date.succ_opt().unwrap();
        }
    }

    #[test]
    fn dates_that_are_none() {
        for (year, month, day) in [
            (2025, 0, 1),
            (2025, 13, 1),
            (2025, 1, 0),
            (2025, 1, 32),
            (2025, 2, 29),
            (1900, 2, 29),
            (2000, 2, 30),
            (2025, 4, 31),
        ] {
            assert_eq!(days(year, month, day), None, "{year}-{month}-{day}");
        }
        assert_eq!(of_day(24, 0, 0, 0), None);
        assert_eq!(of_day(0, 60, 0, 0), None);
        assert_eq!(of_day(0, 0, 60, 0), None);
    }
}
