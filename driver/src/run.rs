//! The verbs: each reads as its table of contents.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bundle::{Action, Scenario};
use chrono::Utc;
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::capture::Capture;
use crate::check::{Report, check};
use crate::choices::Choices;
use crate::cleanup::cleanup;
use crate::cli::{Cli, Collect, Rows, Run, Verb};
use crate::cluster::{Cluster, connect};
use crate::error::Error;
use crate::fanout::generate;
use crate::interrupt::on_signals;
use crate::job::Job;
use crate::optional::{self, When};
use crate::plan;
use crate::progress::Screen;
use crate::ramp::{ramp, step_to_go_on_with};
use crate::record::Record;
use crate::scenario::{churn, cold_start};
use crate::settings::Settings;
use crate::settle::settle;
use crate::survey::{Survey, survey};

/// What every verb works with.
struct Session {
    cluster: Cluster,
    settings: Settings,
    board: Arc<Board>,
    screen: Screen,
    shutdown: CancellationToken,
}

/// Does what the command line asks.
///
/// # Errors
/// See [`Error`]; [`Error::exit_code`] gives the exit status.
pub async fn run(cli: Cli) -> Result<(), Error> {
    let screen = Screen::open(&cli.global);
    let file = cli
        .global
        .workload
        .as_deref()
        .map(Choices::read)
        .transpose()?;
    let settings = Settings::from_choices(cli.choices.or(file.unwrap_or_default()))?;
    if let Verb::Plan = cli.verb {
        print!("{}", plan::describe(&settings));
        return Ok(());
    }
    let session = Session {
        cluster: connect(&cli.global).await?,
        settings,
        board: Arc::new(Board::default()),
        screen,
        shutdown: on_signals()?,
    };
    match &cli.verb {
        Verb::Check => show_check(&session).await.map(|_| ()),
        Verb::Plan => Ok(()),
        Verb::Run(flags) => whole_run(&session, flags).await,
        Verb::Generate(rows) => only(&session, rows, Phase::Generate).await,
        Verb::Ramp(rows) => only(&session, rows, Phase::Ramp).await,
        Verb::Collect(flags) => collect(&session, flags).await,
        Verb::Cleanup => clean_up(&session).await,
    }
}

async fn show_check(session: &Session) -> Result<Report, Error> {
    let report = check(&session.cluster, &session.settings).await;
    print!("{}", report.screen());
    match report.failed() {
        0 => Ok(report),
        failed => Err(Error::CheckFailed(failed)),
    }
}

/// Check, capture, generate, stabilise, ramp, settle, finalise, clean up.
async fn whole_run(session: &Session, flags: &Run) -> Result<(), Error> {
    let report = check(&session.cluster, &session.settings).await;
    say_findings(&report);
    if report.failed() > 0 && !flags.force {
        print!("{}", report.screen());
        return Err(Error::CheckFailed(report.failed()));
    }
    let directory = output(flags.output.as_deref());
    let record = Arc::new(Record::begin(&directory)?);
    tracing::info!("writing {}", directory.display());
    let stop_showing = CancellationToken::new();
    let showing = session
        .screen
        .show(session.board.clone(), stop_showing.clone());
    let recorded = record_load(session, &record, report.survey.as_ref()).await;
    stop_showing.cancel();
    showing.await.unwrap_or_default();
    say_what_remains(session, &directory, flags.keep, &recorded);
    match (recorded, flags.keep) {
        (Ok(()), true) => Ok(()),
        (Ok(()), false) => clean_up(session).await,
        // The load is gone through; only the bundle lacks something.
        (Err(error @ Error::Incomplete(_)), false) => {
            clean_up(session).await?;
            Err(error)
        }
        (Err(error), _) => Err(error),
    }
}

