//! `lab up`: checks, builds, starts, waits.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::time::Duration;

use tokio::process::Command;

use crate::addresses::MOST_NODES;
use crate::build;
use crate::cli::{Global, Up};
use crate::control::{self, Phase, Status};
use crate::debian::{self, Files};
use crate::down;
use crate::error::{Error, last_line};
use crate::interrupt::Interrupt;
use crate::marked;
use crate::network;
use crate::pki;
use crate::preflight;
use crate::progress::Progress;
use crate::sampler;
use crate::state::{Guests, Kernel, Lock, Node, Place, Spec, Wanted};

/// Time between two looks at the lab that is starting.
const LOOKING: Duration = Duration::from_millis(100);

/// Brings a lab up and tells how to use it.
///
/// # Errors
/// The first thing that is missing; [`Error::NotReady`] if it does not come up, and then nothing
/// is left running.
pub async fn up(global: &Global, flags: &Up, interrupt: &Interrupt) -> Result<Spec, Error> {
    let progress = Progress::new(global.quiet);
    let place = Place::of(&global.name)?;
    let _lock = Lock::take(&place.lock(), &place.name)?;
    refuse_second(&place).await?;
    let (spec, door) = interrupt.or(prepared(&place, flags, &progress)).await?;
    let started = interrupt.or(start(&place, &spec, door, &progress)).await;
    if let Err(error) = started {
        // The logs stay, to be looked at; all else goes.
        down::stop(&place)?;
        return Err(error);
    }
    Ok(spec)
}

/// What the lab will be, all of it built and fetched, and the API server's port.
async fn prepared(
    place: &Place,
    flags: &Up,
    progress: &Progress,
) -> Result<(Spec, TcpListener), Error> {
    let wanted = wanted(flags)?;
    let guests = wanted.iter().filter(|node| !node.is_host()).count() as u64;
    preflight::check(flags, guests, wanted.len() as u64)?;
    if guests > 0 && flags.cluster.keep_transactions {
        let problem = "--keep-transactions is for nodes on this machine's own kernel: NAME=host";
        return Err(Error::Usage(problem.to_owned()));
    }
    let (door, port) = preflight::door(flags.cluster.port)?;
    let programs = build::programs(progress).await?;
    let kubernetes = build::kubernetes(flags.cluster.kubernetes.0, progress).await?;
    let kube_proxy = build::kube_proxy(&flags.cluster.kube_proxy, progress).await?;
    let sampler = match flags.profile {
        true => sampler::node_in_guest().await?,
        false => Files::new(),
    };
    let mut nodes = nodes(&wanted, &kube_proxy.program, &sampler, progress).await?;
    nodes.extend(played(flags.kwok_nodes));
    let spec = Spec {
        name: place.name.clone(),
        nodes,
        mode: flags.mode,
        kube_proxy,
        keep_transactions: flags.cluster.keep_transactions,
        profile: flags.profile,
        verbosity: flags.cluster.verbosity,
        kube_proxy_args: flags.cluster.kube_proxy_arg.clone(),
        controller_qps: flags.cluster.controller_qps,
        endpoint_batch: flags.cluster.endpoint_batch,
        guests: Guests {
            memory_mib: flags.cluster.guest_memory,
            cpus: flags.cluster.guest_cpus,
            parameters: flags.cluster.guest_parameter.clone(),
            accelerator: flags.cluster.accel,
        },
        port,
        api_server_args: flags.cluster.api_server_args(),
        kubernetes,
        programs,
    };
    Ok((spec, door))
}

async fn refuse_second(place: &Place) -> Result<(), Error> {
    let name = place.name.clone();
    if control::status(place).await.is_ok() {
        return Err(Error::AlreadyUp { name });
    }
    if !network::existing(&name)?.is_empty() || !marked::processes(&name)?.is_empty() {
        return Err(Error::LeftOver { name });
    }
    down::forget(place)
}

/// Nodes without a kernel.
fn played(count: u16) -> impl Iterator<Item = Node> {
    (1..=count).map(|number| Node {
        name: played_name(number),
        number: MOST_NODES + number,
        kernel: Kernel::Played,
    })
}

