//! Scaling the Deployment step by step.

use std::sync::atomic::Ordering;

use bundle::{Action, Bundle};
use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use kube::api::{Patch, PatchParams};

use crate::api::patience::patiently;
use crate::error::Error;
use crate::load::job::Job;
use crate::load::look::Looks;
use crate::load::workload::DEPLOYMENT;
use crate::settings::choices::Pace;

/// Scales through all steps from `first_step` on; returns the endpoints carried at the end.
///
/// # Errors
/// [`Error::Foreign`] if the Deployment is somebody else's, and those of [`patiently`].
pub async fn ramp(job: &Job, first_step: usize) -> Result<u64, Error> {
    job.board.enter("ramp: scaling the Deployment");
    let deployments: Api<Deployment> = Api::namespaced(job.client.clone(), &job.load.namespace);
    let mut looks = Looks::new(job);
    let mut carried = 0;
    for replicas in job.load.replicas.iter().skip(first_step).copied() {
        scale(job, &deployments, replicas).await?;
        let target = job.load.endpoints(replicas);
        let pause = job.load.step_pause.0;
        carried = match job.load.pace {
            Pace::Fixed => looks.during(pause, target).await?,
            Pace::Converge => looks.until_carried(pause, target).await?,
        };
        say_how_far(job, replicas, carried, target);
    }
    Ok(carried)
}

/// The step at which a ramp that was interrupted goes on: the last one that was begun.
#[must_use]
pub fn step_to_go_on_with(job: &Job) -> usize {
    let bundle = job.record.directory().and_then(|d| Bundle::open(&d).ok());
    let rows = bundle.map(|b| b.timeline.rows).unwrap_or_default();
    let last = rows.iter().rev().find_map(|(_, row)| row.replicas());
    let steps = &job.load.replicas;
    last.and_then(|last| steps.iter().position(|step| *step == last))
        .unwrap_or(0)
}

async fn scale(job: &Job, deployments: &Api<Deployment>, replicas: u64) -> Result<(), Error> {
    let doing = format!("scaling the Deployment to {replicas}");
    let scale = patiently(&doing, &job.shutdown, || deployments.get_scale(DEPLOYMENT)).await?;
    let before = scale.spec.and_then(|spec| spec.replicas).unwrap_or(0);
    let patch = Patch::Merge(serde_json::json!({ "spec": { "replicas": replicas } }));
    let parameters = PatchParams::default();
    patiently(&doing, &job.shutdown, || {
        deployments.patch_scale(DEPLOYMENT, &parameters, &patch)
    })
    .await?;
    job.board.replicas.store(replicas, Ordering::Relaxed);
    let target = job.load.endpoints(replicas);
    job.board.target.store(target, Ordering::Relaxed);
    tracing::info!(replicas, before, endpoints = target, "scaled");
    let detail = format!("replicas={replicas}");
    job.record.row(
        Action::Scale,
        detail,
        Some(replicas as f64),
        Some(before.into()),
    )
}

fn say_how_far(job: &Job, replicas: u64, carried: u64, target: u64) {
    match job.load.pace {
        Pace::Converge if carried != target => tracing::warn!(
            replicas,
            carried,
            target,
            "EndpointSlices had not come as far as asked within --step-pause"
        ),
        _ => tracing::info!(replicas, carried, target, "step done"),
    }
}
