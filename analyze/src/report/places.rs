//! Which of very many syncs: stretches of places instead of each.

use std::ops::Range;

/// Places of syncs, in order. Those of a log follow each other, so that a million of them take no
/// more room than one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places(Vec<Range<usize>>);

impl Places {
    /// Adds a place behind the others.
    pub fn push(&mut self, place: usize) {
        match self.0.last_mut() {
            Some(last) if last.end == place => last.end += 1,
            _ => self.0.push(place..place + 1),
        }
    }

    /// Number of places.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(ExactSizeIterator::len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first.
    #[must_use]
    pub fn first(&self) -> Option<usize> {
        self.iter().next()
    }

    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = usize> + Clone {
        self.0.iter().cloned().flatten()
    }
}

impl FromIterator<usize> for Places {
    fn from_iter<T: IntoIterator<Item = usize>>(places: T) -> Self {
        let mut all = Self::default();
        places.into_iter().for_each(|place| all.push(place));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_places() {
        for (places, stretches) in [
            (vec![], 0),
            (vec![3], 1),
            (vec![0, 1, 2], 1),
            (vec![0, 2, 3, 7], 3),
            (vec![5, 4], 2),
        ] {
            let packed: Places = places.iter().copied().collect();
            assert_eq!(packed.0.len(), stretches, "{places:?}");
            assert_eq!(packed.len(), places.len());
            assert_eq!(packed.first(), places.first().copied());
            assert_eq!(packed.is_empty(), places.is_empty());
            assert!(packed.iter().eq(places));
        }
    }
}
