//! Scenarios: what the timeline decides, and what it means for traffic.

use crate::fixture::*;
use serde_json::{Value as Json, json};

fn ids(report: &Json) -> &Json {
    &report["groups"][0]["trials"]
}

#[test]
fn in_a_churn_run_the_first_sync_after_each_deletion_is_a_trial() {
    let syncs = vec![
        Sync::new(0.0, 1.0, 9.0, 10_000),
        Sync::new(301.0, 1.0, 2.0, 10_000),
        Sync::new(310.0, 1.0, 2.5, 10_000),
        Sync::new(601.0, 1.0, 3.0, 9_999),
    ];
    let directory = bundle(Bundle {
        scenario: "churn",
        timeline: vec![
            (10.0, "scale", "replicas=10", "10", "0"),
            (300.0, "churn", "3 pods", "3", "3"),
            (600.0, "churn", "3 pods", "3", "3"),
        ],
        ..Bundle::of(vec![Node::new("a", "6.1.144", syncs)])
    });
    let report = results(&directory, &[]);
    assert_eq!(ids(&report), &json!([1, 3]));
    same(&report["groups"][0]["mean_s"], 3.5);
    let rule = &report["studies"][0]["rule"];
    assert!(
        rule["text"]
            .to_string()
            .contains("first to begin after an action of the timeline")
    );
    assert_eq!(report["syncs"][2]["why_not"], "no answer to an action");
}

#[test]
fn in_a_cold_start_only_the_restarted_node_answers() {
    let syncs = |end: f64| {
        vec![
            Sync::new(400.0, 1.0, end, 10_000),
            Sync::new(900.0, 1.0, 1.0, 10_000),
        ]
    };
    let directory = bundle(Bundle {
        scenario: "cold-start",
        timeline: vec![
            (390.0, "restart", "a", "", ""),
            (890.0, "restart", "b", "", ""),
        ],
        ..Bundle::of(vec![
            Node::new("a", "6.1.144", syncs(50.0)),
            Node::new("b", "6.1.144", syncs(2.0)),
        ])
    });
    let report = results(&directory, &[]);
    assert_eq!(ids(&report), &json!([0, 3]));
}

#[test]
fn a_step_is_stale_until_a_sync_carries_it_or_a_later_one() {
    let syncs = vec![
        Sync::new(30.0, 1.0, 1.0, 900),
        // Half of the step only.
        Sync::new(101.0, 1.0, 4.0, 1_000),
        Sync::new(110.0, 1.0, 19.0, 2_000),
        // Begins before the third step, ends after it, and carries the second.
        Sync::new(205.0, 1.0, 94.0, 4_000),
        // Carries the third and the fourth.
        Sync::new(420.0, 1.0, 29.0, 10_000),
        // Down again.
        Sync::new(501.0, 1.0, 3.0, 40),
    ];
    let directory = bundle(Bundle {
        load: (1_000, vec![2, 4, 8, 10, 0]),
        timeline: vec![
            // Set-up: these 1,000 endpoints come with their Services.
            (10.0, "scale", "replicas=1", "1", "0"),
            (20.0, "generate", "Services 1-1000", "", "50"),
            (100.0, "scale", "replicas=2", "2", "1"),
            (150.0, "endpoints", "", "2000", "1500"),
            (200.0, "scale", "replicas=4", "4", "2"),
            (300.0, "scale", "replicas=8", "8", "4"),
            (400.0, "scale", "replicas=10", "10", "8"),
            (500.0, "scale", "replicas=0", "0", "10"),
        ],
        ..Bundle::of(vec![Node::new("a", "6.1.144", syncs)])
    });
    let report = results(&directory, &[]);
    let steps = report["ramp_steps"].as_array().unwrap();
    let wanted = [
        (json!(2), 30.0, false),
        (json!(3), 100.0, false),
        (json!(4), 150.0, true),
        (json!(4), 50.0, false),
        (json!(5), 5.0, false),
    ];
    assert_eq!(steps.len(), wanted.len());
    for (step, (sync, seconds, late)) in steps.iter().zip(wanted) {
        assert_eq!(
            (&step["sync"], &step["late"]),
            (&sync, &json!(late)),
            "{step}"
        );
        same(&step["staleness_s"], seconds);
        let timeline =
            std::fs::read_to_string(directory.path().join(step["input"].as_str().unwrap()));
        let line = step["line"].as_u64().unwrap() as usize - 1;
        let row = timeline.unwrap().lines().nth(line).unwrap().to_owned();
        assert!(
            row.contains(&format!("replicas={}", step["replicas"])),
            "{row}"
        );
    }
    same(&steps[0]["propagated"], 0.75);
    // When the third step came, the sync of the second was still under way.
    same(&steps[1]["programmed"], 1.0);
    same(&steps[2]["programmed"], 0.5);
    let curves = report["scaling"].as_array().unwrap().iter();
    let step = |curve: &&Json| curve["kind"] == "step_by_endpoints";
    let on: Vec<&Json> = curves
        .filter(step)
        .flat_map(|curve| curve["points"].as_array().unwrap())
        .collect();
    let on: Vec<&Json> = on.into_iter().map(|point| &point["sync"]).collect();
    assert_eq!(
        on,
        [1, 2, 3, 4],
        "the sync before the ramp is on no curve of its steps"
    );
    let staleness = &report["staleness"][0];
    assert_eq!(
        (&staleness["steps"], &staleness["late"]),
        (&json!(5), &json!(1))
    );
    same(
        &staleness["mean_s"],
        (30.0 + 100.0 + 150.0 + 50.0 + 5.0) / 5.0,
    );
    same(&staleness["worst_s"], 150.0);
    assert_eq!(staleness["ramp_steps"][0], 2);
    assert!(
        sentences(&report).contains("1 of 5 steps only with a sync that began after the next step")
    );
}

