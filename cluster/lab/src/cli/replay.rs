//! Flags of the verbs that load transactions without a cluster.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::state::Mode;

/// Flags of `ruleset`.
#[derive(Debug, Clone, Args)]
pub struct Ruleset {
    /// Services in front of one Deployment
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub services: u32,
    /// Endpoints of each: the Deployment's replicas
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub endpoints: u32,
    /// Only what changes from so many replicas: a step [default: all of it, a cold sync]
    #[arg(long, value_name = "N")]
    pub from_replicas: Option<u32>,
    /// Replicas on the node itself, which kube-proxy lists apart since 1.36
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub local: u32,
    /// The API server's own Service has no endpoint, as in the lab
    #[arg(long)]
    pub no_api_endpoint: bool,
    /// Whose: kube-proxy-1.32, kube-proxy-1.36 or kube-proxy-1.37
    #[arg(long, default_value = "kube-proxy-1.32")]
    pub shape: String,
    /// For nft or for iptables-restore
    #[arg(long, value_enum, default_value_t = Mode::Nftables)]
    pub mode: Mode,
    /// A node's own rules instead.
    #[command(flatten)]
    pub own: RulesetFrom,
}

/// Rules as a node prints them.
#[derive(Debug, Clone, Args)]
pub struct RulesetFrom {
    /// Your own rules instead: what `nft list table ip kube-proxy`, `nft list ruleset` (both also
    /// with -j), `iptables-save` or `ip6tables-save` printed on a node (-: standard input), made
    /// into the transaction by which kube-proxy would write them into empty tables
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["services", "endpoints", "from_replicas", "local", "no_api_endpoint", "shape", "mode"]
    )]
    pub from: Option<PathBuf>,
    /// Other addresses, names of namespaces and Services, and remarks: the same for the same
    /// within the file, chosen anew by each call. The ledger stays as it is
    #[arg(long, requires = "from")]
    pub scrub: bool,
    /// Where the file holds both families [default: the longer]
    #[arg(long, value_enum, requires = "from")]
    pub family: Option<RulesetFamily>,
}

/// Whose addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RulesetFamily {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

/// What counts the time of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReplayClock {
    /// One nanosecond an instruction.
    Instructions,
    /// A processor's time.
    Wall,
}

/// Flags of `replay`.
#[derive(Debug, Clone, Args)]
pub struct Replay {
    /// Files as `lab ruleset` writes them, or what `nft list` or `iptables-save` printed on a node
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A kernel: a series or a release as `lab kernels` lists it, `newest`, `host`, or `all`: the
    /// latest of each series; may be repeated
    #[arg(
        long = "kernel",
        alias = "kernels",
        value_name = "KERNEL",
        value_delimiter = ',',
        default_value = "all"
    )]
    pub kernels: Vec<String>,
    /// A kernel of one's own: its image; with --modules in place of --kernel
    #[arg(
        long,
        value_name = "FILE",
        requires = "modules",
        conflicts_with = "kernels"
    )]
    pub image: Option<PathBuf>,
    /// Its modules: the directory lib/modules/RELEASE that `make modules_install` wrote
    #[arg(long, value_name = "DIR", requires = "image")]
    pub modules: Option<PathBuf>,
    /// What counts the time: instructions, which gives the same figure each time, or the wall, on
    /// this machine's own kernel (`--kernel host`) or in guests that the processor itself runs (KVM)
    #[arg(long, value_enum, default_value_t = ReplayClock::Instructions)]
    pub clock: ReplayClock,
    /// Where the bundle goes; one that is there is gone on with
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
    /// Also load it cut into so many transactions, one after another: the same change, with shorter
    /// waits for everybody else (1: whole)
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1")]
    pub split: Vec<u32>,
    /// Load each once more under perf, which says where the kernel's time goes. What is measured
    /// is never what is sampled
    #[arg(long)]
    pub profile: bool,
    /// How often each is loaded, each time on a kernel that has just booted
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub repeat: u32,
    /// Loaded before each, not measured: the state that a step changes
    #[arg(long, value_name = "FILE")]
    pub prepare: Option<PathBuf>,
    /// How.
    #[command(flatten)]
    pub loading: Loading,
}

/// How a transaction is loaded.
#[derive(Debug, Clone, Args)]
pub struct Loading {
    /// Memory of a guest in MiB
    #[arg(long, value_name = "MIB", default_value_t = 4096)]
    pub guest_memory: u64,
    /// Afterwards count the chains alone: to count rules and elements takes as long as the load
    #[arg(long)]
    pub chains_alone: bool,
    /// Seconds that one load may take on this machine, the guest's boot included; what takes longer
    /// is ended, told, and kept as such
    #[arg(long, value_name = "SECONDS", default_value_t = 7200)]
    pub patience: u64,
}

/// Flags of `ablate`.
#[derive(Debug, Clone, Args)]
pub struct Ablate {
    /// Transactions as `lab ruleset` writes them [default: cold ones of --services]
    #[arg(value_name = "FILE", conflicts_with_all = ["services", "endpoints", "shape"])]
    pub files: Vec<PathBuf>,
    /// A kernel: a series or a release as `lab kernels` lists it, or `newest`; may be repeated
    #[arg(
        long = "kernel",
        alias = "kernels",
        value_name = "KERNEL",
        value_delimiter = ',',
        default_value = "6.1"
    )]
    pub kernels: Vec<String>,
    /// What is changed in net/netfilter: a patch, or an edit as in cluster/lab/edits; may be
    /// repeated: each is made on top of those before it
    #[arg(long = "edit", value_name = "FILE", required = true)]
    pub edits: Vec<PathBuf>,
    /// Only these builds: `stock` (the distribution's own), `control` (built again, unchanged), or
    /// the names of edits with + between them; may be repeated [default: all]
    #[arg(long = "build", value_name = "NAME", value_delimiter = ',')]
    pub builds: Vec<String>,
    /// Sizes of the transactions: at least three, so that what grows with the square is told
    #[arg(
        long,
        value_name = "N",
        value_delimiter = ',',
        default_value = "125,250,500,1000"
    )]
    pub services: Vec<u32>,
    /// Endpoints of each Service
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub endpoints: u32,
    /// Whose transactions, as of `lab ruleset`
    #[arg(long, default_value = "kube-proxy-1.32")]
    pub shape: String,
    /// Where the bundle goes; one that is there is gone on with
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
    /// How.
    #[command(flatten)]
    pub loading: Loading,
}
