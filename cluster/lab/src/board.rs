//! What is going on, for `lab status`.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::addresses;
use crate::control::{NodeStatus, Phase, Process, Status};
use crate::network;
use crate::state::{Kernel, Node, Place, Spec};

/// The status, written by whoever knows something.
#[derive(Debug)]
pub(crate) struct Board {
    status: Mutex<Status>,
    /// Where a node stands in the status: there may be a thousand.
    numbers: HashMap<String, usize>,
}

impl Board {
    pub(crate) fn new(place: &Place, spec: &Spec) -> Self {
        let nodes = spec.nodes.iter();
        let names = nodes.clone().map(|node| node.name.clone());
        Self {
            numbers: names.zip(0..).collect(),
            status: Mutex::new(Status {
                phase: Phase::Starting("the namespaces".to_owned()),
                ready_after_s: None,
                processes: Vec::new(),
                nodes: nodes.map(|node| describe(place, spec, node)).collect(),
            }),
        }
    }

    /// A copy of the status.
    pub(crate) fn status(&self) -> Status {
        self.lock().clone()
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.lock().phase = phase;
    }

    /// Edits what is known of a node.
    pub(crate) fn node(&self, name: &str, edit: impl FnOnce(&mut NodeStatus)) {
        let mut status = self.lock();
        let number = self.numbers.get(name);
        if let Some(node) = number.and_then(|number| status.nodes.get_mut(*number)) {
            edit(node);
        }
    }

    /// Looks at what is known of a node; none if there is no such node.
    pub(crate) fn look<T>(&self, name: &str, at: impl FnOnce(&NodeStatus) -> T) -> Option<T> {
        let status = self.lock();
        let number = self.numbers.get(name)?;
        status.nodes.get(*number).map(at)
    }

    /// A process of the control plane has started.
    pub(crate) fn started(&self, process: Process) {
        let mut status = self.lock();
        status.processes.retain(|known| known.name != process.name);
        status.processes.push(process);
    }

    /// A process of the control plane has ended.
    pub(crate) fn ended(&self, name: &str, how: &str) {
        let mut status = self.lock();
        for process in status.processes.iter_mut().filter(|p| p.name == name) {
            process.pid = None;
            process.ended = Some(how.to_owned());
        }
    }

    /// Waits until every node's kube-proxy has synced, unless starting has failed.
    pub(crate) async fn watch_for_ready(&self, began: Instant) {
        loop {
            {
                let mut status = self.lock();
                if matches!(status.phase, Phase::Failed(_)) {
                    return;
                }
                if status.nodes.iter().all(|node| node.ready) {
                    status.phase = Phase::Ready;
                    status.ready_after_s = Some(began.elapsed().as_secs_f64());
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Status> {
        // What is written stays good after a panic elsewhere.
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn describe(place: &Place, spec: &Spec, node: &Node) -> NodeStatus {
    let guest = matches!(node.kernel, Kernel::Guest { .. });
    let host = matches!(node.kernel, Kernel::Host { .. });
    NodeStatus {
        name: node.name.clone(),
        kernel: node.kernel.release().to_owned(),
        kernel_version: match &node.kernel {
            Kernel::Guest {
                release,
                version,
                image,
                ..
            } if version == release => Some(format!("own image {}", image.display())),
            Kernel::Guest { version, .. } => Some(version.clone()),
            Kernel::Host { .. } | Kernel::Played => None,
        },
        kind: node.kernel.kind().to_owned(),
        address: addresses::node(node.number).to_string(),
        namespace: host.then(|| network::of_node(&spec.name, &node.name)),
        kernel_log: guest.then(|| place.kernel_log(&node.name)),
        ..NodeStatus::default()
    }
}
