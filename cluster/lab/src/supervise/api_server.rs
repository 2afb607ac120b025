//! The API server, which can be stopped and started again: an outage.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::daemon::Daemon;
use crate::board::Board;
use crate::client::client;
use crate::control_plane;
use crate::error::Error;
use crate::state::{Place, Spec};

/// How long it may take to answer: seconds, or a minute on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct ApiServer {
    place: Place,
    spec: Spec,
    board: Arc<Board>,
    daemon: Mutex<Option<Daemon>>,
}

impl ApiServer {
    pub(super) fn new(place: &Place, spec: &Spec, board: &Arc<Board>) -> Self {
        Self {
            place: place.clone(),
            spec: spec.clone(),
            board: board.clone(),
            daemon: Mutex::new(None),
        }
    }

    /// Starts it, unless it runs, and waits until it answers.
    pub(super) async fn start(&self) -> Result<(), Error> {
        let mut daemon = self.daemon.lock().await;
        if daemon.as_ref().is_none_or(Daemon::has_ended) {
            let process = control_plane::api_server(&self.place, &self.spec);
            *daemon = Some(Daemon::start(process, &self.board)?);
        }
        let client = client(&self.place, "lab").await?;
        let until = Instant::now() + PATIENCE;
        let mut problem = String::new();
        while Instant::now() < until {
            if daemon.as_ref().is_none_or(Daemon::has_ended) {
                "it ended".clone_into(&mut problem);
                break;
            }
            let request = http::Request::get("/readyz").body(Vec::new());
            let Ok(request) = request else { break };
            match client.request_text(request).await {
                Ok(_) => return Ok(()),
                Err(error) => problem = error.to_string(),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Error::NotReady {
            what: "kube-apiserver".to_owned(),
            problem,
            log: self.place.log("kube-apiserver"),
        })
    }

    /// Kills it, if it runs.
    pub(super) async fn stop(&self) {
        if let Some(daemon) = self.daemon.lock().await.take() {
            daemon.stop().await;
        }
    }
}
