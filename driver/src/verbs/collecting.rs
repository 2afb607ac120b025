//! Only the logs: of all nodes, or of one shard where several processes share them. Nothing is
//! written to the cluster, so that the right to read is enough.

use std::time::Duration;

use bundle::{Action, Manifest, Shard, Verdict};
use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use crate::api::clock::server_clock;
use crate::cli::Collect;
use crate::error::Error;
use crate::record::Record;
use crate::settings::Sources;
use crate::span::Span;
use crate::survey::survey;
use crate::verbs::recording::{begin, describe, finalise, start_capture};
use crate::verbs::session::Session;

/// Puts the shard into the settings.
///
/// # Errors
/// [`Error::Usage`] if it would find neither its output again nor the other shards.
pub(super) fn part(sources: &mut Sources, flags: &Collect) -> Result<(), Error> {
    sources.shard = flags.shard;
    let lacking = match (flags.shard, &flags.output, &sources.series) {
        (Some(_), None, _) => "--output, a directory for each: one that starts again goes on there",
        (Some(_), _, None) => {
            "--series, a name that all of them share: `analyze` puts them together"
        }
        _ => return Ok(()),
    };
    Err(Error::Usage(format!("--shard needs {lacking}")))
}

/// Takes the logs until Ctrl-C or for a while: either is the end that was asked for. SIGTERM before
/// the time is over is none: the same call goes on.
///
/// # Errors
/// [`Error::Incomplete`], [`Error::CutShort`], [`Error::NoKubeProxy`], and what keeps lines from
/// being written.
pub async fn collect(session: &Session, flags: &Collect) -> Result<(), Error> {
    let sources = &session.settings.sources;
    if is_done(sources, flags)? {
        return Ok(());
    }
    let (_, record) = begin(flags.output.as_deref(), flags.also.as_deref())?;
    let client = &session.cluster.client;
    let looked = async {
        let survey = survey(client, sources);
        let (survey, clock) = tokio::join!(survey, server_clock(client));
        (survey.ok(), clock)
    };
    let (survey, clock) = tokio::select! {
        looked = looked => looked,
        () = session.shutdown.cancelled() => {
            record.finish(&[Error::Interrupted.to_string()])?;
            return Err(Error::Interrupted);
        }
    };
    describe(session, &record, survey, clock)?;
    let broken = session.shutdown.child_token();
    let capture = start_capture(session, &record, &broken).await?;
    record.row(
        Action::Other("collect".to_owned()),
        how(&record),
        None,
        None,
    )?;
    session.board.enter("collect: taking logs");
    let collecting = async {
        let ended = until_the_end(session, flags.duration, &record, &broken).await;
        finalise(session, &record, capture, ended.map(|()| Vec::new())).await
    };
    session.shown(collecting).await
}

