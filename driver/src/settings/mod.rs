//! Choices made whole: defaults filled in (the published benchmark's), nonsense refused.

pub mod choices;
pub mod owner;
pub mod part;

use bundle::{Scenario, Shard};

use crate::error::Error;
use crate::settings::choices::{Choices, Pace};
use crate::settings::owner::Owner;
use crate::span::Span;

/// The published image.
const IMAGE: &str = "nginx:stable-alpine";
/// The published namespace.
const NAMESPACE: &str = "debug";

/// The load and how fast it is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// Namespace of the load.
    pub namespace: String,
    /// Services to make.
    pub services: u64,
    /// Services a row of the timeline.
    pub batch: u64,
    /// Replicas, step by step.
    pub replicas: Vec<u64>,
    /// Pause after a step, or the longest wait for one.
    pub step_pause: Span,
    /// Pause between fan-out and ramp.
    pub stabilise: Span,
    /// When a step is over.
    pub pace: Pace,
    /// What is measured.
    pub scenario: Scenario,
    /// Container image.
    pub image: String,
    /// Pods deleted each time.
    pub churn_pods: u64,
    /// Time between two deletions.
    pub churn_every: Span,
    /// Deletions or restarts.
    pub rounds: u64,
    /// Whose objects these are.
    pub owner: Owner,
    /// Requests under way at once.
    pub concurrency: usize,
    /// Most Services a second; none: as fast as the server takes them.
    pub qps: Option<f64>,
    /// How long kube-proxy must have been quiet.
    pub quiet_for: Span,
    /// Longest wait for that.
    pub settle: Span,
}

/// Which logs are taken, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The chosen nodes; empty: every node that has a kube-proxy.
    pub nodes: Vec<String>,
    /// Of these the ones of this part; none: all.
    pub shard: Option<Shard>,
    /// Namespace of kube-proxy.
    pub namespace: String,
    /// Label selector of its pods.
    pub selector: String,
    /// Its container.
    pub container: String,
    /// Time between two looks beside the follow; none: as the number of nodes allows.
    pub poll: Option<Span>,
    /// Whether to take what the log held before.
    pub history: bool,
    /// The series of the bundle.
    pub series: Option<String>,
}

/// All settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The load.
    pub load: Load,
    /// The logs.
    pub sources: Sources,
}

impl Settings {
    /// Fills in the defaults.
    ///
    /// # Errors
    /// [`Error::Usage`] for a choice that makes no sense.
    pub fn from_choices(choices: Choices) -> Result<Self, Error> {
        let settings = Self {
            load: load(&choices)?,
            sources: sources(choices),
        };
        settings.load.validate()?;
        Ok(settings)
    }
}

fn load(choices: &Choices) -> Result<Load, Error> {
    let pace = choices.pace.unwrap_or(Pace::Fixed);
    let scenario = choices.scenario.unwrap_or(Scenario::Ramp);
    let pause = match pace {
        Pace::Fixed => Span::seconds(60),
        Pace::Converge => Span::seconds(1800),
    };
    let rounds = match scenario {
        Scenario::ColdStart => 3,
        Scenario::Ramp | Scenario::Churn => 6,
    };
    Ok(Load {
        namespace: choices.namespace.clone().unwrap_or(NAMESPACE.to_owned()),
        services: choices.services.unwrap_or(8000),
        batch: choices.batch.unwrap_or(100),
        replicas: choices
            .replicas
            .clone()
            .unwrap_or_else(|| vec![1, 5, 10, 15, 20, 25, 30]),
        step_pause: choices.step_pause.unwrap_or(pause),
        stabilise: choices.stabilise.unwrap_or(Span::seconds(300)),
        pace,
        scenario,
        image: choices.image.clone().unwrap_or(IMAGE.to_owned()),
        churn_pods: choices.churn_pods.unwrap_or(3),
        churn_every: choices.churn_every.unwrap_or(Span::seconds(300)),
        rounds: choices.rounds.unwrap_or(rounds),
        owner: Owner::new(choices.owner.as_deref().unwrap_or("driver")).map_err(Error::Usage)?,
        concurrency: choices.concurrency.unwrap_or(16),
        qps: choices.qps,
        quiet_for: choices.quiet_for.unwrap_or(Span::seconds(60)),
        settle: choices.settle.unwrap_or(Span::seconds(7200)),
    })
}

