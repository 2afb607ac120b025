//! By how much a time differs from another, in words.

/// Neighbouring releases differ where one takes so much more or less than the other: more than
/// the loads of one kernel differ among themselves.
pub(super) const STEP: f64 = 0.03;

pub(super) fn change(ratio: f64) -> String {
    let percent = (ratio - 1.0) * 100.0;
    if percent.abs() < 0.5 {
        "the same within 0.5 %".to_owned()
    } else if percent < 0.0 {
        format!("{:.0} % less", -percent)
    } else {
        format!("{percent:.0} % more")
    }
}
