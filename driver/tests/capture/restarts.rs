//! Containers and pods that are replaced.

use bundle::Bundle;

use super::{MS, assert_whole, capture, captured, gaps, seconds};
use crate::judge::{Begin, hold};
use crate::kubelet::Kubelet;

#[tokio::test(start_paused = true)]
async fn a_restart_keeps_the_last_words_of_the_old_container() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        // What the follow did not deliver before the end is only in the previous log.
        kubelet.stall(true);
        kubelet.write(10, MS);
        kubelet.restart(true);
        kubelet.write(10, MS);
        seconds(10).await;
        kubelet.stall(false);
        kubelet.write(10, MS);
        seconds(60).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

/// Also where the API server hears of it so late that it was asked whose log it is before.
#[tokio::test(start_paused = true)]
async fn logs_of_two_containers_are_never_mixed_while_the_status_lags() {
    for lag in [8, 30] {
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            kubelet.restart(false);
            kubelet.write(25, MS);
            seconds(lag).await;
            kubelet.status_catches_up();
            seconds(60).await;
            kubelet.write(5, MS);
        })
        .await;
        assert_whole(&reasons, &kubelet, place.path());
    }
}

/// What is served as the previous log is the successor's, as soon as that one is replaced too: its
/// lines are never taken for the log's own, however late the API server hears of it.
#[tokio::test(start_paused = true)]
async fn a_successors_log_is_never_taken_for_its_predecessors_end() {
    for lag in [0, 5, 11] {
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            seconds(5).await;
            // The last words of the first are never delivered.
            kubelet.stall(true);
            kubelet.write(3, MS);
            kubelet.state().silent = true;
            kubelet.cut(false);
            kubelet.restart(true);
            kubelet.write(10, MS);
            // A request that hangs is given up after half a minute; the next one is answered.
            seconds(28).await;
            kubelet.set_clock(28);
            kubelet.restart(lag == 0);
            kubelet.write(10, MS);
            kubelet.stall(false);
            kubelet.state().silent = false;
            seconds(lag).await;
            kubelet.status_catches_up();
            seconds(120).await;
        })
        .await;
        let containers = kubelet.state().containers.clone();
        let entries = Bundle::open(place.path()).unwrap().manifest.capture;
        assert!(!reasons.is_empty(), "{lag} s: what is lost is said");
        for (instance, entry) in entries.iter().enumerate() {
            let own = &containers[entry.restart.unwrap() as usize];
            let text = captured(place.path(), u32::try_from(instance).unwrap());
            hold(&own.truth(), &text, &entry.gaps, Begin::Whole)
                .unwrap_or_else(|problem| panic!("{lag} s, {}: {problem}", entry.file));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_during_an_outage_is_found_afterwards() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        kubelet.go_down();
        kubelet.write(10, MS);
        kubelet.restart(true);
        kubelet.write(10, MS);
        seconds(30).await;
        kubelet.come_back();
        seconds(60).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

/// The end of a container's log is asked for during a minute, and for no longer.
#[tokio::test(start_paused = true)]
async fn the_end_of_a_log_is_asked_for_again_during_a_minute() {
    for (away, whole) in [(45, true), (120, false)] {
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            seconds(5).await;
            kubelet.stall(true);
            kubelet.write(10, MS);
            kubelet.state().previous_is_served = false;
            kubelet.restart(true);
            seconds(away).await;
            kubelet.state().previous_is_served = true;
            kubelet.stall(false);
            seconds(60).await;
        })
        .await;
        assert_eq!(reasons.is_empty(), whole, "{away} s away: {reasons:?}");
        if whole {
            assert_whole(&reasons, &kubelet, place.path());
        } else {
            assert!(reasons[0].contains("could not be read"), "{reasons:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_previous_log_that_is_not_served_is_a_gap() {
    let (reasons, _, place) = capture(async |kubelet: &Kubelet| {
        kubelet.state().previous_is_served = false;
        kubelet.restart(true);
        kubelet.write(10, MS);
        seconds(120).await;
    })
    .await;
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    let gaps = gaps(place.path(), 0);
    assert_eq!(gaps[0].to, None);
    assert!(
        gaps[0].reason.contains("previous terminated container"),
        "{}",
        gaps[0].reason
    );
}

#[tokio::test(start_paused = true)]
async fn restarts_between_two_listings_are_lost_but_for_the_last_two() {
    for (restarts, taken) in [(2, &[0, 1, 2][..]), (3, &[0, 2, 3])] {
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            seconds(1).await;
            kubelet.go_down();
            for _ in 0..restarts {
                kubelet.restart(true);
                kubelet.write(10, MS);
            }
            kubelet.come_back();
            seconds(90).await;
        })
        .await;
        let said = reasons.join("; ");
        assert_eq!(said.contains("restarts 1 to 1"), restarts == 3, "{said}");
        assert_eq!(said.contains("before they could be read"), restarts == 3);
        let containers = kubelet.state().containers.clone();
        let last = Bundle::open(place.path()).unwrap().manifest.capture;
        let found: Vec<u32> = last.iter().filter_map(|entry| entry.restart).collect();
        assert_eq!(found, taken);
        for instance in [1, 2] {
            let restart = taken[instance as usize] as usize;
            assert_eq!(
                captured(place.path(), instance),
                containers[restart].truth()
            );
        }
    }
}

