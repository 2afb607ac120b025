//! Which lines of a reading are new: a multiset on (time stamp, line).
//!
//! The same stretch of a log is read more than once: a follow is cut and starts again a little
//! earlier, a look beside it reads what it read. Two equal lines with one time stamp are two
//! lines, though. So each reading (a *pass*) counts how often it has met a line, and a line is
//! new when its pass has met it more often than it was written.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Duration, Utc};

/// How far back a line is remembered, behind the last one: clocks are set back under a pass.
const REMEMBERED: Duration = Duration::seconds(120);
/// The last lines that are remembered whatever they are stamped: more than a look reads.
const LATEST: u64 = 256;
/// Lines between two clearings of what can be forgotten.
const CLEARING: u32 = 128;

/// A line's identity: its time stamp to the nanosecond, and a hash of all its bytes.
type Key = (DateTime<Utc>, u64);

/// How often a line was written, and as which of all lines the last time.
#[derive(Debug, Default, Clone, Copy)]
struct Written {
    times: u32,
    number: u64,
}

/// How far a pass has come.
#[derive(Debug, Clone, Copy)]
struct Reached {
    /// By time, as far as times are in order.
    time: DateTime<Utc>,
    /// By number: that of the last line that it met; none, if it has met none.
    number: u64,
}

/// What has been written of one log. What is remembered are always its last lines, never one without
/// those behind it: so what comes before the first remembered line of a reading was taken long ago.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    written: BTreeMap<Key, Written>,
    /// Lines written.
    lines: u64,
    /// The first line since the node's clock was last set back: before it times say nothing.
    in_order_from: u64,
    last: Option<DateTime<Utc>>,
    /// How far each pass under way has come: older lines cannot come from it any more.
    passes: BTreeMap<u64, Reached>,
    next_pass: u64,
    /// Time stamp of the log's last line when it began to be wanted.
    wanted_after: Option<DateTime<Utc>>,
    until_clearing: u32,
}

/// One reading of a log, from some point on.
#[derive(Debug)]
pub(super) struct Pass {
    number: u64,
    met: BTreeMap<Key, u32>,
    joined: bool,
}

/// What a line is to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// Written already.
    Known,
    /// New, and everything before it is written.
    New,
    /// New, but the pass did not meet the last line that was written: lines may be missing
    /// after this time.
    AfterHole(DateTime<Utc>),
}

impl Ledger {
    /// Time stamp of the last line written.
    #[must_use]
    pub(super) fn last(&self) -> Option<DateTime<Utc>> {
        self.last
    }

    /// What the log held up to `time` is not wanted.
    pub(super) fn want_after(&mut self, time: DateTime<Utc>) {
        self.wanted_after = Some(time);
    }

    /// Whether a line is remembered.
    pub(super) fn knows(&self, time: DateTime<Utc>, line: &[u8]) -> bool {
        self.written.contains_key(&(time, hash(line)))
    }

    /// Begins a pass from `since` on (none: from the log's start).
    pub(super) fn begin(&mut self, since: Option<DateTime<Utc>>) -> Pass {
        let number = self.next_pass;
        self.next_pass += 1;
        let reached = Reached {
            time: since.unwrap_or(DateTime::<Utc>::MIN_UTC),
            number: 0,
        };
        self.passes.insert(number, reached);
        Pass {
            number,
            met: BTreeMap::new(),
            // Nothing to join before the first line.
            joined: self.last.is_none(),
        }
    }

    /// What `line` is, by this pass's count. A line [`Offer::AfterHole`] is not taken; call
    /// [`Pass::accept_hole`] and offer it again.
    pub(super) fn offer(&mut self, pass: &mut Pass, time: DateTime<Utc>, line: &[u8]) -> Offer {
        let key = (time, hash(line));
        let met = pass.met.get(&key).copied().unwrap_or(0) + 1;
        let written = self.written.get(&key).map_or(0, |known| known.times);
        let offer = if met <= written {
            pass.joined = true;
            Offer::Known
        } else if self.is_unwanted(pass, time) {
            Offer::Known
        } else if let (false, Some(last)) = (pass.joined, self.last) {
            return Offer::AfterHole(last);
        } else {
            self.write(key, met);
            Offer::New
        };
        pass.met.insert(key, met);
        let number = self.written.get(&key).map(|written| written.number);
        self.advance(pass, time, number);
        offer
    }

