//! Names, parts and values of metrics.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use crate::report::metrics::Measure;

/// Histograms by name: kube-proxy 1.32 to 1.37, `pkg/proxy/metrics/metrics.go`. Newer ones have the
/// label `ip_family`; older ones count both families together.
const HISTOGRAMS: [(&str, Measure); 4] = [
    ("kubeproxy_sync_proxy_rules_duration_seconds", Measure::Sync),
    (
        "kubeproxy_sync_full_proxy_rules_duration_seconds",
        Measure::FullSync,
    ),
    (
        "kubeproxy_sync_partial_proxy_rules_duration_seconds",
        Measure::PartialSync,
    ),
    (
        "kubeproxy_network_programming_duration_seconds",
        Measure::NetworkProgramming,
    ),
];

/// Counters of syncs that failed, one a mode.
const FAILURES: [&str; 2] = [
    "kubeproxy_sync_proxy_rules_nftables_sync_failures_total",
    "kubeproxy_sync_proxy_rules_iptables_restore_failures_total",
];

/// What every such name begins with.
pub(super) const PREFIX: &str = "kubeproxy_";

/// When the process began, seconds since the epoch: another value is another process.
pub(super) const PROCESS: &str = "process_start_time_seconds";

/// Counts beyond this are not exact in what Prometheus keeps, binary64.
const MOST: f64 = (1_u64 << 53) as f64;

/// An upper bound of a bucket, not NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bound(pub(super) f64);

impl Eq for Bound {}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bound {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// A part of a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// All durations together, in seconds.
    Sum,
    /// How many.
    Count,
    /// How many up to a bound.
    Bucket(Bound),
}

/// Labels without the name and without a bucket's bound.
pub(super) type Labels = BTreeMap<String, String>;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A line, from 1.
    Line(u64),
    /// An element of a document.
    Element(String),
}

impl Place {
    /// With its input.
    pub(super) fn in_input(&self, input: &str) -> String {
        format!("{input}{self}")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, ":{line}"),
            Self::Element(element) => write!(f, " {element}"),
        }
    }
}

/// A value of a part.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    /// Of what.
    pub(super) measure: Measure,
    /// Which part.
    pub(super) part: Part,
    /// Whose.
    pub(super) labels: Labels,
    /// When, in milliseconds since the epoch; none if it was not told.
    pub(super) at_ms: Option<i64>,
    /// The value.
    pub(super) value: f64,
    /// Where.
    pub(super) place: Place,
}

/// What a name is of, if it is of kube-proxy's syncs; for buckets, the bound is in the label `le`,
/// which is taken out of the labels. None for another name, such as `..._created`.
///
/// # Errors
/// What is wrong with the bound.
pub(super) fn named(name: &str, labels: &mut Labels) -> Result<Option<(Measure, Part)>, String> {
    if FAILURES.contains(&name) {
        return Ok(Some((Measure::Failure, Part::Count)));
    }
    let split = HISTOGRAMS.iter().find_map(|(histogram, measure)| {
        let part = name.strip_prefix(histogram)?.strip_prefix('_')?;
        Some((*measure, part))
    });
    let Some((measure, part)) = split else {
        return Ok(None);
    };
    let part = match part {
        "sum" => Part::Sum,
        "count" => Part::Count,
        "bucket" => {
            let bound = labels.remove("le").ok_or("a bucket without the label le")?;
            let number: Option<f64> = bound.parse().ok().filter(|number| *number >= 0.0);
            let number = number.ok_or_else(|| {
                format!("a bucket's le is `{bound}`, and must be a number of seconds or +Inf")
            })?;
            // -0 is 0.
            Part::Bucket(Bound(number + 0.0))
        }
        _ => return Ok(None),
    };
    Ok(Some((measure, part)))
}

/// A value as text, which must be what a counter of its kind can be.
///
/// # Errors
/// What is wrong with it.
pub(super) fn value(text: &str, part: Part) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    let wrong = match number {
        _ if !number.is_finite() => "and a counter has a number",
        _ if number < 0.0 => "and a counter is never negative",
        _ if part == Part::Sum => return Ok(number + 0.0),
        _ if number > MOST => "more than can be counted exactly",
        _ if number.fract() != 0.0 => {
            "and a counter counts whole ones: rate() and the like are none"
        }
        _ => return Ok(number + 0.0),
    };
    Err(format!("the value is {text}, {wrong}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_kube_proxy_are_known() {
        let le = |le: &str| Labels::from([("le".to_owned(), le.to_owned())]);
        let bucket = "kubeproxy_sync_proxy_rules_duration_seconds_bucket";
        for (name, labels, known) in [
            (
                bucket,
                le("0.001"),
                Ok(Some((Measure::Sync, Part::Bucket(Bound(0.001))))),
            ),
            (
                bucket,
                le("+Inf"),
                Ok(Some((Measure::Sync, Part::Bucket(Bound(f64::INFINITY))))),
            ),
            (
                bucket,
                le("-0"),
                Ok(Some((Measure::Sync, Part::Bucket(Bound(0.0))))),
            ),
            (bucket, le("-1"), Err(())),
            (bucket, le("NaN"), Err(())),
            (bucket, le("x"), Err(())),
            (bucket, Labels::new(), Err(())),
            (
                "kubeproxy_sync_partial_proxy_rules_duration_seconds_sum",
                Labels::new(),
                Ok(Some((Measure::PartialSync, Part::Sum))),
            ),
            (
                "kubeproxy_network_programming_duration_seconds_count",
                Labels::new(),
                Ok(Some((Measure::NetworkProgramming, Part::Count))),
            ),
            (
                "kubeproxy_sync_proxy_rules_nftables_sync_failures_total",
                Labels::new(),
                Ok(Some((Measure::Failure, Part::Count))),
            ),
            (
                "kubeproxy_sync_proxy_rules_duration_seconds_created",
                Labels::new(),
                Ok(None),
            ),
            (
                "kubeproxy_sync_proxy_rules_duration_seconds",
                Labels::new(),
                Ok(None),
            ),
            (
                "apiserver_request_duration_seconds_sum",
                Labels::new(),
                Ok(None),
            ),
        ] {
            let mut labels = labels;
            assert_eq!(named(name, &mut labels).map_err(drop), known, "{name}");
        }
    }

    #[test]
    fn values_are_what_a_counter_can_be() {
        for (text, part, good) in [
            ("0", Part::Count, true),
            ("-0", Part::Count, true),
            ("9007199254740992", Part::Count, true),
            ("9007199254740994", Part::Count, false),
            ("1.5", Part::Count, false),
            ("1.5", Part::Sum, true),
            ("-1", Part::Sum, false),
            ("NaN", Part::Sum, false),
            ("+Inf", Part::Sum, false),
            ("1e3", Part::Count, true),
            ("", Part::Count, false),
            ("0x10", Part::Count, false),
        ] {
            assert_eq!(value(text, part).is_ok(), good, "{text}");
        }
    }
}
