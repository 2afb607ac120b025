//! Looks at data that is still being gathered: each look is a chance to be misled, so all of them
//! share one level.

/// How much of `alpha` is spent once a share of all data is in, 0 to 1: `alpha ln(1 + (e - 1)
/// share)`, which allows each look about as much.
///
/// Source: Lan and DeMets, "Discrete Sequential Boundaries for Clinical Trials", 1983, the function
/// of Pocock's type.
#[must_use]
pub fn spent(alpha: f64, share: f64) -> f64 {
    let share = share.clamp(0.0, 1.0);
    alpha * ((std::f64::consts::E - 1.0) * share).ln_1p()
}

/// Looks that are taken after each repetition, from the first one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looks {
    /// The repetition after which the first look is taken.
    pub first: u32,
    /// The repetition after which the last one is.
    pub last: u32,
}

impl Looks {
    /// The level of the look after a repetition: what is [`spent`] since the look before. All levels
    /// together come to `alpha`, so that intervals of these levels hold the truth at all looks at
    /// once in at least `1 - alpha` of experiments, wherever they stop and whatever made them stop.
    ///
    /// Exact boundaries would allow a look a little more, since looks share data, but only with
    /// normal statistics; this holds with Student's t of two degrees of freedom as well. A
    /// repetition before the first look has the first one's level, one after the last the last
    /// one's. `alpha` itself where there is one look.
    #[must_use]
    pub fn level(self, alpha: f64, repetition: u32) -> f64 {
        let last = self.last.max(1);
        let first = self.first.clamp(1, last);
        let at = repetition.clamp(first, last);
        let share = |repetition: u32| f64::from(repetition) / f64::from(last);
        let before = if at == first {
            0.0
        } else {
            spent(alpha, share(at - 1))
        };
        spent(alpha, share(at)) - before
    }

    /// Which look it is, from 1.
    #[must_use]
    pub fn number(self, repetition: u32) -> u32 {
        let last = self.last.max(1);
        let first = self.first.clamp(1, last);
        repetition.clamp(first, last) - first + 1
    }
}
