//! The command line.

mod plan;
mod values;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

pub use plan::{Plan, Window};
pub use values::{Bound, Duration};

const EXAMPLES: &str = "Examples:
  analyze                                     read samples/, write reports/
  analyze my-bundle/ -o my-report/            a bundle of `driver run`
  kubectl logs -n kube-system kube-proxy-abcde --timestamps | analyze - --format table
  analyze node-a.log node-b.log --label node-a.log=6.1.144 --label node-b.log=6.12.46
  analyze /var/log/pods --metadata nodes.json --format json
  analyze old/ new/ --group-by bundle         any two bundles against each other
  analyze samples/ --readme README.md --check exit 1 if anything is out of date

Exit status: 0 done; 1 a condition that was asked for does not hold; 2 bad usage or input.";

/// How long kube-proxy's rule syncs take, on which kernel, and why: reads bundles and
/// kube-proxy logs of any kind, writes charts and reports. Never touches a network.
#[derive(Debug, Clone, Parser)]
#[command(name = "analyze", version, after_help = EXAMPLES)]
pub struct Cli {
    /// Bundles, directories of them, logs of any kind (.gz and .zst too), `-` for standard input
    #[arg(value_name = "PATH", default_value = "samples/")]
    pub paths: Vec<PathBuf>,

    /// Directory for index.html, report.md, results.json, syncs.csv, syncs.parquet, charts/
    #[arg(short, long, value_name = "DIR", default_value = "reports/")]
    pub output: PathBuf,

    /// Print this to standard output and write no files
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// What makes a group
    #[arg(long, value_enum, default_value_t = GroupBy::Kernel)]
    pub group_by: GroupBy,

    /// The group to compare against [default: the slowest]
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,

    /// The only group to compare with the baseline [default: every other]
    #[arg(long, value_name = "NAME")]
    pub candidate: Option<String>,

    /// The family whose syncs are trials [default: the one with the most endpoints]
    #[arg(long, value_enum)]
    pub family: Option<FamilyChoice>,

    /// Fewest endpoints of a trial, as a number or a share of full scale [default: 80%]
    #[arg(long, value_name = "N|P%")]
    pub min_endpoints: Option<Bound>,

    /// Most endpoints of a trial, as a number or a share of full scale
    #[arg(long, value_name = "N|P%")]
    pub max_endpoints: Option<Bound>,

    /// Shortest duration of a trial, like 1m30s
    #[arg(long, value_name = "DUR")]
    pub min_elapsed: Option<Duration>,

    /// Count syncs too that changed less than 1 % of their endpoints
    #[arg(long)]
    pub include_small_changes: bool,

    /// Only syncs that end at or after this time (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,

    /// Only syncs that end before this time (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,

    /// Year of the first line of logs that tell none
    #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(i32).range(1970..2262))]
    pub year: Option<i32>,

    /// Kernels of nodes: the output of `kubectl get nodes -o json`
    #[arg(long, value_name = "nodes.json")]
    pub metadata: Option<PathBuf>,

    /// The kernel (or any name) of a log; can be given for each
    #[arg(long, value_name = "FILE=KERNEL")]
    pub label: Vec<String>,

    /// Put the results between the markers in this file
    #[arg(long, value_name = "FILE")]
    pub readme: Option<PathBuf>,

    /// Write nothing; exit 1 if a file would change
    #[arg(long)]
    pub check: bool,

    /// No progress, no summary
    #[arg(short, long)]
    pub quiet: bool,
}

/// What is printed to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The headline and a table.
    Table,
    /// results.json.
    Json,
    /// syncs.csv.
    Csv,
    /// report.md.
    Markdown,
    /// index.html.
    Html,
}

/// What makes a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GroupBy {
    /// Kernel release.
    Kernel,
    /// Node.
    Node,
    /// kube-proxy's mode.
    Mode,
    /// kube-proxy's version.
    KubeProxy,
    /// Instance type.
    Instance,
    /// OS image.
    Os,
    /// Bundle.
    Bundle,
    /// What --label says.
    Label,
}

impl GroupBy {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Node => "node",
            Self::Mode => "mode",
            Self::KubeProxy => "kube-proxy",
            Self::Instance => "instance",
            Self::Os => "os",
            Self::Bundle => "bundle",
            Self::Label => "label",
        }
    }
}

/// Whose syncs are trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FamilyChoice {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
    /// Both.
    All,
}

impl FamilyChoice {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::All => "all",
        }
    }
}
