//! Matched work: trials whose endpoints lie within 2 % of a scale that every group has, and whose
//! net changes lie as close to one that every group has.

/// The work that trials of every group did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Endpoints that they programmed.
    pub endpoints: u64,
    /// Their net change; absent where none of them tells it.
    pub net_change: Option<i64>,
}

impl Work {
    /// Whether a trial did it: endpoints and net change both within 2 % of the endpoints. An
    /// unknown net change is not held against a trial.
    #[must_use]
    pub fn is_of(self, endpoints: u64, net_change: Option<i64>) -> bool {
        is_at(endpoints, self.endpoints)
            && match (self.net_change, net_change) {
                (Some(one), Some(other)) => alike(one, other, self.endpoints),
                _ => true,
            }
    }
}

/// The work common to all groups that keeps the most trials: the scale that keeps the most, and
/// at it the net change that does; of several the largest. None if there is no common one, or
/// fewer than two groups.
///
/// `groups`: endpoints and net change of each group's trials, in any order.
#[must_use]
pub fn common_work(groups: &[Vec<(u64, Option<i64>)>]) -> Option<Work> {
    let endpoints: Vec<Vec<u64>> = groups
        .iter()
        .map(|group| group.iter().map(|(endpoints, _)| *endpoints).collect())
        .collect();
    let mut scales = common_scales(&endpoints);
    scales.sort_unstable();
    scales
        .into_iter()
        .rev()
        .find_map(|(_, scale)| at_scale(groups, scale))
}

/// The work at a scale; none if no net change is common to all groups.
fn at_scale(groups: &[Vec<(u64, Option<i64>)>], scale: u64) -> Option<Work> {
    let at: Vec<Vec<Option<i64>>> = groups
        .iter()
        .map(|group| {
            let here = group
                .iter()
                .filter(|(endpoints, _)| is_at(*endpoints, scale));
            here.map(|(_, change)| *change).collect()
        })
        .collect();
    let mut changes: Vec<i64> = at.iter().flatten().flatten().copied().collect();
    changes.sort_unstable();
    changes.dedup();
    if changes.is_empty() {
        let net_change = None;
        return Some(Work {
            endpoints: scale,
            net_change,
        });
    }
    let sorted: Vec<(usize, Vec<i64>)> = at
        .iter()
        .map(|group| {
            let mut known: Vec<i64> = group.iter().flatten().copied().collect();
            known.sort_unstable();
            (group.len() - known.len(), known)
        })
        .collect();
    let best = changes.into_iter().filter_map(|change| {
        let counts: Vec<usize> = sorted
            .iter()
            .map(|(unknown, known)| unknown + near(known, change, scale))
            .collect();
        (!counts.contains(&0)).then(|| (counts.iter().sum::<usize>(), change))
    });
    let (_, net_change) = best.max()?;
    Some(Work {
        endpoints: scale,
        net_change: Some(net_change),
    })
}

/// Whether two net changes are alike at a scale.
fn alike(one: i64, other: i64, scale: u64) -> bool {
    one.abs_diff(other) as f64 <= scale as f64 * TOLERANCE
}

/// How many of these net changes are alike one.
fn near(sorted: &[i64], change: i64, scale: u64) -> usize {
    let below = |other: &i64| *other < change && !alike(*other, change, scale);
    let up_to = |other: &i64| *other <= change || alike(*other, change, scale);
    sorted.partition_point(up_to) - sorted.partition_point(below)
}

pub use crate::plan::{TOLERANCE, is_at};

/// The scales common to all groups, each with the number of trials that it keeps.
fn common_scales(groups: &[Vec<u64>]) -> Vec<(usize, u64)> {
    if groups.len() < 2 || groups.iter().any(Vec::is_empty) {
        return Vec::new();
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
        .collect()
}

fn within(sorted: &[u64], scale: u64) -> usize {
    let from = sorted.partition_point(|endpoints| *endpoints < scale && !is_at(*endpoints, scale));
    let to = sorted.partition_point(|endpoints| *endpoints <= scale || is_at(*endpoints, scale));
    to - from
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(trials: &[(u64, i64)]) -> Vec<(u64, Option<i64>)> {
        trials
            .iter()
            .map(|(at, change)| (*at, Some(*change)))
            .collect()
    }

    #[test]
    fn endpoints_and_net_change_both_are_alike() {
        let one = of(&[(15_000, 2_500), (15_000, 5_000), (15_000, 5_000)]);
        let other = of(&[(15_000, 5_000), (15_000, 1_259)]);
        let work = common_work(&[one.clone(), other]);
        let (endpoints, net_change) = (15_000, Some(5_000));
        assert_eq!(
            work,
            Some(Work {
                endpoints,
                net_change
            })
        );
        // 2 % of 15,000 are 300.
        let work = work.unwrap();
        assert!(work.is_of(15_000, Some(5_300)) && work.is_of(15_000, Some(4_700)));
        assert!(!work.is_of(15_000, Some(5_301)) && !work.is_of(15_000, Some(4_699)));
        assert!(work.is_of(15_300, Some(5_000)) && !work.is_of(15_301, Some(5_000)));
        // The same scale, and no net change in common.
        assert_eq!(common_work(&[one, of(&[(15_000, 1_259)])]), None);
    }

    #[test]
    fn a_net_change_that_no_trial_tells_is_not_asked_for() {
        let one = vec![(240_000, None), (240_000, Some(39_878))];
        let other = vec![(240_000, None), (200_000, None)];
        let work = common_work(&[one, other.clone()]).unwrap();
        assert_eq!((work.endpoints, work.net_change), (240_000, Some(39_878)));
        assert!(work.is_of(240_000, None));
        let work = common_work(&[other.clone(), other]).unwrap();
        assert_eq!((work.endpoints, work.net_change), (240_000, None));
    }

    #[test]
    fn fewer_than_two_groups_have_nothing_in_common() {
        assert_eq!(common_work(&[]), None);
        assert_eq!(common_work(&[of(&[(1, 1)])]), None);
        assert_eq!(common_work(&[of(&[(1, 1)]), Vec::new()]), None);
    }
}
