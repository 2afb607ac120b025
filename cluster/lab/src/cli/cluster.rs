//! Flags of the verbs that start, look at and stop a cluster.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::addresses::MOST_PLAYED;
use crate::control::Clock;
use crate::state::{Accelerator, Mode, Wanted, WantedKubeProxy, WantedKubernetes};

/// Flags of `up`.
#[derive(Debug, Clone, Args)]
pub struct Up {
    /// A node and its kernel: `host` (this machine's), a series (`6.1`, `6.12`), a release as `lab
    /// kernels` lists it, or the path of an image of your own, whose modules are looked for by its
    /// release beside it (or named: IMAGE:.../lib/modules/RELEASE); may be repeated [default:
    /// node-a=host]
    #[arg(long = "node", value_name = "NAME=KERNEL")]
    pub nodes: Vec<Wanted>,
    /// So many more nodes without a kernel, kwok-0001 and on: node, kubelet and kube-proxy are
    /// played, each with a log that grows by a line every two seconds and tells of no sync
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = clap::value_parser!(u16).range(0..=i64::from(MOST_PLAYED)))]
    pub kwok_nodes: u16,
    /// kube-proxy's mode
    #[arg(long, value_enum, default_value_t = Mode::Nftables)]
    pub mode: Mode,
    /// Take samples of the kernel (perf) under each node's kube-proxy, for `run` and `lab profile`
    /// to put into a bundle. What is sampled takes longer: such a run is no measurement
    #[arg(long)]
    pub profile: bool,
    /// Everything else.
    #[command(flatten)]
    pub cluster: Cluster,
}

/// What does not differ between the nodes of a lab.
#[derive(Debug, Clone, Args)]
pub struct Cluster {
    /// kube-proxy's version (1.32.6, as in the published benchmark, 1.33.13, 1.34.1, 1.35.4, 1.36.3 or 1.37.2, each
    /// built when first asked for), its series, or the path of a binary
    #[arg(long, value_name = "VERSION|PATH", default_value = "1.32.6")]
    pub kube_proxy: WantedKubeProxy,
    /// The control plane's version (1.34.1 or 1.37.2, built when first asked for), or its series
    #[arg(long, value_name = "VERSION", default_value_t)]
    pub kubernetes: WantedKubernetes,
    /// Requests a second of kube-controller-manager, burst 1.5 times as much: with the default,
    /// that of a real cluster, 8,000 EndpointSlices take about 400 s
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub controller_qps: u32,
    /// Seconds for which kube-controller-manager gathers changes of pods before it writes a
    /// Service's EndpointSlice: none on a real cluster. With thousands of Services 10 keep it from
    /// coming to one again before it has seen its own last write, after which it waits for minutes
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub endpoint_batch: u32,
    /// Keep what the kube-proxies of nodes on this machine's own kernel load: `run` and `bench` put
    /// it into the bundle, below nodes/NODE/transactions
    #[arg(long)]
    pub keep_transactions: bool,
    /// kube-proxy's `--v`
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub verbosity: u32,
    /// One more argument of kube-proxy, such as --logging-format=json; may be repeated
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    pub kube_proxy_arg: Vec<String>,
    /// Requests that the API server works on at once before it says 429; it has two such limits,
    /// and never says so to an administrator [default: 400]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_requests_inflight: Option<u32>,
    /// The same for requests that change something [default: 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_mutating_requests_inflight: Option<u32>,
    /// One more argument of kube-apiserver, such as --goaway-chance=0.01; may be repeated
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    pub api_server_arg: Vec<String>,
    /// The API server's port on 127.0.0.1 [default: 6443, or a free one if that is taken]
    #[arg(long)]
    pub port: Option<u16>,
    /// Memory of a guest in MiB
    #[arg(long, value_name = "MIB", default_value_t = 1536)]
    pub guest_memory: u64,
    /// Processors of a guest
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub guest_cpus: u32,
    /// One more parameter of a guest's kernel, such as sysctl.kernel.watchdog_thresh=1, with which
    /// it reports a soft lockup after two seconds; may be repeated
    #[arg(long, value_name = "WORD")]
    pub guest_parameter: Vec<String>,
    /// How guests are run: emulated, which works everywhere, or by the processor
    #[arg(long, value_enum, default_value_t = Accelerator::Tcg)]
    pub accel: Accelerator,
}