/// A pod that is first seen when its container was restarted already.
#[tokio::test(start_paused = true)]
async fn of_a_new_pod_the_container_before_is_taken_too() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.go_down();
        kubelet.restart(true);
        {
            let mut state = kubelet.state();
            state.uid = "uid-1".to_owned();
            // The new pod's first container: its count begins anew.
            state.containers.remove(0);
        }
        kubelet.write(10, MS);
        kubelet.restart(true);
        kubelet.write(10, MS);
        kubelet.come_back();
        seconds(90).await;
    })
    .await;
    // Of the old pod nobody can tell whether its end was read.
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    for (instance, container) in kubelet.state().containers.iter().enumerate() {
        let instance = u32::try_from(instance).unwrap() + 1;
        assert_eq!(captured(place.path(), instance), container.truth());
    }
}

#[tokio::test(start_paused = true)]
async fn a_replaced_pod_is_a_new_instance() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.restart(true);
        {
            let mut state = kubelet.state();
            state.uid = "uid-1".to_owned();
            state.status_restart = 0;
            // The first container that the server tells of is the new pod's.
            state.containers[0].started = state.containers[1].started;
        }
        kubelet.write(10, MS);
        seconds(30).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

/// After an outage the API server knows of the restart and the kubelet still serves, for a while,
/// the predecessor's log, rotated since.
#[tokio::test(start_paused = true)]
async fn a_predecessors_log_is_never_taken_for_the_new_ones() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        kubelet.restart(true);
        kubelet.state().serves_old = true;
        kubelet.write(10, MS);
        seconds(20).await;
        kubelet.state().serves_old = false;
        seconds(60).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

/// A pod that is out of sight for a moment is followed on; one that stays away is gone, and its log
/// with it, without a gap since the follow had come to its end.
#[tokio::test(start_paused = true)]
async fn a_pod_that_is_out_of_sight_for_a_moment_is_not_gone() {
    for (away, gone) in [(3, false), (8, true)] {
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            seconds(5).await;
            kubelet.hide_pod(true);
            seconds(away).await;
            kubelet.hide_pod(false);
            seconds(30).await;
            kubelet.write(10, MS);
            seconds(5).await;
        })
        .await;
        assert_eq!(reasons, [""; 0], "{away} s");
        // Gone and back, it is an instance of its own.
        let files = std::fs::read_dir(place.path().join("nodes/node-a")).unwrap();
        assert_eq!(files.count(), if gone { 2 } else { 1 }, "{away} s");
        if !gone {
            assert_whole(&reasons, &kubelet, place.path());
        }
    }
}
