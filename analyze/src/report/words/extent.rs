//! How much of an interval is told: an end that bounds nothing is no figure to print.
//!
//! Two wild runs a side give intervals such as -2,060,476,029 to 100 %. One rule for all sentences
//! and tables, on ratios of times: beyond [`TELLING`] times as long an end says no more than that,
//! unless the other end lies near it; and where the other says no more than a tenth, nothing is
//! told at all.

/// So many times as long, and as short.
const TELLING: f64 = 10.0;
/// The same as a percentage less.
const TELLING_PCT: f64 = (1.0 - TELLING) * 100.0;

/// What of an interval tells something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Both ends.
    Whole,
    /// The lower end; the upper one is many times as much.
    From,
    /// Neither.
    Nothing,
}

/// What an interval of a ratio tells.
pub(super) fn of_ratio([low, high]: [f64; 2]) -> Extent {
    if high <= TELLING || high <= TELLING * low {
        Extent::Whole
    } else if low >= 1.0 / TELLING {
        Extent::From
    } else {
        Extent::Nothing
    }
}

/// What an interval of percent less time tells.
pub(super) fn of_improvement([low, high]: [f64; 2]) -> Extent {
    // The ends of -900 and 90 % themselves are not lost to rounding.
    let ratio = |pct: f64| (100.0 - pct) / 100.0;
    of_ratio([ratio(high), ratio(low)])
}

/// What an interval of the power by which a time grows tells, by what twice the size makes of it.
pub(super) fn of_power(interval: [f64; 2]) -> Extent {
    of_ratio(interval.map(f64::exp2))
}

/// An interval of percent less time in a clause: `, 95 % interval -3 to 12 %`. With `turned` it is
/// one of percent more.
pub(super) fn clause(interval: [f64; 2], turned: bool, digits: usize) -> String {
    let [low, high] = interval;
    match of_improvement(interval) {
        Extent::Whole => {
            let (low, high) = if turned { (-high, -low) } else { (low, high) };
            let [low, high] = [low, high].map(|end| plain(end, digits));
            format!(", 95 % interval {low} to {high} %")
        }
        Extent::From => {
            let way = if high < 0.0 { "more" } else { "less" };
            let least = plain(high.abs(), digits);
            format!(", 95 % interval {least} % {way} to over {TELLING:.0} times as long")
        }
        Extent::Nothing => format!(", {}", nothing()),
    }
}

/// Why nothing is told.
pub(super) fn nothing() -> String {
    format!(
        "but the runs scatter so much that any from a tenth of the time to {TELLING:.0} times it \
         may be true"
    )
}

/// An interval of percent less time in a table's cell: `-3.0 to 12.0 %`, `below -900 to 12.0 %`.
#[must_use]
pub fn cell(interval: [f64; 2]) -> String {
    let [low, high] = interval;
    match of_improvement(interval) {
        Extent::Whole => format!("{low:.1} to {high:.1} %"),
        Extent::From | Extent::Nothing => format!("below {TELLING_PCT:.0} to {high:.1} %"),
    }
}

/// A percentage of a difference up to which it bounds something: `12 %`, `over 1,000 %`.
pub(super) fn most(pct: f64) -> String {
    if pct <= MOST_PCT {
        format!("{pct:.1} %")
    } else {
        format!("over {} %", super::count(MOST_PCT as u64))
    }
}

/// Percent, and points of an interval's width, beyond which a figure says no more than that.
const MOST_PCT: f64 = 1000.0;

/// Without a sign on zero.
fn plain(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if is_zero {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_beyond_ten_times_bounds_nothing_unless_the_other_is_near() {
        for (interval, told) in [
            ([0.2, 9.0], Extent::Whole),
            ([0.0, 10.0], Extent::Whole),
            ([0.0, 10.01], Extent::Nothing),
            ([0.1, 10.01], Extent::From),
            ([0.099, 10.01], Extent::Nothing),
            ([0.5, 1e7], Extent::From),
            // Thirty times as long, and surely so.
            ([28.0, 32.0], Extent::Whole),
            ([10.0, 100.0], Extent::Whole),
            ([10.0, 100.1], Extent::From),
            ([0.0, f64::INFINITY], Extent::Nothing),
            ([f64::NAN, f64::NAN], Extent::Nothing),
        ] {
            assert_eq!(of_ratio(interval), told, "{interval:?}");
        }
        assert_eq!(of_improvement([-900.0, 100.0]), Extent::Whole);
        assert_eq!(of_improvement([-900.1, 90.0]), Extent::From);
        assert_eq!(of_improvement([-900.1, 90.1]), Extent::Nothing);
        assert_eq!(of_power([-3.0, 3.3]), Extent::Whole);
        assert_eq!(of_power([0.5, 4.0]), Extent::From);
        assert_eq!(of_power([-3.4, 3.4]), Extent::Nothing);
    }

    #[test]
    fn no_absurd_number_stands_in_a_clause_or_a_cell() {
        for (interval, turned, said) in [
            ([-3.2, 12.4], false, ", 95 % interval -3 to 12 %"),
            ([-3.2, 12.4], true, ", 95 % interval -12 to 3 %"),
            ([-0.2, 900.0], false, ", 95 % interval 0 to 900 %"),
            (
                [-2_060_476_029.0, 100.0],
                false,
                ", but the runs scatter so much that any from a tenth of the time to 10 times it \
                 may be true",
            ),
            (
                [-2_060_476_029.0, 50.0],
                true,
                ", 95 % interval 50 % less to over 10 times as long",
            ),
            (
                [-2_060_476_029.0, -5.0],
                true,
                ", 95 % interval 5 % more to over 10 times as long",
            ),
            ([-3100.0, -2700.0], true, ", 95 % interval 2700 to 3100 %"),
        ] {
            assert_eq!(clause(interval, turned, 0), said);
        }
        assert_eq!(
            clause([-0.04, 1.25], false, 1),
            ", 95 % interval 0.0 to 1.2 %"
        );
        assert_eq!(cell([-900.0, 12.0]), "-900.0 to 12.0 %");
        assert_eq!(cell([-900.1, 12.0]), "below -900 to 12.0 %");
        assert_eq!(cell([-2e9, 100.0]), "below -900 to 100.0 %");
        assert_eq!(
            (most(1000.0), most(1000.1)),
            ("1000.0 %".to_owned(), "over 1,000 %".to_owned())
        );
    }
}
