//! An API server that is away, frozen, or no longer lets us in.

use std::time::Duration;

use super::{MS, Run, assert_whole, capture, captured, gaps, seconds};
use crate::kubelet::Kubelet;

#[tokio::test(start_paused = true)]
async fn who_is_told_to_stop_does_not_wait_for_a_frozen_server() {
    for frozen in [false, true] {
        let place = tempfile::tempdir().unwrap();
        let kubelet = Kubelet::new();
        let run = Run::begin(&kubelet, place.path()).await;
        kubelet.write(50, MS);
        seconds(3).await;
        kubelet.state().frozen = frozen;
        kubelet.stall(frozen);
        run.stop.cancel();
        let began = tokio::time::Instant::now();
        let reasons = run.end().await;
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "{:?}",
            began.elapsed()
        );
        if frozen {
            let said = reasons.join("; ");
            assert!(said.contains("the last lines were not taken"), "{said}");
            assert_eq!(captured(place.path(), 0).lines().count(), 50);
        } else {
            assert_whole(&reasons, &kubelet, place.path());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_api_server_that_is_away_loses_nothing() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        kubelet.go_down();
        for _ in 0..30 {
            kubelet.write(10, Duration::from_millis(90));
            seconds(1).await;
        }
        kubelet.come_back();
        seconds(30).await;
        kubelet.write(10, MS);
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_costs_what_comes_after_and_that_is_said() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.state().unauthorized = true;
        kubelet.cut(false);
        kubelet.write(10, MS);
        seconds(120).await;
    })
    .await;
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert!(reasons[0].contains("401"), "{reasons:?}");
    let container = kubelet.state().containers[0].clone();
    let text = captured(place.path(), 0);
    assert_eq!(text.lines().count(), 55);
    assert!(container.truth().starts_with(&text));
    let gap = &gaps(place.path(), 0)[0];
    assert_eq!((gap.from, gap.to), (container.lines[54].0, None));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_renewed_in_time_costs_nothing() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.state().unauthorized = true;
        kubelet.cut(false);
        kubelet.write(10, MS);
        seconds(60).await;
        kubelet.state().unauthorized = false;
        seconds(30).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn lines_rotated_away_during_an_outage_are_a_gap_with_bounds() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.go_down();
        kubelet.write(10, MS);
        kubelet.rotate();
        kubelet.write(10, MS);
        kubelet.come_back();
        seconds(60).await;
        kubelet.write(10, MS);
    })
    .await;
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    let container = kubelet.state().containers[0].clone();
    let lost = 55..65;
    let kept = |at: &usize| !lost.contains(at);
    let expected: String = (0..container.lines.len())
        .filter(kept)
        .map(|at| format!("{}\n", container.lines[at].1))
        .collect();
    assert_eq!(captured(place.path(), 0), expected);
    let gaps = gaps(place.path(), 0);
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].from, container.lines[lost.start - 1].0);
    assert_eq!(gaps[0].to, Some(container.lines[lost.end].0));
}
