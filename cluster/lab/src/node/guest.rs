//! A node on a kernel of its own, under QEMU.
//!
//! The first serial port is the kernel's console. Over the second one the lab tells the guest's
//! first process what to do (`guest/init`), and kube-proxy's words come back.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use chrono::Utc;
use tokio::net::UnixListener;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::serial::{Running, State, Words};
use super::{CONFIGURATION, Container, KUBECONFIG, Launch, WAITING_LINES, qemu};
use crate::board::Board;
use crate::error::Error;
use crate::kubelet::kernel_log::KernelLog;
use crate::state::{Node, Place, Spec};

/// How long a kernel may take to boot: half a minute, or several on a machine that is busy.
const BOOTING: Duration = Duration::from_secs(600);
/// A virtual machine.
pub(crate) struct Guest {
    node: Node,
    place: Place,
    spec: Spec,
    board: Arc<Board>,
    state: watch::Receiver<State>,
    orders: mpsc::Sender<String>,
    words: Words,
}

impl Guest {
    /// Starts QEMU; the kernel boots while the caller goes on.
    pub(super) fn boot(
        place: &Place,
        spec: &Spec,
        node: &Node,
        board: &Arc<Board>,
    ) -> Result<Self, Error> {
        let socket = place.node(&node.name).join("serial.sock");
        // That of an earlier boot.
        std::fs::remove_file(&socket).ok();
        let listener = UnixListener::bind(&socket).map_err(Error::io(&socket, "binding"))?;
        let kernel_log = KernelLog::open(&place.kernel_log(&node.name), &node.name)?;
        let mut command = qemu::command(spec, node, &socket)?;
        let child = command
            .current_dir(place.node(&node.name))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn();
        let child = child.map_err(|error| Error::Command {
            command: "qemu-system-x86_64".to_owned(),
            status: "not started".to_owned(),
            output: error.to_string(),
        })?;
        let (state, receiver) = watch::channel(State::Booting);
        let (orders, orders_to_guest) = mpsc::channel(16);
        let words = Words::default();
        let machine = Running {
            state,
            words: words.clone(),
            node: place.node(&node.name),
        };
        tokio::spawn(machine.attend(child, kernel_log, listener, orders_to_guest));
        Ok(Self {
            node: node.clone(),
            place: place.clone(),
            spec: spec.clone(),
            board: board.clone(),
            state: receiver,
            orders,
            words,
        })
    }

    /// Starts kube-proxy in the guest, which is booted again if it has gone.
    pub(super) async fn start(&mut self, launch: &Launch) -> Result<Container, Error> {
        if matches!(*self.state.borrow(), State::Gone(_)) {
            *self = Self::boot(&self.place, &self.spec, &self.node, &self.board)?;
        }
        self.booted().await?;
        let (sender, output) = mpsc::channel(WAITING_LINES);
        *self.words.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        let path = self.place.kubeconfig("kube-proxy");
        let kubeconfig = std::fs::read_to_string(&path).map_err(Error::io(&path, "reading"))?;
        self.set_clock().await?;
        self.send_file(KUBECONFIG, &kubeconfig).await?;
        self.send_file(CONFIGURATION, &launch.configuration).await?;
        let line = format!("start {}\n", launch.arguments.join(" "));
        self.order(line).await?;
        let stop = CancellationToken::new();
        let (told, orders, mut state) = (stop.clone(), self.orders.clone(), self.state.clone());
        tokio::spawn(async move {
            let is_gone = |state: &State| matches!(state, State::Gone(_));
            tokio::select! {
                () = told.cancelled() => {}
                gone = state.wait_for(is_gone) => drop(gone),
            }
            // A machine that has gone takes no orders, and needs none.
            orders.send("stop\n".to_owned()).await.ok();
        });
        Ok(Container { output, stop })
    }

    async fn booted(&mut self) -> Result<(), Error> {
        let log = self.place.kernel_log(&self.node.name);
        let what = format!("the guest {}", self.node.name);
        let failed = |problem: &str| Error::not_ready(&what, problem, &log);
        let mut state = self.state.clone();
        let over = state.wait_for(|state| *state != State::Booting);
        match tokio::time::timeout(BOOTING, over).await {
            Err(_) => Err(failed(&format!("not booted within {BOOTING:?}"))),
            Ok(Err(_)) => Err(failed("nobody attends it")),
            Ok(Ok(state)) => match &*state {
                State::Gone(problem) => Err(failed(problem)),
                State::Ready | State::Booting => Ok(()),
            },
        }
    }

    /// Sets the guest's clock, which it has from a clock chip that knows whole seconds: at the
    /// beginning of one.
    async fn set_clock(&self) -> Result<(), Error> {
        let now = Utc::now();
        let left = 1_000_000_000 - u64::from(now.timestamp_subsec_nanos() % 1_000_000_000);
        tokio::time::sleep(Duration::from_nanos(left)).await;
        self.order(format!("clock {}\n", now.timestamp() + 1)).await
    }

    async fn send_file(&self, path: &str, text: &str) -> Result<(), Error> {
        let bytes = k8s_openapi::ByteString(text.as_bytes().to_vec());
        // As JSON a byte string is Base64 in quotes.
        let text = serde_json::to_string(&bytes).map_err(|error| Error::State {
            path: PathBuf::from(path),
            problem: error.to_string(),
        })?;
        self.order(format!("file {path} {}\n", text.trim_matches('"')))
            .await
    }

    async fn order(&self, line: String) -> Result<(), Error> {
        let sent = self.orders.send(line).await;
        sent.map_err(|_| Error::Refused(format!("the guest {} takes no orders", self.node.name)))
    }
}
