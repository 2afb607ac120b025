//! One run at a time in a namespace: a Lease that the run holds and renews.
//!
//! Whether a holder lives is seen by its Lease being renewed while one looks, never by comparing
//! its clock with ours.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{DeleteParams, PostParams};
use kube::{Api, Client};
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::api::answer::{Kind, kind, words};
use crate::api::patience::patiently;
use crate::error::Error;
use crate::load::fanout;
use crate::load::job::Job;
use crate::record::lock::host;
use crate::span::Span;
use crate::span::moment;

/// The Lease's name.
pub const LEASE: &str = "kube-proxy-bench-run";
/// Time between two renewals.
const RENEWAL: Duration = Duration::from_secs(3);
/// Time before a second look for one that was not there.
const AGAIN: Duration = Duration::from_secs(1);
/// A Lease that is not renewed for so long while one looks is a dead run's.
const DURATION: Duration = Duration::from_secs(15);
/// Longest wait for an answer to a renewal, and for the Lease's removal at the end.
const ANSWER: Duration = Duration::from_secs(2);

/// A namespace that is this run's, until this is dropped or released.
pub struct Tenure {
    leases: Api<Lease>,
    identity: String,
    lost: Arc<Mutex<Option<String>>>,
    /// Told when the namespace may go, as by the run's own cleanup.
    leaving: CancellationToken,
    renewal: AbortOnDropHandle<()>,
}

/// Makes the namespace if it is not there, and takes it for this run. `job.shutdown` is cancelled
/// if it is lost.
///
/// # Errors
/// [`Error::Held`] if a run that lives has it; those of [`patiently`].
pub async fn take(job: &Job) -> Result<Tenure, Error> {
    fanout::namespace(job, &job.blueprint()).await?;
    let leases: Api<Lease> = Api::namespaced(job.client.clone(), &job.load.namespace);
    let run = job.record.run_id();
    let identity = identity(&run);
    let doing = format!("taking Lease {}/{LEASE}", job.load.namespace);
    let acquired = Utc::now();
    loop {
        let there = patiently(&doing, &job.shutdown, || leases.get_opt(LEASE)).await?;
        let mut mine = lease(job, &run, &identity, acquired)?;
        let Some(there) = there else {
            match made(&leases, &mine, &doing, &job.shutdown).await? {
                true => break,
                false => continue,
            }
        };
        // The same run, which the output's lock says is no other process: gone on with.
        if !holder(&there).starts_with(&format!("run {run} ")) {
            refuse_the_living(&leases, there.clone(), &job.load.namespace, &job.shutdown).await?;
        }
        mine.metadata.resource_version = there.metadata.resource_version;
        let replaced = leases.replace(LEASE, &PostParams::default(), &mine).await;
        match replaced {
            Ok(_) => break,
            // Somebody was quicker, or it went: looked at again.
            Err(error) if matches!(kind(&error), Kind::Passing(_) | Kind::NotFound) => {
                job.sleep(Duration::from_secs(1)).await?;
            }
            Err(error) => {
                return Err(crate::api::patience::give_up(
                    &doing,
                    kind(&error),
                    words(&error),
                ));
            }
        }
    }
    let lost = Arc::new(Mutex::new(None));
    let leaving = CancellationToken::new();
    let renewal = Renewal {
        job: job.clone(),
        leases: leases.clone(),
        identity: identity.clone(),
        lost: lost.clone(),
        leaving: leaving.clone(),
    };
    Ok(Tenure {
        leases,
        identity,
        lost,
        leaving,
        renewal: AbortOnDropHandle::new(tokio::spawn(renewal.run())),
    })
}

/// Refuses if a run that lives has the namespace.
///
/// # Errors
/// [`Error::Held`]; those of [`patiently`].
pub async fn refuse_if_held(
    client: &Client,
    namespace: &str,
    shutdown: &CancellationToken,
) -> Result<(), Error> {
    let leases: Api<Lease> = Api::namespaced(client.clone(), namespace);
    let doing = format!("looking for Lease {namespace}/{LEASE}");
    match patiently(&doing, shutdown, || leases.get_opt(LEASE)).await? {
        Some(there) => refuse_the_living(&leases, there, namespace, shutdown).await,
        None => Ok(()),
    }
}

