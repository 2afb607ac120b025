//! Relevant lines, in pieces: what was paired is given back piece by piece.

use crate::parse::clock::At;
use crate::parse::kernel::KernelSaid;
use crate::parse::message::{Fact, Mark};
use crate::sync::{Backend, Family};

/// A relevant line, read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// Line, from 1.
    pub(crate) line: u64,
    pub(crate) at: At,
    /// Place of the input in the reading; set when sections are known.
    pub(crate) input: u32,
    /// Place in [`super::scan::Scan::origins`], from 1; 0: none.
    pub(crate) origin: u32,
    pub(crate) entry: Entry,
}

/// What a relevant line says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    Mark {
        mark: Mark,
        family: Family,
        backend: Backend,
    },
    Fact(Box<Fact>),
    Kernel(Box<KernelSaid>),
    /// A new part of the file begins: a pod of a dump, a heading that names a kernel.
    Section(Box<Section>),
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) kernel: Option<String>,
    pub(crate) node: Option<String>,
}

/// Lines of a piece: a block of memory so large that the allocator returns it to the system.
const PIECE: usize = 1 << 20;

/// A list of relevant lines.
#[derive(Debug, Default)]
pub(crate) struct Founds(Vec<Vec<Found>>);

impl Founds {
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn first(&self) -> Option<&Found> {
        self.0.first()?.first()
    }

    pub(crate) fn last(&self) -> Option<&Found> {
        self.0.last()?.last()
    }

    pub(crate) fn push(&mut self, found: Found) {
        match self.0.last_mut() {
            Some(last) if last.len() < PIECE => last.push(found),
            Some(_) => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(found);
                self.0.push(piece);
            }
            None => self.0.push(vec![found]),
        }
    }

    /// Appends a list; where there was none it moves.
    pub(crate) fn append(&mut self, more: Self) {
        for mut piece in more.0 {
            match self.0.last_mut() {
                Some(last) if last.len() + piece.len() <= PIECE => last.append(&mut piece),
                Some(_) if piece.len() < PIECE / 2 => {
                    let mut whole = Vec::with_capacity(PIECE);
                    whole.append(&mut piece);
                    self.0.push(whole);
                }
                _ => self.0.push(piece),
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Found> + Clone {
        self.0.iter().flatten()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Found> {
        self.0.iter_mut().flatten()
    }

    /// Puts those from a place on into the order of their lines.
    pub(crate) fn sort_since(&mut self, since: usize) {
        let mut tail = Vec::new();
        while let Some(more) = self.len().checked_sub(since).filter(|more| *more > 0)
            && let Some(mut last) = self.0.pop()
        {
            let mut part = last.split_off(last.len().saturating_sub(more));
            part.append(&mut tail);
            tail = part;
            if !last.is_empty() {
                self.0.push(last);
            }
        }
        tail.sort_by_key(|found| found.line);
        tail.into_iter().for_each(|found| self.push(found));
    }
}

impl IntoIterator for Founds {
    type Item = Found;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<Found>>>;

    /// One by one; each piece is given back once it is over.
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: u64) -> Found {
        Found {
            line,
            at: At::Never,
            input: 0,
            origin: 0,
            entry: Entry::Mark {
                mark: Mark::Failed,
                family: Family::Ipv4,
                backend: Backend::Unknown,
            },
        }
    }

    fn lines(founds: Founds) -> Vec<u64> {
        founds.into_iter().map(|found| found.line).collect()
    }

    #[test]
    fn pieces_are_one_list() {
        let of = |lines: std::ops::Range<u64>| {
            let mut all = Founds::default();
            lines.for_each(|line| all.push(found(line)));
            all
        };
        let piece = PIECE as u64;
        let mut all = of(0..3);
        for (from, to) in [
            (3, piece - 1),
            (piece - 1, piece),
            (piece, piece + 2),
            (piece + 2, 3 * piece),
        ] {
            all.append(of(from..to));
            assert_eq!(all.len() as u64, to);
            assert_eq!(all.last().map(|found| found.line), Some(to - 1));
        }
        assert_eq!(all.first().map(|found| found.line), Some(0));
        assert!(all.iter().map(|found| found.line).eq(0..3 * piece));
        assert_eq!(lines(all), (0..3 * piece).collect::<Vec<_>>());
    }

    #[test]
    fn the_tail_is_sorted_across_pieces() {
        let mut all = Founds(vec![
            vec![found(9), found(4)],
            vec![found(3)],
            vec![found(1)],
        ]);
        all.sort_since(1);
        assert_eq!(lines(all), [9, 1, 3, 4]);
        let mut none = Founds::default();
        none.sort_since(0);
        assert!(none.is_empty());
    }

    /// Two lines a sync: what is kept of them until they are paired.
    #[test]
    fn a_line_takes_56_bytes() {
        assert_eq!(size_of::<Found>(), 56);
    }
}
