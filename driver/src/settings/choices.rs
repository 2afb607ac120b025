//! What a person can choose: the same fields as flags, environment variables and workload file.

use std::path::Path;

use bundle::Scenario;
use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::error::Error;
use crate::span::Span;

/// When a step of the ramp is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// After --step-pause, as published, however far EndpointSlices have come.
    Fixed,
    /// When EndpointSlices carry every replica.
    Converge,
}

impl Pace {
    /// Its name in the manifest and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Converge => "converge",
        }
    }
}

/// Everything that can be chosen; absent means the default.
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Choices {
    /// Namespace of the load [default: debug]
    #[arg(long, short = 'n', env = "DRIVER_NAMESPACE", global = true, help_heading = LOAD)]
    pub namespace: Option<String>,
    /// Services to make [default: 8000]
    #[arg(long, env = "DRIVER_SERVICES", global = true, help_heading = LOAD)]
    pub services: Option<u64>,
    /// Services a row of timeline.csv [default: 100]
    #[arg(long, env = "DRIVER_BATCH", global = true, help_heading = LOAD)]
    pub batch: Option<u64>,
    /// Replicas, step by step [default: 1,5,10,15,20,25,30]
    #[arg(long, value_delimiter = ',', env = "DRIVER_REPLICAS", global = true, help_heading = LOAD)]
    pub replicas: Option<Vec<u64>>,
    /// Pause after a step; the longest wait for one with --pace converge [default: 60s; converge: 30m]
    #[arg(long, env = "DRIVER_STEP_PAUSE", global = true, help_heading = LOAD)]
    pub step_pause: Option<Span>,
    /// Pause between the fan-out and the ramp [default: 5m]
    #[arg(long, env = "DRIVER_STABILISE", global = true, help_heading = LOAD)]
    pub stabilise: Option<Span>,
    /// When a step is over [default: fixed]
    #[arg(long, value_enum, env = "DRIVER_PACE", global = true, help_heading = LOAD)]
    pub pace: Option<Pace>,
    /// What is measured: ramp, churn or cold-start [default: ramp]
    #[arg(long, value_parser = scenario, env = "DRIVER_SCENARIO", global = true, help_heading = LOAD)]
    pub scenario: Option<Scenario>,
    /// Container image of the Deployment [default: nginx:stable-alpine]
    #[arg(long, env = "DRIVER_IMAGE", global = true, help_heading = LOAD)]
    pub image: Option<String>,
    /// Pods deleted each time (churn) [default: 3]
    #[arg(long, env = "DRIVER_CHURN_PODS", global = true, help_heading = LOAD)]
    pub churn_pods: Option<u64>,
    /// Time between two deletions (churn) [default: 5m]
    #[arg(long, env = "DRIVER_CHURN_EVERY", global = true, help_heading = LOAD)]
    pub churn_every: Option<Span>,
    /// Deletions, or restarts of each node's kube-proxy (churn, cold-start) [default: 6, 3]
    #[arg(long, env = "DRIVER_ROUNDS", global = true, help_heading = LOAD)]
    pub rounds: Option<u64>,
    /// Value of the label that marks the driver's objects [default: driver]
    #[arg(long, env = "DRIVER_OWNER", global = true, help_heading = LOAD)]
    pub owner: Option<String>,
    /// Requests under way at once [default: 16]
    #[arg(long, env = "DRIVER_CONCURRENCY", global = true, help_heading = LOAD)]
    pub concurrency: Option<usize>,
    /// Most Services a second [default: as fast as the server takes them]
    #[arg(long, env = "DRIVER_QPS", global = true, help_heading = LOAD)]
    pub qps: Option<f64>,
    /// How long every node's kube-proxy must have been quiet at the end [default: 60s]
    #[arg(long, env = "DRIVER_QUIET_FOR", global = true, help_heading = LOAD)]
    pub quiet_for: Option<Span>,
    /// Longest wait for that [default: 2h]
    #[arg(long, env = "DRIVER_SETTLE", global = true, help_heading = LOAD)]
    pub settle: Option<Span>,
    /// Nodes whose kube-proxy log is taken [default: every node that has a kube-proxy]
    #[arg(long, value_delimiter = ',', env = "DRIVER_NODES", global = true, help_heading = CAPTURE)]
    pub nodes: Option<Vec<String>>,
    /// Namespace of kube-proxy [default: kube-system]
    #[arg(long, env = "DRIVER_KUBE_PROXY_NAMESPACE", global = true, help_heading = CAPTURE)]
    pub kube_proxy_namespace: Option<String>,
    /// Label selector of kube-proxy's pods [default: k8s-app=kube-proxy]
    #[arg(long, env = "DRIVER_KUBE_PROXY_SELECTOR", global = true, help_heading = CAPTURE)]
    pub kube_proxy_selector: Option<String>,
    /// Container of kube-proxy in its pod [default: kube-proxy]
    #[arg(long, env = "DRIVER_KUBE_PROXY_CONTAINER", global = true, help_heading = CAPTURE)]
    pub kube_proxy_container: Option<String>,
    /// Time between two looks beside the follow, to notice one that stalls [default: 10s; of more
    /// than 250 nodes 40ms a node]
    #[arg(long, env = "DRIVER_POLL", global = true, help_heading = CAPTURE)]
    pub poll: Option<Span>,
    /// Take what each log held before the run as well
    #[arg(long, num_args = 0..=1, default_missing_value = "true", env = "DRIVER_HISTORY",
          global = true, help_heading = CAPTURE)]
    pub history: Option<bool>,
    /// Name that repetitions of one set-up share: `analyze` puts a series together
    #[arg(long, env = "DRIVER_SERIES", global = true, help_heading = CAPTURE)]
    pub series: Option<String>,
}

