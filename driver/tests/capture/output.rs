//! The output goes away under a run.

use std::time::Duration;

use super::{MS, Run, assert_whole, seconds};
use crate::kubelet::Kubelet;

#[tokio::test(start_paused = true)]
async fn an_output_that_is_removed_is_noticed_within_five_seconds() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bundle");
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, &path).await;
    kubelet.write(50, MS);
    seconds(30).await;
    assert!(!run.stop.is_cancelled());
    std::fs::remove_dir_all(&path).unwrap();
    let noticed = tokio::time::timeout(Duration::from_secs(5), run.stop.cancelled());
    noticed.await.unwrap();
    let error = run.capture.finish().await.unwrap_err().error.to_string();
    assert!(
        error.contains("was removed while it was written"),
        "{error}"
    );
}

/// With a second place the run goes on, and not a line is missing, whichever of the two is removed.
#[tokio::test(start_paused = true)]
async fn what_is_kept_in_two_places_outlives_the_loss_of_one() {
    for lost in [0, 1] {
        let place = tempfile::tempdir().unwrap();
        let both = [place.path().join("out"), place.path().join("second")];
        let kubelet = Kubelet::new();
        let run = Run::begin_in(&kubelet, &both).await;
        kubelet.write(50, MS);
        seconds(30).await;
        std::fs::remove_dir_all(&both[lost]).unwrap();
        seconds(5).await;
        let record = run.record.clone();
        let said = record.left_behind().unwrap().to_string();
        assert!(said.contains("was removed while it was written"), "{said}");
        for _ in 0..5 {
            kubelet.write(50, MS);
            seconds(10).await;
        }
        assert!(!run.stop.is_cancelled());
        let reasons = run.end().await;
        assert_whole(&reasons, &kubelet, &both[1 - lost]);
    }
}
