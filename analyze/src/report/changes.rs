//! What very many syncs changed, in little room.

/// Net changes of endpoints, one a sync, four bytes each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(Vec<i32>);

impl Changes {
    /// Less than any change between two counts, which are not negative.
    const UNKNOWN: i32 = i32::MIN;

    /// So many that are unknown.
    #[must_use]
    pub fn unknown(many: usize) -> Self {
        Self(vec![Self::UNKNOWN; many])
    }

    /// Sets that of the sync at a place: from so many endpoints to so many.
    pub fn set(&mut self, place: usize, [from, to]: [u32; 2]) {
        let change = i64::from(to) - i64::from(from);
        if let (Some(at), Ok(change)) = (self.0.get_mut(place), i32::try_from(change)) {
            *at = change;
        }
    }

    /// That of the sync at a place; none if unknown.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<i64> {
        let change = self.0.get(place).copied();
        change.filter(|one| *one != Self::UNKNOWN).map(i64::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_come_back() {
        let mut changes = Changes::unknown(4);
        changes.set(1, [100_000_000, 0]);
        changes.set(2, [0, 100_000_000]);
        // More than fits is unknown, and past the end is nothing.
        changes.set(3, [u32::MAX, 0]);
        changes.set(4, [0, 1]);
        let all: Vec<Option<i64>> = (0..5).map(|place| changes.at(place)).collect();
        let expected = [None, Some(-100_000_000), Some(100_000_000), None, None];
        assert_eq!(all, expected);
    }
}
