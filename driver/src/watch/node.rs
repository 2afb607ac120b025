//! One node's syncs within the window, by its own clock.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use super::changes::Changes;
use super::row::{NodeRow, State};
use crate::capture::message::{Family, Message};
use crate::show::board::What;
use crate::show::sync::Sync;

/// A sync that has ended.
#[derive(Debug, Clone, Copy)]
struct Ended {
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
    /// Its begin was not seen: it took at least this.
    at_least: bool,
}

/// What a node's lines have told.
#[derive(Debug)]
pub(super) struct Node {
    /// When the watch began, by our clock.
    began: DateTime<Utc>,
    /// Our clock less the stamps of lines as they came, at its least: the clocks' difference and
    /// the way of a line.
    behind: Option<TimeDelta>,
    running: BTreeMap<Family, Vec<DateTime<Utc>>>,
    /// Families whose sync under way has failed.
    failing: Vec<Family>,
    ended: VecDeque<Ended>,
    failed: VecDeque<DateTime<Utc>>,
    /// Lags as they ended: when, and how long the oldest change had waited.
    waited: VecDeque<(DateTime<Utc>, TimeDelta)>,
    /// When the last good sync of a family began, by our clock: what changed before is carried.
    carried: BTreeMap<Family, DateTime<Utc>>,
}

impl Node {
    pub(super) fn new(began: DateTime<Utc>) -> Self {
        Self {
            began,
            behind: None,
            running: BTreeMap::new(),
            failing: Vec::new(),
            ended: VecDeque::new(),
            failed: VecDeque::new(),
            waited: VecDeque::new(),
            carried: BTreeMap::new(),
        }
    }

    /// The time by our clock up to which every family carries all changes; none if no sync is known.
    pub(super) fn covered(&self) -> Option<DateTime<Utc>> {
        self.carried.values().min().copied()
    }

    /// Takes in what was heard at `at`, by our clock.
    pub(super) fn hear(&mut self, at: DateTime<Utc>, what: What, changes: &Changes) {
        let (stamped, message) = match what {
            What::Instance => {
                // No sync of its predecessor goes on.
                self.running.clear();
                self.failing.clear();
                return;
            }
            What::Line(stamped, message) => (stamped, message),
        };
        let behind = at - stamped;
        self.behind = Some(self.behind.map_or(behind, |least| least.min(behind)));
        match message {
            None => {}
            Some(Message::Begins(family)) => {
                let begun = self.running.entry(family).or_default();
                if family != Family::Unnamed {
                    // A family has one sync at a time; a start without an end was cut off.
                    begun.clear();
                }
                begun.push(stamped);
                self.failing.retain(|failing| *failing != family);
            }
            Some(Message::Fails(family)) => {
                self.failed.push_back(stamped);
                self.failing.push(family);
            }
            Some(Message::Ends(family)) => self.end(family, stamped, changes),
        }
    }

    fn end(&mut self, family: Family, end: DateTime<Utc>, changes: &Changes) {
        let begun = self.running.get_mut(&family).and_then(Vec::pop);
        let begin = begun.unwrap_or_else(|| self.by_its_clock(self.began).min(end));
        self.ended.push_back(Ended {
            begin,
            end,
            at_least: begun.is_none(),
        });
        let failed = self.failing.contains(&family);
        self.failing.retain(|failing| *failing != family);
        if failed {
            return;
        }
        let carried = self.by_ours(begin);
        let before = self.carried.insert(family, carried).unwrap_or(self.began);
        let first = changes.first_after(before, family);
        if let Some(first) = first.filter(|first| *first <= carried) {
            self.waited.push_back((end, self.by_ours(end) - first));
        }
    }

    fn by_its_clock(&self, ours: DateTime<Utc>) -> DateTime<Utc> {
        ours - self.behind.unwrap_or_default()
    }

    fn by_ours(&self, stamped: DateTime<Utc>) -> DateTime<Utc> {
        stamped + self.behind.unwrap_or_default()
    }

    /// The row of now, by our clock, over a window.
    pub(super) fn row(
        &mut self,
        name: &str,
        stands: &Sync,
        changes: &Changes,
        (now, window): (DateTime<Utc>, TimeDelta),
    ) -> NodeRow {
        let (end, began) = (self.by_its_clock(now), self.by_its_clock(self.began));
        let start = began.max(end - window);
        self.forget(start);
        let observed = end - start;
        let syncing = self.syncing(start, end);
        let took = |one: &Ended| one.end - one.begin;
        let slowest = self.ended.iter().max_by_key(|one| took(one));
        let running = self.running.values().flatten().min();
        let seen = !self.ended.is_empty() || running.is_some() || !self.carried.is_empty();
        NodeRow {
            node: name.to_owned(),
            state: State::of(
                stands,
                running.map(|begin| (end - *begin).max(TimeDelta::zero())),
            ),
            observed,
            in_sync_pct: (seen && observed > TimeDelta::zero()).then(|| {
                100.0 * syncing.num_milliseconds() as f64
                    / observed.num_milliseconds().max(1) as f64
            }),
            lag: self.lag(changes, now),
            worst_lag: changes
                .known()
                .then(|| self.worst_lag(changes, now))
                .flatten(),
            syncs: self.ended.len(),
            slowest: slowest.map(|one| (took(one), one.at_least)),
            failed: self.failed.len(),
            lines: stands.lines,
        }
    }

    fn forget(&mut self, before: DateTime<Utc>) {
        let old = |end: DateTime<Utc>| end < before;
        self.ended.retain(|one| !old(one.end));
        self.failed.retain(|at| !old(*at));
        self.waited.retain(|(at, _)| !old(*at));
    }

