//! Points in a row, so that none hides another.

/// Moves points apart that would cover each other.
#[derive(Default)]
pub(super) struct Levels {
    last: Option<i32>,
    level: usize,
}

impl Levels {
    /// How far from the middle the next point to the right stands.
    pub(super) fn next(&mut self, x: i32) -> i32 {
        const APART: [i32; 5] = [0, -8, 8, -15, 15];
        let covers = self.last.is_some_and(|last| x - last < 9);
        self.level = if covers { self.level + 1 } else { 0 };
        self.last = Some(x);
        APART[self.level % APART.len()]
    }
}
