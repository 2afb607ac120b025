//! A guest's two serial ports: the kernel's console, and the conversation with its first process.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::net::UnixListener;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::Child;
use tokio::sync::{mpsc, watch};

use super::{Output, profile};
use crate::kubelet::kernel_log::KernelLog;

/// What the guest's first process says begins so.
const SAYS: &[u8] = b"#lab ";
/// Exit code of a container whose machine went away.
const MACHINE_GONE: i32 = 255;

/// How far a guest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Booting,
    Ready,
    Gone(String),
}

/// Where the lines of the present container go.
pub(super) type Words = Arc<Mutex<Option<mpsc::Sender<Output>>>>;

/// What goes on around a machine that runs.
pub(super) struct Running {
    /// Told how far the guest is.
    pub(super) state: watch::Sender<State>,
    /// Where its kube-proxy's lines go.
    pub(super) words: Words,
    /// The node's directory.
    pub(super) node: PathBuf,
}

impl Running {
    /// Attends QEMU until it ends.
    pub(super) async fn attend(
        self,
        mut child: Child,
        kernel_log: KernelLog,
        listener: UnixListener,
        orders: mpsc::Receiver<String>,
    ) {
        if let Some(console) = child.stdout.take() {
            tokio::spawn(keep_console(console, kernel_log));
        }
        let conversation = async {
            let Ok((stream, _)) = listener.accept().await else {
                return;
            };
            let (from_guest, to_guest) = stream.into_split();
            tokio::spawn(pass_orders(to_guest, orders));
            self.listen(from_guest).await;
        };
        let (status, ()) = tokio::join!(child.wait(), async {
            // Without a guest the listener waits for ever: its end is the child's.
            tokio::select! {
                () = conversation => {}
                () = self.state.closed() => {}
            }
        });
        let problem = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        self.gone(format!("QEMU ended: {problem}")).await;
    }

    async fn listen(&self, from_guest: OwnedReadHalf) {
        let mut reader = BufReader::new(from_guest);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line).await, Ok(1..)) {
            while line
                .last()
                .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
            {
                line.pop();
            }
            let line = std::mem::take(&mut line);
            match line.strip_prefix(SAYS) {
                Some(b"ready") => {
                    self.state.send_replace(State::Ready);
                }
                Some(said) => {
                    let said = String::from_utf8_lossy(said);
                    if let Some(stacks) = said.strip_prefix("profile ") {
                        if let Err(error) = profile::keep_line(&self.node, stacks) {
                            eprintln!("what was sampled of a kube-proxy is lost: {error}");
                        }
                        continue;
                    }
                    let code = said
                        .strip_prefix("ended ")
                        .and_then(|code| code.parse().ok());
                    self.pass(Output::Ended(code.unwrap_or(MACHINE_GONE))).await;
                }
                None => self.pass(Output::Line(line)).await,
            }
        }
    }

    async fn pass(&self, output: Output) {
        let sender = {
            let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
            match output {
                Output::Ended(_) => words.take(),
                Output::Line(_) => words.clone(),
            }
        };
        if let Some(sender) = sender {
            // Nobody listens when the lab goes down.
            sender.send(output).await.ok();
        }
    }

    async fn gone(&self, problem: String) {
        self.state.send_replace(State::Gone(problem));
        self.pass(Output::Ended(MACHINE_GONE)).await;
    }
}

async fn pass_orders(mut to_guest: OwnedWriteHalf, mut orders: mpsc::Receiver<String>) {
    while let Some(order) = orders.recv().await {
        if to_guest.write_all(order.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn keep_console(console: impl AsyncRead + Unpin, mut log: KernelLog) {
    let mut reader = BufReader::new(console);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line).await, Ok(1..)) {
        while line
            .last()
            .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
        {
            line.pop();
        }
        if let Err(error) = log.write(&line) {
            eprintln!("a line of the kernel is lost: {error}");
        }
        line.clear();
    }
}