fn sources(choices: Choices) -> Sources {
    let or = |chosen: Option<String>, default: &str| chosen.unwrap_or_else(|| default.to_owned());
    Sources {
        nodes: choices.nodes.unwrap_or_default(),
        shard: None,
        namespace: or(choices.kube_proxy_namespace, "kube-system"),
        selector: or(choices.kube_proxy_selector, "k8s-app=kube-proxy"),
        container: or(choices.kube_proxy_container, "kube-proxy"),
        poll: choices.poll,
        history: choices.history.unwrap_or(false),
        series: choices.series,
    }
}

impl Sources {
    /// Whether the log of a node of this name is taken.
    #[must_use]
    pub fn takes(&self, node: &str) -> bool {
        self.is_asked(node) && (self.nodes.is_empty() || self.nodes.iter().any(|one| one == node))
    }

    /// Whether this process, and not another shard's, is asked about a node of this name.
    #[must_use]
    pub fn is_asked(&self, node: &str) -> bool {
        self.shard.is_none_or(|shard| shard.holds(node))
    }
}

impl Load {
    /// Endpoints at `replicas` replicas.
    #[must_use]
    pub fn endpoints(&self, replicas: u64) -> u64 {
        self.services.saturating_mul(replicas)
    }

    /// The ramp's last step.
    #[must_use]
    pub fn last_step(&self) -> u64 {
        self.replicas.last().copied().unwrap_or(0)
    }

    /// What the manifest says of it.
    #[must_use]
    pub fn describe(&self) -> bundle::Workload {
        let mut other = serde_json::Map::new();
        other.insert("image".to_owned(), self.image.clone().into());
        other.insert("concurrency".to_owned(), self.concurrency.into());
        if self.scenario == Scenario::Churn {
            other.insert("churn_pods".to_owned(), self.churn_pods.into());
            let every = self.churn_every.0.as_secs_f64();
            other.insert("churn_every_s".to_owned(), every.into());
        }
        if self.scenario != Scenario::Ramp {
            other.insert("rounds".to_owned(), self.rounds.into());
        }
        bundle::Workload {
            scenario: self.scenario,
            namespace: self.namespace.clone(),
            services: self.services,
            replicas: self.replicas.clone(),
            step_pause_s: self.step_pause.0.as_secs_f64(),
            stabilise_s: self.stabilise.0.as_secs_f64(),
            pace: Some(self.pace.name().to_owned()),
            other,
        }
    }

    fn validate(&self) -> Result<(), Error> {
        let refuse = |problem: &str| Err(Error::Usage(problem.to_owned()));
        if self.services == 0 || self.batch == 0 {
            return refuse("--services and --batch must be at least 1");
        }
        if self.replicas.is_empty() || self.replicas.iter().any(|r| i32::try_from(*r).is_err()) {
            return refuse("--replicas must name at least one step, each below 2147483648");
        }
        if self.concurrency == 0 {
            return refuse("--concurrency must be at least 1");
        }
        if self.qps.is_some_and(|qps| !qps.is_finite() || qps <= 0.0) {
            return refuse("--qps must be above 0; leave it out for no limit");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_the_published_benchmark() {
        let load = Settings::from_choices(Choices::default()).unwrap().load;
        assert_eq!((load.services, load.batch), (8000, 100));
        assert_eq!(load.replicas, [1, 5, 10, 15, 20, 25, 30]);
        assert_eq!(load.step_pause, Span::seconds(60));
        assert_eq!(load.stabilise, Span::seconds(300));
        assert_eq!(load.namespace, "debug");
        assert_eq!(load.describe().target_endpoints(), Some(240_000));
    }

    #[test]
    fn the_workload_file_of_the_published_benchmark_says_what_the_defaults_are() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../cluster/workload.yaml");
        let file = Choices::read(path.as_ref()).unwrap();
        assert!(file.services.is_some());
        let defaults = Settings::from_choices(Choices::default()).unwrap();
        assert_eq!(Settings::from_choices(file).unwrap(), defaults);
    }

    #[test]
    fn nonsense_is_refused() {
        for choices in [
            Choices {
                services: Some(0),
                ..Choices::default()
            },
            Choices {
                replicas: Some(vec![]),
                ..Choices::default()
            },
            Choices {
                replicas: Some(vec![1 << 40]),
                ..Choices::default()
            },
            Choices {
                concurrency: Some(0),
                ..Choices::default()
            },
            Choices {
                qps: Some(0.0),
                ..Choices::default()
            },
            Choices {
                qps: Some(f64::NAN),
                ..Choices::default()
            },
            Choices {
                owner: Some("a b".to_owned()),
                ..Choices::default()
            },
        ] {
            let error = Settings::from_choices(choices.clone()).unwrap_err();
            assert!(matches!(error, Error::Usage(_)), "{choices:?}");
        }
    }
}