    /// The time within `start..end` in which any family was in a sync.
    fn syncing(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> TimeDelta {
        let running = self.running.values().flatten().map(|begin| (*begin, end));
        let ended = self.ended.iter().map(|one| (one.begin, one.end));
        let mut spans: Vec<_> = ended.chain(running).collect();
        spans.sort_unstable();
        let (mut sum, mut until) = (TimeDelta::zero(), start);
        for (from, to) in spans {
            let (from, to) = (from.max(until), to.min(end));
            if to > from {
                sum += to - from;
                until = to;
            }
        }
        sum
    }

    /// How long the oldest change that is not carried yet has waited; none if that is not known.
    fn lag(&self, changes: &Changes, now: DateTime<Utc>) -> Option<TimeDelta> {
        if !changes.known() {
            return None;
        }
        let waiting = self.carried.iter().map(|(family, carried)| {
            let first = changes.first_after(*carried, *family);
            first.map_or(TimeDelta::zero(), |first| now - first)
        });
        waiting.max()
    }

    fn worst_lag(&self, changes: &Changes, now: DateTime<Utc>) -> Option<TimeDelta> {
        let ended = self.waited.iter().map(|(_, waited)| *waited).max();
        ended.max(self.lag(changes, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::changes::Change;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    fn says(node: &mut Node, second: i64, message: Message) {
        // The node's clock is an hour ahead; a line is a second under way.
        let stamped = at(second) + TimeDelta::hours(1);
        let heard = at(second + 1);
        node.hear(
            heard,
            What::Line(stamped, Some(message)),
            &Changes::default(),
        );
    }

    #[test]
    fn families_that_sync_at_once_count_once_and_what_began_before_is_cut() {
        let mut node = Node::new(at(0));
        says(&mut node, 10, Message::Begins(Family::V4));
        says(&mut node, 15, Message::Begins(Family::V6));
        says(&mut node, 20, Message::Ends(Family::V4));
        says(&mut node, 30, Message::Ends(Family::V6));
        says(&mut node, 90, Message::Begins(Family::V4));
        let window = TimeDelta::seconds(1000);
        let row = node.row("a", &Sync::new(), &Changes::default(), (at(101), window));
        // 20 s of both, and 10 s that go on.
        assert_eq!(
            row.in_sync_pct.unwrap().round(),
            (100.0_f64 * 30.0 / 101.0).round()
        );
        assert_eq!(
            (row.syncs, row.slowest),
            (2, Some((TimeDelta::seconds(15), false)))
        );
        let short = TimeDelta::seconds(75);
        let row = node.row("a", &Sync::new(), &Changes::default(), (at(101), short));
        // Of the first 20 s the last 5 lie in the window.
        assert_eq!(row.in_sync_pct, Some(20.0));
        assert_eq!(row.syncs, 1);
    }

    #[test]
    fn a_change_is_behind_until_a_good_sync_of_its_family_that_began_after_it_has_ended() {
        let mut node = Node::new(at(0));
        let mut changes = Changes::default();
        let heard = |node: &mut Node, changes: &Changes, second, message| {
            node.hear(at(second), What::Line(at(second), Some(message)), changes);
        };
        let lag = |node: &mut Node, changes: &Changes, second| {
            let window = TimeDelta::seconds(1000);
            let row = node.row("a", &Sync::new(), changes, (at(second), window));
            (
                row.lag.unwrap().num_seconds(),
                row.worst_lag.unwrap().num_seconds(),
            )
        };
        heard(&mut node, &changes, 1, Message::Begins(Family::V4));
        heard(&mut node, &changes, 2, Message::Ends(Family::V4));
        assert_eq!(lag(&mut node, &changes, 9), (0, 0));
        // A sync is under way that has begun before the change: it does not carry it.
        heard(&mut node, &changes, 9, Message::Begins(Family::V4));
        changes.note(Change::At(at(10), Family::V4));
        heard(&mut node, &changes, 12, Message::Ends(Family::V4));
        assert_eq!(lag(&mut node, &changes, 15), (5, 5));
        // One of the other family carries it not, nor one that fails.
        heard(&mut node, &changes, 16, Message::Begins(Family::V6));
        heard(&mut node, &changes, 17, Message::Ends(Family::V6));
        heard(&mut node, &changes, 18, Message::Begins(Family::V4));
        heard(&mut node, &changes, 19, Message::Fails(Family::V4));
        heard(&mut node, &changes, 19, Message::Ends(Family::V4));
        assert_eq!(lag(&mut node, &changes, 20), (10, 10));
        heard(&mut node, &changes, 21, Message::Begins(Family::V4));
        assert_eq!(lag(&mut node, &changes, 40), (30, 30));
        heard(&mut node, &changes, 51, Message::Ends(Family::V4));
        // The worst one stays until it leaves the window.
        assert_eq!(lag(&mut node, &changes, 60), (0, 41));
    }

    #[test]
    fn a_sync_whose_begin_was_not_seen_took_at_least_since_the_watch_began() {
        let mut node = Node::new(at(0));
        says(&mut node, 40, Message::Ends(Family::V4));
        let window = TimeDelta::seconds(1000);
        let row = node.row("a", &Sync::new(), &Changes::default(), (at(81), window));
        assert_eq!(row.slowest, Some((TimeDelta::seconds(41), true)));
    }

    #[test]
    fn a_new_container_ends_what_its_predecessor_had_begun() {
        let mut node = Node::new(at(0));
        says(&mut node, 10, Message::Begins(Family::V4));
        node.hear(at(50), What::Instance, &Changes::default());
        let window = TimeDelta::seconds(1000);
        let row = node.row("a", &Sync::new(), &Changes::default(), (at(101), window));
        assert_eq!(row.in_sync_pct, None);
    }
}
