//! The command line.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bundle::Shard;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::settings::choices::Choices;
use crate::settings::part;
use crate::span::Span;

/// Shown below `--help`.
const EXAMPLES: &str = "\
Examples:
  driver check                          what would go wrong, before anything is changed
  driver plan                           what `run` would make, and how long it takes
  driver run -o bundles/first           the published benchmark: 8,000 Services x 30 replicas
  driver run --services 500 --replicas 1,10 --pace converge --nodes node-a,node-b
  driver run --scenario cold-start --rounds 5 -o bundles/cold
  driver collect --for 2h -o bundles/watch    only take the logs, load comes from elsewhere
  driver collect --for 2h -o fleet/2 --shard 2/8 --series fleet    one of eight that share the nodes
  driver watch                          every node's time in sync, lag and failures, live
  driver generate && driver ramp              only make the load
  driver cleanup                        remove what carries the owner's label, nothing else

Each flag can stand in a workload file too (--workload run.yaml, keys as the flags are called),
or in the environment (DRIVER_SERVICES=500). A flag wins over the environment, that over the file.

Exit status: 0 done; 1 a condition does not hold (a check failed, the bundle is incomplete, a
limit was reached, interrupted); 2 bad usage or input (flags, files, kubeconfig, credentials).";

/// Version, commit, the layout that is written, and for what machine.
fn long_version() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "{}\ncommit {}\nbundle.json {}\n{} {}",
            env!("CARGO_PKG_VERSION"),
            // Set where binaries are made to be handed out.
            option_env!("COMMIT").unwrap_or("unknown: built from source"),
            bundle::SCHEMA_MAJOR,
            std::env::consts::ARCH,
            std::env::consts::OS,
        )
    });
    &TEXT
}

/// Puts a measured load of Services and endpoints on a cluster and takes home every node's raw
/// kube-proxy log as a bundle for `analyze`.
#[derive(Debug, Parser)]
#[command(
    name = "driver",
    version,
    long_version = long_version(),
    after_help = EXAMPLES,
    max_term_width = 100
)]
pub struct Cli {
    /// What every verb takes.
    #[command(flatten)]
    pub global: Global,
    /// The load and the capture.
    #[command(flatten)]
    pub choices: Choices,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What kubectl finds the program by, and what a person then types.
const PLUGIN: (&str, &str) = ("kubectl-kube_proxy_bench", "kubectl kube-proxy-bench");

impl Cli {
    /// What this process was called with. Called as a plugin of kubectl, usage says what to type.
    ///
    /// # Errors
    ///
    /// What clap has to say: usage, help, the version.
    pub fn called() -> Result<Self, clap::Error> {
        Self::of(std::env::args_os().collect())
    }

    fn of(words: Vec<OsString>) -> Result<Self, clap::Error> {
        let plugin = words
            .first()
            .is_some_and(|word| Path::new(word).file_stem() == Some(OsStr::new(PLUGIN.0)));
        let command = match plugin {
            true => Self::command().no_binary_name(true).bin_name(PLUGIN.1),
            false => Self::command(),
        };
        let words = words.into_iter().skip(usize::from(plugin));
        Self::from_arg_matches(&command.try_get_matches_from(words)?)
    }
}

/// What every verb takes.
#[derive(Debug, Args)]
pub struct Global {
    /// Kubeconfig file [default: $KUBECONFIG, ~/.kube/config, then in-cluster credentials]
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig [default: its current one]
    #[arg(long, env = "DRIVER_CONTEXT", global = true)]
    pub context: Option<String>,
    /// Workload file, YAML or TOML, with the flags of Load and Capture as keys
    #[arg(
        long,
        short = 'w',
        env = "DRIVER_WORKLOAD",
        global = true,
        value_name = "FILE"
    )]
    pub workload: Option<PathBuf>,
    /// Say only warnings and errors
    #[arg(long, short, env = "DRIVER_QUIET", global = true)]
    pub quiet: bool,
    /// How log lines are written
    #[arg(
        long,
        value_enum,
        default_value = "text",
        env = "DRIVER_LOG_FORMAT",
        global = true
    )]
    pub log_format: LogFormat,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// One screen of pass, warn and fail, before anything is changed
    Check,
    /// What `run` would do, object counts and an estimate of the time
    Plan,
    /// Check, capture, generate, stabilise, ramp, settle, finalise the bundle, clean up
    Run(Run),
    /// Make the namespace, the Deployment and what Services are missing
    Generate(Rows),
    /// Scale the Deployment step by step
    Ramp(Rows),
    /// Take the logs of every chosen node until Ctrl-C, or for a while
    Collect(Collect),
    /// Time in sync, lag and failures of every node of a cluster that runs anyway; no load, and
    /// nothing is kept
    Watch(Watch),
    /// Remove what carries the owner's label
    Cleanup,
}

