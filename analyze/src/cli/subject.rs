//! What is read, and which of it counts: the options that a report and `explain` share.

use std::path::PathBuf;

use clap::Args;

use super::{Duration, Percent, Size};
use crate::plan::{Bound, FamilyChoice, GroupBy};

impl Subject {
    /// All that is in these, by the rule as it is.
    #[must_use]
    pub fn of(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            group_by: GroupBy::Kernel,
            baseline: None,
            candidate: None,
            family: None,
            min_endpoints: None,
            max_endpoints: None,
            min_elapsed: None,
            include_small_changes: false,
            since: None,
            until: None,
            max_memory: Size(4 << 30),
            year: None,
            metadata: None,
            label: Vec::new(),
            run: Vec::new(),
            margin: None,
        }
    }
}

/// Paths and the rule's options.
#[derive(Debug, Clone, Args)]
pub struct Subject {
    /// Bundles, directories of them, logs of any kind (.gz and .zst too), data sets of `ingest`, s3://,
    /// gs://, az:// of any of these, `-` for standard input
    #[arg(value_name = "PATH", default_value = "samples/")]
    pub paths: Vec<PathBuf>,

    /// What makes a group
    #[arg(long, value_enum, default_value_t = GroupBy::Kernel)]
    pub group_by: GroupBy,

    /// The group to compare against [default: the lowest release, or the first name]
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

    /// Memory that what is kept of the logs may take, like 500M or 8G
    #[arg(long, value_name = "SIZE", default_value = "4G")]
    pub max_memory: Size,

    /// Year of the first line of logs that tell none
    #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(i32).range(1970..2262))]
    pub year: Option<i32>,

    /// Kernels of nodes: the output of `kubectl get nodes -o json`
    #[arg(long, value_name = "nodes.json")]
    pub metadata: Option<PathBuf>,

    /// The kernel (or any name) of a log; can be given for each
    #[arg(long, value_name = "FILE=KERNEL")]
    pub label: Vec<String>,

    /// The run that a log is of: files of one name are one run; can be given for each
    #[arg(long, value_name = "FILE=NAME")]
    pub run: Vec<String>,

    /// Say of each comparison whether its sides are equivalent within this, like 5%
    #[arg(long, value_name = "P%")]
    pub margin: Option<Percent>,
}
