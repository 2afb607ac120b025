//! One screen of pass, warn and fail before anything is changed.

mod clocks;
mod kube_proxies;
mod permissions;
mod quota;
mod range;

use std::fmt::Write as _;
use std::time::Duration;

use kube::Client;
use tokio_util::sync::CancellationToken;

use crate::api::clock::server_clock;
use crate::api::cluster::Cluster;
use crate::load::cleanup::{Count, leftovers};
use crate::settings::{Load, Settings};
use crate::survey::{Survey, survey};

/// Longest wait for what an earlier run left to be counted.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Pass,
    /// A run is possible; something will be missing or not known.
    Warn,
    /// A run would fail or be worthless.
    Fail,
}

/// One line of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it came out.
    pub level: Level,
    /// About what.
    pub subject: String,
    /// What was found, and what to do.
    pub detail: String,
}

impl Finding {
    fn new(level: Level, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            level,
            subject: subject.into(),
            detail: detail.into(),
        }
    }
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order of the screen.
    pub findings: Vec<Finding>,
    /// Nodes and kube-proxies, where they could be looked at.
    pub survey: Option<Survey>,
    /// The API server's clock, if its answers tell.
    pub clock: Option<bundle::ClockSkew>,
}

impl Report {
    /// How many checks failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        let failed = self.findings.iter().filter(|f| f.level == Level::Fail);
        failed.count()
    }

    /// The screen.
    #[must_use]
    pub fn screen(&self) -> String {
        let width = self
            .findings
            .iter()
            .map(|f| f.subject.chars().count())
            .max()
            .unwrap_or(0);
        let mut text = String::new();
        for finding in &self.findings {
            let level = match finding.level {
                Level::Pass => "pass",
                Level::Warn => "WARN",
                Level::Fail => "FAIL",
            };
            // Writing to a String cannot fail.
            writeln!(
                text,
                "{level}  {:width$}  {}",
                finding.subject, finding.detail
            )
            .unwrap_or_default();
        }
        text
    }
}

/// Looks at everything that a run needs.
pub async fn check(cluster: &Cluster, settings: &Settings) -> Report {
    let client = &cluster.client;
    let mut report = Report::default();
    let findings = &mut report.findings;
    let server = format!("{} at {}", cluster.version, cluster.server);
    findings.push(Finding::new(Level::Pass, "server", server));
    findings.extend(permissions::check(client, settings).await);
    match survey(client, &settings.sources).await {
        Ok(survey) => {
            findings.extend(kube_proxies::check(client, &survey, settings).await);
            report.survey = Some(survey);
        }
        Err(problem) => findings.push(Finding::new(Level::Fail, "nodes", problem)),
    }
    report.clock = server_clock(client).await;
    findings.extend(clocks::check(client, report.clock.as_ref(), report.survey.as_ref()).await);
    let (finding, made) = left_by_earlier_run(client, &settings.load).await;
    findings.push(range::check(client, &settings.load, made.services as u64).await);
    findings.extend(quota::check(client, &settings.load, &made).await);
    findings.push(finding);
    report
}

/// What an earlier run left, for the screen and as a count.
async fn left_by_earlier_run(client: &Client, load: &Load) -> (Finding, Count) {
    let token = CancellationToken::new();
    let looking = leftovers(client, load, &token);
    let place = &load.namespace;
    let none = Count::default();
    let (level, detail, made) = match tokio::time::timeout(PATIENCE, looking).await {
        Ok(Ok(count)) if count.is_empty() => {
            (Level::Pass, format!("nothing left in {place}"), none)
        }
        Ok(Ok(count)) => (
            Level::Warn,
            format!(
                "{count} are there in {place}: a run makes what is missing, `driver cleanup` removes them"
            ),
            count,
        ),
        Ok(Err(error)) => (Level::Warn, format!("not known: {error}"), none),
        Err(_) => (
            Level::Warn,
            format!("not known: no answer in {PATIENCE:?}"),
            none,
        ),
    };
    (Finding::new(level, "earlier runs", detail), made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_is_aligned_and_counts_failures() {
        let report = Report {
            findings: vec![
                Finding::new(Level::Pass, "server", "v1.34.1"),
                Finding::new(Level::Fail, "service range", "full"),
            ],
            ..Report::default()
        };
        assert_eq!(report.failed(), 1);
        assert_eq!(
            report.screen(),
            "pass  server         v1.34.1\nFAIL  service range  full\n"
        );
    }
}
