//! A process of the control plane, with a log of its own.

use std::process::Stdio;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::control;
use crate::control_plane::Process;
use crate::error::Error;

/// A process under way; dropped, it is killed.
pub(super) struct Daemon {
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Daemon {
    /// Starts it.
    pub(super) fn start(process: Process, board: &Arc<Board>) -> Result<Self, Error> {
        let Process {
            name,
            mut command,
            log,
        } = process;
        let file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&log);
        let file = file.map_err(Error::io(&log, "opening"))?;
        let errors = file.try_clone().map_err(Error::io(&log, "opening"))?;
        command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .kill_on_drop(true);
        let started = command.spawn().map_err(|error| Error::Command {
            command: name.to_owned(),
            status: "not started".to_owned(),
            output: error.to_string(),
        });
        let mut child = started?;
        board.started(control::Process {
            name: name.to_owned(),
            pid: child.id(),
            ended: None,
            log,
        });
        let stop = CancellationToken::new();
        let (told, board) = (stop.clone(), board.clone());
        let task = tokio::spawn(async move {
            let ended = tokio::select! {
                status = child.wait() => status.map_or_else(|e| e.to_string(), |s| s.to_string()),
                () = told.cancelled() => match child.kill().await {
                    Ok(()) => "stopped".to_owned(),
                    Err(error) => error.to_string(),
                },
            };
            board.ended(name, &ended);
        });
        Ok(Self {
            stop,
            task: Some(task),
        })
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&self) -> bool {
        self.task.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Kills it and waits until it is gone.
    pub(super) async fn stop(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            // The task does nothing that could fail.
            task.await.ok();
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
