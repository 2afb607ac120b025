//! A node whose clock is not the driver's: what is captured is the node's log, byte for byte.

use std::time::Duration;

use bundle::{Bundle, Verdict};

use crate::driver::{Running, captured};
use crate::lab::{Lab, NODE};

pub fn whatever_the_nodes_clock_shows_its_log_is_taken(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    for (name, ahead, drift) in [
        ("ahead", "90", "0"),
        ("behind", "-90", "0"),
        ("hour", "3600", "0"),
        ("drift", "0", "1"),
    ] {
        let path = place.path().join(name);
        let clock = ["clock", NODE, "--ahead", ahead, "--drift", drift];
        lab.run(&clock);
        // A log that the node's clock has stamped all along, as on a node whose clock is off.
        lab.run(&["restart", NODE]);
        std::thread::sleep(Duration::from_secs(4));
        let words = format!(
            "run -n t-clock --owner t-clock --services 60 --replicas 1,2 --step-pause 6s --stabilise 0 \
             --quiet-for 4s -o {}",
            path.display()
        );
        let (status, said) = Running::start(lab, &words, &place.path().join("said")).end();
        assert_eq!(status, 0, "{name}: {said}");
        let manifest = Bundle::open(&path).unwrap().manifest;
        assert_eq!(manifest.verdict, Verdict::Complete, "{name}");
        lab.assert_own(manifest.capture[0].restart.unwrap(), &captured(&path, 0));
        let skew = manifest.nodes[0].clock.as_ref().unwrap().ahead_s;
        let expected: f64 = ahead.parse().unwrap();
        assert!((skew - expected).abs() < 2.0, "{name}: {skew} s ahead");
    }
    lab.run(&["clock", NODE]);
    lab.run(&["restart", NODE]);
}
