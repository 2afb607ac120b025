//! A node's machine: what a kube-proxy container runs on.

mod guest;
mod host;
pub(crate) mod keep;
mod played;
pub(crate) mod profile;
mod qemu;
mod serial;

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::error::Error;
use crate::state::{Kernel, Node, Place, Spec};

use guest::Guest;
use host::Host;
use played::Played;

/// Where the container's configuration is, as its pod's command says.
const CONFIGURATION: &str = "/var/lib/kube-proxy-config/config";
/// Where its kubeconfig is, as its configuration says.
const KUBECONFIG: &str = "/var/lib/kube-proxy/kubeconfig";
/// Lines that may wait to be written.
const WAITING_LINES: usize = 4096;

/// What a container is started with.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// kube-proxy's arguments.
    pub(crate) arguments: Vec<String>,
    /// Its configuration file's text.
    pub(crate) configuration: String,
}

/// What comes out of a container.
#[derive(Debug)]
pub(crate) enum Output {
    /// A line of standard output or error, without its end.
    Line(Vec<u8>),
    /// It has ended, with this exit code; nothing follows.
    Ended(i32),
}

/// A container that runs.
pub(crate) struct Container {
    /// Its lines, then its end.
    pub(crate) output: mpsc::Receiver<Output>,
    /// Cancelled to end it.
    pub(crate) stop: CancellationToken,
}

/// A node's machine.
pub(crate) enum Machine {
    /// A network namespace on this machine's kernel.
    Host(Host),
    /// A virtual machine with a kernel of its own.
    Guest(Box<Guest>),
    /// None.
    Played(Played),
}

impl Machine {
    /// Makes it ready; a guest begins to boot.
    pub(crate) fn open(
        place: &Place,
        spec: &Spec,
        node: &Node,
        board: &Arc<Board>,
    ) -> Result<Self, Error> {
        match &node.kernel {
            Kernel::Host { .. } => Ok(Self::Host(Host::new(place, spec, node))),
            Kernel::Guest { .. } => {
                Guest::boot(place, spec, node, board).map(|guest| Self::Guest(Box::new(guest)))
            }
            Kernel::Played => Ok(Self::Played(Played::new(node))),
        }
    }

    /// Starts kube-proxy on it.
    pub(crate) async fn start(&mut self, launch: &Launch) -> Result<Container, Error> {
        match self {
            Self::Host(host) => host.start(launch),
            Self::Guest(guest) => guest.start(launch).await,
            Self::Played(played) => Ok(played.start()),
        }
    }

    /// Whether there is a real kube-proxy on it, which can be asked how it is.
    pub(crate) fn is_real(&self) -> bool {
        !matches!(self, Self::Played(_))
    }
}
