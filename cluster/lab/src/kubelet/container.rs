//! One life of a kube-proxy container: started, its words kept, ended.

use std::path::PathBuf;
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use tokio::sync::{mpsc, oneshot, watch};

use super::cri::CriLog;
use super::pods::Pods;
use super::publish::{PodState, Termination};
use super::{Command, Kubelet, Order, pods};
use crate::addresses;
use crate::error::Error;
use crate::node::{Container, Launch, Output};

/// Time between two looks whether kube-proxy is ready.
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
        pods: &mut watch::Receiver<Pods>,
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
                let deleted = pods.borrow().is_deleted(&state.uid);
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
        state.started(path, self.clock.now())?;
        let configuration = match self.machine.is_real() {
            true => self.configuration().await?,
            false => String::new(),
        };
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
        pods: &mut watch::Receiver<Pods>,
        commands: &mut mpsc::Receiver<Command>,
    ) -> Ended {
        let mut probes = tokio::time::interval(PROBING);
        let mut why = Ended::Alone;
        // Who asked for what was sampled is told at the end.
        let mut askers: Vec<oneshot::Sender<Result<(), String>>> = Vec::new();
        let code = loop {
            tokio::select! {
                output = container.output.recv() => match output {
                    Some(Output::Line(line)) => self.keep(&mut log, &line),
                    Some(Output::Ended(code)) => break code,
                    None => break Termination::KILLED,
                },
                Some(command) = commands.recv() => {
                    let answer = match command.order {
                        Order::Rotate => log.rotate().map_err(|error| error.to_string()),
                        Order::Clock(clock) => self.set_clock(clock),
                        Order::Restart | Order::Profile => {
                            why = Ended::Restarted;
                            container.stop.cancel();
                            if command.order == Order::Profile {
                                askers.push(command.reply);
                                continue;
                            }
                            Ok(())
                        }
                    };
                    command.reply.send(answer).ok();
                }
                _ = pods.changed() => {
                    if pods.borrow_and_update().is_deleted(&state.uid) {
                        why = Ended::Deleted;
                        container.stop.cancel();
                    }
                }
                _ = probes.tick(), if !state.ready => {
                    if !self.machine.is_real() || ready(self.node.number).await {
                        state.ready = true;
                        self.publisher.publish(state);
                        self.board.node(&self.node.name, |node| {
                            node.ready = true;
                            node.problem = None;
                        });
                    }
                }
            }
        };
        self.note_end(state, code);
        for asker in askers {
            // Who asked and left gets no answer.
            asker.send(Ok(())).ok();
        }
        why
    }

    fn keep(&self, log: &mut CriLog, line: &[u8]) {
        if let Err(error) = log.write(line, self.clock.now()) {
            let problem = format!("a line of kube-proxy is lost: {error}");
            eprintln!("{}: {problem}", self.node.name);
            self.board
                .node(&self.node.name, |node| node.problem = Some(problem));
        }
    }
}

/// Whether kube-proxy says that it is healthy and has synced. Its health alone does not tell: it is
/// good as long as no change waits for too long, so before the first sync too.
async fn ready(number: u16) -> bool {
    let healthy = ask(number, addresses::HEALTH_PORT, "/healthz").await;
    if !healthy.is_some_and(|answer| answer.contains(" 200 ")) {
        return false;
    }
    let metrics = ask(number, addresses::METRICS_PORT, "/metrics").await;
    metrics.is_some_and(|text| has_synced(&text))
}

/// Whether the metrics tell of a sync in every family that they name. kube-proxy 1.33 and newer
/// label the gauge with the family.
fn has_synced(metrics: &str) -> bool {
    const GAUGE: &str = "kubeproxy_sync_proxy_rules_last_timestamp_seconds";
    let mut times = metrics
        .lines()
        .filter(|line| line.starts_with(GAUGE))
        .filter_map(|line| line.rsplit(' ').next())
        .peekable();
    times.peek().is_some() && times.all(|time| time.parse().is_ok_and(|time: f64| time > 0.0))
}

/// The answer to a GET of the node's kube-proxy, head and body; absent if there is none in time.
async fn ask(number: u16, port: u16, path: &str) -> Option<String> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let talk = async {
        let address = (addresses::node(number), port);
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        let request = format!("GET {path} HTTP/1.0\r\nHost: kube-proxy\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(2), talk).await;
    let bytes = answer.ok()?.ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::has_synced;

    #[test]
    fn a_sync_of_every_family_is_waited_for() {
        let gauge = "kubeproxy_sync_proxy_rules_last_timestamp_seconds";
        let help = format!("# HELP {gauge} The last time\n# TYPE {gauge} gauge\n");
        assert!(!has_synced(""));
        assert!(!has_synced(&help));
        assert!(!has_synced(&format!("{help}{gauge} 0\n")));
        assert!(has_synced(&format!("{help}{gauge} 1.7640298e+09\n")));
        let one = format!("{gauge}{{ip_family=\"IPv4\"}} 1.7640298e+09\n");
        assert!(has_synced(&one));
        assert!(!has_synced(&format!(
            "{one}{gauge}{{ip_family=\"IPv6\"}} 0\n"
        )));
    }
}
