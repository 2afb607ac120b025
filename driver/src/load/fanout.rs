//! Making thousands of Services, as fast as the server takes them; only what is missing.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bundle::Action;
use futures::StreamExt as _;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Service};
use kube::Api;
use kube::api::{ListParams, PostParams};
use tokio::sync::Mutex;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::api::answer::{Kind, kind};
use crate::api::patience::patiently;
use crate::error::Error;
use crate::load::job::Job;
use crate::load::workload::{Blueprint, DEPLOYMENT, service_name, service_number};
use crate::settings::owner::{OWNER, Owner};

/// Services a page of the listing.
const PAGE: u32 = 500;

/// What a fan-out has done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Made {
    /// Services that were there before.
    pub existed: u64,
    /// Services that were made.
    pub created: u64,
    /// How long it took.
    pub seconds: f64,
}

/// Makes the namespace, the Deployment (with the first step's replicas) and the missing
/// Services.
///
/// # Errors
/// [`Error::Foreign`] if a name is taken by somebody else, [`Error::RangeFull`],
/// [`Error::Quota`], and those of [`patiently`].
pub async fn generate(job: &Job) -> Result<Made, Error> {
    job.board.enter("generate: making Services");
    let blueprint = job.blueprint();
    namespace(job, &blueprint).await?;
    deployment(job, &blueprint).await?;
    let there = services_there(job).await?;
    let missing: Vec<u64> = (1..=job.load.services)
        .filter(|n| !there.contains(n))
        .collect();
    job.board
        .services
        .store(job.load.services, Ordering::Relaxed);
    job.board.made.store(there.len() as u64, Ordering::Relaxed);
    if !there.is_empty() {
        tracing::info!(
            existed = there.len(),
            missing = missing.len(),
            "resuming the fan-out"
        );
    }
    let began = Instant::now();
    fan_out(job, &blueprint, &missing).await?;
    let made = Made {
        existed: there.len() as u64,
        created: missing.len() as u64,
        seconds: began.elapsed().as_secs_f64(),
    };
    tracing::info!(
        made.created,
        made.existed,
        seconds = made.seconds,
        "{:.1} Services a second",
        made.created as f64 / made.seconds.max(1e-9)
    );
    Ok(made)
}

pub(super) async fn namespace(job: &Job, blueprint: &Blueprint) -> Result<(), Error> {
    let namespaces: Api<Namespace> = Api::all(job.client.clone());
    let name = &job.load.namespace;
    let doing = format!("looking for namespace {name}");
    let there = patiently(&doing, &job.shutdown, || namespaces.get_opt(name)).await?;
    match there {
        Some(there) if there.metadata.deletion_timestamp.is_none() => Ok(()),
        Some(_) => {
            tracing::info!("namespace {name} is still being removed; waiting");
            job.sleep(Duration::from_secs(2)).await?;
            Box::pin(self::namespace(job, blueprint)).await
        }
        None => {
            let object = blueprint.namespace();
            create(
                job,
                &namespaces,
                &object,
                &format!("making namespace {name}"),
            )
            .await
        }
    }
}

async fn deployment(job: &Job, blueprint: &Blueprint) -> Result<(), Error> {
    let deployments: Api<Deployment> = Api::namespaced(job.client.clone(), &job.load.namespace);
    let doing = format!("looking for Deployment {DEPLOYMENT}");
    let there = patiently(&doing, &job.shutdown, || deployments.get_opt(DEPLOYMENT)).await?;
    match there {
        Some(there) if job.load.owner.owns(there.metadata.labels.as_ref()) => Ok(()),
        Some(_) => Err(foreign(job, "Deployment", DEPLOYMENT)),
        None => {
            let first = job.load.replicas.first().copied().unwrap_or(1);
            let object = blueprint.deployment(i32::try_from(first).unwrap_or(i32::MAX));
            create(job, &deployments, &object, "making the Deployment").await
        }
    }
}