    /// Whether a line comes before what is wanted. Once the pass has met a line that is
    /// remembered its order tells, whatever the node's clock was set to since.
    fn is_unwanted(&self, pass: &Pass, time: DateTime<Utc>) -> bool {
        let unjoined = !pass.joined || self.last.is_none();
        unjoined && self.wanted_after.is_some_and(|after| time <= after)
    }

    /// Remembers a line that an earlier process wrote, or that was there before the start.
    pub(super) fn remember(&mut self, time: DateTime<Utc>, line: &[u8]) {
        let key = (time, hash(line));
        let before = self.written.get(&key).map_or(0, |known| known.times);
        self.write(key, before + 1);
        self.clear_now_and_then();
    }

    fn write(&mut self, key: Key, times: u32) {
        if self.last.is_some_and(|last| key.0 < last) {
            self.in_order_from = self.lines;
        }
        let number = self.lines;
        self.written.insert(key, Written { times, number });
        self.lines += 1;
        self.last = Some(key.0);
    }

    /// Ends a pass.
    pub(super) fn end(&mut self, pass: &Pass) {
        self.passes.remove(&pass.number);
    }

    fn advance(&mut self, pass: &mut Pass, time: DateTime<Utc>, number: Option<u64>) {
        let reached = time - REMEMBERED;
        if let Some(known) = self.passes.get_mut(&pass.number) {
            known.time = reached;
            known.number = number.unwrap_or(known.number);
        }
        if self.clear_now_and_then() {
            pass.met = pass.met.split_off(&(reached, 0));
        }
    }

    fn clear_now_and_then(&mut self) -> bool {
        self.until_clearing = self.until_clearing.checked_sub(1).unwrap_or(CLEARING);
        if self.until_clearing > 0 {
            return false;
        }
        let behind = self.last.map(|last| last - REMEMBERED);
        let slowest = self.passes.values().map(|reached| reached.time).min();
        let horizon = match (behind, slowest) {
            (Some(behind), Some(slowest)) => behind.min(slowest),
            (Some(behind), None) => behind,
            (None, _) => return false,
        };
        let latest = self.lines.saturating_sub(LATEST);
        // What a pass has yet to come to must be known then, or it would be written again.
        let ahead = self.passes.values().map(|reached| reached.number).min();
        let latest = ahead.map_or(latest, |ahead| latest.min(ahead));
        let in_order = self.in_order_from;
        self.written.retain(|(time, _), line| {
            line.number >= latest || line.number >= in_order && *time >= horizon
        });
        true
    }
}

impl Pass {
    /// Whether the pass has met a line that was written before, or there was none.
    pub(super) fn joined(&self) -> bool {
        self.joined
    }

    /// Goes on although the pass did not meet the last line written.
    pub(super) fn accept_hole(&mut self) {
        self.joined = true;
    }
}

