//! Flags of the benchmark.

use std::path::PathBuf;

use clap::Args;

use super::Cluster;
use crate::state::Mode;

/// Flags of `bench`.
#[derive(Debug, Clone, Args)]
pub struct Bench {
    /// Where the bundles go; one that a call was interrupted in is gone on with
    #[arg(long, short, value_name = "DIR", default_value = "bundles/bench")]
    pub output: PathBuf,
    /// Print the plan and how long it takes, run nothing
    #[arg(long)]
    pub plan: bool,
    /// The kernels, one node each, never two at once
    #[arg(long, value_delimiter = ',', default_value = "6.1,6.12,newest")]
    pub kernels: Vec<String>,
    /// kube-proxy's modes
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "nftables,iptables"
    )]
    pub modes: Vec<Mode>,
    /// Runs of each kernel and mode; with fewer than 5, three kernels cannot be told apart at
    /// p < 0.05 [default: 5; with --until-width, at most 20]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repetitions: Option<u32>,
    /// Go on until the interval of each difference spans so many percentage points at most
    /// (`5%`), or for --repetitions: `analyze` looks after each repetition from the third on, and
    /// its intervals allow for all looks together
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub until_width: Option<f64>,
    /// Run the first kernel once more in each repetition, under a second name: how far apart the
    /// two lie is the smallest difference to trust
    #[arg(long)]
    pub aa: bool,
    /// Services to make: an eighth of the published number
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub services: u64,
    /// Replicas, step by step, as published
    #[arg(long, value_delimiter = ',', default_value = "1,5,10,15,20,25,30")]
    pub replicas: Vec<u64>,
    /// Seconds after a step, as published
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub step_pause: u64,
    /// Seconds between the fan-out and the ramp (published: 300)
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub stabilise: u64,
    /// Seconds without a sync after which a node counts as settled
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub quiet_for: u64,
    /// What the order is drawn with [default: any]
    #[arg(long)]
    pub seed: Option<u64>,
    /// One more word for `driver run`; may be repeated
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    pub driver_arg: Vec<String>,
    /// The driver [default: `driver` beside `lab`, then from PATH]
    #[arg(long, value_name = "FILE", env = "LAB_DRIVER")]
    pub driver: Option<PathBuf>,
    /// The clusters.
    #[command(flatten)]
    pub cluster: Cluster,
}

/// `5%` or `5`: above 0, below 100.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    let found = number.parse().ok().filter(|n: &f64| *n > 0.0 && *n < 100.0);
    found.ok_or_else(|| "a percentage above 0 and below 100 is meant, such as 5%".to_owned())
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_width_is_a_percentage() {
        assert_eq!((percent("5%"), percent("2.5")), (Ok(5.0), Ok(2.5)));
        for wrong in ["0", "100%", "-1%", "wide", "", "NaN"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }
}