impl Tenure {
    /// `done`, or why the namespace was lost meanwhile.
    ///
    /// # Errors
    /// [`Error::Lost`]; the error of `done`.
    pub fn judge<T>(&self, done: Result<T, Error>) -> Result<T, Error> {
        match lock(&self.lost).clone() {
            Some(reason) => Err(Error::Lost(reason)),
            None => done,
        }
    }

    /// From now on the namespace may go: that is the run's own cleanup.
    pub fn leave(&self) {
        self.leaving.cancel();
    }

    /// Stops renewing and gives the namespace up; a server that does not answer is not waited
    /// for, the Lease is dead soon anyway.
    pub async fn release(self) {
        drop(self.renewal);
        let (leases, identity) = (self.leases, self.identity);
        let removal = async {
            let there = leases.get_opt(LEASE).await?;
            if there.is_some_and(|there| holder(&there) == identity) {
                leases.delete(LEASE, &DeleteParams::default()).await?;
            }
            Ok::<_, kube::Error>(())
        };
        match tokio::time::timeout(ANSWER, removal).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) if kind(&error) == Kind::NotFound => {}
            Ok(Err(error)) => tracing::debug!("releasing the Lease: {}", words(&error)),
            Err(_) => tracing::debug!("releasing the Lease: no answer in {ANSWER:?}"),
        }
    }
}

/// How a renewal came out.
enum Renewed {
    /// The Lease is this run's.
    Held,
    /// It is not there, for this reason.
    Absent(String),
    /// Somebody else has it.
    Taken(String),
}

/// What renews a Lease until it is lost.
struct Renewal {
    job: Job,
    leases: Api<Lease>,
    identity: String,
    lost: Arc<Mutex<Option<String>>>,
    leaving: CancellationToken,
}

impl Renewal {
    async fn run(self) {
        // One answer that it is not there may be a mistake, as of a server that has just started.
        let mut absent = false;
        loop {
            let pause = if absent { AGAIN } else { RENEWAL };
            tokio::time::sleep(pause).await;
            let Ok(renewed) = tokio::time::timeout(ANSWER, self.renew()).await else {
                continue;
            };
            match renewed {
                Ok(Renewed::Held) => absent = false,
                Ok(_) if self.leaving.is_cancelled() => return,
                Ok(Renewed::Absent(_)) if !absent => absent = true,
                Ok(Renewed::Absent(reason) | Renewed::Taken(reason)) => {
                    let reason = format!("at {}: {reason}", moment(Utc::now()));
                    tracing::error!("{reason}");
                    lock(&self.lost).get_or_insert(reason);
                    self.job.shutdown.cancel();
                    return;
                }
                Err(error) => tracing::debug!("renewing the Lease: {}", words(&error)),
            }
        }
    }

    /// Renews; says why that is not possible any more if so.
    async fn renew(&self) -> Result<Renewed, kube::Error> {
        let namespace = &self.job.load.namespace;
        let Some(mut there) = self.leases.get_opt(LEASE).await? else {
            let namespaces: Api<Namespace> = Api::all(self.job.client.clone());
            let left = namespaces.get_opt(namespace).await?;
            let stays = left.is_some_and(|left| left.metadata.deletion_timestamp.is_none());
            let what = match stays {
                true => format!("Lease {namespace}/{LEASE} of this run"),
                false => format!("namespace {namespace}"),
            };
            return Ok(Renewed::Absent(format!("{what} was deleted by somebody")));
        };
        if holder(&there) != self.identity {
            let holder = holder(&there);
            let reason = format!("namespace {namespace} was taken by {holder}");
            return Ok(Renewed::Taken(reason));
        }
        if let (Some(spec), Ok(now)) = (&mut there.spec, serde_json::from_value(stamp(Utc::now())))
        {
            spec.renew_time = Some(now);
        }
        let parameters = PostParams::default();
        self.leases.replace(LEASE, &parameters, &there).await?;
        Ok(Renewed::Held)
    }
}

