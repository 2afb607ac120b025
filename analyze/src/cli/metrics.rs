//! `analyze metrics`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Examples of its help.
pub(super) const METRICS_EXAMPLES: &str = "Examples:
  curl -s localhost:10249/metrics > a.prom                    on a node; once more later
  analyze metrics a.prom                                      since its kube-proxy began
  analyze metrics a.prom a-later.prom b.prom b-later.prom     between the scrapes of each
  analyze metrics answer.json --format json                   of /api/v1/query_range or query

Scrapes of one process are told by process_start_time_seconds. If that is not in the files, or kube-proxy
began again between them, say whose they are: --node a.prom=a --node a-later.prom=a

A path called `metrics` itself is given as ./metrics.";

/// What is read, and how it is told.
#[derive(Debug, Clone, Args)]
pub struct MetricsOf {
    /// What kube-proxy's /metrics shows, or the JSON that Prometheus' query API answers (.gz and .zst
    /// too; -: standard input), the oldest first
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// The kube-proxy that a file is of; can be given for each
    #[arg(long, value_name = "FILE=NAME", value_parser = node)]
    pub node: Vec<(String, String)>,

    /// How it is printed
    #[arg(long, value_enum, default_value_t = MetricsFormat::Table)]
    pub format: MetricsFormat,
}

/// How metrics are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MetricsFormat {
    /// For a terminal.
    Table,
    /// Every figure, with buckets and labels.
    Json,
}

fn node(text: &str) -> Result<(String, String), String> {
    let split = text.rsplit_once('=');
    let named = split.filter(|(file, name)| !file.is_empty() && !name.is_empty());
    let (file, name) = named.ok_or("give a file and a name, like a.prom=node-a")?;
    Ok((file.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::node;

    #[test]
    fn a_node_is_a_file_and_a_name() {
        let read = |text| node(text).ok();
        let pair = |file: &str, name: &str| Some((file.to_owned(), name.to_owned()));
        assert_eq!(read("a.prom=a"), pair("a.prom", "a"));
        assert_eq!(read("x=y/a.prom=a"), pair("x=y/a.prom", "a"));
        for text in ["", "a", "=a", "a="] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
