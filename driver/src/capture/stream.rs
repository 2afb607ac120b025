//! The log API: streams and their lines.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::{AsyncBufRead, AsyncBufReadExt as _};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use kube::api::{Api, LogParams};

use super::Scene;
use super::instance::Instance;

/// The longest line that is taken. kube-proxy's longest, a whole nftables transaction at
/// verbosity 9, has some 100 bytes an element.
const LONGEST_LINE: usize = 32 << 20;
/// Longest wait for a log request to be answered.
const ANSWER: Duration = Duration::from_secs(30);
/// The same at a capture's end, when it holds up others: what is not answered is asked for again.
const ANSWER_AT_THE_END: Duration = Duration::from_secs(4);

/// What to ask the log API for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The pod's name.
    pub pod: String,
    /// The container.
    pub container: String,
    /// From when on; none: from the start.
    pub since: Option<DateTime<Utc>>,
    /// Whether to wait for more.
    pub follow: bool,
    /// The terminated predecessor's log.
    pub previous: bool,
    /// Only so many lines from the end.
    pub tail: Option<i64>,
    /// Whether others wait for their turn meanwhile.
    pub hurried: bool,
}

impl Wanted {
    /// An instance's log, to be followed or not.
    pub(super) fn of(scene: &Scene, instance: &Instance, follow: bool) -> Self {
        Self {
            pod: instance.identity.pod.clone(),
            container: scene.sources.container.clone(),
            since: None,
            follow,
            previous: false,
            tail: None,
            hurried: false,
        }
    }
}

/// One step of reading a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// A whole line is in the buffer.
    Line,
    /// A line longer than 32 MiB was passed over.
    TooLong,
    /// The stream has ended; a half line before the end is dropped, the next pass reads it whole.
    End,
}

/// Opens a stream.
///
/// # Errors
/// The client's own, or one of kind `Service` if the answer takes longer than 30 s, or 4 s at a
/// capture's end.
pub(super) async fn open(
    pods: &Api<Pod>,
    wanted: &Wanted,
) -> Result<impl AsyncBufRead + Unpin + use<>, kube::Error> {
    let parameters = LogParams {
        container: Some(wanted.container.clone()),
        follow: wanted.follow,
        previous: wanted.previous,
        timestamps: true,
        tail_lines: wanted.tail,
        since_time: wanted.since.and_then(to_jiff),
        ..LogParams::default()
    };
    let patience = if wanted.hurried {
        ANSWER_AT_THE_END
    } else {
        ANSWER
    };
    match tokio::time::timeout(patience, pods.log_stream(&wanted.pod, &parameters)).await {
        Ok(stream) => Ok(Box::pin(stream?)),
        Err(_) => Err(kube::Error::Service(
            format!("the log was not served within {patience:?}").into(),
        )),
    }
}

fn to_jiff(time: DateTime<Utc>) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

/// Reads the next line into `line`, without its end.
///
/// Safe to cancel: what was read of a line stays in `line` for the next call.
///
/// # Errors
/// The connection's.
pub(super) async fn next_line<R: AsyncBufRead + Unpin>(
    stream: &mut R,
    line: &mut Vec<u8>,
) -> std::io::Result<Read> {
    let mut too_long = false;
    loop {
        let chunk = stream.fill_buf().await?;
        if chunk.is_empty() {
            return Ok(Read::End);
        }
        let end = chunk.iter().position(|b| *b == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        too_long |= line.len() + part.len() > LONGEST_LINE;
        if too_long {
            line.clear();
        } else {
            line.extend_from_slice(part);
        }
        let used = end.map_or(chunk.len(), |end| end + 1);
        stream.consume_unpin(used);
        match end {
            Some(_) if too_long => return Ok(Read::TooLong),
            Some(_) => return Ok(Read::Line),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_split_and_a_half_one_is_dropped() {
        let mut stream = futures::io::BufReader::with_capacity(3, &b"ab\n\nlonger line\nhalf"[..]);
        let mut lines = Vec::new();
        let mut line = Vec::new();
        while next_line(&mut stream, &mut line).await.unwrap() == Read::Line {
            lines.push(String::from_utf8(std::mem::take(&mut line)).unwrap());
        }
        assert_eq!(lines, ["ab", "", "longer line"]);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_passed_over() {
        for (length, too_long) in [(LONGEST_LINE, false), (LONGEST_LINE + 1, true)] {
            let mut bytes = vec![b'x'; length];
            bytes.extend_from_slice(b"\nthe next\n");
            let mut stream = futures::io::BufReader::with_capacity(1 << 20, &bytes[..]);
            let mut line = Vec::new();
            let read = next_line(&mut stream, &mut line).await.unwrap();
            assert_eq!(read == Read::TooLong, too_long, "{length}");
            assert_eq!(line.len(), if too_long { 0 } else { length });
            line.clear();
            assert_eq!(next_line(&mut stream, &mut line).await.unwrap(), Read::Line);
            assert_eq!(line, b"the next");
        }
    }

    #[test]
    fn since_has_whole_seconds() {
        let time = "2026-11-24T11:00:00.999Z".parse().unwrap();
        assert_eq!(to_jiff(time).unwrap().to_string(), "2026-11-24T11:00:00Z");
    }
}
