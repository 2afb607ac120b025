//! Matched scale: trials whose endpoint counts lie within 2 % of a scale that every group has.

/// Share of a scale within which another one counts as the same.
pub const TOLERANCE: f64 = 0.02;

/// The scale common to all groups that keeps the most trials; of several the largest. None if
/// there is no common one, or fewer than two groups.
///
/// `groups`: endpoints of each group's trials, in any order.
#[must_use]
pub fn common_scale(groups: &[Vec<u64>]) -> Option<u64> {
    if groups.len() < 2 || groups.iter().any(Vec::is_empty) {
        return None;
    }
    let sorted: Vec<Vec<u64>> = groups
        .iter()
        .map(|group| {
            let mut group = group.clone();
            group.sort_unstable();
            group
        })
        .collect();
    let mut scales: Vec<u64> = sorted.concat();
    scales.sort_unstable();
    scales.dedup();
    scales
        .into_iter()
        .filter_map(|scale| {
            let counts: Vec<usize> = sorted.iter().map(|group| within(group, scale)).collect();
            (!counts.contains(&0)).then(|| (counts.iter().sum::<usize>(), scale))
        })
        .max()
        .map(|(_, scale)| scale)
}

/// Whether a trial counts as being at a scale.
#[must_use]
pub fn is_at(endpoints: u64, scale: u64) -> bool {
    (endpoints as f64 - scale as f64).abs() <= scale as f64 * TOLERANCE
}

fn within(sorted: &[u64], scale: u64) -> usize {
    let from = sorted.partition_point(|endpoints| *endpoints < scale && !is_at(*endpoints, scale));
    let to = sorted.partition_point(|endpoints| *endpoints <= scale || is_at(*endpoints, scale));
    to - from
}
