//! The verbs.

pub mod collecting;
pub mod recording;
pub mod session;
pub mod watching;

use std::sync::Arc;

use crate::api::cluster::connect;
use crate::check::check;
use crate::cli::{Cli, Rows, Verb};
use crate::error::Error;
use crate::interrupt::{Signals, on_signals};
use crate::load::cleanup::cleanup;
use crate::load::fanout::generate;
use crate::load::plan;
use crate::load::ramp::ramp;
use crate::load::tenure;
use crate::record::Record;
use crate::settings::Settings;
use crate::settings::choices::Choices;
use crate::show::board::Board;
use crate::show::progress::Screen;
use crate::verbs::collecting::collect;
use crate::verbs::recording::whole_run;
use crate::verbs::session::Session;

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
    let mut settings = Settings::from_choices(cli.choices.or(file.unwrap_or_default()))?;
    if let Verb::Collect(flags) = &cli.verb {
        collecting::part(&mut settings.sources, flags)?;
    }
    if let Verb::Plan = cli.verb {
        print!("{}", plan::describe(&settings));
        return Ok(());
    }
    let Signals { shutdown, evicted } = on_signals()?;
    let cluster = tokio::select! {
        cluster = connect(&cli.global) => cluster?,
        () = shutdown.cancelled() => return Err(Error::Interrupted),
    };
    let session = Session {
        cluster,
        settings,
        board: Arc::new(Board::default()),
        screen,
        shutdown,
        evicted,
    };
    match &cli.verb {
        Verb::Check => show_check(&session).await,
        Verb::Plan => Ok(()),
        Verb::Run(flags) => whole_run(&session, flags).await,
        Verb::Generate(rows) => only(&session, rows, Phase::Generate).await,
        Verb::Ramp(rows) => only(&session, rows, Phase::Ramp).await,
        Verb::Collect(flags) => collect(&session, flags).await,
        Verb::Watch(flags) => watching::watch(&session, flags).await,
        Verb::Cleanup => {
            let (client, load) = (&session.cluster.client, &session.settings.load);
            tenure::refuse_if_held(client, &load.namespace, &session.shutdown).await?;
            clean_up(&session).await
        }
    }
}

async fn show_check(session: &Session) -> Result<(), Error> {
    let report = tokio::select! {
        report = check(&session.cluster, &session.settings) => report,
        () = session.shutdown.cancelled() => return Err(Error::Interrupted),
    };
    print!("{}", report.screen());
    match report.failed() {
        0 => Ok(()),
        failed => Err(Error::CheckFailed(failed)),
    }
}

/// A phase that is a verb of its own.
#[derive(Debug, Clone, Copy)]
enum Phase {
    Generate,
    Ramp,
}

/// Generate or ramp alone.
async fn only(session: &Session, rows: &Rows, phase: Phase) -> Result<(), Error> {
    let record = match &rows.output {
        Some(directory) => Record::join(directory)?,
        None => Record::nowhere(),
    };
    let job = session.job(Arc::new(record), session.shutdown.child_token());
    let tenure = tenure::take(&job).await?;
    let done = session
        .shown(async {
            match phase {
                Phase::Generate => generate(&job).await.map(|_| ()),
                Phase::Ramp => ramp(&job, 0).await.map(|_| ()),
            }
        })
        .await;
    let done = tenure.judge(done);
    tenure.release().await;
    done
}

/// Removes what is the owner's, and says what it was.
pub(crate) async fn clean_up(session: &Session) -> Result<(), Error> {
    let load = &session.settings.load;
    let removed = cleanup(&session.cluster.client, load, &session.shutdown).await;
    match &removed {
        Ok(removed) if removed.count.is_empty() => {
            tracing::info!("nothing to remove in {}", load.namespace);
        }
        Ok(removed) => tracing::info!("removed {}", removed.count),
        Err(_) => tracing::warn!("`driver cleanup -n {}` goes on with it", load.namespace),
    }
    removed.map(|_| ())
}
