//! Years for moments that lack them.

use super::clock::{DAY_NS, Yearless, year_of};

/// Gives years to moments that lack them: `base` is the year of the first; a jump back by more
/// than 300 days is a new year, a jump ahead by as much an out-of-order line of the old one.
pub(crate) struct Years {
    year: i32,
    last: Option<Yearless>,
}

impl Years {
    pub(crate) fn from(base: i32) -> Self {
        Self {
            year: base,
            last: None,
        }
    }

    pub(crate) fn next(&mut self, moment: Yearless) -> i64 {
        const JUMP: i64 = 300 * DAY_NS;
        if let Some(last) = self.last {
            if moment.0 < last.0 - JUMP {
                self.year += 1;
            } else if moment.0 > last.0 + JUMP {
                return moment.in_year(self.year - 1);
            }
        }
        self.last = Some(moment);
        moment.in_year(self.year)
    }
}

/// The year of the first moment such that the last is not after `latest` (a file's
/// modification time, a day's grace for zones).
pub(crate) fn year_before(moments: &(impl Iterator<Item = Yearless> + Clone), latest: i64) -> i32 {
    let year = year_of(latest);
    let last_in = |base: i32| {
        let mut years = Years::from(base);
        moments
            .clone()
            .map(|moment| years.next(moment))
            .max()
            .unwrap_or(i64::MIN)
    };
    // A log seldom spans more than a year or two.
    (year - 3..=year)
        .rev()
        .find(|base| last_in(*base) <= latest + DAY_NS)
        .unwrap_or(year)
}

#[cfg(test)]
mod tests {
    use super::super::clock::nanos;
    use super::*;

    fn ns(text: &str) -> i64 {
        nanos(text.parse().unwrap())
    }

    #[test]
    fn a_new_year_is_a_new_year_and_a_small_step_back_is_not() {
        let moment = |month, day, hour| Yearless::new(month, day, hour, 0, 0, 0).unwrap();
        let mut years = Years::from(2024);
        assert_eq!(years.next(moment(12, 31, 23)), ns("2024-12-31T23:00:00Z"));
        assert_eq!(years.next(moment(1, 1, 0)), ns("2025-01-01T00:00:00Z"));
        assert_eq!(years.next(moment(12, 31, 22)), ns("2024-12-31T22:00:00Z"));
        assert_eq!(years.next(moment(1, 1, 2)), ns("2025-01-01T02:00:00Z"));
        assert_eq!(years.next(moment(1, 1, 1)), ns("2025-01-01T01:00:00Z"));
    }

    #[test]
    fn the_year_before_a_files_time() {
        let moment = |month, day| Yearless::new(month, day, 0, 0, 0, 0).unwrap();
        let latest = ns("2026-03-01T00:00:00Z");
        assert_eq!(year_before(&[moment(2, 1)].into_iter(), latest), 2026);
        assert_eq!(year_before(&[moment(6, 1)].into_iter(), latest), 2025);
        assert_eq!(
            year_before(&[moment(12, 31), moment(1, 1)].into_iter(), latest),
            2025
        );
    }
}
