//! When two numbers of endpoints count as one scale.

/// Share of a scale within which another one counts as the same.
pub const TOLERANCE: f64 = 0.02;

/// Whether a trial counts as being at a scale.
#[must_use]
pub fn is_at(endpoints: u64, scale: u64) -> bool {
    (endpoints as f64 - scale as f64).abs() <= scale as f64 * TOLERANCE
}
