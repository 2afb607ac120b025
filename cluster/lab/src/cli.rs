//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::state::{Accelerator, Mode, Wanted, WantedKubeProxy};

/// Shown below `--help`.
const EXAMPLES: &str = "\
Examples:
  lab prepare                                install what is missing (Debian packages)
  lab up                                     one node on this machine's own kernel
  lab up --node old=6.1 --node new=6.12      two nodes, each booted on a kernel of its own
  lab up --node a=host --mode iptables --kube-proxy 1.34.1
  export KUBECONFIG=$(lab status --output kubeconfig); kubectl get nodes -o wide
  lab logs old -f                            a node's kube-proxy log; --kernel for its kernel's
  lab restart old                            its kube-proxy, as a container restart
  lab api stop; lab api start                an outage of the API server
  lab down                                   leaves nothing behind
  lab bench --plan                           what the whole benchmark would do, and how long
  lab ruleset --services 1000 > cold-1000x30-kube-proxy-1.32.nft
  lab replay cold-1000x30-kube-proxy-1.32.nft --kernel 6.1,6.12 -o bundles/replay
  lab replay cold-1000x30-kube-proxy-1.32.nft --kernel 6.1 --split 1,2,4,8 --profile -o bundles/split
  lab run --profile -- --services 200 --replicas 1,5 run -o bundles/sampled
  lab run --node old=6.1 --node new=6.12 -- --services 200 --replicas 1,5 run -o bundles/first

Exit status: 0 done; 1 a condition does not hold; 2 bad usage or input.";

/// A whole Kubernetes cluster on one machine: real control plane, real kube-proxies, real
/// kernels; kubelets and pods are played by kwok.
#[derive(Debug, Parser)]
#[command(name = "lab", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    /// What every verb takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What every verb takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Name of the lab; labs of different names can be up at once
    #[arg(long, global = true, env = "LAB_NAME", default_value = "lab")]
    pub name: String,
    /// Say only warnings and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Build what is missing, start the cluster, wait until it is ready
    Up(Up),
    /// Stop what `up` started and remove every trace of it
    Down,
    /// What is running, where its logs are, and how much memory it takes
    Status(Status),
    /// A node's kube-proxy log
    Logs(Logs),
    /// The kernels that can be booted
    Kernels,
    /// Install the Debian packages that are missing
    Prepare(Prepare),
    /// Restart a node's kube-proxy: its container gets a restart and a new log
    Restart(OneNode),
    /// Rotate a node's kube-proxy log now, as a kubelet does at 10 MiB
    Rotate(OneNode),
    /// Put what was sampled of the nodes (`up --profile`) into a bundle
    Profile(Profile),
    /// Stop or start the API server
    #[command(subcommand)]
    Api(Api),
    /// Up, then `driver` with the words after `--`, then down; the bundle is kept
    Run(Run),
    /// The published procedure on several kernels and modes, repeated in random order
    Bench(Box<Bench>),
    /// The batch that kube-proxy sends for so many Services, on standard output
    Ruleset(Ruleset),
    /// Load transactions on kernels without a cluster, by a clock that counts instructions
    Replay(Box<Replay>),
    /// What a piece of the kernel costs: nf_tables built with and without an edit, in guests
    Ablate(Box<Ablate>),
    /// What `up` leaves running
    #[command(hide = true)]
    Supervise,
}

/// Flags of `up`.
#[derive(Debug, Clone, Args)]
pub struct Up {
    /// A node and its kernel: `host` (this machine's) or a series (`6.1`, `6.12`) or a release
    /// as `lab kernels` lists it; may be repeated [default: node-a=host]
    #[arg(long = "node", value_name = "NAME=KERNEL")]
    pub nodes: Vec<Wanted>,
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
    /// kube-proxy's version (1.32.6, as in the published benchmark, 1.34.1, 1.35.4, 1.36.3 or 1.37.2, each
    /// built when first asked for), its series, or the path of a binary
    #[arg(long, value_name = "VERSION|PATH", default_value = "1.32.6")]
    pub kube_proxy: WantedKubeProxy,
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
    /// Files as `lab ruleset` writes them
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
    /// Seconds that one load may take on this machine
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

/// `5%` or `5`: above 0, below 100.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    let found = number.parse().ok().filter(|n: &f64| *n > 0.0 && *n < 100.0);
    found.ok_or_else(|| "a percentage above 0 and below 100 is meant, such as 5%".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_width_is_a_percentage() {
        assert_eq!((percent("5%"), percent("2.5")), (Ok(5.0), Ok(2.5)));
        for wrong in ["0", "100%", "-1%", "wide", "", "NaN"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_drivers_words_stay_its_own() {
        let line = "lab run --node a=host -- run --services 5 -o x";
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        let Verb::Run(run) = cli.verb else {
            panic!("not run");
        };
        assert_eq!(run.words, ["run", "--services", "5", "-o", "x"]);
    }
}
