//! A node on this machine's kernel: kube-proxy in a network namespace of its own, so that its
//! rules touch nothing else.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::keep;
use super::profile::OnHost;
use super::{CONFIGURATION, Container, KUBECONFIG, Launch, Output, WAITING_LINES};
use crate::error::Error;
use crate::network;
use crate::state::{Node, Place, Spec};

/// How long SIGTERM may take, as a pod's default grace.
const GRACE: Duration = Duration::from_secs(30);

/// A node on this machine's kernel.
pub(crate) struct Host {
    program: PathBuf,
    namespace: String,
    directory: PathBuf,
    kubeconfig: PathBuf,
    keeps: bool,
    profiles: bool,
}

impl Host {
    pub(super) fn new(place: &Place, spec: &Spec, node: &Node) -> Self {
        Self {
            program: spec.kube_proxy.program.clone(),
            namespace: network::of_node(&spec.name, &node.name),
            directory: place.node(&node.name),
            kubeconfig: place.kubeconfig("kube-proxy"),
            keeps: spec.keep_transactions,
            profiles: spec.profile,
        }
    }

    pub(super) fn start(&self, launch: &Launch) -> Result<Container, Error> {
        let path = self.directory.join("config");
        // A container has its own file system; here its paths are found where they are.
        let kubeconfig = self.kubeconfig.display().to_string();
        let text = launch.configuration.replace(KUBECONFIG, &kubeconfig);
        std::fs::write(&path, text).map_err(Error::io(&path, "writing"))?;
        let own_path = path.display().to_string();
        let arguments = launch.arguments.iter();
        let arguments = arguments.map(|word| word.replace(CONFIGURATION, &own_path));
        let sampled = match self.profiles {
            true => Some(OnHost::prepare(&self.directory)?),
            false => None,
        };
        let mut command = match &sampled {
            Some(sampled) => {
                let mut before = sampled.before();
                before.arg("ip");
                before
            }
            None => Command::new("ip"),
        };
        command
            .args(["netns", "exec", &self.namespace])
            .arg(&self.program)
            .args(arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if self.keeps {
            command.env("PATH", keep::path_with_scripts(&self.directory)?);
        }
        let child = command.spawn().map_err(|error| Error::Command {
            command: "ip netns exec ... kube-proxy".to_owned(),
            status: "not started".to_owned(),
            output: error.to_string(),
        })?;
        let (sender, output) = mpsc::channel(WAITING_LINES);
        let stop = CancellationToken::new();
        tokio::spawn(attend(child, sender, stop.clone(), sampled));
        Ok(Container { output, stop })
    }
}

async fn attend(
    mut child: Child,
    sender: mpsc::Sender<Output>,
    stop: CancellationToken,
    sampled: Option<OnHost>,
) {
    let out = child.stdout.take().map(|out| lines(out, sender.clone()));
    let err = child.stderr.take().map(|err| lines(err, sender.clone()));
    let words = async {
        tokio::join!(
            async {
                if let Some(out) = out {
                    out.await;
                }
            },
            async {
                if let Some(err) = err {
                    err.await;
                }
            },
        )
    };
    let id = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
    let end = async {
        tokio::select! {
            status = child.wait() => status,
            () = stop.cancelled() => {
                if let Some(id) = id {
                    // Not waited for yet, so the id is still its own.
                    kill_process(id, Signal::TERM).ok();
                }
                match tokio::time::timeout(GRACE, child.wait()).await {
                    Ok(status) => status,
                    Err(_) => {
                        child.start_kill().ok();
                        child.wait().await
                    }
                }
            }
        }
    };
    let (status, _) = tokio::join!(end, words);
    let code = status.map_or(-1, |status| {
        use std::os::unix::process::ExitStatusExt as _;
        let signal = status.signal().map(|signal| 128 + signal);
        status.code().or(signal).unwrap_or(-1)
    });
    if let Some(sampled) = sampled
        && let Err(error) = sampled.keep().await
    {
        eprintln!("what was sampled of a kube-proxy is lost: {error}");
    }
    // Nobody listens when the lab goes down.
    sender.send(Output::Ended(code)).await.ok();
}

async fn lines(stream: impl AsyncRead + Unpin, sender: mpsc::Sender<Output>) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line).await, Ok(1..)) {
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        let output = Output::Line(std::mem::take(&mut line));
        if sender.send(output).await.is_err() {
            return;
        }
    }
}
