//! How much faster.

/// `(baseline - candidate) / baseline x 100`, in percent: what the published benchmark calls
/// "73 % faster". Both are means in one unit. None unless the baseline is above 0.
#[must_use]
pub fn improvement_pct(baseline: f64, candidate: f64) -> Option<f64> {
    (baseline > 0.0).then(|| (baseline - candidate) / baseline * 100.0)
}

/// `baseline / candidate`: how many times as fast. None unless the candidate is above 0.
///
/// `improvement = 100 (1 - 1 / speedup)`; people confuse the two, so both are printed.
#[must_use]
pub fn speedup(baseline: f64, candidate: f64) -> Option<f64> {
    (candidate > 0.0).then(|| baseline / candidate)
}

/// Interval of an improvement in percent, from that of the ratio candidate / baseline.
#[must_use]
pub fn improvement_of(ratio: [f64; 2]) -> [f64; 2] {
    [100.0 * (1.0 - ratio[1]), 100.0 * (1.0 - ratio[0])]
}

/// Interval of a speed-up, from that of the ratio; none if it reaches 0.
#[must_use]
pub fn speedup_of(ratio: [f64; 2]) -> Option<[f64; 2]> {
    (ratio[0] > 0.0).then(|| [1.0 / ratio[1], 1.0 / ratio[0]])
}
