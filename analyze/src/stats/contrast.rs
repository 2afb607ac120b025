//! How much longer one side takes than the other, with its uncertainty: what every comparison of
//! runs comes to, whichever way it was made.
//!
//! All of it is on the natural logarithm of seconds. There a kernel that takes a fifth less time
//! differs by the same amount at any length of sync, no bound falls below zero, and exchanging the
//! sides changes a sign and nothing else.

use super::t_interval::{quantile, two_sided, upper_tail};

/// A difference of logarithms, `ln(candidate) - ln(baseline)`, and its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// The estimate: `exp` of it is the ratio candidate / baseline of geometric means.
    pub log_ratio: f64,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom of Student's t.
    pub freedom: f64,
}

impl Contrast {
    /// Ratio candidate / baseline of geometric means of runs.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.log_ratio.exp()
    }

    /// 95 % interval of that ratio, `exp(estimate +- t error)`; of no width where all runs of a
    /// side are equal.
    #[must_use]
    pub fn ci95(&self) -> Option<[f64; 2]> {
        self.interval(0.05)
    }

    /// The same of another level: one that misses the truth in a share `alpha` of experiments.
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Option<[f64; 2]> {
        let half = quantile(1.0 - alpha / 2.0, self.freedom)? * self.error;
        Some([(self.log_ratio - half).exp(), (self.log_ratio + half).exp()])
    }

    /// Two-sided p-value of no difference.
    ///
    /// Without any scatter there is nothing to measure a difference by, and no p.
    #[must_use]
    pub fn p(&self) -> Option<f64> {
        (self.error > 0.0).then(|| two_sided(self.log_ratio / self.error, self.freedom))?
    }

    /// p-value of equivalence within a margin, by two one-sided tests: the larger p of "the
    /// candidate takes more than `1 + margin` times as long" and "less than `1 / (1 + margin)`
    /// times". `margin` is a share: 0.05 for 5 %. None if it is not above 0, or without scatter.
    ///
    /// Below 0.05 exactly if the 90 % interval of the ratio lies inside the margin.
    ///
    /// Source: Schuirmann, "A Comparison of the Two One-Sided Tests Procedure and the Power
    /// Approach for Assessing the Equivalence of Average Bioavailability", 1987.
    #[must_use]
    pub fn p_equivalent(&self, margin: f64) -> Option<f64> {
        let bound = (margin > 0.0 && self.error > 0.0).then(|| margin.ln_1p())?;
        let below = upper_tail((bound - self.log_ratio) / self.error, self.freedom)?;
        let above = upper_tail((self.log_ratio + bound) / self.error, self.freedom)?;
        Some(below.max(above))
    }
}
