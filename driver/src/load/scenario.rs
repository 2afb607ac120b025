//! What is measured at full scale beyond the ramp: churn, and cold starts of kube-proxy.

use std::time::Duration;

use bundle::Action;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{DeleteParams, ListParams};
use tokio::time::Instant;

use crate::api::answer::{Kind, kind};
use crate::api::patience::patiently;
use crate::error::Error;
use crate::load::job::Job;
use crate::load::look::Looks;
use crate::load::settle::settle;
use crate::settings::Sources;

/// How long a node's kube-proxy may take to come back and end its first sync.
const COMEBACK: Duration = Duration::from_secs(3600);

/// Deletes some pods of the Deployment, waits, and again. Returns what did not settle.
///
/// # Errors
/// Those of [`patiently`] and of the timeline.
pub async fn churn(job: &Job) -> Result<Vec<String>, Error> {
    let load = &job.load;
    let target = load.endpoints(load.last_step());
    let pods: Api<Pod> = Api::namespaced(job.client.clone(), &load.namespace);
    let mut looks = Looks::new(job);
    for round in 1..=load.rounds {
        job.board
            .enter(&format!("churn: round {round} of {}", load.rounds));
        let deleted = delete_some(job, &pods).await?;
        let detail = format!("round {round} of {}", load.rounds);
        let asked = Some(load.churn_pods as f64);
        job.record
            .row(Action::Churn, detail, asked, Some(deleted as f64))?;
        looks.during(load.churn_every.0, target).await?;
    }
    settle(job, target).await
}

async fn delete_some(job: &Job, pods: &Api<Pod>) -> Result<u64, Error> {
    let parameters = ListParams::default().labels(&job.load.owner.selector());
    let listed = patiently("listing pods", &job.shutdown, || {
        pods.list_metadata(&parameters)
    })
    .await?;
    let living = listed
        .items
        .into_iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none());
    let wanted = usize::try_from(job.load.churn_pods).unwrap_or(usize::MAX);
    let mut deleted = 0;
    for pod in living.take(wanted) {
        let name = pod.metadata.name.unwrap_or_default();
        delete(job, pods, &name, "deleting pod").await?;
        deleted += 1;
    }
    Ok(deleted)
}

async fn delete(job: &Job, pods: &Api<Pod>, name: &str, doing: &str) -> Result<(), Error> {
    patiently(&format!("{doing} {name}"), &job.shutdown, || async {
        match pods.delete(name, &DeleteParams::default()).await {
            Err(error) if kind(&error) == Kind::NotFound => Ok(()),
            other => other.map(|_| ()),
        }
    })
    .await
}

/// Restarts each chosen node's kube-proxy, node by node, and waits for its first sync. Returns
/// what did not settle.
///
/// # Errors
/// [`Error::TooLong`] if a kube-proxy does not come back; those of [`patiently`].
pub async fn cold_start(job: &Job, sources: &Sources) -> Result<Vec<String>, Error> {
    let target = job.load.endpoints(job.load.last_step());
    let pods: Api<Pod> = Api::namespaced(job.client.clone(), &sources.namespace);
    let mut unsettled = Vec::new();
    for round in 1..=job.load.rounds {
        for (node, sync) in job.board.nodes() {
            job.board.enter(&format!(
                "cold start: {node}, round {round} of {}",
                job.load.rounds
            ));
            restart(job, &pods, sources, &node).await?;
            first_sync(job, &node, sync.instances).await?;
            unsettled.extend(settle(job, target).await?);
        }
    }
    Ok(unsettled)
}

async fn restart(job: &Job, pods: &Api<Pod>, sources: &Sources, node: &str) -> Result<(), Error> {
    let parameters = ListParams::default()
        .labels(&sources.selector)
        .fields(&format!("spec.nodeName={node}"));
    let doing = format!("looking for the kube-proxy of {node}");
    let found = patiently(&doing, &job.shutdown, || pods.list_metadata(&parameters)).await?;
    for pod in found.items {
        let name = pod.metadata.name.unwrap_or_default();
        delete(job, pods, &name, "restarting").await?;
    }
    job.record.row(Action::Restart, node, None, None)
}

/// Waits until `node` has a container instance after the first `before` ones, and that one has
/// ended a sync.
async fn first_sync(job: &Job, node: &str, before: u64) -> Result<(), Error> {
    let began = Instant::now();
    loop {
        let nodes = job.board.nodes();
        let synced = |sync: &crate::show::sync::Sync| sync.instances > before && sync.syncs > 0;
        if nodes.get(node).is_some_and(synced) {
            return Ok(());
        }
        if began.elapsed() > COMEBACK {
            return Err(Error::TooLong {
                doing: format!("waiting for the first sync of {node} after its restart"),
                limit: crate::span::Span(COMEBACK),
            });
        }
        job.sleep(Duration::from_millis(500)).await?;
    }
}
