//! Waiting until every node's kube-proxy has been quiet for a while.

use std::time::Duration;

use bundle::Action;
use tokio::time::Instant;

use crate::error::Error;
use crate::load::job::Job;
use crate::load::look::Looks;
use crate::span::Span;

/// Time between two checks.
const STEP: Duration = Duration::from_millis(500);
/// Time between two looks once everything has arrived.
const ARRIVED: Duration = Duration::from_secs(60);
/// How long EndpointSlices may stand still short of what was asked before that is the end:
/// pods that find no node, or a controller that is away.
const STUCK: Duration = Duration::from_secs(900);

/// Waits until EndpointSlices carry `target` and no node has been inside a sync, or begun or
/// ended one, for `quiet_for`. Returns what stood in the way when the wait was given up, one
/// sentence each; nothing if all is quiet.
///
/// # Errors
/// [`Error::Interrupted`], and those of looking at EndpointSlices.
pub async fn settle(job: &Job, target: u64) -> Result<Vec<String>, Error> {
    job.board
        .enter("settle: waiting until every kube-proxy is quiet");
    let limit = Instant::now() + job.load.settle.0;
    let mut slices = Slices::begin(job, target).await?;
    loop {
        let busy = busy(job);
        if busy.is_empty() && slices.still_for() >= job.load.quiet_for.0 {
            // The last change may not have been counted yet.
            slices.look().await?;
            if slices.arrived() && slices.still_for() >= job.load.quiet_for.0 {
                let (asked, reached) = (Some(target as f64), Some(slices.carried as f64));
                job.record.row(Action::Settled, "", asked, reached)?;
                return Ok(Vec::new());
            }
        }
        let stuck = !slices.arrived() && slices.still_for() >= STUCK;
        if Instant::now() >= limit || stuck {
            return give_up(job, busy, &slices);
        }
        job.sleep(STEP).await?;
        slices.look_if_due().await?;
    }
}

/// What EndpointSlices carry, looked at now and then.
struct Slices {
    looks: Looks,
    target: u64,
    carried: u64,
    changed: Instant,
    looked: Instant,
}

impl Slices {
    async fn begin(job: &Job, target: u64) -> Result<Self, Error> {
        let mut looks = Looks::new(job);
        let carried = looks.look(target).await?;
        Ok(Self {
            looks,
            target,
            carried,
            changed: Instant::now(),
            looked: Instant::now(),
        })
    }

    fn arrived(&self) -> bool {
        self.carried == self.target
    }

    fn still_for(&self) -> Duration {
        self.changed.elapsed()
    }

    async fn look(&mut self) -> Result<(), Error> {
        let now = self.looks.look(self.target).await?;
        self.looked = Instant::now();
        if now != self.carried {
            (self.carried, self.changed) = (now, self.looked);
        }
        Ok(())
    }

    async fn look_if_due(&mut self) -> Result<(), Error> {
        // What has arrived seldom changes; a look is work for the server all the same.
        let pause = if self.arrived() {
            ARRIVED
        } else {
            self.looks.pause()
        };
        if self.looked.elapsed() >= pause {
            self.look().await?;
        }
        Ok(())
    }
}

/// The nodes that are not quiet, and why.
fn busy(job: &Job) -> Vec<String> {
    let why = |(name, sync): (&String, &crate::show::sync::Sync)| {
        if let Some(since) = sync.running_since() {
            let time = Span(since.elapsed());
            return Some(format!("{name} has been inside a sync for {time}"));
        }
        let quiet = sync.quiet_for()? >= job.load.quiet_for.0;
        (!quiet).then(|| format!("{name} still syncs"))
    };
    job.board.nodes().iter().filter_map(why).collect()
}

/// Records that the wait was given up, and why.
fn give_up(job: &Job, mut reasons: Vec<String>, slices: &Slices) -> Result<Vec<String>, Error> {
    let Slices {
        carried, target, ..
    } = *slices;
    if carried != target {
        reasons.push(format!(
            "EndpointSlices carry {carried} of {target} endpoints"
        ));
    }
    let (asked, reached) = (Some(target as f64), Some(carried as f64));
    let action = Action::Other("not_settled".to_owned());
    job.record.row(action, reasons.join("; "), asked, reached)?;
    let said = reasons
        .into_iter()
        .map(|what| format!("not settled: {what}"));
    Ok(said.collect())
}
