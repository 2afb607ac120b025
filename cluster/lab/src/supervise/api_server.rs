//! The API server, which can be stopped and started again: an outage.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::daemon::Daemon;
use crate::board::Board;
use crate::client::client;
use crate::control_plane;
use crate::error::{Error, answer, last_line};
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
        let log = self.place.log("kube-apiserver");
        let until = Instant::now() + PATIENCE;
        let mut problem = String::new();
        while Instant::now() < until {
            if daemon.as_ref().is_none_or(Daemon::has_ended) {
                problem = format!("it ended: {}", last_line(&log));
                break;
            }
            let request = http::Request::get("/readyz").body(Vec::new());
            let Ok(request) = request else { break };
            match client.request_text(request).await {
                Ok(_) => return Ok(()),
                Err(error) => {
                    let answer = answer(&error);
                    problem = format!("within {PATIENCE:?} /readyz said nothing but {answer}");
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Error::not_ready("kube-apiserver", &problem, &log))
    }

    /// Kills it, if it runs.
    pub(super) async fn stop(&self) {
        if let Some(daemon) = self.daemon.lock().await.take() {
            daemon.stop().await;
        }
    }
}
