//! What every phase of the load needs.

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::load::workload::Blueprint;
use crate::record::Record;
use crate::settings::Load;
use crate::show::board::Board;

/// The load, the way to the cluster, and where to write what was done.
#[derive(Clone)]
pub struct Job {
    /// The client.
    pub client: Client,
    /// The load.
    pub load: Load,
    /// Manifest and timeline.
    pub record: Arc<Record>,
    /// What is shown.
    pub board: Arc<Board>,
    /// Cancelled by Ctrl-C, or when the capture can no longer write.
    pub shutdown: CancellationToken,
}

impl Job {
    /// The objects of the load.
    #[must_use]
    pub fn blueprint(&self) -> Blueprint {
        Blueprint {
            namespace: self.load.namespace.clone(),
            image: self.load.image.clone(),
            owner: self.load.owner.clone(),
            run: self.record.run_id(),
        }
    }

    /// Sleeps, unless interrupted.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub async fn sleep(&self, time: Duration) -> Result<(), Error> {
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            () = self.shutdown.cancelled() => Err(Error::Interrupted),
        }
    }
}
