//! A cluster that runs anyway, watched.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::time::Instant;

use crate::capture::Capture;
use crate::cli::{self, WatchFormat};
use crate::error::Error;
use crate::health::Health;
use crate::record::Record;
use crate::show::progress::{FREE, Screen, Texts, height};
use crate::verbs::session::Session;
use crate::watch::{NodeRow, Watch, json, line, table};

/// Time between two drawings of the table.
const DRAWING: Duration = Duration::from_secs(2);
/// Time between two tellings in lines.
const TELLING: Duration = Duration::from_secs(30);

/// Watches until Ctrl-C, or for a while: either is the end that was asked for. The last figures
/// stay on standard output.
///
/// # Errors
/// [`Error::NoKubeProxy`], those of listing pods, and of standard output.
pub async fn watch(session: &Session, flags: &cli::Watch) -> Result<(), Error> {
    let (client, board) = (&session.cluster.client, &session.board);
    let record = Arc::new(Record::nowhere());
    // Before the capture, which tells of the containers that it finds.
    let mut watch = Watch::begin(client, board, flags.over.0);
    let mut health = Health::begin((client, &session.settings.sources), &record, board);
    let broken = session.shutdown.child_token();
    let sources = &session.settings.sources;
    let capture = Capture::start(client, sources, record, board.clone(), broken.clone()).await?;
    let terminal = std::io::stdout().is_terminal();
    let format = flags.format.unwrap_or(if terminal {
        WatchFormat::Table
    } else {
        WatchFormat::Lines
    });
    let mut texts = match (&session.screen, format) {
        (Screen::Bars(bars), WatchFormat::Table) if terminal => Some(Texts::new(bars)),
        _ => None,
    };
    let usual = if texts.is_some() { DRAWING } else { TELLING };
    let every = flags
        .every
        .map_or(usual, |every| every.0.max(Duration::from_millis(100)));
    let end = flags.duration.map(|whole| Instant::now() + whole.0);
    let mut told = Instant::now();
    loop {
        told += every;
        let next = end.map_or(told, |end| told.min(end));
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = session.shutdown.cancelled() => break,
            () = broken.cancelled() => break,
        }
        if end.is_some_and(|end| Instant::now() >= end) {
            break;
        }
        let rows = watch.rows();
        match &mut texts {
            Some(texts) => {
                let room = height().saturating_sub(FREE);
                texts.show(table(&rows, flags.over.0, room));
            }
            None => print(&rows, format, flags)?,
        }
    }
    if let Some(texts) = &texts {
        texts.clear();
    }
    health.leave_logs();
    print(&watch.rows(), format, flags)?;
    // Nothing was kept, so that nothing of it can be missing.
    capture.finish().await.map_err(|failure| failure.error)?;
    Ok(())
}

fn print(rows: &[NodeRow], format: WatchFormat, flags: &cli::Watch) -> Result<(), Error> {
    let now = Utc::now();
    let lines: Vec<String> = match format {
        WatchFormat::Table => table(rows, flags.over.0, usize::MAX),
        WatchFormat::Lines => rows.iter().map(|row| line(row, now)).collect(),
        WatchFormat::Json => rows.iter().map(|row| json(row, now)).collect(),
    };
    let mut out = std::io::stdout().lock();
    let written = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
    written
        .and_then(|()| out.flush())
        .map_err(|error| Error::Usage(format!("standard output: {error}")))
}
