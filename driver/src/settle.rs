//! Waiting until every node's kube-proxy has been quiet for a while.

use std::time::Duration;

use bundle::Action;
use tokio::time::Instant;

use crate::error::Error;
use crate::job::Job;
use crate::look::Looks;

/// Time between two checks.
const STEP: Duration = Duration::from_millis(500);

/// Waits until no node has been inside a sync, or begun or ended one, for `quiet_for`, and
/// EndpointSlices have not changed meanwhile. Returns what stood in the way at the limit, one
/// sentence each; nothing if all is quiet.
///
/// # Errors
/// [`Error::Interrupted`], and those of looking at EndpointSlices.
pub async fn settle(job: &Job, target: u64) -> Result<Vec<String>, Error> {
    job.board
        .enter("settle: waiting until every kube-proxy is quiet");
    let quiet_for = job.load.quiet_for.0;
    let limit = Instant::now() + job.load.settle.0;
    let mut looks = Looks::new(job);
    let mut carried = looks.look(target).await?;
    let (mut changed, mut looked) = (Instant::now(), Instant::now());
    loop {
        let busy = busy(job, quiet_for);
        if busy.is_empty() && changed.elapsed() >= quiet_for {
            // What was quiet may be so because the last change has not been counted yet.
            let now = looks.look(target).await?;
            if now == carried {
                job.record
                    .row(Action::Settled, "", Some(target as f64), Some(now as f64))?;
                return Ok(Vec::new());
            }
            (carried, changed) = (now, Instant::now());
        }
        if Instant::now() >= limit {
            let detail = format!("not settled: {}", busy.join("; "));
            job.record.row(
                Action::Other("not_settled".to_owned()),
                detail,
                None,
                Some(carried as f64),
            )?;
            return Ok(reasons(job, busy));
        }
        job.sleep(STEP).await?;
        if looked.elapsed() >= looks.pause() {
            let now = looks.look(target).await?;
            if now != carried {
                (carried, changed) = (now, Instant::now());
            }
            looked = Instant::now();
        }
    }
}

/// The nodes that are not quiet, and why.
fn busy(job: &Job, quiet_for: Duration) -> Vec<String> {
    let nodes = job.board.nodes();
    let busy =
        nodes.iter().filter_map(
            |(name, sync)| match (sync.running_since(), sync.quiet_for()) {
                (Some(since), _) => Some(format!(
                    "{name} has been inside a sync for {}",
                    crate::span::Span(since.elapsed())
                )),
                (None, Some(quiet)) if quiet < quiet_for => Some(format!("{name} still syncs")),
                _ => None,
            },
        );
    busy.collect()
}

fn reasons(job: &Job, busy: Vec<String>) -> Vec<String> {
    let limit = job.load.settle;
    let busy = if busy.is_empty() {
        vec!["EndpointSlices still change".to_owned()]
    } else {
        busy
    };
    busy.into_iter()
        .map(|what| format!("not settled within {limit}: {what}"))
        .collect()
}
