//! The log of a node that is played, as a kubelet serves it: from its file, by position or time, and
//! on as it grows. kwok would watch each file with an inotify instance of its own, of which a user has
//! 128.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::Stream;
use hyper::body::Frame;

/// Time between two looks whether the file has grown.
const LOOKING: Duration = Duration::from_millis(300);

/// What is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) follow: bool,
    pub(super) previous: bool,
    since: Option<DateTime<Utc>>,
    tail: Option<usize>,
}

impl Wanted {
    /// Reads `follow=true&sinceTime=2026-11-24T11%3A36%3A44Z&tailLines=200&timestamps=true`.
    pub(super) fn of(query: &str) -> Result<Self, String> {
        let mut wanted = Self::default();
        for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let text = value
                .replace("%3A", ":")
                .replace("%3a", ":")
                .replace("%2B", "+");
            let wrong = || format!("{key}={text} is not understood");
            match key {
                "follow" => wanted.follow = text == "true",
                "previous" => wanted.previous = text == "true",
                "tailLines" => wanted.tail = Some(text.parse().map_err(|_| wrong())?),
                "sinceTime" => {
                    let time = DateTime::parse_from_rfc3339(&text).map_err(|_| wrong())?;
                    wanted.since = Some(time.with_timezone(&Utc));
                }
                _ => {}
            }
        }
        Ok(wanted)
    }
}

/// A log that is read.
struct Reader {
    path: PathBuf,
    file: File,
    wanted: Wanted,
    /// The beginning of a line whose end is not there yet.
    rest: Vec<u8>,
    /// Whether what was there when it was asked for has been told.
    told: bool,
}

/// The log's lines, each behind its time, as they come.
///
/// # Errors
/// Those of opening the file.
pub(super) fn stream<E>(
    path: &Path,
    wanted: Wanted,
) -> std::io::Result<impl Stream<Item = Result<Frame<Bytes>, E>> + use<E>> {
    let reader = Reader {
        file: File::open(path)?,
        path: path.to_path_buf(),
        wanted,
        rest: Vec::new(),
        told: false,
    };
    Ok(futures::stream::unfold(reader, Reader::next))
}

impl Reader {
    async fn next<E>(mut self) -> Option<(Result<Frame<Bytes>, E>, Self)> {
        loop {
            // Before it is read: what comes after a rotation is in another file.
            let rotated = self.is_rotated();
            let mut text = self.grown().ok()?;
            if !self.told {
                self.told = true;
                text = last(&text, self.wanted.tail).to_vec();
            }
            if !text.is_empty() {
                return Some((Ok(Frame::data(Bytes::from(text))), self));
            }
            if !self.wanted.follow {
                return None;
            }
            if rotated {
                self.file = File::open(&self.path).ok()?;
            } else {
                tokio::time::sleep(LOOKING).await;
            }
        }
    }

    /// Whether another file has the log's name by now.
    fn is_rotated(&self) -> bool {
        let number = |metadata: std::io::Result<std::fs::Metadata>| metadata.map(|m| m.ino()).ok();
        let named = number(std::fs::metadata(&self.path));
        named.is_some() && named != number(self.file.metadata())
    }

    /// The whole lines that have come since, as the log API has them.
    fn grown(&mut self) -> std::io::Result<Vec<u8>> {
        self.file.read_to_end(&mut self.rest)?;
        let end = self.rest.iter().rposition(|byte| *byte == b'\n');
        let lines: Vec<u8> = self.rest.drain(..end.map_or(0, |at| at + 1)).collect();
        let mut text = Vec::with_capacity(lines.len());
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            if let Some((time, said)) = parts(line)
                && self.wanted.since.is_none_or(|since| is_after(time, since))
            {
                text.extend_from_slice(time);
                text.push(b' ');
                text.extend_from_slice(said);
            }
        }
        Ok(text)
    }
}

/// Time and text of a line as a container runtime writes it; nobody here says lines so long that
/// they are split.
///
/// ```text
/// 2026-11-24T11:36:44.951136160Z stderr F I1124 11:36:44.951030   19757 proxier.go:1168] ...
/// ```
fn parts(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = line.splitn(4, |byte| *byte == b' ');
    let time = parts.next()?;
    Some((time, parts.nth(2)?))
}

fn is_after(stamp: &[u8], since: DateTime<Utc>) -> bool {
    let time = std::str::from_utf8(stamp).ok();
    let time = time.and_then(|time| DateTime::parse_from_rfc3339(time).ok());
    time.is_some_and(|time| time >= since)
}

/// The last lines of a text.
fn last(text: &[u8], lines: Option<usize>) -> &[u8] {
    let Some(lines) = lines else { return text };
    let ends = text.iter().enumerate().rev();
    let mut ends = ends.filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    // The end of the line before the first of them.
    ends.nth(lines).map_or(text, |at| &text[at + 1..])
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    const LOG: &str = "2026-11-24T11:00:00.5Z stderr F a\n2026-11-24T11:00:01.5Z stderr F b b\n\
                       2026-11-24T11:00:02.5Z stderr F c\n";

    async fn read(path: &Path, query: &str, frames: usize) -> String {
        let stream = stream::<std::convert::Infallible>(path, Wanted::of(query).unwrap()).unwrap();
        let frames: Vec<_> = stream.take(frames).collect().await;
        let bytes = frames
            .into_iter()
            .flat_map(|frame| frame.unwrap().into_data().unwrap().to_vec());
        String::from_utf8(bytes.collect()).unwrap()
    }

    #[tokio::test]
    async fn a_log_is_served_by_time_and_by_its_end() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("0.log");
        std::fs::write(&path, format!("{LOG}2026-11-24T11:00:03Z std")).unwrap();
        let whole = LOG.replace(" stderr F", "");
        let from = |line: usize| whole.split_inclusive('\n').skip(line).collect::<String>();
        for (query, expected) in [
            ("timestamps=true", from(0)),
            ("tailLines=2&timestamps=true", from(1)),
            ("tailLines=0", String::new()),
            ("tailLines=9", from(0)),
            ("sinceTime=2026-11-24T11%3A00%3A01Z", from(1)),
            ("sinceTime=2026-11-24T11%3A00%3A01Z&tailLines=1", from(2)),
            ("sinceTime=2026-11-24T12%3A00%3A00Z", String::new()),
        ] {
            assert_eq!(read(&path, query, 9).await, expected, "{query}");
        }
        assert!(Wanted::of("tailLines=some").is_err());
    }

    #[tokio::test]
    async fn it_is_followed_through_a_rotation() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("0.log");
        std::fs::write(&path, LOG).unwrap();
        let reading = read(&path, "follow=true&tailLines=1", 2);
        let writing = async {
            tokio::time::sleep(LOOKING / 3).await;
            std::fs::rename(&path, directory.path().join("0.log.1")).unwrap();
            std::fs::write(&path, "2026-11-24T11:00:09Z stderr F d\n").unwrap();
        };
        let (text, ()) = tokio::join!(reading, writing);
        assert_eq!(text, "2026-11-24T11:00:02.5Z c\n2026-11-24T11:00:09Z d\n");
    }
}
