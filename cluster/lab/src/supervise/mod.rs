//! The lab's supervisor: one process that lives in the lab's namespace, starts everything else
//! and answers `lab`.

mod api_server;
mod daemon;
mod relay;
mod server;

use std::net::TcpListener;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::board::Board;
use crate::cli::Global;
use crate::client::client;
use crate::control::Phase;
use crate::control_plane;
use crate::error::{Error, one_line};
use crate::kubelet::{self, Kubelet, kwok};
use crate::network;
use crate::node::Machine;
use crate::objects;
use crate::state::{Place, Spec};

use api_server::ApiServer;
use daemon::Daemon;
use server::Server;

/// Enters the lab's namespace and supervises until it is killed.
///
/// # Errors
/// [`Error::Usage`] if it was not started by `lab up`, and those of the namespace.
pub fn enter(global: &Global) -> Result<(), Error> {
    let place = Place::of(&global.name)?;
    let spec = place.read()?;
    // A session of its own: Ctrl-C on the terminal of `lab up` is not for us. Without one it
    // would work as well.
    rustix::process::setsid().ok();
    let door = door(&spec)?;
    network::enter(&network::control_plane(&spec.name))?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::Usage(format!("no runtime: {error}")))?;
    runtime.block_on(supervise(place, spec, door))
}

/// The API server's port, which `lab up` has taken and handed over as standard input: bound out here,
/// served in the namespace.
fn door(spec: &Spec) -> Result<TcpListener, Error> {
    let cannot = |error: std::io::Error| Error::Usage(format!("standard input: {error}"));
    let given = std::io::stdin().as_fd().try_clone_to_owned();
    let door = TcpListener::from(given.map_err(cannot)?);
    let port = door.local_addr().map(|address| address.port());
    if port.ok() != Some(spec.port) {
        let problem = "`lab supervise` is for `lab up`, which hands it the API server's port";
        return Err(Error::Usage(problem.to_owned()));
    }
    // Or else each process that inherits it would keep the port.
    let path = Path::new("/dev/null");
    let nothing = std::fs::File::open(path).map_err(Error::io(path, "opening"))?;
    rustix::stdio::dup2_stdin(nothing).map_err(|error| cannot(error.into()))?;
    Ok(door)
}

async fn supervise(place: Place, spec: Spec, door: TcpListener) -> Result<(), Error> {
    let board = Arc::new(Board::new(&place, &spec));
    let api_server = Arc::new(ApiServer::new(&place, &spec, &board));
    let server = Server::open(&place, board.clone(), api_server.clone())?;
    let relay = relay::serve(door)?;
    let began = Instant::now();
    // What is started lives as long as this.
    let _running = match start(&place, &spec, &board, &api_server, &server).await {
        Ok(running) => Some(running),
        Err(error) => {
            eprintln!("{error}");
            board.enter(Phase::Failed(match error {
                Error::NotReady { .. } => error.to_string(),
                other => format!(
                    "{}; its log: {}",
                    one_line(&other.to_string()),
                    place.log("lab").display()
                ),
            }));
            None
        }
    };
    board.watch_for_ready(began).await;
    relay
        .await
        .map_err(|error| Error::Refused(error.to_string()))
}

/// What the supervisor has started.
struct Running {
    _daemons: Vec<Daemon>,
}

async fn start(
    place: &Place,
    spec: &Spec,
    board: &Arc<Board>,
    api_server: &ApiServer,
    server: &Server,
) -> Result<Running, Error> {
    // Guests take longest: they boot while the control plane starts.
    let machines = machines(place, spec, board)?;
    board.enter(Phase::Starting("etcd and kube-apiserver".to_owned()));
    let mut daemons = vec![Daemon::start(control_plane::etcd(place, spec), board)?];
    api_server.start().await?;
    let client = client(place, "lab").await?;
    board.enter(Phase::Starting("controllers and nodes".to_owned()));
    for process in [
        control_plane::controller_manager(place, spec),
        control_plane::scheduler(place, spec),
    ] {
        daemons.push(Daemon::start(process, board)?);
    }
    objects::prepare(&client).await?;
    daemons.push(Daemon::start(kwok::process(place, spec)?, board)?);
    kubelet::front::serve(place, spec, board).await?;
    objects::nodes(&client, spec).await?;
    objects::kube_proxy(&client, spec).await?;
    board.enter(Phase::Starting("kube-proxy on every node".to_owned()));
    let pods = kubelet::pods::watch(client.clone());
    for (node, machine) in spec.nodes.iter().zip(machines) {
        let (commands, receiver) = tokio::sync::mpsc::channel(4);
        server.add(&node.name, commands);
        let kubelet = Kubelet::new(place, node, machine, client.clone(), board.clone());
        tokio::spawn(kubelet.run(pods.clone(), receiver));
    }
    Ok(Running { _daemons: daemons })
}

fn machines(place: &Place, spec: &Spec, board: &Arc<Board>) -> Result<Vec<Machine>, Error> {
    let machine = |node| Machine::open(place, spec, node, board);
    spec.nodes.iter().map(machine).collect()
}
