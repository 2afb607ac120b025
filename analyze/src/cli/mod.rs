//! The command line.

mod called;
mod checked;
mod choices;
mod fleet;
mod history;
mod ingesting;
mod metrics;
mod subject;
mod values;

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, Parser, Subcommand};

use crate::figure;
use crate::gate::{Expr, Figures};
use crate::render::Format;

use fleet::FLEET_EXAMPLES;
use history::HISTORY_EXAMPLES;
use ingesting::INGEST_EXAMPLES;
use metrics::METRICS_EXAMPLES;

pub use fleet::FleetOf;
pub use history::{Changed, HistoryOf};
pub use ingesting::{IngestOf, Share};
pub use metrics::{MetricsFormat, MetricsOf};
pub use subject::Subject;
pub use values::{Duration, Percent, Size};

const EXAMPLES: &str = "Examples:
  analyze                                     read samples/, write reports/
  analyze my-bundle/ -o my-report/            a bundle of `driver run`
  kubectl logs -n kube-system kube-proxy-abcde --timestamps | analyze - --format table
  analyze node-a.log node-b.log --label node-a.log=6.1.144 --label node-b.log=6.12.46
  analyze /var/log/pods --metadata nodes.json --format json
  analyze old/ new/ --group-by bundle         any two bundles against each other
  analyze samples/ --readme README.md --check exit 1 if anything is out of date
  analyze new/ --fail-if 'mean(6.12.46) > 5m' exit 1 if it holds; junit.xml for the CI's own page
  analyze 's3://logs/kube-proxy/**.gz'        logs in an object store, streamed
  analyze ingest bundles/ -o set/ && analyze fleet set/     thousands of nodes: what stands out
  analyze explain 'mean(6.1.144)' samples/    formula, inputs, and the log line of each
  analyze predict --services 12000 --endpoints 8 --kernel 6.12     what it would take, what helps

Exit status: 0 done; 1 a condition that was asked for does not hold; 2 bad usage or input.";

/// Version, commit, the layouts that are read and written, and for what machine.
fn long_version() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "{}\ncommit {}\nresults.json {}, bundle.json {}\n{} {}",
            env!("CARGO_PKG_VERSION"),
            // Set where binaries are made to be handed out.
            option_env!("COMMIT").unwrap_or("unknown: built from source"),
            crate::report::SCHEMA,
            bundle::SCHEMA_MAJOR,
            std::env::consts::ARCH,
            std::env::consts::OS,
        )
    });
    &TEXT
}

/// `--fail-if` at length: the figures as their table tells them.
fn fail_if() -> String {
    let mut help = "Exit 1 if this holds; can be given more than once.\n\n".to_owned();
    for (of, figures) in figure::kinds() {
        help += &format!("Figures {of}:\n");
        for one in figures {
            help += &format!("  {:<17}{}\n", one.name, one.help);
        }
        help.push('\n');
    }
    help + LIMITS
}

const LIMITS: &str = "\
`matched.` before a figure of trials or of a comparison asks for matched scale.

Limits: 50% for an improvement, 5m, 1m30s or 250ms for a duration, 0.05 or 5% for a share, whole \
numbers for counts. Operators: < <= > >= (== and != for counts), and, or, not, parentheses. A \
group is written as in the report, as study/group where several studies have it, or in quotes.

A figure that the report does not have is an error (exit 2), never a silent pass.";

/// `explain` at length.
const FIGURE: &str = "\
A figure as in --fail-if: mean(6.1.144), matched.improvement, p(6.1.144, 6.12.46), \
exponent(6.1.144), warnings. A whole condition explains each of its figures.";

const EXPLAIN_EXAMPLES: &str = "Examples:
  analyze explain 'mean(6.1.144)'                     of samples/
  analyze explain matched.improvement my-bundle/
  analyze explain 'exponent(6.12.46)' my-bundle/
  analyze explain 'improvement < 50% or p > 0.05' old/ new/ --group-by bundle

A path called `explain` itself is given as ./explain.";

