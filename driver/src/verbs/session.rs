//! What every verb works with.

use std::future::Future;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::api::cluster::Cluster;
use crate::load::job::Job;
use crate::record::Record;
use crate::settings::Settings;
use crate::show::board::Board;
use crate::show::progress::Screen;

/// A cluster that answers, settings that make sense, a screen, and the way to stop.
pub struct Session {
    /// The cluster.
    pub cluster: Cluster,
    /// All settings.
    pub settings: Settings,
    /// What is known at this moment.
    pub board: Arc<Board>,
    /// Where progress goes.
    pub screen: Screen,
    /// Cancelled by the first Ctrl-C or SIGTERM.
    pub shutdown: CancellationToken,
    /// Cancelled before it where it was SIGTERM.
    pub evicted: CancellationToken,
}

impl Session {
    /// A job that writes to `record` and stops with `shutdown`.
    #[must_use]
    pub fn job(&self, record: Arc<Record>, shutdown: CancellationToken) -> Job {
        Job {
            client: self.cluster.client.clone(),
            load: self.settings.load.clone(),
            record,
            board: self.board.clone(),
            shutdown,
        }
    }

    /// Shows progress while `work` goes on.
    pub async fn shown<T>(&self, work: impl Future<Output = T>) -> T {
        let stop = CancellationToken::new();
        let showing = self.screen.show(self.board.clone(), stop.clone());
        let done = work.await;
        stop.cancel();
        showing.await.unwrap_or_default();
        done
    }
}
