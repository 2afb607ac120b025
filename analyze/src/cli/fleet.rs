//! `analyze fleet`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::fleet::By;

/// Examples of its help.
pub(super) const FLEET_EXAMPLES: &str = "Examples:
  analyze ingest bundles/ -o set/ && analyze fleet set/       a row a kernel, and the nodes that stand out
  analyze fleet s3://metrics/kube-proxy --by zone,instance    groups by more than one property
  analyze fleet set/ --page fleet.html                        the same as a page
  analyze fleet set/ --json                                   every figure, with the line of each longest

Only one part's syncs are in memory at a time. What may be compared, and how sure a difference is,
`analyze set/` says; here syncs are as they came. A path called `fleet` itself is given as ./fleet.";

/// Which data sets, and what makes a group.
#[derive(Debug, Clone, Args)]
pub struct FleetOf {
    /// Data sets that `analyze ingest` made: directories, or s3://BUCKET/PREFIX, gs://, az://
    #[arg(value_name = "DIR|URL", required = true)]
    pub sets: Vec<String>,

    /// What nodes of one group have in common, beside mode and family
    #[arg(long, value_name = "WHAT,...", default_value = "kernel", value_delimiter = ',', value_parser = by())]
    pub by: Vec<By>,

    /// Write a page with a picture
    #[arg(long, value_name = "FILE")]
    pub page: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn by() -> impl clap::builder::TypedValueParser<Value = By> {
    let names = PossibleValuesParser::new(By::ALL.iter().map(|by| by.name()));
    names.try_map(|name| {
        let found = By::ALL.iter().find(|by| by.name() == name);
        found.copied().ok_or("no such property")
    })
}
