//! A node's kubelet, played: kwok for nodes and ordinary pods, and for the kube-proxy pod what a
//! kubelet does with a container, because that one is real.

mod clock;
mod container;
pub(crate) mod cri;
pub(crate) mod front;
pub(crate) mod kernel_log;
pub(crate) mod kwok;
pub(crate) mod pods;
mod publish;
mod serve;

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::Client;
use tokio::sync::{mpsc, oneshot, watch};

use crate::board::Board;
use crate::control;
use crate::node::Machine;
use crate::state::{Node, Place};
use clock::NodeClock;
use container::Ended;
use pods::Pods;
use publish::{PodState, Publisher, Termination};

/// The longest wait before a container that keeps failing is started again, as a kubelet's.
const LONGEST_BACKOFF: Duration = Duration::from_secs(300);
/// A container that ran this long is no longer counted as failing, as a kubelet's.
const RECOVERED: Duration = Duration::from_secs(600);

/// What a node's kubelet can be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Order {
    /// Restart the container.
    Restart,
    /// The same, done when it has ended and what was sampled of it is written.
    Profile,
    /// Rotate its log.
    Rotate,
    /// Set the clock by which its lines are stamped.
    Clock(control::Clock),
}

/// An order, and where its outcome goes.
pub(crate) struct Command {
    pub(crate) order: Order,
    pub(crate) reply: oneshot::Sender<Result<(), String>>,
}

/// One node's kubelet, as far as kube-proxy goes.
pub(crate) struct Kubelet {
    place: Place,
    node: Node,
    machine: Machine,
    client: Client,
    board: Arc<Board>,
    publisher: Publisher,
    clock: NodeClock,
}

impl Kubelet {
    pub(crate) fn new(
        place: &Place,
        node: &Node,
        machine: Machine,
        client: Client,
        board: Arc<Board>,
    ) -> Self {
        Self {
            place: place.clone(),
            node: node.clone(),
            machine,
            publisher: Publisher::new(client.clone(), node, board.clone()),
            client,
            board,
            clock: NodeClock::default(),
        }
    }

    /// Runs whatever kube-proxy pod is bound to the node, one after another, for ever.
    pub(crate) async fn run(
        mut self,
        mut pods: watch::Receiver<Pods>,
        mut commands: mpsc::Receiver<Command>,
    ) {
        let mut last = None;
        loop {
            let next = pods
                .borrow_and_update()
                .living(&self.node.name)
                .filter(|pod| pod.metadata.uid != last);
            if let Some(pod) = next {
                self.run_pod(&pod, &mut pods, &mut commands).await;
                last = pod.metadata.uid;
                continue;
            }
            tokio::select! {
                changed = pods.changed() => if changed.is_err() { return },
                Some(command) = commands.recv() => {
                    let answer = match command.order {
                        Order::Clock(clock) => self.set_clock(clock),
                        _ => Err("there is no kube-proxy pod now".to_owned()),
                    };
                    // Who asked and left gets no answer.
                    command.reply.send(answer).ok();
                }
            }
        }
    }

    /// Runs the container of a pod, again after each end, until the pod is deleted.
    async fn run_pod(
        &mut self,
        pod: &Pod,
        pods: &mut watch::Receiver<Pods>,
        commands: &mut mpsc::Receiver<Command>,
    ) {
        let mut state = PodState::new(pod, &self.node);
        let mut failures: u32 = 0;
        loop {
            let began = tokio::time::Instant::now();
            let ended = self.run_container(&mut state, pods, commands).await;
            if let Ended::Deleted = ended {
                break;
            }
            failures = match ended {
                Ended::Restarted => 0,
                _ if began.elapsed() > RECOVERED => 1,
                _ => failures + 1,
            };
            if !self.back_off(failures, &state, pods, commands).await {
                break;
            }
            state.next_container();
        }
        self.publisher.finish(&state).await;
    }

    /// Waits as a kubelet does: not at all the first time, then 10 s, 20 s, 40 s. Returns whether
    /// the pod is still wanted.
    async fn back_off(
        &mut self,
        failures: u32,
        state: &PodState,
        pods: &mut watch::Receiver<Pods>,
        commands: &mut mpsc::Receiver<Command>,
    ) -> bool {
        let wait = match failures {
            0 | 1 => Duration::ZERO,
            more => Duration::from_secs(10)
                .saturating_mul(1 << (more - 2).min(10))
                .min(LONGEST_BACKOFF),
        };
        let over = tokio::time::sleep(wait);
        tokio::pin!(over);
        loop {
            if pods.borrow_and_update().is_deleted(&state.uid) {
                return false;
            }
            tokio::select! {
                () = &mut over => return true,
                changed = pods.changed() => if changed.is_err() { return false },
                Some(command) = commands.recv() => {
                    let answer = match command.order {
                        Order::Restart | Order::Profile => Ok(()),
                        Order::Rotate => Err("no container runs".to_owned()),
                        Order::Clock(clock) => self.set_clock(clock),
                    };
                    command.reply.send(answer).ok();
                    if command.order == Order::Restart {
                        return true;
                    }
                }
            }
        }
    }

    fn set_clock(&mut self, clock: control::Clock) -> Result<(), String> {
        self.clock = NodeClock::new(clock)?;
        Ok(())
    }

    /// Notes a container's end in the pod's state.
    fn note_end(&self, state: &mut PodState, code: i32) {
        state.ended(code, self.clock.now());
        self.board.node(&self.node.name, |node| {
            node.ready = false;
            if code != 0 && code != Termination::KILLED && code != Termination::TERMINATED {
                node.problem = Some(format!("kube-proxy ended with exit code {code}"));
            }
        });
        self.publisher.publish(state);
    }
}
