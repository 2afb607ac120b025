//! `analyze ingest`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::Size;
use crate::dataset::PARTS;
use crate::ingest::Shard;

/// Examples of its help.
pub(super) const INGEST_EXAMPLES: &str = "Examples:
  analyze ingest bundles/ /var/log/pods -o fleet/        read once, as Parquet
  analyze ingest bundles/ -o s3://metrics/kube-proxy     into an object store
  analyze fleet/                                         a report of it, the same as of the logs
  analyze ingest bundles/ -o fleet/ --shard 2/8          one of eight shares of the work, from 0

What is there is left alone, a part is seen whole or not at all, and what ended in the middle goes on
when it is called again. Stores take their credentials from the environment, as their own clients do
(AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_ACCOUNT_KEY ...).";

/// What is read into which data set.
#[derive(Debug, Clone, Args)]
pub struct IngestOf {
    /// Bundles, directories of them, logs of any kind
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// The data set: a directory, or s3://BUCKET/PREFIX, gs://, az://; made if it is not there
    #[arg(short, long, value_name = "DIR|URL")]
    pub output: String,

    /// Only this share of the work, counted from 0: of 8 machines each does one
    #[arg(long, value_name = "I/N", default_value = "0/1")]
    pub shard: Share,

    /// Year of the first line of logs that tell none
    #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(i32).range(1970..2262))]
    pub year: Option<i32>,

    /// Kernels of nodes: the output of `kubectl get nodes -o json`
    #[arg(long, value_name = "nodes.json")]
    pub metadata: Option<PathBuf>,

    /// Memory that what is kept of one part's logs may take, like 500M or 8G
    #[arg(long, value_name = "SIZE", default_value = "4G")]
    pub max_memory: Size,
}

/// `I/N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(pub Shard);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("give I/N, from 0/N to N-1/N, with N at most {PARTS}");
        let (index, of) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| wrong());
        let (index, of) = (number(index)?, number(of)?);
        let fits = index < of && of <= PARTS;
        fits.then_some(Self(Shard { index, of })).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_or_refused() {
        for (text, index, of) in [("0/1", 0, 1), ("7/8", 7, 8), ("255/256", 255, 256)] {
            let read: Share = text.parse().unwrap();
            assert_eq!((read.0.index, read.0.of), (index, of));
        }
        for text in [
            "", "1", "1/1", "8/8", "0/0", "-1/2", "0/257", "a/b", "0/2/3",
        ] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }
}
