//! Numbers of time stamps.

/// The number that two digits write.
pub(super) fn two(tens: u8, ones: u8) -> Option<u32> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

/// Digits of a second's fraction as nanoseconds, and what follows.
pub(super) fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    /// What one in the last of so many places is worth.
    const WORTH: [u32; 10] = [
        1_000_000_000,
        100_000_000,
        10_000_000,
        1_000_000,
        100_000,
        10_000,
        1_000,
        100,
        10,
        1,
    ];
    let (mut ns, mut places) = (0, 0);
    while let Some(byte) = text.get(places)
        && byte.is_ascii_digit()
    {
        if places == 9 {
            return None;
        }
        ns = ns * 10 + u32::from(byte - b'0');
        places += 1;
    }
    (places > 0).then(|| (ns * WORTH[places], &text[places..]))
}

/// The number that digits write; at most nine of them.
pub(super) fn number(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.iter().try_fold(0u32, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u32::from(byte - b'0'))
    })
}
