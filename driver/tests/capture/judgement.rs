//! The judge of captured logs, on both sides of each of its rules.

use crate::judge::{Begin, Found, hold};
use bundle::Gap;
use chrono::{DateTime, Utc};

/// A log whose lines came at these seconds.
fn log(seconds: &[u32]) -> String {
    let line = |second: &u32| format!("2026-11-24T11:00:{second:02}.5Z said at {second}\n");
    seconds.iter().map(line).collect()
}

fn time(second: u32) -> DateTime<Utc> {
    format!("2026-11-24T11:00:{second:02}.5Z").parse().unwrap()
}

fn gap((from, to): (u32, Option<u32>)) -> Gap {
    Gap {
        from: time(from),
        to: to.map(time),
        reason: "rotated".to_owned(),
    }
}

fn judged(
    own: &[u32],
    captured: &[u32],
    gaps: &[(u32, Option<u32>)],
    begin: Begin,
) -> Result<Found, String> {
    let gaps: Vec<Gap> = gaps.iter().copied().map(gap).collect();
    hold(&log(own), &log(captured), &gaps, begin)
}

#[test]
fn what_is_missing_must_lie_in_its_own_gap() {
    let own = [1, 2, 3, 4, 5, 6];
    for (captured, gaps, missing) in [
        (&own[..], &[][..], Some(0)),
        // In the middle.
        (&[1, 2, 5, 6], &[(2, Some(5))], Some(2)),
        (&[1, 2, 5, 6], &[], None),
        (&[1, 2, 5, 6], &[(1, Some(2))], None),
        (&[1, 2, 5, 6], &[(5, Some(6))], None),
        (&[1, 2, 5, 6], &[(2, None)], None),
        (&[1, 2, 5, 6], &[(2, Some(4))], None),
        // Two, of which one has no gap.
        (&[1, 3, 4, 6], &[(1, Some(3)), (4, Some(6))], Some(2)),
        (&[1, 3, 4, 6], &[(1, Some(3))], None),
        (&[1, 3, 4, 6], &[(4, Some(6))], None),
        // At the end.
        (&[1, 2, 3, 4], &[(4, None)], Some(2)),
        (&[1, 2, 3, 4], &[], None),
        (&[1, 2, 3, 4], &[(4, Some(6))], None),
        (&[1, 2, 3, 4], &[(2, None)], None),
        // At the beginning: the gap begins with the container.
        (&[3, 4, 5, 6], &[(0, Some(3))], Some(2)),
        (&[3, 4, 5, 6], &[], None),
        (&[3, 4, 5, 6], &[(3, Some(4))], None),
        // All of it.
        (&[], &[(0, None)], Some(6)),
        (&[], &[], None),
    ] {
        let found = judged(&own, captured, gaps, Begin::Whole);
        let all = found.as_ref().map(|found| found.taken + found.missing);
        assert!(all.is_err() || all == Ok(own.len()), "{found:?}");
        let found = found.map(|found| found.missing);
        assert_eq!(
            found.clone().ok(),
            missing,
            "{captured:?} {gaps:?}: {found:?}"
        );
    }
}

/// By time, line 20 would lie within the gap that stands for line 40.
#[test]
fn a_clock_that_was_set_tells_nothing() {
    let own = [10, 30, 20, 11, 40, 50];
    let gaps = [(11, Some(50))];
    let found = judged(&own, &[10, 30, 20, 11, 50], &gaps, Begin::Whole);
    assert_eq!(found.unwrap().missing, 1);
    assert!(judged(&own, &[10, 30, 11, 50], &gaps, Begin::Whole).is_err());
}

#[test]
fn a_line_too_many_or_out_of_order_is_told() {
    for captured in [&[1, 2, 2, 3][..], &[2, 1, 3], &[1, 2, 3, 4], &[1, 9, 2, 3]] {
        let gaps = [(1, Some(2)), (1, None), (2, None), (3, None)];
        let found = judged(&[1, 2, 3], captured, &gaps, Begin::Whole);
        assert!(found.unwrap_err().contains("is not what the node said"));
    }
}

#[test]
fn what_was_said_before_is_not_wanted_and_all_after_it_is() {
    let own = [1, 2, 3, 4];
    let after = Begin::After(time(2));
    for (captured, begin, missing) in [
        (&[3, 4][..], after, Some(0)),
        (&[4], after, None),
        (&[], after, None),
        (&[3, 4], Begin::Whole, None),
        (&[3, 4], Begin::Taken, Some(0)),
        (&[3], Begin::Taken, None),
        (&[], Begin::Taken, Some(0)),
    ] {
        let found = judged(&own, captured, &[], begin);
        assert_eq!(
            found.ok().map(|found| found.missing),
            missing,
            "{captured:?}"
        );
    }
}
