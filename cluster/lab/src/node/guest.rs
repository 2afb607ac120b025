//! A node on a kernel of its own, under QEMU.
//!
//! The first serial port is the kernel's console. Over the second one the lab tells the guest's
//! first process what to do (`guest/init`), and kube-proxy's words come back.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::Utc;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::net::UnixListener;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{CONFIGURATION, Container, KUBECONFIG, Launch, Output, WAITING_LINES};
use crate::addresses;
use crate::error::Error;
use crate::kubelet::kernel_log::KernelLog;
use crate::network;
use crate::state::{Accelerator, Kernel, Node, Place, Spec};
use crate::supervise::Board;

/// How long a kernel may take to boot: half a minute, or several on a machine that is busy.
const BOOTING: Duration = Duration::from_secs(600);
/// What the guest's first process says begins so.
const SAYS: &[u8] = b"#lab ";
/// On a machine that is busy the emulated timer comes too late for the kernel's check of it, and
/// the kernel gives up; with KVM it does not check either. A panic ends QEMU.
const KERNEL_PARAMETERS: &str = "console=ttyS0 panic=-1 no_timer_check";
/// Exit code of a container whose machine went away.
const MACHINE_GONE: i32 = 255;

/// How far a guest is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Booting,
    Ready,
    Gone(String),
}

/// Where the lines of the present container go.
type Words = Arc<Mutex<Option<mpsc::Sender<Output>>>>;

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
        let mut command = qemu(spec, node, &socket)?;
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
        let failed = |problem: String| Error::NotReady {
            what: format!("the guest {}", self.node.name),
            problem,
            log: log.clone(),
        };
        let mut state = self.state.clone();
        let over = state.wait_for(|state| *state != State::Booting);
        match tokio::time::timeout(BOOTING, over).await {
            Err(_) => Err(failed(format!("not booted within {BOOTING:?}"))),
            Ok(Err(_)) => Err(failed("nobody attends it".to_owned())),
            Ok(Ok(state)) => match &*state {
                State::Gone(problem) => Err(failed(problem.clone())),
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

fn qemu(spec: &Spec, node: &Node, socket: &std::path::Path) -> Result<Command, Error> {
    let Kernel::Guest {
        image, initramfs, ..
    } = &node.kernel
    else {
        let problem = format!("node {} is no guest", node.name);
        return Err(Error::Usage(problem));
    };
    let (guests, link) = (spec.guests, network::link(node.number));
    let (address, gateway) = (
        addresses::node(node.number),
        addresses::gateway(node.number),
    );
    let mut command = Command::new("qemu-system-x86_64");
    command
        .args(["-nodefaults", "-no-user-config", "-no-reboot"])
        .args(["-display", "none", "-monitor", "none"])
        .args(["-accel", guests.accelerator.name()])
        .args(["-cpu", processor(guests.accelerator)])
        .args(["-m", &guests.memory_mib.to_string()])
        .args(["-smp", &guests.cpus.to_string()])
        .arg("-kernel")
        .arg(image)
        .arg("-initrd")
        .arg(initramfs)
        .args([
            "-append",
            &format!(
                "{KERNEL_PARAMETERS} lab.name={} lab.address={address} lab.gateway={gateway}",
                node.name
            ),
        ])
        .args(["-chardev", "stdio,id=console,signal=off"])
        .args(["-serial", "chardev:console"])
        .args([
            "-chardev",
            &format!("socket,id=orders,path={}", socket.display()),
        ])
        .args(["-serial", "chardev:orders"])
        .args([
            "-netdev",
            &format!("tap,id=net,ifname={link},script=no,downscript=no"),
        ])
        .args(["-device", "virtio-net-pci,netdev=net,romfile="]);
    Ok(command)
}

/// With an instruction that gives random numbers: without one a kernel gathers them for minutes,
/// and kube-proxy's TLS waits for that.
fn processor(accelerator: Accelerator) -> &'static str {
    match accelerator {
        Accelerator::Tcg => "qemu64,+rdrand,+rdseed",
        Accelerator::Kvm => "host",
    }
}

/// What goes on around a machine that runs.
struct Running {
    state: watch::Sender<State>,
    words: Words,
}

impl Running {
    async fn attend(
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