/// Creates an object; that it exists already, as after an answer that was lost, is fine.
async fn create<K>(job: &Job, api: &Api<K>, object: &K, doing: &str) -> Result<(), Error>
where
    K: Clone + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned,
{
    patiently(doing, &job.shutdown, || async {
        match api.create(&PostParams::default(), object).await {
            Err(error) if kind(&error) == Kind::Exists => Ok(()),
            other => other.map(|_| ()),
        }
    })
    .await
}

/// The numbers of our Services that exist.
async fn services_there(job: &Job) -> Result<BTreeSet<u64>, Error> {
    let services: Api<Service> = Api::namespaced(job.client.clone(), &job.load.namespace);
    let mut there = BTreeSet::new();
    let mut parameters = ListParams::default().limit(PAGE);
    loop {
        let page = patiently("listing Services", &job.shutdown, || {
            services.list_metadata(&parameters)
        })
        .await?;
        for service in page.items {
            let name = service.metadata.name.unwrap_or_default();
            let Some(number) = service_number(&name) else {
                continue;
            };
            if !job.load.owner.owns(service.metadata.labels.as_ref()) {
                return Err(foreign(job, "Service", &name));
            }
            there.insert(number);
        }
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => parameters = parameters.continue_token(&token),
            None => break,
        }
    }
    let beyond = there.iter().filter(|n| **n > job.load.services).count();
    if beyond > 0 {
        return Err(Error::Usage(format!(
            "namespace {} holds {beyond} Services of an earlier run beyond --services {}; \
             `driver cleanup` removes them",
            job.load.namespace, job.load.services
        )));
    }
    Ok(there)
}

fn foreign(job: &Job, kind: &'static str, name: &str) -> Error {
    Error::Foreign {
        kind,
        namespace: job.load.namespace.clone(),
        name: name.to_owned(),
        label: format!("{OWNER}={}", label_value(&job.load.owner)),
    }
}

fn label_value(owner: &Owner) -> String {
    owner
        .selector()
        .rsplit('=')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Creates the Services of these numbers, `concurrency` at once, and writes a row a batch.
async fn fan_out(job: &Job, blueprint: &Blueprint, numbers: &[u64]) -> Result<(), Error> {
    let services: Api<Service> = Api::namespaced(job.client.clone(), &job.load.namespace);
    let pacer = job.load.qps.map(pacer);
    let mut creations = futures::stream::iter(numbers)
        .map(|number| create_service(job, &services, blueprint, *number, pacer.as_ref()))
        .buffer_unordered(job.load.concurrency);
    let mut batch_began = Instant::now();
    let mut in_batch = 0_u64;
    let mut done = 0_usize;
    while let Some(created) = creations.next().await {
        created?;
        done += 1;
        in_batch += 1;
        job.board.made.fetch_add(1, Ordering::Relaxed);
        if in_batch == job.load.batch || done == numbers.len() {
            let rate = in_batch as f64 / batch_began.elapsed().as_secs_f64().max(1e-9);
            let detail = format!(
                "{} of {} Services",
                job.board.made.load(Ordering::Relaxed),
                job.load.services
            );
            job.record
                .row(Action::Generate, detail, job.load.qps, Some(rate))?;
            (batch_began, in_batch) = (Instant::now(), 0);
        }
    }
    Ok(())
}

/// Lets `qps` requests a second go.
fn pacer(qps: f64) -> Mutex<Interval> {
    let mut interval = tokio::time::interval(Duration::from_secs_f64(1.0 / qps));
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Mutex::new(interval)
}

async fn create_service(
    job: &Job,
    services: &Api<Service>,
    blueprint: &Blueprint,
    number: u64,
    pacer: Option<&Mutex<Interval>>,
) -> Result<(), Error> {
    if let Some(pacer) = pacer {
        pacer.lock().await.tick().await;
    }
    let doing = format!("making Service {}", service_name(number));
    create(job, services, &blueprint.service(number), &doing).await
}