fn hash(line: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Lines as (second, text); the time stamp has the second and nothing else.
    type Lines = Vec<(i64, u8)>;

    fn time(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    fn read(ledger: &mut Ledger, pass: &mut Pass, lines: &[(i64, u8)], out: &mut Lines) {
        for (second, text) in lines {
            match ledger.offer(pass, time(*second), &[*text]) {
                Offer::New => out.push((*second, *text)),
                Offer::Known => {}
                Offer::AfterHole(_) => panic!("no hole in this log"),
            }
        }
    }

    #[test]
    fn equal_lines_with_one_time_stamp_are_all_kept() {
        let log = [(1, b'a'), (1, b'a'), (1, b'b'), (1, b'a')];
        let (mut ledger, mut out) = (Ledger::default(), Vec::new());
        for _ in 0..3 {
            let mut pass = ledger.begin(None);
            read(&mut ledger, &mut pass, &log, &mut out);
            ledger.end(&pass);
        }
        assert_eq!(out, log);
    }

    #[test]
    fn a_pass_without_the_last_line_is_a_hole() {
        let (mut ledger, mut out) = (Ledger::default(), Vec::new());
        let mut pass = ledger.begin(None);
        read(&mut ledger, &mut pass, &[(1, b'a'), (2, b'b')], &mut out);
        let mut rotated = ledger.begin(None);
        let offer = ledger.offer(&mut rotated, time(9), b"z");
        assert_eq!(offer, Offer::AfterHole(time(2)));
        rotated.accept_hole();
        assert_eq!(ledger.offer(&mut rotated, time(9), b"z"), Offer::New);
        assert_eq!(ledger.offer(&mut pass, time(9), b"z"), Offer::Known);
    }

    /// Equal lines that a killed run wrote are counted, or a second run writes them again.
    #[test]
    fn equal_lines_of_an_earlier_process_are_counted() {
        let (mut ledger, mut out) = (Ledger::default(), Vec::new());
        for _ in 0..3 {
            ledger.remember(time(1), b"a");
        }
        let mut pass = ledger.begin(None);
        read(&mut ledger, &mut pass, &[(1, b'a'); 4], &mut out);
        assert_eq!(out, [(1, b'a')]);
    }

    /// A clock that is set back under two passes: what one wrote, the other knows, up to two
    /// minutes back and not further.
    #[test]
    fn lines_are_remembered_for_two_minutes_of_a_clock_that_is_set_back() {
        for (back, twice) in [(5, false), (119, false), (121, true)] {
            let (mut ledger, mut out) = (Ledger::default(), Vec::new());
            let before: Lines = (0..600).map(|n| (1000 + n, b'x')).collect();
            let mut pass = ledger.begin(None);
            read(&mut ledger, &mut pass, &before, &mut out);
            let last = 1599;
            read(&mut ledger, &mut pass, &[(last - back, b'y')], &mut out);
            // The clock is mended; more than a clearing's worth of lines follows.
            let after: Lines = (0..600).map(|_| (last, b'z')).collect();
            read(&mut ledger, &mut pass, &after, &mut out);
            let before = out.len();
            let mut look = ledger.begin(None);
            read(
                &mut ledger,
                &mut look,
                &[(last, b'z'), (last - back, b'y')],
                &mut out,
            );
            assert_eq!(out.len() > before, twice, "{back} s back");
        }
    }

    /// A clock that was ahead and is set back by more than is remembered by time: the lines from
    /// then are remembered by their number, and forgotten together with those behind them.
    #[test]
    fn the_latest_lines_are_remembered_whatever_they_are_stamped() {
        let latest = i64::try_from(LATEST).unwrap();
        let clearing = i64::from(CLEARING) + 1;
        for (more, known) in [(latest - 1, true), (latest + clearing, false)] {
            let (mut ledger, mut out) = (Ledger::default(), Vec::new());
            let mut pass = ledger.begin(None);
            read(&mut ledger, &mut pass, &[(9_000, b'x')], &mut out);
            let back: Lines = (0..more).map(|n| (1_000 + n, b'y')).collect();
            read(&mut ledger, &mut pass, &back, &mut out);
            assert_eq!(ledger.knows(time(9_000), b"x"), known, "{more} lines more");
            assert!(ledger.knows(time(1_000 + more - 1), b"y"));
        }
    }

    /// A pass over all of a log meets lines that another one's would have let go meanwhile.
    #[test]
    fn what_a_pass_has_yet_to_come_to_is_remembered() {
        for begun in [true, false] {
            let (mut ledger, mut out) = (Ledger::default(), Vec::new());
            // The clock is set back after a line: times say nothing of those before.
            let mut log: Lines = vec![(9_000, b'x')];
            log.extend((0..i64::try_from(LATEST).unwrap()).map(|n| (1_000 + n, b'y')));
            let mut follow = ledger.begin(None);
            read(&mut ledger, &mut follow, &log, &mut out);
            assert!(ledger.knows(time(9_000), b"x"));
            let mut whole = ledger.begin(None);
            if begun {
                read(&mut ledger, &mut whole, &log[..1], &mut out);
            } else {
                ledger.end(&whole);
            }
            let more: Lines = (0..i64::from(CLEARING) + 1)
                .map(|n| (2_000 + n, b'z'))
                .collect();
            read(&mut ledger, &mut follow, &more, &mut out);
            assert_eq!(ledger.knows(time(1_000), b"y"), begun);
            if begun {
                let before = out.len();
                read(&mut ledger, &mut whole, &log[1..], &mut out);
                read(&mut ledger, &mut whole, &more, &mut out);
                assert_eq!(out.len(), before, "nothing is written twice");
            }
        }
    }

    #[test]
    fn what_was_there_before_the_start_is_not_taken_and_all_after_it_is() {
        let (mut ledger, mut out) = (Ledger::default(), Vec::new());
        ledger.remember(time(10), b"b");
        ledger.want_after(time(10));
        let mut pass = ledger.begin(None);
        // `a` was too far back to be remembered; the clock is set back after `b`.
        let log = [(9, b'a'), (10, b'b'), (3, b'c'), (10, b'd')];
        read(&mut ledger, &mut pass, &log, &mut out);
        assert_eq!(out, [(3, b'c'), (10, b'd')]);
        // A later pass comes from before the start again.
        let mut again = ledger.begin(None);
        read(&mut ledger, &mut again, &log, &mut out);
        assert_eq!(out.len(), 2);
    }

    #[test]
    fn memory_stays_bounded_over_a_long_log() {
        let mut ledger = Ledger::default();
        // One that has ended holds nothing back.
        let ended = ledger.begin(None);
        ledger.end(&ended);
        let mut pass = ledger.begin(None);
        for second in 0..200_000 {
            ledger.offer(&mut pass, time(second), b"x");
        }
        assert!(ledger.written.len() < 1000, "{}", ledger.written.len());
        assert!(pass.met.len() < 1000, "{}", pass.met.len());
    }

    #[test]
    fn a_slow_look_beside_a_long_silence_writes_nothing_twice() {
        let (mut ledger, mut out) = (Ledger::default(), Vec::new());
        let mut follow = ledger.begin(None);
        read(&mut ledger, &mut follow, &[(0, b'a')], &mut out);
        let mut look = ledger.begin(None);
        let later: Lines = (1000..3000).map(|second| (second, b'x')).collect();
        read(&mut ledger, &mut follow, &later, &mut out);
        let before = out.len();
        read(&mut ledger, &mut look, &[(0, b'a'), (1000, b'x')], &mut out);
        assert_eq!(out.len(), before);
    }

    proptest! {
        /// Any log, read by two passes that are cut, restarted and interleaved at will, comes
        /// out line for line.
        #[test]
        fn any_interleaving_gives_the_log(
            texts in prop::collection::vec((0i64..3, 0u8..3), 1..60),
            turns in prop::collection::vec((any::<bool>(), 0usize..10, any::<bool>()), 0..80),
        ) {
            let mut second = 0;
            let log: Lines = texts
                .into_iter()
                .map(|(step, text)| { second += step; (second, text) })
                .collect();
            let mut ledger = Ledger::default();
            let mut out = Vec::new();
            let mut readers = [(ledger.begin(None), 0), (ledger.begin(None), 0)];
            for (which, steps, cut) in turns {
                let (pass, at) = &mut readers[usize::from(which)];
                let end = (*at + steps).min(log.len());
                read(&mut ledger, pass, &log[*at..end], &mut out);
                *at = end;
                if cut {
                    ledger.end(pass);
                    (*pass, *at) = (ledger.begin(None), 0);
                }
            }
            let (pass, at) = &mut readers[0];
            read(&mut ledger, pass, &log[*at..], &mut out);
            prop_assert_eq!(out, log);
        }
    }
}
