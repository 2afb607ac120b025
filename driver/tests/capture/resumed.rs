//! A capture that was killed and is gone on with.

use bundle::Bundle;

use super::{MS, Run, assert_whole, captured, seconds};
use crate::kubelet::Kubelet;

#[tokio::test(start_paused = true)]
async fn a_capture_that_was_killed_is_gone_on_with() {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, place.path()).await;
    kubelet.write(30, MS);
    seconds(15).await;
    // Killed: nothing is finished; a half-written line stays behind.
    drop(run);
    kubelet.cut(false);
    seconds(1).await;
    let log = place.path().join("nodes/node-a/kube-proxy.0.log");
    let mut text = std::fs::read(&log).unwrap();
    text.truncate(text.len() - 10);
    std::fs::write(&log, text).unwrap();

    kubelet.write(30, MS);
    let run = Run::begin(&kubelet, place.path()).await;
    seconds(15).await;
    kubelet.write(30, MS);
    let reasons = run.end().await;
    assert_whole(&reasons, &kubelet, place.path());
    assert_eq!(
        Bundle::open(place.path()).unwrap().manifest.capture.len(),
        1
    );
}

/// A capture that is killed, after which `meanwhile` happens, and which is then gone on with.
async fn killed(meanwhile: impl FnOnce(&Kubelet)) -> (Vec<String>, Kubelet, tempfile::TempDir) {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, place.path()).await;
    kubelet.write(30, MS);
    seconds(15).await;
    drop(run);
    kubelet.cut(false);
    seconds(1).await;
    meanwhile(&kubelet);
    let run = Run::begin(&kubelet, place.path()).await;
    seconds(15).await;
    kubelet.write(30, MS);
    let reasons = run.end().await;
    (reasons, kubelet, place)
}

#[tokio::test(start_paused = true)]
async fn a_container_that_began_while_no_process_was_there_is_taken_from_its_first_line() {
    let (reasons, kubelet, place) = killed(|kubelet| {
        kubelet.write(5, MS);
        kubelet.restart(true);
        kubelet.write(20, MS);
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
    assert_eq!(captured(place.path(), 1).lines().count(), 50);
}

#[tokio::test(start_paused = true)]
async fn of_restarts_while_no_process_was_there_what_is_lost_is_said() {
    let (reasons, kubelet, place) = killed(|kubelet| {
        for _ in 0..3 {
            kubelet.restart(true);
            kubelet.write(20, MS);
        }
    })
    .await;
    let said = reasons.join("; ");
    assert!(said.contains("kube-proxy.0.log"), "{said}");
    assert!(
        said.contains("the logs of restarts 1 to 1 were gone"),
        "{said}"
    );
    assert_eq!(reasons.len(), 2, "{said}");
    // The last two are served, and whole.
    let containers = kubelet.state().containers.clone();
    for (instance, restart) in [(1, 2), (2, 3)] {
        assert_eq!(
            captured(place.path(), instance),
            containers[restart].truth()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_was_replaced_while_no_process_was_there_is_whole_and_the_old_ones_end_a_gap() {
    let (reasons, kubelet, place) = killed(|kubelet| {
        kubelet.restart(false);
        let mut state = kubelet.state();
        state.uid = "uid-1".to_owned();
        state.previous_is_served = false;
        // The new pod's first container: its count begins anew.
        state.containers.remove(0);
        drop(state);
        kubelet.write(20, MS);
    })
    .await;
    let said = reasons.join("; ");
    assert_eq!(reasons.len(), 1, "{said}");
    assert!(
        said.contains("the pod was gone before its log was read"),
        "{said}"
    );
    assert_eq!(
        captured(place.path(), 1),
        kubelet.state().containers[0].truth()
    );
    assert_eq!(captured(place.path(), 0).lines().count(), 30);
}

/// What ended before the kill was read to its end then: nobody asks for it again, or misses it when the
/// node has it no more.
#[tokio::test(start_paused = true)]
async fn a_container_that_had_ended_before_is_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, place.path()).await;
    kubelet.write(30, MS);
    seconds(15).await;
    kubelet.restart(true);
    kubelet.write(30, MS);
    seconds(15).await;
    drop(run);
    kubelet.cut(false);
    seconds(1).await;
    kubelet.restart(true);
    kubelet.write(30, MS);
    let run = Run::begin(&kubelet, place.path()).await;
    seconds(15).await;
    let reasons = run.end().await;
    assert_whole(&reasons, &kubelet, place.path());
}
