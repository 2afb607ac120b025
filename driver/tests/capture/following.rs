//! A log that is followed: equal lines, streams that end or stall.

use std::time::Duration;

use super::{AT_ONCE, MS, Run, assert_whole, capture, seconds};
use crate::kubelet::Kubelet;

#[tokio::test(start_paused = true)]
async fn lines_that_share_a_time_stamp_are_all_kept() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        for _ in 0..20 {
            kubelet.write(7, AT_ONCE);
            seconds(1).await;
            kubelet.cut(true);
        }
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn clean_ends_of_the_stream_after_long_silences_lose_nothing() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        for _ in 0..5 {
            seconds(960).await;
            kubelet.cut(true);
            kubelet.write(30, MS);
        }
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

/// It is one follow that brings lines: not the look beside it every ten seconds, which leaves it alone.
#[tokio::test(start_paused = true)]
async fn a_line_is_there_at_once() {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, place.path()).await;
    seconds(15).await;
    for n in 1..=30 {
        kubelet.write(1, MS);
        seconds(1).await;
        assert_eq!(run.board.lines(), n, "after {n} s");
    }
    assert_eq!(kubelet.state().follows, 1);
    // Looks read the last lines; all of it was asked for while no line was known.
    let asked = kubelet.state().asked.clone();
    assert!(asked.len() >= 5, "{asked:?}");
    let whole = asked
        .iter()
        .filter(|asked| !asked.contains("tailLines=200"));
    assert_eq!(whole.count(), 1, "{asked:?}");
    assert_whole(&run.end().await, &kubelet, place.path());
}

/// A stream that ends after a while is begun again at once; one that ends as soon as it is begun is asked
/// for ever more rarely, so that no server is besieged.
#[tokio::test(start_paused = true)]
async fn a_follow_is_begun_again_at_once_or_ever_later() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(15).await;
        for _ in 0..6 {
            let before = kubelet.state().follows;
            kubelet.cut(true);
            seconds(1).await;
            assert!(kubelet.state().follows > before);
            seconds(14).await;
        }
        let before = kubelet.state().follows;
        for _ in 0..600 {
            kubelet.cut(true);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // 0.2, 0.4, 0.8, 1.6, 3.2, and then every 5 s.
        let asked = kubelet.state().follows - before;
        assert!((12..=18).contains(&asked), "{asked} times in a minute");
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn a_follow_that_stalls_silently_is_noticed_and_started_again() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        let before = kubelet.state().follows;
        kubelet.stall(true);
        kubelet.write(20, MS);
        seconds(30).await;
        assert!(
            kubelet.state().follows > before,
            "the follow was not started again"
        );
        kubelet.stall(false);
        kubelet.write(20, MS);
        seconds(5).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn lines_are_live_while_the_follow_stalls() {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, place.path()).await;
    seconds(3).await;
    kubelet.stall(true);
    kubelet.write(20, MS);
    seconds(20).await;
    assert_eq!(run.board.nodes()["node-a"].lines, 20);
    assert_eq!(run.end().await, [""; 0]);
}

/// A log that grew by more than a reading by position brings, and one that goes on doing so.
#[tokio::test(start_paused = true)]
async fn more_lines_than_the_last_ones_are_caught_up_with() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        for lines in [199, 200, 201, 5_000] {
            kubelet.go_down();
            kubelet.write(lines, MS);
            seconds(8).await;
            kubelet.come_back();
            seconds(30).await;
            for _ in 0..20 {
                kubelet.cut(true);
                kubelet.write(300, MS);
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

/// As many lines as a reading by position brings, and one fewer and more, and then silence: they are
/// there before a look could have found them.
#[tokio::test(start_paused = true)]
async fn lines_of_an_outage_are_caught_up_with_at_once() {
    for count in [199, 200, 201, 1000] {
        let place = tempfile::tempdir().unwrap();
        let kubelet = Kubelet::new();
        let run = Run::begin(&kubelet, place.path()).await;
        kubelet.write(300, MS);
        // Just after a look.
        seconds(15).await;
        let before = kubelet.state().asked.len();
        while kubelet.state().asked.len() == before {
            seconds(1).await;
        }
        seconds(4).await;
        let before = kubelet.state().asked.len();
        kubelet.go_down();
        kubelet.write(count, MS);
        seconds(1).await;
        kubelet.come_back();
        seconds(3).await;
        assert_eq!(run.board.lines(), 300 + count as u64);
        // All of a log is read once, to its end, where its last lines do not tell.
        let asked = kubelet.state().asked[before..].to_vec();
        let (whole, last): (Vec<_>, Vec<_>) = asked
            .iter()
            .partition(|asked| !asked.contains("tailLines=200"));
        assert_eq!(whole.len(), usize::from(count >= 200), "{asked:?}");
        assert!(whole.iter().all(|asked| !asked.contains("follow=true")));
        assert!(last.iter().all(|asked| asked.contains("follow=true")));
        assert_whole(&run.end().await, &kubelet, place.path());
    }
}

/// At a capture's end a thousand kubelets are asked for their last lines, and not for whole logs.
#[tokio::test(start_paused = true)]
async fn at_the_end_the_last_lines_are_asked_for() {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, place.path()).await;
    kubelet.write(5000, MS);
    seconds(15).await;
    let before = kubelet.state().asked.len();
    assert_whole(&run.end().await, &kubelet, place.path());
    let asked = kubelet.state().asked[before..].to_vec();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("tailLines=200"), "{asked:?}");
}
