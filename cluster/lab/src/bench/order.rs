//! Random order, the same for the same seed.

/// Shuffles (Fisher and Yates) with the generator SplitMix64 (Steele, Lea, Flood 2014).
pub(super) fn shuffle<T>(items: &mut [T], seed: &mut u64) {
    for last in (1..items.len()).rev() {
        // The bias of a remainder is below 1e-17 for so few items.
        let bound = last as u64 + 1;
        let other = usize::try_from(next(seed) % bound).unwrap_or(0);
        items.swap(last, other);
    }
}

fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *seed;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The generator's first value for seed 0, as its authors' own code gives it.
    #[test]
    fn it_is_the_generator_it_says() {
        assert_eq!(next(&mut 0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn each_order_comes_about_equally_often() {
        let mut counts = std::collections::BTreeMap::new();
        let mut seed = 7;
        for _ in 0..6000 {
            let mut items = [1, 2, 3];
            shuffle(&mut items, &mut seed);
            *counts.entry(items).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        // Six standard deviations of a binomial with n = 6000 and p = 1/6 are 173.
        assert!(counts.values().all(|count| (827..=1173).contains(count)));
    }
}
