//! Verbs that write a bundle: it is finalised whatever happens, and before any cleanup.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bundle::Scenario;
use chrono::Utc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::capture::Capture;
use crate::check::{Level, Report, check};
use crate::cli::Run;
use crate::error::Error;
use crate::health::Health;
use crate::load::fanout::generate;
use crate::load::job::Job;
use crate::load::plan;
use crate::load::ramp::{ramp, step_to_go_on_with};
use crate::load::scenario::{churn, cold_start};
use crate::load::settle::settle;
use crate::load::tenure::{self, Tenure};
use crate::record::Record;
use crate::record::optional::{self, Asking, When};
use crate::settings::Settings;
use crate::span::moment;
use crate::survey::{self, Survey, survey};
use crate::verbs::clean_up;
use crate::verbs::session::Session;

/// Longest wait for all that is taken of nodes before the load.
const BEFORE: Duration = Duration::from_secs(5);
/// Longest wait for all that is taken of nodes after it.
const AFTER: Duration = Duration::from_secs(8);
/// What is left of that when somebody wants to leave.
const HURRIED: Duration = Duration::from_secs(1);

/// Check, capture, generate, stabilise, ramp, settle, finalise, clean up.
///
/// # Errors
/// [`Error::CheckFailed`], [`Error::Incomplete`], and those of the phases.
pub async fn whole_run(session: &Session, flags: &Run) -> Result<(), Error> {
    let report = tokio::select! {
        report = check(&session.cluster, &session.settings) => report,
        () = session.shutdown.cancelled() => return Err(Error::Interrupted),
    };
    say_findings(&report);
    if report.failed() > 0 && !flags.force {
        return Err(Error::CheckFailed(report.failed()));
    }
    let (directory, record) = begin(flags.output.as_deref(), flags.also.as_deref())?;
    // Ctrl-C stops the load, and so does a capture that cannot write, or a lost namespace.
    let job = session.job(record.clone(), session.shutdown.child_token());
    let tenure = match tenure::take(&job).await {
        Ok(tenure) => tenure,
        Err(error) => {
            record.finish(&[error.to_string()])?;
            return Err(error);
        }
    };
    let steps = plan::steps(&session.settings);
    let total = |end: usize| steps.iter().map(|step| step.seconds[end]).sum();
    session.board.expect([total(0), total(1)]);
    let recorded = session
        .shown(record_load(session, &job, &tenure, report))
        .await;
    // A bundle that lacks something is no reason to leave the load: it was gone through.
    let over = matches!(
        recorded,
        Ok(()) | Err(Error::Incomplete(_) | Error::KeptElsewhere { .. })
    );
    let cleaned = if over && !flags.keep {
        tenure.leave();
        clean_up(session).await
    } else {
        say_what_remains(session, &directory, over);
        Ok(())
    };
    tenure.release().await;
    cleaned.and(recorded)
}

/// The bundle's directory, as asked or named after the time, and the bundle begun there and in the
/// second place.
pub(super) fn begin(
    asked: Option<&Path>,
    also: Option<&Path>,
) -> Result<(PathBuf, Arc<Record>), Error> {
    let default = || PathBuf::from(format!("bundle-{}", Utc::now().format("%Y%m%d-%H%M%S")));
    let directory = asked.map_or_else(default, Path::to_path_buf);
    let mut directories = vec![directory.clone()];
    if let Some(also) = also {
        if std::path::absolute(also).ok() == std::path::absolute(&directory).ok() {
            let problem = "--also is the output itself; choose a directory on another disk";
            return Err(Error::Usage(problem.to_owned()));
        }
        directories.push(also.to_path_buf());
    }
    let record = Record::begin_in(&directories)?;
    let named: Vec<String> = directories
        .iter()
        .map(|directory| directory.display().to_string())
        .collect();
    tracing::info!("writing {}", named.join(" and "));
    Ok((directory, Arc::new(record)))
}

/// Captures while the load is made.
async fn record_load(
    session: &Session,
    job: &Job,
    tenure: &Tenure,
    report: Report,
) -> Result<(), Error> {
    let record = &job.record;
    describe(session, record, report.survey, report.clock)?;
    let load = session.settings.load.describe();
    record.edit(|manifest| manifest.workload = Some(load))?;
    let capture = start_capture(session, record, &job.shutdown).await?;
    let loaded = tenure.judge(make_load(job, &session.settings).await);
    finalise(session, record, capture, loaded).await
}

/// A capture under way, and what is out of reach of it.
pub(super) struct Taking {
    capture: Capture,
    health: Health,
}

/// Starts the capture, or finishes the bundle with the reason why there is none.
pub(super) async fn start_capture(
    session: &Session,
    record: &Arc<Record>,
    broken: &CancellationToken,
) -> Result<Taking, Error> {
    let client = &session.cluster.client;
    let sources = &session.settings.sources;
    let (board, stop) = (session.board.clone(), broken.clone());
    let health = Health::begin((client, sources), record, &board);
    let nodes = record.manifest().map(|m| m.nodes).unwrap_or_default();
    let asking = Asking {
        client,
        record,
        deadline: Instant::now() + BEFORE,
    };
    let metrics = async {
        tokio::select! {
            taken = asking.metrics(sources, &nodes, When::Before) => taken,
            () = broken.cancelled() => Ok(()),
        }
    };
    let started = Capture::start(client, sources, record.clone(), board, stop);
    let (started, metrics) = tokio::join!(started, metrics);
    match started.and_then(|capture| metrics.map(|()| capture)) {
        Ok(capture) => Ok(Taking { capture, health }),
        Err(error) => {
            record.finish(&[error.to_string()])?;
            Err(error)
        }
    }
}

