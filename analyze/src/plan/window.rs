//! The time that was asked for.

/// A span of time, in nanoseconds since the epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// First moment inside.
    pub since_ns: Option<i64>,
    /// First moment behind.
    pub until_ns: Option<i64>,
}

impl Window {
    /// Whether a moment lies inside; an unknown one does only if nothing was asked for.
    #[must_use]
    pub fn holds(self, ns: Option<i64>) -> bool {
        match ns {
            Some(ns) => {
                self.since_ns.is_none_or(|since| ns >= since)
                    && self.until_ns.is_none_or(|until| ns < until)
            }
            None => self == Self::default(),
        }
    }
}
