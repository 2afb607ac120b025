//! Nodes whose clocks are wrong, drift or are set.

use std::time::Duration;

use bundle::Bundle;

use super::{MS, Run, assert_whole, capture, captured, seconds};
use crate::kubelet::Kubelet;

/// A kubelet leaves out what is stamped before the time that it is asked for, and the look beside the
/// follow comes every ten seconds: the last words of a container whose node's clock has just been set
/// back are in neither.
#[tokio::test(start_paused = true)]
async fn last_words_after_a_clock_was_set_back_are_kept() {
    for step in [-59, -61, -3160] {
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            seconds(15).await;
            kubelet.cut(true);
            seconds(3).await;
            kubelet.set_clock(step);
            kubelet.write(2, MS);
            kubelet.restart(true);
            kubelet.write(5, MS);
            seconds(60).await;
        })
        .await;
        assert_eq!(reasons, [""; 0], "{step} s");
        assert_whole(&reasons, &kubelet, place.path());
    }
}

/// What a kubelet leaves out, at the capture's own end.
#[tokio::test(start_paused = true)]
async fn the_end_of_a_log_is_read_whatever_the_clock_was_set_to() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(15).await;
        kubelet.cut(true);
        seconds(3).await;
        kubelet.set_clock(-3160);
        kubelet.write(2, MS);
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

/// A capture of a kubelet whose clock is `ahead` seconds ahead of ours, as it stands when the run
/// begins: by the lines, not by any clock, the log is taken from there on.
#[tokio::test(start_paused = true)]
async fn whatever_the_clocks_say_the_log_is_taken_from_where_it_stood() {
    for ahead in [0, 90, -90, 3600, -3600, 11, -11] {
        let place = tempfile::tempdir().unwrap();
        let kubelet = Kubelet::new();
        kubelet.set_clock(ahead);
        kubelet.write(300, MS);
        let run = Run::begin(&kubelet, place.path()).await;
        seconds(1).await;
        for _ in 0..20 {
            kubelet.write(7, Duration::from_millis(10));
            seconds(1).await;
            kubelet.cut(ahead % 2 == 0);
        }
        assert_eq!(run.end().await, [""; 0], "{ahead} s ahead");
        let lines = kubelet.state().containers[0].lines[300..].to_vec();
        let after: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
        assert_eq!(captured(place.path(), 0), after, "{ahead} s ahead");
        let manifest = Bundle::open(place.path()).unwrap().manifest;
        assert!(manifest.nodes[0].clock.is_some());
    }
}

/// A kubelet that answers only after the run has begun: what its node said since is taken, what it
/// said before is not, and a reading that begins earlier than the run is no gap.
#[tokio::test(start_paused = true)]
async fn a_kubelet_that_answers_late_has_its_log_taken_from_the_runs_start() {
    for silent in [5, 20, 50] {
        let place = tempfile::tempdir().unwrap();
        let kubelet = Kubelet::new();
        kubelet.set_clock(-40);
        kubelet.write(300, MS);
        kubelet.set_clock(40);
        kubelet.state().silent = true;
        let run = Run::begin(&kubelet, place.path()).await;
        kubelet.write(7, MS);
        seconds(silent).await;
        kubelet.write(7, MS);
        kubelet.state().silent = false;
        seconds(20).await;
        kubelet.write(7, MS);
        seconds(5).await;
        assert_eq!(run.end().await, [""; 0], "silent for {silent} s");
        let lines = kubelet.state().containers[0].lines[300..].to_vec();
        let after: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
        assert_eq!(captured(place.path(), 0), after, "silent for {silent} s");
    }
}

/// The same of a kubelet whose follows deliver nothing: the look beside them does not know either where
/// the log stood.
#[tokio::test(start_paused = true)]
async fn a_look_takes_nothing_from_before_the_start() {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    kubelet.set_clock(-40);
    kubelet.write(100, MS);
    kubelet.set_clock(40);
    kubelet.state().silent = true;
    let run = Run::begin(&kubelet, place.path()).await;
    seconds(20).await;
    kubelet.stall(true);
    kubelet.state().silent = false;
    seconds(60).await;
    assert_eq!(captured(place.path(), 0), "");
    kubelet.write(7, MS);
    seconds(30).await;
    assert_eq!(captured(place.path(), 0).lines().count(), 7);
    drop(run);
}

/// A clock that gains or loses 1 %, for an hour of the run: byte for byte, and the manifest tells how
/// far it had come.
#[tokio::test(start_paused = true)]
async fn a_clock_that_drifts_costs_nothing_and_is_told() {
    for percent in [1, -1] {
        let place = tempfile::tempdir().unwrap();
        let kubelet = Kubelet::new();
        kubelet.write(300, MS);
        let run = Run::begin(&kubelet, place.path()).await;
        seconds(1).await;
        for round in 0..360 {
            // Ten seconds of ours are that many of the node's.
            kubelet.set_clock_by(chrono::TimeDelta::milliseconds(10_000 + 100 * percent - 70));
            kubelet.write(7, Duration::from_millis(10));
            seconds(10).await;
            if round % 7 == 0 {
                kubelet.cut(round % 2 == 0);
            }
        }
        assert_eq!(run.end().await, [""; 0], "{percent} %");
        let lines = kubelet.state().containers[0].lines[300..].to_vec();
        let after: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
        assert_eq!(captured(place.path(), 0), after, "{percent} %");
    }
}

/// The node's clock is set in mid-run, with the follow cut or not.
#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_in_the_run_costs_nothing() {
    for step in [90, -50, -3600, 3600] {
        for cut in [false, true] {
            let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
                seconds(5).await;
                kubelet.set_clock(step);
                kubelet.write(5, MS);
                if cut {
                    kubelet.cut(true);
                }
                seconds(30).await;
                kubelet.write(5, MS);
                seconds(15).await;
            })
            .await;
            assert_eq!(reasons, [""; 0], "{step} s, cut: {cut}");
            assert_whole(&reasons, &kubelet, place.path());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_without_a_line_is_never_complete() {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    kubelet.write(5, MS);
    let run = Run::begin(&kubelet, place.path()).await;
    seconds(30).await;
    let reasons = run.end().await;
    assert_eq!(reasons, ["node-a: not one line of its log was captured"]);
}

/// More lines than the last ones that are asked for, written in an outage and stamped before the last
/// one that was taken: the clock had been ahead and was set back.
#[tokio::test(start_paused = true)]
async fn more_lines_than_the_last_ones_are_caught_up_with_whatever_they_are_stamped() {
    for (back, lines) in [(0, 300), (3_600, 190), (3_600, 300), (3_600, 2_000)] {
        for restarts in [false, true] {
            let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
                kubelet.set_clock(back);
                kubelet.write(5, Duration::from_secs(1));
                seconds(20).await;
                kubelet.go_down();
                kubelet.set_clock(-back);
                kubelet.write(lines, MS);
                if restarts {
                    kubelet.restart(true);
                }
                kubelet.come_back();
                seconds(60).await;
                kubelet.write(3, Duration::from_secs(1));
                seconds(60).await;
            })
            .await;
            let case = format!("{back} s back, {lines} lines, restarts: {restarts}");
            println!("{case}");
            assert_whole(&reasons, &kubelet, place.path());
        }
    }
}
