//! Pseudo-random numbers from a seed: the same seed gives the same numbers. Not for secrets.

/// The next number of a sequence (SplitMix64).
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The next number below `limit`; 0 if `limit` is 0.
pub(crate) fn below(state: &mut u64, limit: u64) -> u64 {
    next(state) % limit.max(1)
}

#[cfg(test)]
mod tests {
    use super::{below, next};

    #[test]
    fn numbers_follow_from_the_seed() {
        let mut state = 0;
        // The first numbers of the reference implementation for the seed 0.
        assert_eq!([next(&mut state), next(&mut state)], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
        assert_eq!(below(&mut state, 0), 0);
        assert!((0..100).all(|_| below(&mut state, 3) < 3));
    }
}