/// Flags of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// As what to print it
    #[arg(long, short, value_enum, default_value = "text")]
    pub output: StatusFormat,
}

/// How `status` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// The kubeconfig's path alone.
    Kubeconfig,
}

/// Flags of `logs`.
#[derive(Debug, Args)]
pub struct Logs {
    /// The node
    pub node: String,
    /// Go on as it grows
    #[arg(long, short)]
    pub follow: bool,
    /// The kernel's messages instead of kube-proxy's (guests)
    #[arg(long)]
    pub kernel: bool,
    /// The log of the container before the last restart
    #[arg(long, conflicts_with = "kernel")]
    pub previous: bool,
}

/// Flags of `prepare`.
#[derive(Debug, Args)]
pub struct Prepare {
    /// Print the packages, install nothing
    #[arg(long)]
    pub list: bool,
    /// Then also build every program that is pinned and fetch the latest kernel of each series, as
    /// far as they are not there: afterwards `up` needs no network
    #[arg(long, conflicts_with = "list")]
    pub all: bool,
    /// Put what is built and fetched into an archive (.tar, .tar.zst) that can be carried to another
    /// machine; installs nothing by itself
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "import"])]
    pub export: Option<PathBuf>,
    /// Take over what such an archive holds; installs nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "all"])]
    pub import: Option<PathBuf>,
}

/// Flags of verbs on one node.
#[derive(Debug, Args)]
pub struct OneNode {
    /// The node
    pub node: String,
}

/// Flags of `profile`.
#[derive(Debug, Args)]
pub struct Profile {
    /// The bundle, which the driver has finished. Each node's kube-proxy is restarted
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
}

/// What to do with the API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Api {
    /// Kill it; etcd keeps the cluster's state
    Stop,
    /// Start it again and wait until it answers
    Start,
}

/// What to do with kubelets.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Kubelet {
    /// It takes requests and answers none, as one whose machine hangs; its node stays ready
    Stop {
        /// The nodes
        #[arg(required = true)]
        nodes: Vec<String>,
    },
    /// It answers again
    Start {
        /// The nodes
        #[arg(required = true)]
        nodes: Vec<String>,
    },
}

/// Flags of `clock`.
#[derive(Debug, Clone, Args)]
pub struct SetClock {
    /// The node
    pub node: String,
    /// How far it is ahead of this machine's from now on; negative: behind
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub ahead: f64,
    /// By how much it runs fast from now on; negative: slow
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub drift: f64,
}

impl SetClock {
    /// What the node's kubelet is told.
    #[must_use]
    pub const fn clock(&self) -> Clock {
        Clock {
            ahead_s: self.ahead,
            drift_pct: self.drift,
        }
    }
}

impl Cluster {
    /// What the API server gets besides what every lab's has.
    #[must_use]
    pub fn api_server_args(&self) -> Vec<String> {
        let limits = [
            ("max-requests-inflight", self.max_requests_inflight),
            (
                "max-mutating-requests-inflight",
                self.max_mutating_requests_inflight,
            ),
        ];
        let limits = limits
            .into_iter()
            .filter_map(|(name, limit)| Some(format!("--{name}={}", limit?)));
        limits.chain(self.api_server_arg.iter().cloned()).collect()
    }
}

/// Flags of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The cluster
    #[command(flatten)]
    pub up: Up,
    /// The driver [default: `driver` beside `lab`, then from PATH]
    #[arg(long, value_name = "FILE", env = "LAB_DRIVER")]
    pub driver: Option<PathBuf>,
    /// Leave the lab up
    #[arg(long)]
    pub keep: bool,
    /// The driver's own words
    #[arg(last = true, required = true, value_name = "DRIVER-ARGS")]
    pub words: Vec<String>,
}
