//! What is measured beyond the ramp.

use bundle::{Action, Bundle, Verdict};

use crate::driver::Running;
use crate::lab::Lab;

pub fn churn_and_cold_starts_are_recorded(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    for (scenario, action, more) in [
        ("churn", Action::Churn, "--churn-pods 2 --churn-every 6s"),
        ("cold-start", Action::Restart, ""),
    ] {
        let path = place.path().join(scenario);
        let words = format!(
            "run -n t-scenario --owner t-scenario --scenario {scenario} --rounds 2 {more} \
             --services 100 --replicas 4 --pace converge --stabilise 0 --quiet-for 4s -o {}",
            path.display()
        );
        let (status, said) = Running::start(lab, &words, &place.path().join("said")).end();
        assert_eq!(status, 0, "{said}");
        let bundle = Bundle::open(&path).unwrap();
        assert_eq!(bundle.manifest.verdict, Verdict::Complete);
        let rows = bundle.timeline.rows.iter();
        assert_eq!(rows.filter(|(_, row)| row.action == action).count(), 2);
        // Each new pod's log is taken from its first line on.
        let logs = match action {
            Action::Restart => 3,
            _ => 1,
        };
        assert_eq!(bundle.logs().unwrap().len(), logs);
        for log in bundle.logs().unwrap().iter().skip(1) {
            let text = std::fs::read_to_string(&log.path).unwrap();
            assert!(text.contains("SyncProxyRules complete"), "{text}");
        }
    }
}
