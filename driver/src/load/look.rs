//! Looks at EndpointSlices: how far the cluster has come with what was asked.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bundle::Action;
use tokio::time::Instant;

use crate::error::Error;
use crate::load::endpoints::count;
use crate::load::job::Job;

/// Shortest time between two looks.
const SHORTEST: Duration = Duration::from_secs(5);
/// A look at 240,000 endpoints costs the server a second or two of one core: at most a tenth of
/// the time is spent on looks.
const SHARE: u32 = 10;
/// Longest time between two looks: one that a busy server took a minute for does not make the
/// next one wait for ten.
const LONGEST: Duration = Duration::from_secs(60);

/// Looks, and knows what the last one cost.
pub struct Looks {
    job: Job,
    cost: Duration,
}

impl Looks {
    /// None taken yet.
    #[must_use]
    pub fn new(job: &Job) -> Self {
        Self {
            job: job.clone(),
            cost: Duration::ZERO,
        }
    }

    /// One look: a row of the timeline, and the number for the live line.
    ///
    /// # Errors
    /// Those of [`count`] and of the timeline.
    pub async fn look(&mut self, target: u64) -> Result<u64, Error> {
        let began = Instant::now();
        let load = &self.job.load;
        let (client, stop) = (&self.job.client, &self.job.shutdown);
        let carried = count(client, &load.namespace, &load.owner, stop).await?;
        self.cost = began.elapsed();
        let board = &self.job.board;
        board.endpoints.store(carried, Ordering::Relaxed);
        board.target.store(target, Ordering::Relaxed);
        let detail = format!("{carried} of {target} endpoints");
        // Counts below 2^53 are exact as f64.
        let (asked, reached) = (target as f64, carried as f64);
        self.job
            .record
            .row(Action::Endpoints, detail, Some(asked), Some(reached))?;
        Ok(carried)
    }

    /// How long to wait before the next look.
    #[must_use]
    pub fn pause(&self) -> Duration {
        (self.cost * SHARE).clamp(SHORTEST, LONGEST)
    }

    /// Looks now and then until `time` has gone by; the last look ends about then.
    ///
    /// # Errors
    /// As [`Looks::look`].
    pub async fn during(&mut self, time: Duration, target: u64) -> Result<u64, Error> {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let before_last = left.saturating_sub(self.cost * 2);
            if before_last > self.pause() {
                self.job.sleep(self.pause()).await?;
                self.look(target).await?;
                continue;
            }
            self.job.sleep(before_last).await?;
            let carried = self.look(target).await?;
            let left = end.saturating_duration_since(Instant::now());
            // This one may have cost far less than the one before: then there is time for more.
            if left < SHORTEST.max(self.cost * 2) {
                self.job.sleep(left).await?;
                return Ok(carried);
            }
        }
    }

    /// Looks until EndpointSlices carry `target`, or `limit` has gone by.
    ///
    /// # Errors
    /// As [`Looks::look`].
    pub async fn until_carried(&mut self, limit: Duration, target: u64) -> Result<u64, Error> {
        let end = Instant::now() + limit;
        loop {
            let carried = self.look(target).await?;
            if carried == target || Instant::now() >= end {
                return Ok(carried);
            }
            let pause = (self.cost * SHARE).clamp(Duration::from_secs(1), LONGEST);
            self.job.sleep(pause).await?;
        }
    }
}
