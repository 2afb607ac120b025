//! What kubelets do to a log under the driver.

use std::time::Duration;

use bundle::Bundle;

use crate::driver::{Running, assert_complete};
use crate::lab::{Lab, NODE};

pub fn restarts_and_rotations_in_the_ramp_lose_nothing(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bundle");
    let words = format!(
        "run -n t-log --owner t-log --services 200 --replicas 1,2,3,4 --step-pause 8s --stabilise 0 \
         --quiet-for 8s --poll 2s -o {}",
        path.display()
    );
    let mut driver = Running::start(lab, &words, &place.path().join("said"));
    for (step, verb) in [(1, "rotate"), (2, "restart"), (3, "rotate")] {
        driver.wait_for(&format!("scaled replicas={step}"));
        std::thread::sleep(Duration::from_secs(2));
        lab.run(&[verb, NODE]);
    }
    let (status, said) = driver.end();
    assert_eq!(status, 0, "{said}");
    let entries = Bundle::open(&path).unwrap().manifest.capture;
    assert_eq!(
        entries.len(),
        2,
        "one container before the restart, one after it"
    );
    assert_complete(lab, &path);
}
