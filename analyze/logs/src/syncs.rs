//! Many syncs in little room: a third of what they take as they are.

use std::fmt;
use std::ops::Range;

use crate::sync::{Backend, Family, Outcome, Sync};

/// A list of syncs, 64 bytes each. What of a sync follows from the rest is not kept; one of which
/// it does not follow, or whose numbers are too large, is kept whole. So what comes out is what
/// was put in.
#[derive(Clone, Default)]
pub struct Syncs {
    rows: Vec<Row>,
    /// Those that fit no row.
    whole: Vec<Sync>,
}

/// A number that is not told.
const UNTOLD: u32 = u32::MAX;
/// A duration that is not told.
const UNTOLD_NS: u64 = u64::MAX;

/// A sync, packed. Unpacking is inlined, so that of a sync only what is asked for is computed.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// Of one that is kept whole: its place there.
    line: u64,
    /// The end; where it is not told, the start.
    time_ns: i64,
    /// The duration; where it is not told, and both times are, what lies between them.
    span_ns: u64,
    build_ns: u64,
    input: u32,
    /// How many lines before `line`.
    syncing: u32,
    reloading: u32,
    services: u32,
    endpoints: u32,
    chains: u32,
    process: u16,
    shape: Shape,
    family: Family,
    backend: Backend,
    outcome: Outcome,
    full: Option<bool>,
}

/// Which times are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Kept whole.
    Whole,
    /// No time.
    Timeless,
    /// End and duration; the start follows.
    Ended,
    /// Start alone.
    Begun,
    /// End alone.
    Closed,
    /// Start and end, no duration.
    Between,
}

impl Row {
    /// The row that says most of it.
    fn of(sync: &Sync) -> Self {
        let small = |n: Option<u64>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or(UNTOLD);
        let before = |line: Option<u64>| small(line.and_then(|line| sync.line.checked_sub(line)));
        let (shape, time_ns, span_ns) = match (sync.start_ns, sync.end_ns, sync.elapsed_ns) {
            (None, None, span) => (Shape::Timeless, 0, span),
            (Some(start), None, span) => (Shape::Begun, start, span),
            (Some(start), Some(end), None) => {
                let span = end.wrapping_sub(start).cast_unsigned();
                (Shape::Between, end, Some(span))
            }
            (None, Some(end), span) => (Shape::Closed, end, span),
            (Some(_), Some(end), span) => (Shape::Ended, end, span),
        };
        Self {
            line: sync.line,
            time_ns,
            span_ns: span_ns.unwrap_or(UNTOLD_NS),
            build_ns: sync.build_ns.unwrap_or(UNTOLD_NS),
            input: sync.input,
            syncing: before(sync.syncing_line),
            reloading: before(sync.reloading_line),
            services: small(sync.services),
            endpoints: small(sync.endpoints),
            chains: small(sync.stale_chains),
            process: u16::try_from(sync.process).unwrap_or(u16::MAX),
            shape,
            family: sync.family,
            backend: sync.backend,
            outcome: sync.outcome,
            full: sync.full,
        }
    }

    fn whole(place: usize, sync: &Sync) -> Self {
        Self {
            line: place as u64,
            shape: Shape::Whole,
            ..Self::of(sync)
        }
    }

    /// The sync that it says.
    #[inline]
    fn sync(&self) -> Sync {
        let told = |n: u32| (n != UNTOLD).then_some(u64::from(n));
        let line = |n: u32| told(n).map(|n| self.line.wrapping_sub(n));
        let ns = |n: u64| (n != UNTOLD_NS).then_some(n);
        let (span, build_ns) = (ns(self.span_ns), ns(self.build_ns));
        let time = Some(self.time_ns);
        let lasted = || i64::try_from(self.span_ns).unwrap_or(i64::MAX);
        let (start_ns, end_ns, elapsed_ns) = match self.shape {
            Shape::Whole | Shape::Timeless => (None, None, span),
            Shape::Begun => (time, None, span),
            Shape::Closed => (None, time, span),
            Shape::Ended => (time.map(|end| end.saturating_sub(lasted())), time, span),
            Shape::Between => {
                let start = self.time_ns.wrapping_sub(self.span_ns.cast_signed());
                (Some(start), time, None)
            }
        };
        let split = span.zip(build_ns).filter(|_| self.shape == Shape::Ended);
        Sync {
            input: self.input,
            process: u32::from(self.process),
            line: self.line,
            syncing_line: line(self.syncing),
            reloading_line: line(self.reloading),
            start_ns,
            end_ns,
            elapsed_ns,
            build_ns,
            commit_ns: split.map(|(span, build)| span.wrapping_sub(build)),
            services: told(self.services),
            endpoints: told(self.endpoints),
            stale_chains: told(self.chains),
            family: self.family,
            backend: self.backend,
            outcome: self.outcome,
            full: self.full,
        }
    }
}

