//! A report like that of the published trials, with a second study beside it.

use crate::report::{
    BundleFacts, Comparison, Group, Independence, Outcome, Report, Verdict, Warning,
};

pub(super) fn group(study: &str, name: &str, n: usize, mean_s: Option<f64>) -> Group {
    Group {
        study: study.to_owned(),
        name: name.to_owned(),
        n,
        n_trials: n,
        runs: Vec::new(),
        run_means_s: Vec::new(),
        run_scatter: None,
        mean_s,
        median_s: mean_s,
        sd_s: mean_s.map(|_| 112.5),
        cv: mean_s.map(|mean| 112.5 / mean),
        min_s: mean_s,
        max_s: mean_s,
        p5_s: mean_s,
        p25_s: mean_s,
        p75_s: mean_s,
        p95_s: mean_s.map(|mean| 2.0 * mean),
        ci95_s: None,
        ci_method: None,
        endpoints: None,
        build_mean_s: None,
        commit_mean_s: None,
        trials: Vec::new(),
        outliers: Vec::new(),
    }
}

pub(super) fn comparison(
    study: &str,
    candidate: &str,
    matched: bool,
    pct: f64,
    p: f64,
) -> Comparison {
    Comparison {
        study: study.to_owned(),
        baseline: "6.1.144".to_owned(),
        candidate: candidate.to_owned(),
        same_kernel: false,
        outcome: Outcome::Trials,
        matched,
        endpoints: None,
        n: [5, 4],
        n_trials: [5, 4],
        runs: [Vec::new(), Vec::new()],
        independence: Independence::Recorded,
        trials: [Vec::new(), Vec::new()],
        mean_s: [None, None],
        improvement_pct: Some(pct),
        speedup: Some(1.0 / (1.0 - pct / 100.0)),
        ci95_pct: Some([pct - 10.0, pct + 10.0]),
        ci_method: None,
        by_run_pct: Some(pct),
        log_error: None,
        blocks: None,
        freedom: Some(5.0),
        ci95_speedup: None,
        p_value: Some(p),
        p_holm: Some(p),
        test: String::new(),
        exact_p: None,
        exact_test: None,
        exact_least_p: None,
        sure: p < 0.05,
        verdict: Verdict::Undecided,
        margin_pct: None,
        p_equivalent: None,
        largest_pct: None,
        runs_needed: None,
        shift_s: Some(653.7),
        shift_ci95_s: None,
        cliffs_delta: Some(1.0),
        warnings: Vec::new(),
    }
}

fn bundle(id: &str, complete: bool) -> BundleFacts {
    BundleFacts {
        id: id.to_owned(),
        path: String::new(),
        run_id: String::new(),
        study: id.to_owned(),
        series: None,
        origin: String::new(),
        complete,
        incomplete_reasons: Vec::new(),
        started: String::new(),
        finished: None,
        scenario: None,
        services: None,
        replicas: Vec::new(),
        server_version: None,
        provider: None,
        nodes: Vec::new(),
        gaps: 0,
        notes: Vec::new(),
        timeline: Vec::new(),
    }
}

/// Two groups that can be compared, two that cannot, two bundles of which one is incomplete.
pub(super) fn report() -> Report {
    let mut report = Report {
        groups: vec![
            group("eks", "6.1.144", 5, Some(912.129_170_313_2)),
            group("eks", "6.12.46", 4, Some(250.242_839_033_25)),
            group("lab", "6.12.46", 1, Some(20.0)),
            group("lab", "host, (6.18)", 0, None),
        ],
        comparisons: vec![
            comparison("eks", "6.12.46", false, 72.565, 0.0159),
            comparison("eks", "6.12.46", true, 66.286, 0.0571),
        ],
        bundles: vec![bundle("eks", true), bundle("lab", false)],
        warnings: vec![Warning::new("few_trials", "few"); 3],
        ..Report::default()
    };
    report.matched_groups = report.groups[..2].to_vec();
    report.headline.study = Some("eks".to_owned());
    report
}
