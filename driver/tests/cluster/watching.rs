//! A cluster that is watched while somebody else makes the load.

use serde_json::Value;

use crate::driver::{self, Running};
use crate::lab::{Lab, NODE};

pub fn who_watches_sees_syncs_lag_and_the_end_of_it(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let words = format!(
        "run -n t-watch --owner t-watch --services 200 --replicas 1,3 --step-pause 4s --stabilise 0 \
         --quiet-for 3s -o {}",
        place.path().join("bundle").display()
    );
    let load = Running::start(lab, &words, &place.path().join("said"));
    let watched = driver::run(
        &lab.kubeconfig,
        "watch --for 40s --every 1s --over 1h --format json",
    );
    let (status, said) = load.end();
    assert_eq!(status, 0, "{said}");
    assert_eq!(watched.status, 0, "{}", watched.err);
    let rows: Vec<Value> = watched
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(rows.len() >= 30 && rows.iter().all(|row| row["node"] == NODE));
    let number = |row: &Value, key: &str| row[key].as_f64().unwrap_or_default();
    let most = |key: &str| rows.iter().map(|row| number(row, key)).fold(0.0, f64::max);
    let last = rows.last().unwrap();
    assert!(number(last, "syncs") >= 3.0, "{last}");
    assert!(number(last, "in_sync_pct") > 0.0, "{last}");
    // Behind while the load grew, and no more once it is in; the worst wait is remembered. How far
    // the run's own clean-up has come at the last row is a matter of how busy the machine is.
    let mut behind = rows.iter().skip_while(|row| number(row, "lag_s") <= 0.0);
    assert!(behind.next().is_some(), "{}", watched.out);
    let rests = |row: &Value| number(row, "lag_s") <= 0.0 && row["state"] == "quiet";
    assert!(behind.any(rests), "{}", watched.out);
    assert!(number(last, "worst_lag_s") >= most("lag_s") - 0.2, "{last}");
    assert_eq!(last["failed"].as_u64(), Some(0), "{last}");
    // A table says the same of a cluster at rest.
    let table = driver::run(&lab.kubeconfig, "watch --for 1s --format table");
    assert_eq!(table.status, 0, "{}", table.err);
    assert!(
        table.out.starts_with("1 node, 0 in a sync, 0 failed syncs"),
        "{}",
        table.out
    );
}
