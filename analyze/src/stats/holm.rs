//! Several candidates against one baseline.

/// Holm's step-down correction: `p'(i) = max over j <= i of min(1, (m - j + 1) p(j))` in
/// ascending order of p. Gives the corrected values in the order of the input; one alone stays
/// as it is.
///
/// Source: Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let m = p_values.len();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut corrected = vec![0.0; m];
    let mut highest: f64 = 0.0;
    for (rank, place) in order.into_iter().enumerate() {
        highest = highest.max((p_values[place] * (m - rank) as f64).min(1.0));
        corrected[place] = highest;
    }
    corrected
}