/// Heading of the flags about the load.
const LOAD: &str = "Load";
/// Heading of the flags about the capture.
const CAPTURE: &str = "Capture";

fn scenario(text: &str) -> Result<Scenario, String> {
    match text {
        "ramp" => Ok(Scenario::Ramp),
        "churn" => Ok(Scenario::Churn),
        "cold-start" => Ok(Scenario::ColdStart),
        _ => Err("ramp, churn and cold-start are the scenarios".to_owned()),
    }
}

impl Choices {
    /// Reads a workload file: TOML if its name ends in `.toml`, else YAML.
    ///
    /// # Errors
    /// [`Error::WorkloadFile`] with the reader's words, which name the line.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text =
            std::fs::read_to_string(path).map_err(Error::io(path, "reading the workload file"))?;
        let is_toml = path.extension().is_some_and(|e| e == "toml");
        let read = if is_toml {
            toml::from_str(&text).map_err(|error| error.to_string())
        } else if text.trim().is_empty() {
            Ok(Self::default())
        } else {
            serde_saphyr::from_str(&text).map_err(|error| error.to_string())
        };
        read.map_err(|problem| Error::WorkloadFile {
            path: path.to_path_buf(),
            problem,
        })
    }

    /// These choices, and `file`'s where nothing was chosen here.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        Self {
            namespace: self.namespace.or(file.namespace),
            services: self.services.or(file.services),
            batch: self.batch.or(file.batch),
            replicas: self.replicas.or(file.replicas),
            step_pause: self.step_pause.or(file.step_pause),
            stabilise: self.stabilise.or(file.stabilise),
            pace: self.pace.or(file.pace),
            scenario: self.scenario.or(file.scenario),
            image: self.image.or(file.image),
            churn_pods: self.churn_pods.or(file.churn_pods),
            churn_every: self.churn_every.or(file.churn_every),
            rounds: self.rounds.or(file.rounds),
            owner: self.owner.or(file.owner),
            concurrency: self.concurrency.or(file.concurrency),
            qps: self.qps.or(file.qps),
            quiet_for: self.quiet_for.or(file.quiet_for),
            settle: self.settle.or(file.settle),
            nodes: self.nodes.or(file.nodes),
            kube_proxy_namespace: self.kube_proxy_namespace.or(file.kube_proxy_namespace),
            kube_proxy_selector: self.kube_proxy_selector.or(file.kube_proxy_selector),
            kube_proxy_container: self.kube_proxy_container.or(file.kube_proxy_container),
            poll: self.poll.or(file.poll),
            history: self.history.or(file.history),
            series: self.series.or(file.series),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_and_yaml_say_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let toml = directory.path().join("w.toml");
        let yaml = directory.path().join("w.yaml");
        std::fs::write(
            &toml,
            "services = 200\nreplicas = [1, 2]\npace = \"converge\"\nstep-pause = \"90s\"\nscenario = \"cold-start\"\n",
        )
        .unwrap();
        std::fs::write(
            &yaml,
            "services: 200\nreplicas: [1, 2]\npace: converge\nstep-pause: 90s\nscenario: cold-start\n",
        )
        .unwrap();
        let from_toml = Choices::read(&toml).unwrap();
        assert_eq!(from_toml, Choices::read(&yaml).unwrap());
        assert_eq!(from_toml.pace, Some(Pace::Converge));
        assert_eq!(from_toml.step_pause, Some(Span::seconds(90)));
        assert_eq!(from_toml.scenario, Some(Scenario::ColdStart));
    }

    #[test]
    fn a_bad_file_is_named_with_its_line() {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("w.yaml", "services: 200\nservises: 3\n"),
            ("w.toml", "services = 200\nservises = 3\n"),
        ] {
            let path = directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            let message = Choices::read(&path).unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
            assert!(message.contains("servises"), "{message}");
            assert!(
                message.contains("line 2") || message.contains("2:") || message.contains("2 |"),
                "{message}"
            );
        }
    }

    #[test]
    fn what_is_chosen_on_the_command_line_wins() {
        let flags = Choices {
            services: Some(5),
            ..Choices::default()
        };
        let file = Choices {
            services: Some(9),
            qps: Some(3.0),
            ..Choices::default()
        };
        let both = flags.or(file);
        assert_eq!((both.services, both.qps), (Some(5), Some(3.0)));
    }
}
