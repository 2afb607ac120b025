//! The command line.

mod bench;
#[cfg(test)]
#[path = "../../../../tests/calls.rs"]
mod calls;
mod cluster;
mod replay;

use clap::{Args, Parser, Subcommand};

pub use bench::Bench;
pub use cluster::{
    Api, Cluster, Kubelet, Logs, OneNode, Prepare, Profile, Run, SetClock, Status, StatusFormat, Up,
};
pub use replay::{Ablate, Loading, Replay, ReplayClock, Ruleset, RulesetFamily, RulesetFrom};

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
  lab up --kwok-nodes 1000                   a thousand more nodes, played, with logs
  lab kubelet stop kwok-0001 kwok-0002       kubelets that take requests and answer none
  lab clock node-a --ahead 90 --drift 1      a node's clock, ahead and running fast
  lab down                                   leaves nothing behind
  lab bench --plan                           what the whole benchmark would do, and how long
  lab ruleset --services 1000 > cold-1000x30-kube-proxy-1.32.nft
  lab replay cold-1000x30-kube-proxy-1.32.nft --kernel 6.1,6.12 -o bundles/replay
  lab ruleset --from node.txt --scrub > own.nft   your own rules (`nft list table ip kube-proxy`)
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
    /// Stop or start what answers for nodes' kubelets
    #[command(subcommand)]
    Kubelet(Kubelet),
    /// Set a node's clock: that by which its kubelet stamps log lines and starts of containers
    Clock(SetClock),
    /// Up, then `driver` with the words after `--`, then down; the bundle is kept
    Run(Run),
    /// The published procedure on several kernels and modes, repeated in random order
    Bench(Box<Bench>),
    /// The batch that kube-proxy sends for so many Services, or for your own rules, on standard
    /// output
    Ruleset(Ruleset),
    /// Load transactions on kernels without a cluster, by a clock that counts instructions
    Replay(Box<Replay>),
    /// What a piece of the kernel costs: nf_tables built with and without an edit, in guests
    Ablate(Box<Ablate>),
    /// What `up` leaves running
    #[command(hide = true)]
    Supervise,
}

#[cfg(test)]
mod tests {
    use super::calls::{assert_one_way, calls, pages};
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
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

    /// Each call in the documentation's blocks of `sh`; they need root, and minutes to be made.
    #[test]
    fn every_call_in_the_documentation_is_understood() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut understood = 0;
        for page in pages(&root) {
            for words in calls(&std::fs::read_to_string(&page).unwrap(), "lab") {
                if let Err(error) = Cli::try_parse_from(&words) {
                    panic!("{}: {}\n{error}", page.display(), words.join(" "));
                }
                understood += 1;
            }
        }
        assert!(understood >= 10, "{understood} calls");
        assert_one_way(&root);
    }
}
