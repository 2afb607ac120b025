//! What a run would do, and an honest estimate of how long that takes.

use std::fmt::Write as _;
use std::time::Duration;

use bundle::Scenario;

use crate::settings::choices::Pace;
use crate::settings::{Load, Settings};
use crate::span::Span;

/// Creations a second that one core of kube-apiserver 1.34 serves at 8,000 Services; it
/// allocates a ClusterIP in time that grows with the number taken.
const SLOW_SERVER: f64 = 50.0;
/// Creations a second of a server with cores to spare.
const FAST_SERVER: f64 = 400.0;
/// Requests a second of kube-controller-manager by default: EndpointSlices a second.
const CONTROLLER_QPS: f64 = 20.0;
/// Seconds of one sync an endpoint, the fastest and slowest kernel published: 4 and 16 minutes
/// at 240,000 endpoints.
const SYNC: [f64; 2] = [240.0 / 240_000.0, 960.0 / 240_000.0];
/// Services that a server removes a second.
const REMOVALS: f64 = 100.0;

/// A step of a run and its shortest and longest duration, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// What is done.
    pub what: String,
    /// Shortest and longest.
    pub seconds: [f64; 2],
}

/// The steps of a run.
#[must_use]
pub fn steps(settings: &Settings) -> Vec<Stage> {
    let load = &settings.load;
    let services = load.services as f64;
    let top = load.endpoints(load.last_step()) as f64;
    let syncs = SYNC.map(|a| a * top);
    let quiet = load.quiet_for.0.as_secs_f64();
    let mut steps = vec![
        step("check, start the capture", [2.0, 30.0]),
        Stage {
            what: format!(
                "generate: namespace {}, 1 Deployment, {} Services, {} requests at once",
                load.namespace, load.services, load.concurrency
            ),
            seconds: fan_out(load),
        },
        step("stabilise", [load.stabilise.0.as_secs_f64(); 2]),
    ];
    steps.extend(
        load.replicas
            .iter()
            .map(|replicas| ramp_step(load, *replicas)),
    );
    // EndpointSlices that lag behind the ramp, one sync under way and one that carries the rest.
    let settle = [
        quiet + syncs[0],
        quiet + services / CONTROLLER_QPS + 2.0 * syncs[1],
    ];
    steps.push(step("settle: until every kube-proxy is quiet", settle));
    steps.extend(scenario(load, syncs));
    steps.push(step(
        "finalise the bundle, clean up",
        [services / REMOVALS / 4.0, services / REMOVALS * 2.0],
    ));
    steps
}

fn step(what: &str, seconds: [f64; 2]) -> Stage {
    Stage {
        what: what.to_owned(),
        seconds,
    }
}

fn fan_out(load: &Load) -> [f64; 2] {
    let services = load.services as f64;
    let at = |rate: f64| services / load.qps.map_or(rate, |qps| qps.min(rate));
    [at(FAST_SERVER), at(SLOW_SERVER)]
}

fn ramp_step(load: &Load, replicas: u64) -> Stage {
    let pause = load.step_pause.0.as_secs_f64();
    let propagation = load.services as f64 / CONTROLLER_QPS;
    let seconds = match load.pace {
        Pace::Fixed => [pause; 2],
        // A controller without a limit of its own, and one with the default.
        Pace::Converge => [(propagation / 50.0).min(pause), propagation.min(pause)],
    };
    Stage {
        what: format!(
            "ramp: {replicas} replicas, {} endpoints",
            load.endpoints(replicas)
        ),
        seconds,
    }
}

fn scenario(load: &Load, syncs: [f64; 2]) -> Option<Stage> {
    let rounds = load.rounds as f64;
    let quiet = load.quiet_for.0.as_secs_f64();
    match load.scenario {
        Scenario::Ramp => None,
        Scenario::Churn => {
            let every = load.churn_every.0.as_secs_f64() * rounds;
            let what = format!("churn: {} pods, {} times", load.churn_pods, load.rounds);
            Some(step(&what, [every, every + quiet + syncs[1]]))
        }
        Scenario::ColdStart => {
            let what = format!("cold start: {} restarts a node (for one node)", load.rounds);
            Some(step(&what, syncs.map(|s| rounds * (s + quiet))))
        }
    }
}

/// The plan for people.
#[must_use]
pub fn describe(settings: &Settings) -> String {
    let load = &settings.load;
    let mut text = String::new();
    let top = load.last_step();
    // Writing to a String cannot fail.
    writeln!(
        text,
        "{} Services in namespace {}, selecting 1 Deployment of {} ({}): up to {} endpoints",
        load.services,
        load.namespace,
        load.image,
        load.replicas
            .iter()
            .map(u64::to_string)
            .collect::<Vec<_>>()
            .join(", "),
        load.endpoints(top)
    )
    .unwrap_or_default();
    let mut total = [0.0; 2];
    for step in steps(settings) {
        writeln!(text, "  {:>16}  {}", range(step.seconds), step.what).unwrap_or_default();
        total = [total[0] + step.seconds[0], total[1] + step.seconds[1]];
    }
    writeln!(text, "  {:>16}  in all", range(total)).unwrap_or_default();
    text.push_str(
        "The estimate assumes 50 to 400 Services a second, a kube-controller-manager with its \
         default\nof 20 requests a second or without a limit, and syncs as published: 4 to 16 \
         minutes at 240,000 endpoints.\n",
    );
    if load.pace == Pace::Fixed
        && load.services as f64 / CONTROLLER_QPS > load.step_pause.0.as_secs_f64()
    {
        text.push_str(
            "With that default a step's EndpointSlices are not all written within --step-pause: \
             the next step comes\nin mid-propagation, as in the published runs. --pace converge \
             waits for them.\n",
        );
    }
    text
}

fn range([short, long]: [f64; 2]) -> String {
    let span = |seconds: f64| Span(Duration::from_secs(seconds.round() as u64)).to_string();
    let (short, long) = (span(short), span(long));
    if short == long {
        short
    } else {
        format!("{short} to {long}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::choices::Choices;

    fn plan(choices: Choices) -> String {
        describe(&Settings::from_choices(choices).unwrap())
    }

    #[test]
    fn the_published_benchmark_is_planned() {
        let text = plan(Choices::default());
        for part in [
            "8000 Services in namespace debug",
            "up to 240000 endpoints",
            "ramp: 30 replicas, 240000 endpoints",
            "in mid-propagation",
            "20s to 2m40s  generate",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn converging_and_a_limit_change_the_estimate() {
        let text = plan(Choices {
            pace: Some(Pace::Converge),
            qps: Some(5.0),
            ..Choices::default()
        });
        assert!(text.contains("26m40s  generate"), "{text}");
        assert!(!text.contains("mid-propagation"), "{text}");
    }
}
