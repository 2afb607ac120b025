//! The API server goes away under the driver.

use std::time::Duration;

use bundle::{Action, Bundle};

use crate::driver::{Running, assert_complete, captured};
use crate::lab::{Lab, NODE};

/// How long it is away.
const OUTAGE: Duration = Duration::from_secs(30);

pub fn an_api_server_that_is_killed_in_every_phase_costs_nothing_but_time(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bundle");
    let words = format!(
        "run -n t-outage --owner t-outage --services 600 --replicas 1,3 --qps 60 --step-pause 10s \
         --stabilise 5s --quiet-for 10s -o {}",
        path.display()
    );
    let mut driver = Running::start(lab, &words, &place.path().join("said"));
    for phase in ["generate:", "scaled replicas=1", "settle:"] {
        driver.wait_for(phase);
        std::thread::sleep(Duration::from_secs(2));
        lab.outage(OUTAGE);
    }
    let (status, said) = driver.end();
    assert_eq!(status, 0, "{said}");
    assert_complete(lab, &path);
    let timeline = Bundle::open(&path).unwrap().timeline;
    let mut rows = timeline.rows.iter().map(|(_, row)| row);
    let settled = rows.find(|row| row.action == Action::Settled).unwrap();
    assert_eq!(settled.achieved, Some(1800.0));
    assert!(said.contains("removed 600 Services"), "{said}");
}

/// What a kubelet does while nobody can ask it.
pub fn a_restart_during_an_outage_is_the_new_containers_log_or_a_gap(lab: &Lab) {
    for rotated in [false, true] {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("bundle");
        let words = format!(
            "run -n t-away --owner t-away --services 150 --replicas 1,2 --step-pause 25s --stabilise 0 \
             --quiet-for 8s -o {}",
            path.display()
        );
        let mut driver = Running::start(lab, &words, &place.path().join("said"));
        driver.wait_for("scaled replicas=1");
        std::thread::sleep(Duration::from_secs(3));
        lab.run(&["api", "stop"]);
        lab.run(&["restart", NODE]);
        std::thread::sleep(Duration::from_secs(8));
        if rotated {
            lab.run(&["rotate", NODE]);
        }
        lab.run(&["api", "start"]);
        let (status, said) = driver.end();
        let manifest = Bundle::open(&path).unwrap().manifest;
        assert_eq!(manifest.capture.len(), 2, "{said}");
        // Each file is its own container's log, and nobody else's.
        for (instance, entry) in manifest.capture.iter().enumerate() {
            lab.assert_own(entry.restart.unwrap(), &captured(&path, instance));
        }
        let gaps: usize = manifest.capture.iter().map(|entry| entry.gaps.len()).sum();
        assert_eq!((status, gaps > 0), (i32::from(rotated), rotated), "{said}");
    }
}