/// Flags of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The bundle's directory; one that an interrupted run left is gone on with
    /// [default: bundle-<time>]
    #[arg(long, short, env = "DRIVER_OUTPUT", value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Keep all of it in a second place too, on another disk: should the output fill up or be
    /// removed, the run goes on there
    #[arg(long, env = "DRIVER_ALSO", value_name = "DIR")]
    pub also: Option<PathBuf>,
    /// Leave the load on the cluster
    #[arg(long, env = "DRIVER_KEEP")]
    pub keep: bool,
    /// Go on although a check failed
    #[arg(long, env = "DRIVER_FORCE")]
    pub force: bool,
}

/// Flags of `generate` and `ramp`.
#[derive(Debug, Args)]
pub struct Rows {
    /// A bundle that `collect` is writing: its timeline gets the rows
    #[arg(long, short, env = "DRIVER_OUTPUT", value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Flags of `collect`.
#[derive(Debug, Args)]
pub struct Collect {
    /// The bundle's directory [default: bundle-<time>]
    #[arg(long, short, env = "DRIVER_OUTPUT", value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Keep all of it in a second place too, on another disk: should the output fill up or be
    /// removed, the run goes on there
    #[arg(long, env = "DRIVER_ALSO", value_name = "DIR")]
    pub also: Option<PathBuf>,
    /// How long, from when the bundle was begun; after SIGTERM before that, or a kill, the same call
    /// goes on [default: until Ctrl-C]
    #[arg(long = "for", env = "DRIVER_FOR", value_name = "DURATION")]
    pub duration: Option<Span>,
    /// Only the nodes of one part of N, by their names: I from 0. Without I it is the index that an
    /// Indexed Job gives its pod (JOB_COMPLETION_INDEX). Needs --output and --series
    #[arg(long, value_parser = part::shard, env = "DRIVER_SHARD", value_name = "[I/]N")]
    pub shard: Option<Shard>,
}

/// Flags of `watch`.
#[derive(Debug, Args)]
pub struct Watch {
    /// How long [default: until Ctrl-C]
    #[arg(long = "for", env = "DRIVER_FOR", value_name = "DURATION")]
    pub duration: Option<Span>,
    /// Time between two tellings [default: 2s in a table, 30s in lines]
    #[arg(long, env = "DRIVER_EVERY", value_name = "DURATION")]
    pub every: Option<Span>,
    /// Figures are of so much time before now
    #[arg(
        long,
        default_value = "10m",
        env = "DRIVER_OVER",
        value_name = "DURATION"
    )]
    pub over: Span,
    /// How it is told [default: table on a terminal, else lines]
    #[arg(long, value_enum, env = "DRIVER_FORMAT")]
    pub format: Option<WatchFormat>,
}

/// How `watch` tells what it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WatchFormat {
    /// A table, drawn anew in place on a terminal; what is out of reach or furthest behind comes first.
    Table,
    /// A line a node each time, key=value.
    Lines,
    /// A JSON object a node each time.
    Json,
}

#[cfg(test)]
#[path = "../../tests/calls.rs"]
mod calls;

#[cfg(test)]
mod tests {
    use super::calls::{assert_one_way, calls, pages};
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_may_stand_before_and_after_the_verb() {
        for line in ["driver --services 5 run", "driver run --services 5"] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.choices.services, Some(5), "{line}");
        }
    }

    #[test]
    fn a_plugin_of_kubectl_tells_what_to_type() {
        let usage = |called: &str| {
            let words = [called, "run", "--no-such-flag"].map(OsString::from);
            Cli::of(words.to_vec()).unwrap_err().to_string()
        };
        for called in [
            "kubectl-kube_proxy_bench",
            "/usr/bin/kubectl-kube_proxy_bench.exe",
        ] {
            let said = usage(called);
            assert!(
                said.contains("Usage: kubectl kube-proxy-bench run "),
                "{said}"
            );
        }
        assert!(usage("driver").contains("Usage: driver run "));
        let cli = Cli::of(
            ["kubectl-kube_proxy_bench", "check"]
                .map(OsString::from)
                .to_vec(),
        );
        assert!(matches!(cli.unwrap().verb, Verb::Check));
    }

    /// Each call in the documentation's blocks of `sh`; they need a cluster to be made.
    #[test]
    fn every_call_in_the_documentation_is_understood() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut understood = 0;
        for page in pages(&root) {
            for words in calls(&std::fs::read_to_string(&page).unwrap(), "driver") {
                if let Err(error) = Cli::try_parse_from(&words) {
                    panic!("{}: {}\n{error}", page.display(), words.join(" "));
                }
                understood += 1;
            }
        }
        assert!(understood >= 10, "{understood} calls");
        assert_one_way(&root);
    }
}