impl Syncs {
    /// Adds a sync at the end.
    pub fn push(&mut self, sync: Sync) {
        let row = Row::of(&sync);
        if row.sync() == sync {
            self.rows.push(row);
        } else {
            self.rows.push(Row::whole(self.whole.len(), &sync));
            self.whole.push(sync);
        }
    }

    /// Number of syncs.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The sync at a place; absent past the end.
    #[must_use]
    #[inline]
    pub fn get(&self, place: usize) -> Option<Sync> {
        Some(self.unpack(self.rows.get(place)?))
    }

    /// The sync at a place.
    ///
    /// # Panics
    /// Past the end, as an index does.
    #[must_use]
    #[inline]
    pub fn at(&self, place: usize) -> Sync {
        self.unpack(&self.rows[place])
    }

    /// Its log alone, see [`Sync::input`].
    ///
    /// # Panics
    /// Past the end, as an index does.
    #[must_use]
    #[inline]
    pub fn input_at(&self, place: usize) -> u32 {
        self.rows[place].input
    }

    /// The first.
    #[must_use]
    pub fn first(&self) -> Option<Sync> {
        self.get(0)
    }

    /// The last.
    #[must_use]
    pub fn last(&self) -> Option<Sync> {
        self.get(self.len().checked_sub(1)?)
    }

    /// All, one by one.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter {
            syncs: self,
            places: 0..self.len(),
        }
    }

    #[inline]
    fn unpack(&self, row: &Row) -> Sync {
        match row.shape {
            Shape::Whole => self.whole[row.line as usize],
            _ => row.sync(),
        }
    }

    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.rows.reserve_exact(more);
    }

    /// Appends those of another list; where there were none it moves.
    pub(crate) fn append(&mut self, mut more: Self) {
        if self.is_empty() {
            *self = more;
        } else if more.whole.is_empty() {
            self.rows.append(&mut more.rows);
        } else {
            self.extend(&more);
        }
    }

    /// Puts them in an order; those that are in it stay as they are.
    pub(crate) fn sort_by_key<K: Ord>(&mut self, key: impl Fn(&Sync) -> K) {
        // As they are read they nearly always are; a stable sort would need half their memory again.
        if !self.iter().is_sorted_by_key(|sync| key(&sync)) {
            let mut rows = std::mem::take(&mut self.rows);
            rows.sort_unstable_by_key(|row| key(&self.unpack(row)));
            self.rows = rows;
        }
    }

    /// Keeps those at the places that are wanted.
    pub(crate) fn retain(&mut self, wanted: impl Fn(usize) -> bool) {
        let mut place = 0;
        self.rows.retain(|_| {
            place += 1;
            wanted(place - 1)
        });
    }
}

/// Syncs of a list, one by one.
#[derive(Debug, Clone)]
pub struct Iter<'s> {
    syncs: &'s Syncs,
    places: Range<usize>,
}

impl Iterator for Iter<'_> {
    type Item = Sync;

    #[inline]
    fn next(&mut self) -> Option<Sync> {
        self.syncs.get(self.places.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'s> IntoIterator for &'s Syncs {
    type Item = Sync;
    type IntoIter = Iter<'s>;

    fn into_iter(self) -> Iter<'s> {
        self.iter()
    }
}

impl Extend<Sync> for Syncs {
    fn extend<T: IntoIterator<Item = Sync>>(&mut self, syncs: T) {
        syncs.into_iter().for_each(|sync| self.push(sync));
    }
}

impl FromIterator<Sync> for Syncs {
    fn from_iter<T: IntoIterator<Item = Sync>>(syncs: T) -> Self {
        let mut all = Self::default();
        all.extend(syncs);
        all
    }
}

impl fmt::Debug for Syncs {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_list().entries(self).finish()
    }
}

impl PartialEq for Syncs {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl Eq for Syncs {}

#[cfg(test)]
mod tests;
