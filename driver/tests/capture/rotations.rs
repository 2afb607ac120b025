//! Logs that are rotated, under a follow or unread.

use std::time::Duration;

use bundle::Bundle;

use super::{MS, assert_whole, capture, captured, gaps, seconds};
use crate::judge::{Begin, hold};
use crate::kubelet::Kubelet;

#[tokio::test(start_paused = true)]
async fn a_rotation_under_a_live_follow_is_no_gap() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        for _ in 0..5 {
            seconds(1).await;
            kubelet.rotate();
            kubelet.write(40, MS);
            seconds(20).await;
        }
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn an_end_that_was_rotated_away_unseen_is_a_gap() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.go_down();
        kubelet.write(10, MS);
        kubelet.rotate();
        seconds(5).await;
        kubelet.come_back();
        seconds(30).await;
    })
    .await;
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    let gap = &gaps(place.path(), 0)[0];
    assert_eq!(gap.from, kubelet.state().containers[0].lines[54].0);
    assert_eq!(gap.to, None);
}

#[tokio::test(start_paused = true)]
async fn a_follow_that_stalls_at_a_rotation_is_whole_or_a_gap() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.stall(true);
        kubelet.write(10, MS);
        kubelet.rotate();
        kubelet.write(10, MS);
        seconds(60).await;
        kubelet.stall(false);
        kubelet.write(10, MS);
        seconds(5).await;
    })
    .await;
    let container = kubelet.state().containers[0].clone();
    let gaps = gaps(place.path(), 0);
    assert_eq!((reasons.len(), gaps.len()), (1, 1), "{reasons:?}");
    assert_eq!(gaps[0].from, container.lines[54].0);
    assert_eq!(gaps[0].to, Some(container.lines[65].0));
}

/// Whoever reads it first: the follow waits until it can know whose log it is, and looks go on.
#[tokio::test(start_paused = true)]
async fn a_beginning_that_was_rotated_away_unread_is_a_gap() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(1).await;
        kubelet.go_down();
        kubelet.restart(true);
        kubelet.write(20, MS);
        kubelet.set_clock(8);
        kubelet.rotate();
        kubelet.write(5, MS);
        seconds(8).await;
        kubelet.come_back();
        seconds(90).await;
    })
    .await;
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    let own = kubelet.state().containers[1].truth();
    let gaps = gaps(place.path(), 1);
    assert_eq!(gaps.len(), 1);
    let found = hold(&own, &captured(place.path(), 1), &gaps, Begin::Whole).unwrap();
    assert_eq!((found.taken, found.missing), (5, 20));
}

/// What a rotation took with it is a gap, and what was written after it is taken, whatever the node's
/// clock was set to meanwhile; and if the pod goes before it can be read, that is said.
#[tokio::test(start_paused = true)]
async fn after_a_rotation_lines_are_taken_whatever_the_clock_was_set_to() {
    for (back, gone) in [(0, false), (30, false), (7_200, false), (7_200, true)] {
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            kubelet.write(5, Duration::from_secs(1));
            seconds(20).await;
            kubelet.go_down();
            kubelet.set_clock(-back);
            kubelet.write(14, MS);
            kubelet.rotate();
            kubelet.write(6, MS);
            kubelet.come_back();
            // Less than the time in which it is found out whose log this is.
            seconds(if gone { 8 } else { 90 }).await;
            kubelet.hide_pod(gone);
            kubelet.write(if gone { 0 } else { 3 }, Duration::from_secs(1));
            seconds(60).await;
        })
        .await;
        let case = format!("{back} s back, gone: {gone}; {reasons:?}");
        let entry = &Bundle::open(place.path()).unwrap().manifest.capture[0];
        let own = kubelet.state().containers[0].truth();
        let text = captured(place.path(), 0);
        let found = hold(&own, &text, &entry.gaps, Begin::Whole);
        let found = found.unwrap_or_else(|problem| panic!("{case}: {problem}"));
        assert_eq!(entry.gaps.len(), 1, "{case}");
        assert_eq!(reasons.len(), 1, "{case}");
        let expected = if gone { (60, 20) } else { (69, 14) };
        assert_eq!((found.taken, found.missing), expected, "{case}");
    }
}

/// A reading of all of a log that ends early, cleanly, does not tell that lines were rotated away.
#[tokio::test(start_paused = true)]
async fn a_log_that_is_served_in_part_is_no_rotation() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        // So that its first lines are no longer remembered.
        kubelet.write(1000, Duration::from_secs(1));
        seconds(5).await;
        kubelet.go_down();
        kubelet.write(500, MS);
        kubelet.state().short = Some(100);
        kubelet.come_back();
        seconds(60).await;
        kubelet.state().short = None;
        seconds(60).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}
