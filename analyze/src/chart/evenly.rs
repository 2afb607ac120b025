//! Some of many, where all would only hide each other.

/// At most `most` of a slice, evenly by place, the first and the last among them; all of a slice
/// that is no longer. `most` is 2 or more.
pub(super) fn evenly<T>(all: &[T], most: usize) -> impl Iterator<Item = &T> {
    let shown = all.len().min(most);
    let place = move |point: usize| match shown {
        0 | 1 => 0,
        _ => point * all.len().saturating_sub(1) / (shown - 1),
    };
    (0..shown).filter_map(move |point| all.get(place(point)))
}

#[cfg(test)]
mod tests {
    use super::evenly;

    #[test]
    fn both_ends_stay_and_few_are_all() {
        for n in 0..=5 {
            let all: Vec<usize> = (0..n).collect();
            assert!(evenly(&all, 5).eq(&all), "{n}");
        }
        let six: Vec<usize> = (0..6).collect();
        assert_eq!(
            evenly(&six, 5).copied().collect::<Vec<_>>(),
            [0, 1, 2, 3, 5]
        );
        let many: Vec<usize> = (0..1_000).collect();
        let some: Vec<usize> = evenly(&many, 200).copied().collect();
        assert_eq!((some.len(), some[0], some[199]), (200, 0, 999));
        assert!(some.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