/// How long kube-proxy's rule syncs take, on which kernel, and why: reads bundles and
/// kube-proxy logs of any kind, writes charts and reports. Touches no network but the object store
/// that it is given.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "analyze",
    version,
    long_version = long_version(),
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Something else than a report.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// What is read, and which of it counts.
    #[command(flatten)]
    pub subject: Subject,

    /// Directory for index.html, report.md, results.json, syncs.csv, syncs.parquet, charts/
    #[arg(short, long, value_name = "DIR", default_value = "reports/")]
    pub output: PathBuf,

    /// Print this to standard output and write no files
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// With --format markdown: short enough for a comment on GitHub
    #[arg(long, requires = "format")]
    pub compact: bool,

    /// Open the report when it is written
    #[arg(long, conflicts_with_all = ["format", "check"])]
    pub open: bool,

    /// Put the results between the markers in this file
    #[arg(long, value_name = "FILE")]
    pub readme: Option<PathBuf>,

    /// Write nothing; exit 1 if a file would change
    #[arg(long)]
    pub check: bool,

    /// Exit 1 if this holds, like 'matched.improvement < 50%'; can be given more than once
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true, long_help = fail_if())]
    pub fail_if: Vec<Expr>,

    /// Where the conditions go as JUnit XML, unless --check [default: junit.xml beside the reports]
    #[arg(long, value_name = "FILE", requires = "fail_if")]
    pub junit: Option<PathBuf>,

    /// No progress, no summary
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

const PREDICT_EXAMPLES: &str = "Examples:
  analyze predict --services 12000 --endpoints 8 --kernel 6.12 --kube-proxy 1.32
  analyze predict --services 4000 --endpoints 30 --kernel 6.1 --from bundles/replay bundles/run-1
  nft list table ip kube-proxy > rules.txt; analyze predict --ruleset rules.txt --kernel 6.1

A kernel is a series (6.12: the latest replayed) or a version. What is more than eight times
beyond the loads that were made is refused.";

/// Flags of `predict`.
#[derive(Debug, Clone, Args)]
pub struct Predict {
    /// Services, all written by one sync
    #[arg(long, value_name = "N", requires = "endpoints", required_unless_present = "ruleset",
        value_parser = clap::value_parser!(u64).range(1..))]
    pub services: Option<u64>,

    /// Endpoints of each Service
    #[arg(long, value_name = "N", requires = "services",
        value_parser = clap::value_parser!(u64).range(1..))]
    pub endpoints: Option<u64>,

    /// Your own rules instead: what `nft list table ip kube-proxy` or `nft list ruleset` prints (also
    /// with -a or -j; -: standard input), or a batch for `nft -f`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["services", "endpoints"])]
    pub ruleset: Option<PathBuf>,

    /// The kernel
    #[arg(long, value_name = "KERNEL")]
    pub kernel: String,

    /// Whose rules: its version
    #[arg(long, value_name = "VERSION", default_value = "1.32")]
    pub kube_proxy: String,

    /// Bundles that it rests on
    #[arg(long, value_name = "PATH", num_args = 1.., default_value = "samples/")]
    pub from: Vec<PathBuf>,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What can be asked for instead of a report.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// What a load would take on a kernel, and which upgrade pays first: from replays and runs
    #[command(after_help = PREDICT_EXAMPLES)]
    Predict(Predict),
    /// Print a figure's formula, its inputs, and the log line of each
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain {
        /// A figure like 'mean(6.1.144)' or 'matched.improvement', or a whole --fail-if condition
        #[arg(value_name = "FIGURE", allow_hyphen_values = true, long_help = FIGURE)]
        figure: Figures,

        /// What is read, and which of it counts.
        #[command(flatten)]
        subject: Subject,
    },
    /// What figures were run by run, and where they changed: a file that each run is appended to
    #[command(after_help = HISTORY_EXAMPLES)]
    History(HistoryOf),
    /// Read logs once, into a data set that any engine which reads Parquet can ask, and reports too
    #[command(after_help = INGEST_EXAMPLES)]
    Ingest(IngestOf),
    /// How syncs are spread over the nodes of a data set, and which nodes stand out: thousands of nodes,
    /// in little memory
    #[command(after_help = FLEET_EXAMPLES)]
    Fleet(FleetOf),
    /// How long syncs took by kube-proxy's own metrics, where no log was kept: scrapes of /metrics, or
    /// what Prometheus answers
    #[command(after_help = METRICS_EXAMPLES)]
    Metrics(MetricsOf),
}