#[test]
fn a_step_that_no_sync_carries_is_not_given_a_time() {
    let directory = bundle(Bundle {
        timeline: vec![
            (100.0, "scale", "replicas=5", "5", "0"),
            (200.0, "scale", "replicas=10", "10", "5"),
        ],
        ..Bundle::of(vec![Node::new(
            "a",
            "6.1.144",
            vec![Sync::new(110.0, 1.0, 9.0, 5_000)],
        )])
    });
    let report = results(&directory, &[]);
    assert_eq!(report["ramp_steps"][1]["sync"], Json::Null);
    assert_eq!(report["ramp_steps"][1]["staleness_s"], Json::Null);
    let said = sentences(&report);
    assert!(
        said.contains("After the step to 5,000 endpoints a node on kernel 6.1.144 ran old rules for 20.0 s; 1 step was not in the kernel before the log's end"),
        "{said}"
    );
}

/// A ramp as hurried kube-proxies cut it: a few endpoints, most of them, what was left.
#[test]
fn the_sync_that_carried_the_load_is_the_trial_and_convergence_is_the_outcome() {
    let syncs = vec![
        Sync::new(0.0, 1.0, 9.0, 1_000),
        Sync::new(100.5, 3.0, 0.5, 1_010),
        Sync::new(104.0, 6.0, 50.0, 6_000),
        Sync::new(160.0, 8.0, 22.0, 10_000),
    ];
    let directory = bundle(Bundle {
        load: (1_000, vec![1, 10]),
        timeline: vec![
            (20.0, "generate", "Services 1-1000", "", "50"),
            // In place when it began: it asks for nothing.
            (50.0, "scale", "replicas=1", "1", "1"),
            (100.0, "scale", "replicas=10", "10", "1"),
            (110.0, "endpoints", "", "10000", "7000"),
            (120.0, "endpoints", "", "10000", "10000"),
        ],
        ..Bundle::of(vec![Node::new("a", "6.1.144", syncs)])
    });
    let report = results(&directory, &[]);
    // 6,000 is below 80 % of full scale, but the step that it carried is not.
    assert_eq!(ids(&report), &json!([2]));
    assert_eq!(
        report["syncs"][3]["why_not"],
        "another sync carried the load"
    );
    let steps = report["ramp_steps"].as_array().unwrap();
    assert_eq!(steps.len(), 1, "a step that was in place is none");
    same(&steps[0]["staleness_s"], 90.0);
    same(&report["staleness"][0]["mean_s"], 90.0);
    let whole = &report["convergence"][0];
    same(&whole["ramp_s"], 90.0);
    assert_eq!(
        (&whole["in_place"], &whole["steps"], &whole["sync"]),
        (&json!(1), &json!(1), &json!(3))
    );
    // EndpointSlices carried it between the looks at 110 and 120; the sync ended at 190.
    same(&whole["from_slices_s"][0], 70.0);
    same(&whole["from_slices_s"][1], 80.0);
    // Asked for by its own endpoints, the sync below the scale is no trial.
    let report = results(&directory, &["--min-endpoints", "8000"]);
    assert_eq!(report["studies"][0]["rule"]["trials"], 0);
}
