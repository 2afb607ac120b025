//! Go's benchmark text, for `benchstat`
//! (<https://go.googlesource.com/proposal/+/master/design/14313-benchmark-format.md>).
//!
//! ```text
//! analyze report.txt --format benchstat > runs.txt
//! benchstat -col /kernel runs.txt
//! ```

use std::fmt::Write as _;

use super::groups;
use crate::report::{Report, SyncRow};

/// `Sync` has a line a trial, so that medians are those of the report; `Run` a line a run, which
/// are the independent ones: p-values are to be read there.
pub(in super::super) fn document(report: &Report) -> String {
    let mut text = String::new();
    let by = word(&report.selection.group_by);
    // Writing to a String cannot fail.
    let mut line = |name: &str, study: &str, group: &str, figures: &str| {
        writeln!(
            text,
            "Benchmark{name}/study={}/{by}={} 1 {figures}",
            word(study),
            word(group)
        )
        .unwrap_or_default();
    };
    for group in groups(report) {
        let trials = group.trials.iter().filter_map(|id| report.syncs.get(*id));
        for figures in trials.filter_map(|trial| of_trial(&trial)) {
            line("Sync", &group.study, &group.name, &figures);
        }
        for mean in &group.run_means_s {
            line(
                "Run",
                &group.study,
                &group.name,
                &nanoseconds(*mean, "ns/op"),
            );
        }
    }
    text
}

fn of_trial(trial: &SyncRow<'_>) -> Option<String> {
    let mut figures = nanoseconds(trial.elapsed_s?, "ns/op");
    let parts = [
        (trial.build_s, "build-ns/op"),
        (trial.commit_s, "commit-ns/op"),
    ];
    for (seconds, unit) in parts {
        if let Some(seconds) = seconds {
            figures += &format!(" {}", nanoseconds(seconds, unit));
        }
    }
    if let Some(endpoints) = trial.endpoints {
        figures += &format!(" {endpoints} endpoints");
    }
    Some(figures)
}

fn nanoseconds(seconds: f64, unit: &str) -> String {
    format!("{:.0} {unit}", seconds * 1e9)
}

/// A name is one word; `/` and `=` part it.
fn word(text: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || "._+-".contains(c);
    text.chars()
        .map(|c| if kept(c) { c } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_word() {
        for (text, one) in [
            ("6.1.0-54-cloud-amd64", "6.1.0-54-cloud-amd64"),
            ("host, (6.18)", "host___6.18_"),
            ("a/b=c\n", "a_b_c_"),
        ] {
            assert_eq!(word(text), one);
        }
    }

    #[test]
    fn seconds_are_whole_nanoseconds() {
        assert_eq!(nanoseconds(912.129_170_313, "ns/op"), "912129170313 ns/op");
    }
}
