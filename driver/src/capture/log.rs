//! One container instance's log as it is taken: what is new goes to the file, holes are noted.

use bundle::Gap;
use chrono::{DateTime, Utc};

use super::dedupe::{Ledger, Offer, Pass};
use super::message::{Message, recognise};
use super::sink::{Sink, time_of};
use super::skew::Skew;
use crate::error::Error;
use crate::record::copies::Places;

/// A log being taken.
#[derive(Debug)]
pub(super) struct Log {
    ledger: Ledger,
    sink: Sink,
    gaps: Vec<Gap>,
    strangers: u64,
    /// From when on the log is wanted while none of its lines is known; none: whole.
    start: Option<DateTime<Utc>>,
    skew: Skew,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It went to the file; with its time stamp, and the message if it is one that is waited for.
    Written(DateTime<Utc>, Option<Message>),
    /// It was there already.
    Known,
    /// It has no time stamp: the kubelet's own words about the log, not the log's.
    Stranger,
    /// It is not taken yet: the last line written was not met before it.
    Hole,
}

impl Log {
    /// Opens the log in these places, going on with what an interrupted run left; without any its
    /// lines are told and not kept.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn open(places: Option<&Places>, gaps: Vec<Gap>) -> Result<Self, Error> {
        let mut ledger = Ledger::default();
        let sink = match places {
            Some(places) => Sink::open(places, &mut ledger)?,
            None => Sink::nowhere(),
        };
        Ok(Self {
            ledger,
            sink,
            gaps,
            strangers: 0,
            start: None,
            skew: Skew::default(),
        })
    }

    /// The log is wanted from this time on, unless [`Log::begin_after`] knows better.
    pub(super) fn begin_at(&mut self, start: Option<DateTime<Utc>>) {
        self.start = start;
    }

    /// The log is wanted after these lines, its last ones. Returns the last one's time stamp.
    pub(super) fn begin_after(&mut self, lines: &[Vec<u8>]) -> Option<DateTime<Utc>> {
        self.start = None;
        let timed = lines.iter().filter_map(|line| Some((time_of(line)?, line)));
        for (time, line) in timed {
            self.ledger.remember(time, line);
            self.ledger.want_after(time);
        }
        self.ledger.last()
    }

    /// Nobody could look where the log stood: it is wanted from the start on, and what later readings
    /// bring from before that is not.
    pub(super) fn begin_at_the_start(&mut self) {
        if let Some(start) = self.start {
            self.ledger.want_after(start);
        }
    }

    /// The log is wanted after this time stamp of its own, as an earlier process has noted.
    pub(super) fn begin_after_time(&mut self, time: DateTime<Utc>) {
        self.start = self.start.or(Some(time));
        self.ledger.want_after(time);
    }

    /// Whether no line of the log is known.
    pub(super) fn is_unknown(&self) -> bool {
        self.ledger.last().is_none()
    }

    /// Whether a line is known, written or from before the start.
    pub(super) fn knows(&self, line: &[u8]) -> bool {
        time_of(line).is_some_and(|time| self.ledger.knows(time, line))
    }

    /// A line came by itself, after a wait.
    pub(super) fn note_clock(&mut self, stamped: DateTime<Utc>, waited: std::time::Duration) {
        self.skew.note(stamped, Utc::now(), waited);
    }

    /// How far the node's clock is ahead of ours.
    pub(super) fn clock(&self) -> Option<bundle::ClockSkew> {
        self.skew.clock()
    }

    /// Begins a pass: from when on the log is wanted, if no line of it is known. Where one is, times tell
    /// nothing and lines do.
    pub(super) fn begin(&mut self) -> (Pass, Option<DateTime<Utc>>) {
        let since = self.start.filter(|_| self.is_unknown());
        (self.ledger.begin(since), since)
    }

    /// Ends a pass.
    pub(super) fn end(&mut self, pass: &Pass) {
        self.ledger.end(pass);
    }

    /// Takes a line (without its end) of a pass.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if it cannot be written.
    pub(super) fn take(&mut self, pass: &mut Pass, line: &[u8]) -> Result<Taken, Error> {
        let Some(time) = time_of(line) else {
            self.strangers += 1;
            let text = String::from_utf8_lossy(&line[..line.len().min(200)]).into_owned();
            tracing::debug!(text, "a line without a time stamp");
            return Ok(Taken::Stranger);
        };
        match self.ledger.offer(pass, time, line) {
            Offer::Known => Ok(Taken::Known),
            Offer::AfterHole(_) => Ok(Taken::Hole),
            Offer::New => {
                self.sink.append(time, line)?;
                Ok(Taken::Written(time, recognise(line)))
            }
        }
    }

    /// Takes a line although lines may be missing before it, and notes the gap.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if it cannot be written.
    pub(super) fn take_after_hole(
        &mut self,
        pass: &mut Pass,
        line: &[u8],
        reason: &str,
    ) -> Result<Taken, Error> {
        if let (Some(from), Some(to)) = (self.ledger.last(), time_of(line)) {
            self.note_gap(from, Some(to), reason);
        }
        pass.accept_hole();
        self.take(pass, line)
    }

    /// Notes that lines before the first one are missing.
    pub(super) fn note_lost_start(&mut self, from: DateTime<Utc>, to: DateTime<Utc>, reason: &str) {
        self.note_gap(from, Some(to), reason);
    }

    /// Notes that lines after the last one may be missing, for good.
    pub(super) fn note_lost_end(&mut self, start: DateTime<Utc>, reason: &str) {
        let from = self.ledger.last().unwrap_or(start);
        self.note_gap(from, None, reason);
    }

    fn note_gap(&mut self, from: DateTime<Utc>, to: Option<DateTime<Utc>>, reason: &str) {
        tracing::warn!(%from, ?to, "lines may be missing: {reason}");
        self.gaps.push(Gap {
            from,
            to,
            reason: reason.to_owned(),
        });
    }

    /// Puts the counts and gaps into the manifest's entry.
    pub(super) fn describe(&self, entry: &mut bundle::Capture) {
        entry.first = self.sink.first;
        entry.last = self.sink.last;
        entry.lines = self.sink.lines;
        entry.bytes = self.sink.bytes;
        entry.gaps.clone_from(&self.gaps);
        if self.strangers > 0 {
            let key = "lines_without_time_stamp".to_owned();
            entry.other.insert(key, self.strangers.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_that_was_not_followed_is_a_gap_with_bounds() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let mut log = Log::open(Some(&Places::alone(&path)), Vec::new()).unwrap();
        let (mut pass, since) = log.begin();
        assert_eq!(since, None);
        let first = b"2026-11-24T11:00:00.5Z a";
        let written = |time: &str| Taken::Written(time.parse().unwrap(), None);
        let taken = log.take(&mut pass, first).unwrap();
        assert_eq!(taken, written("2026-11-24T11:00:00.5Z"));
        log.end(&pass);

        let (mut pass, _) = log.begin();
        let rotated = b"2026-11-24T11:00:09Z z";
        assert_eq!(log.take(&mut pass, rotated).unwrap(), Taken::Hole);
        let taken = log.take_after_hole(&mut pass, rotated, "rotated").unwrap();
        assert_eq!(taken, written("2026-11-24T11:00:09Z"));

        let mut entry = bundle::Capture::default();
        log.describe(&mut entry);
        assert_eq!((entry.lines, entry.gaps.len()), (2, 1));
        assert_eq!(
            entry.gaps[0].from,
            "2026-11-24T11:00:00.5Z".parse::<DateTime<Utc>>().unwrap()
        );
        assert_eq!(
            entry.gaps[0].to,
            Some("2026-11-24T11:00:09Z".parse().unwrap())
        );
    }

    #[test]
    fn a_log_is_asked_for_by_time_while_no_line_of_it_is_known() {
        let start = "2026-11-24T11:00:00Z".parse().ok();
        let mut log = Log::open(None, Vec::new()).unwrap();
        log.begin_at(start);
        let (mut pass, since) = log.begin();
        assert_eq!(since, start);
        log.take(&mut pass, b"2026-11-24T11:00:01Z a").unwrap();
        assert_eq!(log.begin().1, None);
    }

    #[test]
    fn the_kubelets_own_words_stay_out() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let mut log = Log::open(Some(&Places::alone(&path)), Vec::new()).unwrap();
        let (mut pass, _) = log.begin();
        let words = b"failed to create fsnotify watcher: too many open files";
        assert_eq!(log.take(&mut pass, words).unwrap(), Taken::Stranger);
        let mut entry = bundle::Capture::default();
        log.describe(&mut entry);
        assert_eq!(
            (
                entry.lines,
                entry.other["lines_without_time_stamp"].as_u64()
            ),
            (0, Some(1))
        );
    }
}
