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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_first_moment_is_inside_and_its_last_is_not() {
        let window = Window {
            since_ns: Some(10),
            until_ns: Some(20),
        };
        for (ns, inside) in [(9, false), (10, true), (19, true), (20, false)] {
            assert_eq!(window.holds(Some(ns)), inside, "{ns}");
        }
        assert!(!window.holds(None));
        assert!(Window::default().holds(None));
    }
}