/// Waits until a Lease is seen to be renewed, which is refused, or is seen to be dead.
async fn refuse_the_living(
    leases: &Api<Lease>,
    first: Lease,
    namespace: &str,
    shutdown: &CancellationToken,
) -> Result<(), Error> {
    let who = holder(&first);
    if ended_here(&who) {
        tracing::warn!("{who} has ended without giving namespace {namespace} up");
        return Ok(());
    }
    tracing::info!("namespace {namespace} is held by {who}: looking whether it lives");
    let began = Instant::now();
    while began.elapsed() < DURATION {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = shutdown.cancelled() => return Err(Error::Interrupted),
        }
        let doing = format!("looking at Lease {namespace}/{LEASE}");
        let Some(now) = patiently(&doing, shutdown, || leases.get_opt(LEASE)).await? else {
            return Ok(());
        };
        if now.spec != first.spec {
            return Err(Error::Held {
                namespace: namespace.to_owned(),
                holder: holder(&now),
                age: age(&now),
            });
        }
    }
    tracing::warn!("{who} is dead: its Lease was not renewed for {DURATION:?}");
    Ok(())
}

/// How long a Lease has been held, by its holder's own clock.
fn age(lease: &Lease) -> Span {
    let time = |value: serde_json::Value| -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(value.as_str()?)
            .ok()
            .map(|time| time.with_timezone(&Utc))
    };
    let spec = serde_json::to_value(&lease.spec).unwrap_or_default();
    let of = |field: &str| time(spec[field].clone());
    let held = of("renewTime").zip(of("acquireTime"));
    let held = held.and_then(|(renewed, acquired)| (renewed - acquired).to_std().ok());
    Span(Duration::from_secs(held.unwrap_or_default().as_secs()))
}

fn holder(lease: &Lease) -> String {
    let spec = lease.spec.as_ref();
    let holder = spec.and_then(|spec| spec.holder_identity.clone());
    holder.unwrap_or_else(|| "nobody".to_owned())
}

/// `run 0192... (process 12 on host-a, pid:[4026531836])`.
fn identity(run: &str) -> String {
    let pid = std::process::id();
    format!("run {run} (process {pid} on {})", place())
}

/// This host and its space of process ids: containers of one host may share its name.
fn place() -> String {
    let space = std::fs::read_link("/proc/self/ns/pid");
    let space = space.map_or_else(|_| "?".to_owned(), |space| space.display().to_string());
    format!("{}, {space}", host())
}

/// Whether a holder was a process of this host that is no more.
fn ended_here(holder: &str) -> bool {
    let process = holder.split_once("(process ").map(|(_, rest)| rest);
    let Some((pid, on)) = process.and_then(|rest| rest.split_once(" on ")) else {
        return false;
    };
    let here = on == format!("{})", place()) && pid.parse::<u32>().is_ok();
    here && !std::path::Path::new("/proc").join(pid).exists()
}

fn stamp(time: DateTime<Utc>) -> serde_json::Value {
    time.to_rfc3339_opts(SecondsFormat::Micros, true).into()
}

fn lease(job: &Job, run: &str, identity: &str, acquired: DateTime<Utc>) -> Result<Lease, Error> {
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": LEASE, "labels": job.load.owner.labels(run)},
        "spec": {
            "holderIdentity": identity,
            "leaseDurationSeconds": DURATION.as_secs(),
            "acquireTime": stamp(acquired),
            "renewTime": stamp(Utc::now()),
        },
    });
    serde_json::from_value(lease).map_err(|error| Error::Usage(format!("the Lease: {error}")))
}

/// Makes the Lease; false if somebody was quicker.
async fn made(
    leases: &Api<Lease>,
    mine: &Lease,
    doing: &str,
    shutdown: &CancellationToken,
) -> Result<bool, Error> {
    patiently(doing, shutdown, || async {
        match leases.create(&PostParams::default(), mine).await {
            Err(error) if kind(&error) == Kind::Exists => Ok(false),
            other => other.map(|_| true),
        }
    })
    .await
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What was lost is lost, whatever panicked elsewhere.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
