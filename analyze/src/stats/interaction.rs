//! Whether one change does as much under one condition as under another.

use super::contrast::Contrast;

/// How many times as much the candidate's ratio is under `other` as it is under `one`: the
/// difference of two contrasts that were measured on runs of their own. With both by Welch this is
/// the interaction of two factors of two levels, `(m22 - m21) - (m12 - m11)` of the means of
/// logarithms, each of the four with its own variance.
///
/// `error^2` is the sum of theirs, degrees of freedom are those of Satterthwaite:
/// `(v + w)^2 / (v^2 / f + w^2 / g)`; without any scatter the fewer of both.
///
/// Source: Satterthwaite, "An Approximate Distribution of Estimates of Variance Components", 1946;
/// Montgomery, "Design and Analysis of Experiments", 2017, chapter 5.
#[must_use]
pub fn interaction(one: &Contrast, other: &Contrast) -> Contrast {
    let (v, w) = (one.error.powi(2), other.error.powi(2));
    let freedom = if v + w > 0.0 {
        (v + w).powi(2) / (v * v / one.freedom + w * w / other.freedom)
    } else {
        one.freedom.min(other.freedom)
    };
    Contrast {
        log_ratio: other.log_ratio - one.log_ratio,
        error: (v + w).sqrt(),
        freedom,
    }
}
