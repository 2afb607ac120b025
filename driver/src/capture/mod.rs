//! Taking every chosen node's kube-proxy log, all at once, so that nothing is lost.
//!
//! One task lists the kube-proxy pods and tells the instances' fate; each instance has one task
//! that follows its log and one that looks beside it. All lines go through the instance's
//! ledger, which knows what is written already.

mod dedupe;
mod ending;
mod entry;
mod follow;
mod instance;
mod listing;
mod log;
pub mod message;
mod overlap;
mod pass;
mod sink;
mod skew;
mod start;
mod stream;
mod supervisor;
mod whole;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::error::Error;
use crate::record::Record;
use crate::settings::Sources;
use crate::show::board::Board;

/// How far before the run's start, by the API server's clock, a log is taken whose end could not
/// be looked at when the run began.
const CLOCKS: Duration = Duration::seconds(10);

/// Time between two looks whether the output is there.
const OUTPUT: std::time::Duration = std::time::Duration::from_secs(2);

/// Logs that are asked for at once where all are. Connections are used again by those whose turn
/// comes later; a thousand at once would each make one of their own, and everything would wait for
/// that.
const AT_ONCE: usize = 96;

/// Longest wait until every log's end is known; a kubelet that does not answer is left behind.
const MARKING: std::time::Duration = std::time::Duration::from_secs(3);

/// When the run began, by the API server's clock where that is known: nodes are nearer to it than
/// to ours.
fn started_by_the_server(record: &Record) -> DateTime<Utc> {
    let Some(manifest) = record.manifest() else {
        return Utc::now();
    };
    let clock = manifest.cluster.and_then(|cluster| cluster.clock);
    clock.map_or(manifest.started, |clock| clock.shows(manifest.started))
}

/// What kept lines from being written, and when.
#[derive(Debug)]
pub struct Failure {
    /// When it was noticed.
    pub at: DateTime<Utc>,
    /// What it was.
    pub error: Error,
}

/// What every task of a capture shares.
pub(crate) struct Scene {
    pub(crate) pods: Api<Pod>,
    pub(crate) sources: Sources,
    pub(crate) record: Arc<Record>,
    pub(crate) board: Arc<Board>,
    /// From when on logs are wanted; none: whole.
    pub(crate) start: Option<DateTime<Utc>>,
    /// Cancelled when the capture is over: tasks take the last lines and end.
    pub(crate) over: CancellationToken,
    /// Cancelled when lines can no longer be written, and by Ctrl-C.
    broken: CancellationToken,
    /// Where a log stands is looked at no more: the load may have begun.
    begun: AtomicBool,
    /// Turns for looking where a log stands, and for reading it to its end.
    turns: Semaphore,
    failure: Mutex<Option<Failure>>,
}

impl Scene {
    /// Notes why lines can no longer be written, and stops everything.
    pub(crate) fn fail(&self, error: Error) {
        tracing::error!("{error}");
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(Failure {
            at: Utc::now(),
            error,
        });
        self.broken.cancel();
    }

    /// Whether lines can no longer be written.
    fn has_failed(&self) -> bool {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.is_some()
    }
}

/// Notices that the output was removed: a file that is open takes lines all the same. Puts on disk
/// what was changed in the manifest meanwhile.
async fn watch_output(scene: Arc<Scene>) {
    let copies = scene.record.copies();
    while scene.record.directory().is_some() {
        for (which, directory) in copies.standing() {
            let is_gone = !bundle::is_bundle(directory);
            if is_gone && !copies.lose(which, "was removed while it was written") {
                return scene.fail(Error::OutputRemoved(directory.to_path_buf()));
            }
        }
        if let Err(error) = scene.record.flush() {
            return scene.fail(error);
        }
        tokio::time::sleep(OUTPUT).await;
    }
}

/// A capture under way; dropped, it stops where it is.
pub struct Capture {
    scene: Arc<Scene>,
    /// Ends with the capture.
    _output: AbortOnDropHandle<()>,
    supervisor: AbortOnDropHandle<Vec<String>>,
}

impl Capture {
    /// Starts taking logs; returns once every pod that is there is being followed.
    ///
    /// `broken` is cancelled if lines can no longer be written.
    ///
    /// # Errors
    /// [`Error::NoKubeProxy`] if there is no pod to follow; those of listing pods.
    pub async fn start(
        client: &Client,
        sources: &Sources,
        record: Arc<Record>,
        board: Arc<Board>,
        broken: CancellationToken,
    ) -> Result<Self, Error> {
        let started = started_by_the_server(&record);
        let scene = Arc::new(Scene {
            pods: Api::namespaced(client.clone(), &sources.namespace),
            sources: sources.clone(),
            record,
            board,
            start: (!sources.history).then_some(started - CLOCKS),
            over: CancellationToken::new(),
            broken,
            begun: AtomicBool::new(false),
            turns: Semaphore::new(AT_ONCE),
            failure: Mutex::new(None),
        });
        let supervisor = supervisor::Supervisor::begin(scene.clone()).await?;
        supervisor.wait_for_marks(MARKING).await;
        scene.begun.store(true, Ordering::Relaxed);
        scene.record.flush()?;
        let output = tokio::spawn(watch_output(scene.clone()));
        Ok(Self {
            scene,
            _output: AbortOnDropHandle::new(output),
            supervisor: AbortOnDropHandle::new(tokio::spawn(supervisor.run())),
        })
    }

    /// Takes the last lines, puts counts and gaps into the manifest and says what is missing,
    /// one sentence each.
    ///
    /// # Errors
    /// What kept lines from being written.
    pub async fn finish(self) -> Result<Vec<String>, Failure> {
        self.scene.over.cancel();
        self.scene.record.drop_ballast();
        let reasons = self
            .supervisor
            .await
            .unwrap_or_else(|error| vec![format!("the capture ended unexpectedly: {error}")]);
        let failure = self.scene.failure.lock();
        match failure.unwrap_or_else(PoisonError::into_inner).take() {
            Some(failure) => Err(failure),
            None => Ok(reasons),
        }
    }
}
