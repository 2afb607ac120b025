//! Clocks of this machine, the API server and the nodes: do they agree?

use std::time::Duration;

use bundle::ClockSkew;
use chrono::{DateTime, Utc};
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::ListParams;
use kube::{Api, Client};

use super::{Finding, Level};
use crate::survey::Survey;

/// Where kubelets renew a Lease each, every 10 s.
const LEASES: &str = "kube-node-lease";
/// A kubelet's time between two renewals, and what a busy one may take beyond it.
const RENEWAL_S: f64 = 10.0 + 5.0;
/// From so many seconds on a difference is worth a word.
const NOTED_S: f64 = 2.0;
/// Longest wait for the Leases.
const ANSWER: Duration = Duration::from_secs(5);
/// Nodes that are named in one finding.
const NAMED: usize = 5;

/// One finding about the server, one about nodes if any is off.
pub(super) async fn check(
    client: &Client,
    server: Option<&ClockSkew>,
    survey: Option<&Survey>,
) -> Vec<Finding> {
    let mut findings = vec![of_server(server)];
    let leases: Api<Lease> = Api::namespaced(client.clone(), LEASES);
    let everything = ListParams::default();
    let listed = tokio::time::timeout(ANSWER, leases.list(&everything)).await;
    let (Some(survey), Ok(Ok(listed))) = (survey, listed) else {
        return findings;
    };
    let now = Utc::now();
    let off: Vec<String> = listed
        .items
        .iter()
        .filter_map(|lease| {
            let name = lease.metadata.name.as_deref()?;
            let chosen = survey.nodes.iter().any(|node| node.name == name);
            let renewed = lease.spec.as_ref()?.renew_time.as_ref()?.0;
            let renewed = DateTime::from_timestamp_micros(renewed.as_microsecond())?;
            let ahead = chosen.then(|| ahead(renewed, now))??;
            Some(format!("{name} {}", words(ahead)))
        })
        .collect();
    if !off.is_empty() {
        let more = match off.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named = off.iter().take(NAMED).map(String::as_str);
        let named: Vec<&str> = named.collect();
        findings.push(Finding::new(
            Level::Warn,
            "node clocks",
            format!("by their Leases at least: {}{more}", named.join(", ")),
        ));
    }
    findings
}

/// By how many seconds at least a clock is off that renewed a Lease at `renewed`: ahead if that is
/// yet to come, behind (or its kubelet silent) if it was longer ago than between two renewals.
fn ahead(renewed: DateTime<Utc>, now: DateTime<Utc>) -> Option<f64> {
    let since = (now - renewed).num_milliseconds() as f64 / 1e3;
    if since < -NOTED_S {
        Some(-since)
    } else if since > RENEWAL_S + NOTED_S {
        Some(RENEWAL_S - since)
    } else {
        None
    }
}

fn of_server(server: Option<&ClockSkew>) -> Finding {
    let subject = "server's clock";
    match server {
        None => Finding::new(Level::Warn, subject, "not known: its answers have no date"),
        Some(clock) if clock.ahead_s.abs() < NOTED_S => {
            Finding::new(Level::Pass, subject, "agrees with this machine's")
        }
        Some(clock) => Finding::new(
            Level::Warn,
            subject,
            format!(
                "{}: logs are taken by the nodes' own clocks, and the bundle records the difference",
                words(clock.ahead_s)
            ),
        ),
    }
}

fn words(ahead: f64) -> String {
    let side = if ahead < 0.0 { "behind" } else { "ahead of" };
    format!("{:.1} s {side} this machine's", ahead.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_tells_of_clocks_that_are_off_and_of_no_others() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let renewed = |ms: i64| now + chrono::TimeDelta::milliseconds(ms);
        for (ms, expected) in [
            (90_000, Some(90.0)),
            (2_001, Some(2.001)),
            (2_000, None),
            (0, None),
            (-17_000, None),
            (-17_001, Some(-2.001)),
            (-105_000, Some(-90.0)),
        ] {
            let found = ahead(renewed(ms), now).map(|s| (s * 1e3).round() / 1e3);
            assert_eq!(found, expected, "{ms}");
        }
    }

    #[test]
    fn two_seconds_of_the_server_are_worth_a_word() {
        let level = |ahead_s| {
            let clock = ClockSkew {
                ahead_s,
                within_s: 0.2,
                samples: Vec::new(),
            };
            of_server(Some(&clock)).level
        };
        assert_eq!(level(1.99), Level::Pass);
        assert_eq!(level(-1.99), Level::Pass);
        assert_eq!(level(2.0), Level::Warn);
        assert_eq!(level(-90.0), Level::Warn);
        assert_eq!(of_server(None).level, Level::Warn);
    }
}
