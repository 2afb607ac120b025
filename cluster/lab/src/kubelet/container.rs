//! One life of a kube-proxy container: started, its words kept, ended.

use std::path::PathBuf;
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::Api;
use tokio::sync::{mpsc, watch};

use super::cri::CriLog;
use super::publish::PodState;
use super::{Command, Kubelet, Order, pods};
use crate::addresses;
use crate::error::Error;
use crate::node::{Container, Launch, Output};

/// Time between two looks whether kube-proxy is healthy.
const PROBING: Duration = Duration::from_millis(500);
/// The ConfigMap with kube-proxy's configuration, and the key in it.
const CONFIGURATION: (&str, &str) = ("kube-proxy-config", "config");

/// Why a container ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself.
    Alone,
    /// It was told to restart.
    Restarted,
    /// Its pod is being deleted.
    Deleted,
}

impl Kubelet {
    /// Starts the container and keeps its words until it ends.
    pub(super) async fn run_container(
        &mut self,
        state: &mut PodState,
        pods: &mut watch::Receiver<Vec<Pod>>,
        commands: &mut mpsc::Receiver<Command>,
    ) -> Ended {
        let started = self.start(state).await;
        let (log, container) = match started {
            Ok(started) => started,
            Err(error) => {
                let problem = error.to_string();
                eprintln!("{}: {problem}", self.node.name);
                self.board
                    .node(&self.node.name, |node| node.problem = Some(problem));
                self.note_end(state, 128);
                let deleted = pods::is_deleted(&pods.borrow(), &state.uid);
                return if deleted {
                    Ended::Deleted
                } else {
                    Ended::Alone
                };
            }
        };
        self.publisher.publish(state);
        self.attend(state, log, container, pods, commands).await
    }

    async fn start(&mut self, state: &mut PodState) -> Result<(CriLog, Container), Error> {
        let path = self.log_path(state);
        let log = CriLog::create(&path)?;
        state.started(path);
        let configuration = self.configuration().await?;
        let launch = Launch {
            arguments: state.arguments.clone(),
            configuration,
        };
        let container = self.machine.start(&launch).await?;
        Ok((log, container))
    }

    /// `nodes/NODE/pods/kube-system_POD_UID/kube-proxy/RESTART.log`, as below `/var/log/pods`.
    fn log_path(&self, state: &PodState) -> PathBuf {
        let pod = format!("{}_{}_{}", pods::NAMESPACE, state.pod, state.uid);
        let node = self.place.node(&self.node.name);
        let directory = node.join("pods").join(pod).join("kube-proxy");
        directory.join(format!("{}.log", state.restarts))
    }

    /// kube-proxy's configuration from its ConfigMap; as last seen, if the API server is away.
    async fn configuration(&self) -> Result<String, Error> {
        let kept = self.place.node(&self.node.name).join("configuration.yaml");
        let api: Api<ConfigMap> = Api::namespaced(self.client.clone(), pods::NAMESPACE);
        let (name, key) = CONFIGURATION;
        let asked = tokio::time::timeout(Duration::from_secs(5), api.get(name)).await;
        let found = match asked {
            Ok(Ok(map)) => map.data.and_then(|mut data| data.remove(key)),
            Ok(Err(_)) | Err(_) => None,
        };
        match found {
            Some(text) => {
                std::fs::write(&kept, &text).map_err(Error::io(&kept, "writing"))?;
                Ok(text)
            }
            None => std::fs::read_to_string(&kept).map_err(Error::io(
                &kept,
                "no ConfigMap to be had, and reading the last one",
            )),
        }
    }

    async fn attend(
        &mut self,
        state: &mut PodState,
        mut log: CriLog,
        mut container: Container,
        pods: &mut watch::Receiver<Vec<Pod>>,
        commands: &mut mpsc::Receiver<Command>,
    ) -> Ended {
        let mut probes = tokio::time::interval(PROBING);
        let mut why = Ended::Alone;
        loop {
            tokio::select! {
                output = container.output.recv() => match output {
                    Some(Output::Line(line)) => self.keep(&mut log, &line),
                    Some(Output::Ended(code)) => {
                        self.note_end(state, code);
                        return why;
                    }
                    None => {
                        self.note_end(state, 137);
                        return why;
                    }
                },
                Some(command) = commands.recv() => {
                    let answer = match command.order {
                        Order::Rotate => log.rotate().map_err(|error| error.to_string()),
                        Order::Restart => {
                            why = Ended::Restarted;
                            container.stop.cancel();
                            Ok(())
                        }
                    };
                    command.reply.send(answer).ok();
                }
                _ = pods.changed() => {
                    if pods::is_deleted(&pods.borrow_and_update(), &state.uid) {
                        why = Ended::Deleted;
                        container.stop.cancel();
                    }
                }
                _ = probes.tick(), if !state.ready => {
                    if healthy(self.node.number).await {
                        state.ready = true;
                        self.publisher.publish(state);
                        self.board.node(&self.node.name, |node| {
                            node.ready = true;
                            node.problem = None;
                        });
                    }
                }
            }
        }
    }

    fn keep(&self, log: &mut CriLog, line: &[u8]) {
        if let Err(error) = log.write(line) {
            let problem = format!("a line of kube-proxy is lost: {error}");
            eprintln!("{}: {problem}", self.node.name);
            self.board
                .node(&self.node.name, |node| node.problem = Some(problem));
        }
    }
}

/// Whether kube-proxy says that it is: it does so once it has synced.
async fn healthy(number: u8) -> bool {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let ask = async {
        let address = (addresses::node(number), addresses::HEALTH_PORT);
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        stream
            .write_all(b"GET /healthz HTTP/1.0\r\nHost: kube-proxy\r\n\r\n")
            .await?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = tokio::time::timeout(Duration::from_millis(400), ask).await;
    matches!(answer, Ok(Ok(answer)) if answer.ends_with(b" 200"))
}