/// The load itself. Returns what did not settle.
async fn make_load(job: &Job, settings: &Settings) -> Result<Vec<String>, Error> {
    let first_step = step_to_go_on_with(job);
    generate(job).await?;
    if first_step == 0 {
        job.board.enter("stabilise");
        job.sleep(job.load.stabilise.0).await?;
    }
    ramp(job, first_step).await?;
    let mut unsettled = settle(job, job.load.endpoints(job.load.last_step())).await?;
    match job.load.scenario {
        Scenario::Ramp => {}
        Scenario::Churn => unsettled.extend(churn(job).await?),
        Scenario::ColdStart => unsettled.extend(cold_start(job, &settings.sources).await?),
    }
    Ok(unsettled)
}

/// Takes the last lines and what comes after the load, and writes the verdict.
pub(super) async fn finalise(
    session: &Session,
    record: &Arc<Record>,
    mut taking: Taking,
    loaded: Result<Vec<String>, Error>,
) -> Result<(), Error> {
    session.board.enter("finalise the bundle");
    taking.health.leave_logs();
    let after = async {
        match loaded {
            Ok(_) => take_what_comes_after(session, record).await,
            Err(_) => Ok(()),
        }
    };
    let (captured, after) = tokio::join!(taking.capture.finish(), after);
    let lost = taking.health.finish();
    if captured.is_ok() {
        after?;
    }
    let reasons = match (&captured, &loaded) {
        // What stopped the capture also stopped the load: said once, and as it is.
        (Err(failure), _) => vec![format!("at {}: {}", moment(failure.at), failure.error)],
        (Ok(missing), Ok(unsettled)) => [lost.as_slice(), missing, unsettled].concat(),
        (Ok(missing), Err(error)) => [&[error.to_string()], lost.as_slice(), missing].concat(),
    };
    let finished = record.finish(&reasons);
    captured.map_err(|failure| failure.error)?;
    finished?;
    loaded?;
    if !reasons.is_empty() {
        return Err(Error::Incomplete(reasons));
    }
    tracing::info!("the bundle is complete");
    record.left_behind().map_or(Ok(()), Err)
}

/// Metrics and kernel logs, and what there is to say of nodes that came during the run: all of it
/// within one deadline, which is near once somebody wants to leave.
async fn take_what_comes_after(session: &Session, record: &Record) -> Result<(), Error> {
    let client = &session.cluster.client;
    let sources = &session.settings.sources;
    let hurried = async {
        session.shutdown.cancelled().await;
        tokio::time::sleep(HURRIED).await;
    };
    let taken = async {
        let asking = Asking {
            client,
            record,
            deadline: Instant::now() + AFTER,
        };
        // A kube-proxy pod may be another one by now, as after a cold start.
        let found = tokio::time::timeout_at(asking.deadline, survey(client, sources)).await;
        let nodes = match found {
            Ok(Ok(survey)) => {
                record.amend(|manifest| survey::merge(&mut manifest.nodes, &survey.nodes));
                survey.nodes
            }
            _ => record.manifest().map(|m| m.nodes).unwrap_or_default(),
        };
        let metrics = asking.metrics(sources, &nodes, When::After);
        let (metrics, kernel_logs) = tokio::join!(metrics, asking.kernel_logs());
        metrics.and(kernel_logs)
    };
    tokio::select! {
        taken = taken => taken,
        () = hurried => {
            tracing::warn!("told to stop: metrics and kernel logs of some nodes are left out");
            Ok(())
        }
    }
}

/// Cluster, nodes and ConfigMap into the bundle; the objects of a thousand nodes are not kept in
/// memory after that.
pub(super) fn describe(
    session: &Session,
    record: &Record,
    survey: Option<Survey>,
    clock: Option<bundle::ClockSkew>,
) -> Result<(), Error> {
    let version = Some(session.cluster.version.clone());
    record.edit(|manifest| {
        manifest.series.clone_from(&session.settings.sources.series);
        if let Some(shard) = session.settings.sources.shard {
            manifest.say_shard(shard);
        }
        manifest.cluster = Some(bundle::Cluster {
            server_version: version,
            provider: survey.as_ref().and_then(|s| s.provider.clone()),
            clock,
            ..bundle::Cluster::default()
        });
        if let Some(survey) = &survey {
            survey::merge(&mut manifest.nodes, &survey.nodes);
        }
    })?;
    survey.map_or(Ok(()), |survey| optional::objects(&survey, record))
}

fn say_findings(report: &Report) {
    for finding in &report.findings {
        let (subject, detail) = (&finding.subject, &finding.detail);
        match finding.level {
            Level::Pass => tracing::info!("{subject}: {detail}"),
            Level::Warn => tracing::warn!("{subject}: {detail}"),
            Level::Fail => tracing::error!("{subject}: {detail}"),
        }
    }
}

/// What is still on the cluster, how to remove it, and how to go on.
fn say_what_remains(session: &Session, directory: &Path, over: bool) {
    let namespace = &session.settings.load.namespace;
    // Set when the fan-out begins.
    if session.board.services.load(Ordering::Relaxed) > 0 {
        tracing::warn!(
            "the load stays in namespace {namespace}: `driver cleanup -n {namespace}` removes it"
        );
    }
    if !over {
        tracing::warn!(
            "`driver run -o {}` goes on with the run",
            directory.display()
        );
    }
}