/// Captures while the load is made; the bundle is finalised whatever happens.
async fn record_load(
    session: &Session,
    record: &Arc<Record>,
    survey: Option<&Survey>,
) -> Result<(), Error> {
    let Settings { load, sources } = &session.settings;
    describe_run(session, record, survey)?;
    record.edit(|manifest| manifest.workload = Some(load.describe()))?;
    let client = &session.cluster.client;
    let stop = session.shutdown.child_token();
    let capture = Capture::start(
        client,
        sources,
        record.clone(),
        session.board.clone(),
        stop.clone(),
    )
    .await?;
    optional::metrics(client, sources, record, When::Before).await?;
    let job = job(session, record.clone(), stop);
    let loaded = make_load(&job, &session.settings).await;
    finalise(session, record, capture, loaded).await
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

/// Takes the last lines and writes the verdict, before any cleanup.
async fn finalise(
    session: &Session,
    record: &Arc<Record>,
    capture: Capture,
    loaded: Result<Vec<String>, Error>,
) -> Result<(), Error> {
    session.board.enter("finalise the bundle");
    let client = &session.cluster.client;
    let mut reasons = match &loaded {
        Ok(unsettled) => unsettled.clone(),
        Err(error) => vec![error.to_string()],
    };
    let captured = capture.finish().await;
    match &captured {
        Ok(missing) => reasons.extend(missing.iter().cloned()),
        // What stopped the capture also interrupted the load: say it once, and say it as it is.
        Err(error) => reasons = vec![error.to_string()],
    }
    if captured.is_ok() && !session.shutdown.is_cancelled() {
        optional::metrics(client, &session.settings.sources, record, When::After).await?;
        optional::kernel_logs(client, record).await?;
    }
    record.finish(&reasons)?;
    captured?;
    loaded?;
    if reasons.is_empty() {
        tracing::info!("the bundle is complete");
        Ok(())
    } else {
        Err(Error::Incomplete(reasons))
    }
}

/// Generate or ramp alone.
async fn only(session: &Session, rows: &Rows, phase: Phase) -> Result<(), Error> {
    let record = match &rows.output {
        Some(directory) => Record::join(directory)?,
        None => Record::nowhere(),
    };
    let job = job(session, Arc::new(record), session.shutdown.clone());
    let stop_showing = CancellationToken::new();
    let showing = session
        .screen
        .show(session.board.clone(), stop_showing.clone());
    let done = match phase {
        Phase::Generate => generate(&job).await.map(|_| ()),
        Phase::Ramp => ramp(&job, 0).await.map(|_| ()),
    };
    stop_showing.cancel();
    showing.await.unwrap_or_default();
    done
}

/// A phase that is a verb of its own.
#[derive(Debug, Clone, Copy)]
enum Phase {
    Generate,
    Ramp,
}

/// Only the logs, until Ctrl-C or for a while: that end is no interruption.
async fn collect(session: &Session, flags: &Collect) -> Result<(), Error> {
    let directory = output(flags.output.as_deref());
    let record = Arc::new(Record::begin(&directory)?);
    let client = &session.cluster.client;
    let sources = &session.settings.sources;
    let survey = survey(client, sources).await.ok();
    describe_run(session, &record, survey.as_ref())?;
    let broken = CancellationToken::new();
    let capture = Capture::start(
        client,
        sources,
        record.clone(),
        session.board.clone(),
        broken.clone(),
    )
    .await?;
    optional::metrics(client, sources, &record, When::Before).await?;
    record.row(Action::Other("collect".to_owned()), "started", None, None)?;
    session.board.enter("collect: taking logs");
    let stop_showing = CancellationToken::new();
    let showing = session
        .screen
        .show(session.board.clone(), stop_showing.clone());
    let whole_time = async {
        match flags.duration {
            Some(span) => tokio::time::sleep(span.0).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = whole_time => {}
        () = session.shutdown.cancelled() => {}
        () = broken.cancelled() => {}
    }
    let finished = finalise(session, &record, capture, Ok(Vec::new())).await;
    stop_showing.cancel();
    showing.await.unwrap_or_default();
    finished
}

async fn clean_up(session: &Session) -> Result<(), Error> {
    let load = &session.settings.load;
    let removed = cleanup(&session.cluster.client, load, &session.shutdown).await?;
    if removed.is_empty() {
        tracing::info!("nothing to remove in {}", load.namespace);
    } else {
        tracing::info!("removed {removed}");
    }
    Ok(())
}

/// Cluster, nodes and ConfigMap into the manifest.
fn describe_run(session: &Session, record: &Record, survey: Option<&Survey>) -> Result<(), Error> {
    let version = Some(session.cluster.version.clone());
    record.edit(|manifest| {
        manifest.series.clone_from(&session.settings.sources.series);
        manifest.cluster = Some(bundle::Cluster {
            server_version: version,
            provider: survey.and_then(|s| s.provider.clone()),
            ..bundle::Cluster::default()
        });
        if let Some(survey) = survey {
            manifest.nodes.clone_from(&survey.nodes);
        }
    })?;
    survey.map_or(Ok(()), |survey| optional::config_map(survey, record))
}

fn job(session: &Session, record: Arc<Record>, shutdown: CancellationToken) -> Job {
    Job {
        client: session.cluster.client.clone(),
        load: session.settings.load.clone(),
        record,
        board: session.board.clone(),
        shutdown,
    }
}

/// The bundle's directory: as asked, or named after the time.
fn output(asked: Option<&Path>) -> PathBuf {
    let default = || PathBuf::from(format!("bundle-{}", Utc::now().format("%Y%m%d-%H%M%S")));
    asked.map_or_else(default, Path::to_path_buf)
}

fn say_findings(report: &Report) {
    for finding in &report.findings {
        let (subject, detail) = (&finding.subject, &finding.detail);
        match finding.level {
            crate::check::Level::Pass => tracing::info!("{subject}: {detail}"),
            _ => tracing::warn!("{subject}: {detail}"),
        }
    }
}

/// After anything but a whole run: what is still there, and how to go on or remove it.
fn say_what_remains(session: &Session, directory: &Path, keep: bool, recorded: &Result<(), Error>) {
    let load = &session.settings.load;
    let remains = match recorded {
        Ok(()) => keep,
        Err(Error::Incomplete(_)) => keep,
        Err(_) => true,
    };
    if remains {
        tracing::warn!(
            "the load stays in namespace {}: `driver cleanup -n {}` removes it; the bundle is {}",
            load.namespace,
            load.namespace,
            directory.display()
        );
    }
    if matches!(recorded, Err(error) if !matches!(error, Error::Incomplete(_))) {
        tracing::warn!("`driver run -o {}` goes on with it", directory.display());
    }
}