fn played_name(number: u16) -> String {
    format!("kwok-{number:04}")
}

fn wanted(flags: &Up) -> Result<Vec<Wanted>, Error> {
    let mut wanted = flags.nodes.clone();
    if wanted.is_empty() {
        wanted.push(Wanted {
            name: "node-a".to_owned(),
            kernel: "host".to_owned(),
        });
    }
    let played: Vec<String> = (1..=flags.kwok_nodes).map(played_name).collect();
    let mut names: Vec<&str> = wanted.iter().map(|node| node.name.as_str()).collect();
    names.extend(played.iter().map(String::as_str));
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::Usage(format!("two nodes are called `{}`", pair[0])));
    }
    Ok(wanted)
}

async fn nodes(
    wanted: &[Wanted],
    kube_proxy: &std::path::Path,
    sampler: &Files,
    progress: &Progress,
) -> Result<Vec<Node>, Error> {
    let mut nodes = Vec::new();
    for (number, node) in (1..).zip(wanted) {
        let kernel = if node.is_host() {
            Kernel::Host {
                release: preflight::kernel_release(),
            }
        } else {
            debian::guest(&node.kernel, kube_proxy, sampler, progress).await?
        };
        nodes.push(Node {
            name: node.name.clone(),
            number,
            kernel,
        });
    }
    Ok(nodes)
}

async fn start(
    place: &Place,
    spec: &Spec,
    door: TcpListener,
    progress: &Progress,
) -> Result<(), Error> {
    place.make(spec)?;
    pki::make(place, spec)?;
    network::make(spec)?;
    let log = place.log("lab");
    let file = std::fs::File::create(&log).map_err(Error::io(&log, "creating"))?;
    let errors = file.try_clone().map_err(Error::io(&log, "opening"))?;
    let own = std::path::Path::new("/proc/self/exe");
    let program = std::fs::read_link(own).map_err(Error::io(own, "reading"))?;
    let supervisor = Command::new(program)
        .args(["--name", &place.name, "supervise"])
        .env(marked::VARIABLE, &place.name)
        .current_dir(place.root())
        // The port, held all along, is handed over as an inetd does it.
        .stdin(OwnedFd::from(door))
        .stdout(file)
        .stderr(errors)
        .spawn();
    let mut supervisor = supervisor.map_err(Error::io(&log, "starting the supervisor of"))?;
    let steps = progress.steps("waiting for", 1);
    loop {
        if let Ok(Some(status)) = supervisor.try_wait() {
            let problem = format!("{status}: {}", last_line(&log));
            return Err(Error::not_ready("the lab", &problem, &log));
        }
        match control::status(place).await.map(|status| status.phase) {
            Ok(Phase::Ready) => return Ok(()),
            Ok(Phase::Failed(problem)) => {
                let what = "the lab".to_owned();
                return Err(Error::NotReady { what, problem });
            }
            Ok(Phase::Starting(what)) => steps.begin(&what),
            // Not listening yet.
            Err(_) => steps.begin("the supervisor"),
        }
        tokio::time::sleep(LOOKING).await;
    }
}

/// What a person needs next.
pub fn say(place: &Place, spec: &Spec, status: &Status) {
    let after = status.ready_after_s.unwrap_or_default();
    let (played, others): (Vec<_>, Vec<_>) =
        status.nodes.iter().partition(|node| node.kind == "played");
    for node in others {
        println!("{:<16} {:<7} kernel {}", node.name, node.kind, node.kernel);
    }
    if let (Some(first), Some(last)) = (played.first(), played.last()) {
        let (count, first, last) = (played.len(), &first.name, &last.name);
        println!("{count} played nodes, {first} to {last}");
    }
    println!("control plane {}", spec.kubernetes.tag);
    let (version, mode) = (&spec.kube_proxy.tag, spec.mode.name());
    println!("kube-proxy {version} in mode {mode}; ready after {after:.1} s");
    println!("export KUBECONFIG={}", place.kubeconfig("admin").display());
}