/// Waits for the end.
///
/// # Errors
/// [`Error::CutShort`] if it is not the end that was asked for.
async fn until_the_end(
    session: &Session,
    whole: Option<Span>,
    record: &Record,
    broken: &CancellationToken,
) -> Result<(), Error> {
    let began = record.look(|manifest| manifest.started);
    let left = |whole: Span| left(began.unwrap_or_else(Utc::now), whole, Utc::now());
    let whole_time = async {
        match whole {
            Some(whole) => tokio::time::sleep(left(whole)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = whole_time => return Ok(()),
        () = session.shutdown.cancelled() => {}
        () = broken.cancelled() => {}
    }
    match whole {
        Some(whole) if session.evicted.is_cancelled() => {
            let seconds = whole.0.saturating_sub(left(whole)).as_secs();
            let done = Span::seconds(seconds);
            Err(Error::CutShort { done, whole })
        }
        _ => Ok(()),
    }
}

/// What is left of the time that was asked for, since the bundle was begun.
fn left(began: DateTime<Utc>, whole: Span, now: DateTime<Utc>) -> Duration {
    // A clock that was set back makes it no longer than asked for.
    let gone = (now - began).to_std().unwrap_or_default();
    whole.0.saturating_sub(gone)
}

/// Whether an earlier process has finished this shard, which then died before anybody heard of it.
///
/// # Errors
/// [`Error::Usage`] if the output holds other nodes: it is not gone on with.
fn is_done(sources: &Sources, flags: &Collect) -> Result<bool, Error> {
    let Some(output) = flags.output.as_deref() else {
        return Ok(false);
    };
    if !bundle::is_bundle(output) {
        return Ok(false);
    }
    let before = Manifest::read(output)?;
    // Of a process that ended before it looked at the cluster there is nothing.
    if before.cluster.is_some() && before.shard != sources.shard {
        let name = |shard: Option<Shard>| {
            shard.map_or_else(|| "all nodes".to_owned(), |shard| format!("shard {shard}"))
        };
        return Err(Error::Usage(format!(
            "{}: holds {} and not {}; choose another --output",
            output.display(),
            name(before.shard),
            name(sources.shard)
        )));
    }
    let done = sources.shard.is_some() && is_over(&before, flags.duration);
    if done {
        tracing::info!("{}: is complete already", output.display());
    }
    Ok(done)
}

/// Whether a bundle is complete and as long as asked for.
fn is_over(manifest: &Manifest, whole: Option<Span>) -> bool {
    let end = manifest.finished.zip(whole);
    let long = end.is_some_and(|(end, whole)| left(manifest.started, whole, end).is_zero());
    manifest.verdict == Verdict::Complete && long
}

/// How the capture begins, for the timeline.
fn how(record: &Record) -> String {
    let how = match record.is_gone_on_with() {
        true => "gone on with",
        false => "started",
    };
    match record.look(|manifest| manifest.shard).flatten() {
        Some(shard) => format!("{how}, shard {shard}"),
        None => how.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn time(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    #[test]
    fn what_is_left_is_counted_from_the_bundles_beginning() {
        let whole = Span::seconds(60);
        for (now, expected) in [(0, 60), (59, 1), (60, 0), (900, 0), (-5, 60)] {
            let found = left(time(0), whole, time(now));
            assert_eq!(found.as_secs(), expected, "{now} s after the beginning");
        }
    }

    fn flags(output: Option<&Path>, duration: u64, shard: Option<Shard>) -> Collect {
        Collect {
            output: output.map(Path::to_path_buf),
            also: None,
            duration: Some(Span::seconds(duration)),
            shard,
        }
    }

    fn sources(shard: Option<Shard>) -> Sources {
        let settings = crate::settings::Settings::from_choices(Default::default());
        let mut sources = settings.unwrap().sources;
        sources.shard = shard;
        sources
    }

    #[test]
    fn a_shard_that_was_finished_is_done_and_another_ones_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path();
        let shard = |index: u32| Some(Shard::new(index, 2).unwrap());
        let asked = |duration: u64, shard: Option<Shard>| {
            is_done(&sources(shard), &flags(Some(path), duration, shard))
        };
        assert!(!asked(60, shard(0)).unwrap(), "nothing is there");
        let record = Record::begin(path).unwrap();
        record
            .edit(|manifest| {
                manifest.started = time(0);
                manifest.cluster = Some(bundle::Cluster::default());
                manifest.say_shard(Shard::new(0, 2).unwrap());
            })
            .unwrap();
        assert!(!asked(60, shard(0)).unwrap(), "it runs");
        record.finish(&[]).unwrap();
        record
            .edit(|manifest| manifest.finished = Some(time(60)))
            .unwrap();
        assert!(asked(60, shard(0)).unwrap());
        assert!(!asked(61, shard(0)).unwrap(), "more is wanted by now");
        for (other, name) in [(shard(1), "shard 1/2"), (None, "all nodes")] {
            let said = asked(60, other).unwrap_err().to_string();
            assert!(
                said.contains("holds shard 0/2") && said.contains(name),
                "{said}"
            );
        }
        record.finish(&["a gap".to_owned()]).unwrap();
        assert!(!asked(60, shard(0)).unwrap(), "something is missing");
    }

    #[test]
    fn a_shard_needs_a_place_and_a_name() {
        let shard = Some(Shard::new(0, 2).unwrap());
        let place = Path::new("out");
        for (output, series, shard, lacking) in [
            (None, Some("s"), shard, "--output"),
            (Some(place), None, shard, "--series"),
            (Some(place), Some("s"), shard, ""),
            (None, None, None, ""),
        ] {
            let mut sources = sources(None);
            sources.series = series.map(str::to_owned);
            let told = part(&mut sources, &flags(output, 60, shard));
            match told {
                Ok(()) => assert_eq!((lacking, sources.shard), ("", shard)),
                Err(error) => assert!(error.to_string().contains(lacking), "{error}"),
            }
        }
    }
}
