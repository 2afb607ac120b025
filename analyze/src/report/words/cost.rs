//! What a sync costs, in words.

use super::best::named;
use super::number::{counted, duration};
use crate::report::{CostModel, CostTerm, Report};

/// The unit costs of a group, what they do not tell, and how they were checked.
#[must_use]
pub fn cost_in_words(report: &Report, model: &CostModel) -> String {
    let parts: Vec<String> = model
        .terms
        .iter()
        .filter(|one| one.seconds > 0.0)
        .map(|one| {
            let interval = one.ci95_s.map_or_else(String::new, |[low, high]| {
                format!(" ({} to {})", small(low), small(high))
            });
            format!("{}{interval} {}", small(one.seconds), of(one.term))
        })
        .collect();
    let parts = match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => return String::new(),
    };
    let whose = if model.by_run {
        String::new()
    } else {
        format!("; intervals of {} alone", counted(model.runs as u64, "run"))
    };
    let untold: String = model
        .untold
        .iter()
        .map(|one| {
            format!(
                " {} not told apart from these (correlation {:.2}).",
                match one.term {
                    CostTerm::Endpoint => "What each endpoint in all costs is",
                    _ => "What changed Services times entries cost is",
                },
                one.correlation
            )
        })
        .collect();
    let check = model.check.map_or_else(String::new, |check| {
        format!(
            " Predicted from the other runs, half of the syncs are off by up to {:.0} %, 9 of 10 \
             by up to {:.0} %.",
            check.median_pct, check.p90_pct
        )
    });
    format!(
        "A sync on {} costs {parts}{whose}.{untold}{check}",
        named(report, &model.group)
    )
}

fn of(term: CostTerm) -> &'static str {
    match term {
        CostTerm::Sync => "however little changed",
        CostTerm::ChangedEndpoint => "for each endpoint changed",
        CostTerm::Endpoint => "for each endpoint in all",
        CostTerm::ServicesTimesEntries => {
            "for each million of changed Services times entries carried"
        }
    }
}

/// A cost to two digits, down to nanoseconds.
pub(super) fn small(seconds: f64) -> String {
    let digits = |value: f64, unit: &str| {
        let text = if value < 9.95 {
            format!("{value:.1}")
        } else {
            format!("{value:.0}")
        };
        format!("{} {unit}", text.strip_suffix(".0").unwrap_or(&text))
    };
    match seconds {
        s if s <= 0.0 => "0".to_owned(),
        s if s >= 0.0995 => duration(s),
        s if s >= 1e-3 => digits(s * 1e3, "ms"),
        s if s >= 1e-6 => digits(s * 1e6, "\u{b5}s"),
        s => digits(s * 1e9, "ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::small;

    #[test]
    fn costs_of_any_size() {
        for (seconds, text) in [
            (4.0, "4.0 s"),
            (0.35, "350 ms"),
            (0.0007, "700 \u{b5}s"),
            (0.0042, "4.2 ms"),
            (0.000_001_5, "1.5 \u{b5}s"),
            (0.000_000_04, "40 ns"),
            (0.0, "0"),
        ] {
            assert_eq!(small(seconds), text);
        }
    }
}
