//! Stretches of time that samples may fall in.

/// Spans in which a sample counts; without any, all count.
pub(super) struct Spans<'s>(pub(super) &'s [(i64, i64)]);

impl Spans<'_> {
    pub(super) fn are_told(&self) -> bool {
        !self.0.is_empty()
    }

    pub(super) fn hold(&self, ns: i64) -> bool {
        let inside = |(from, to): &(i64, i64)| (*from..=*to).contains(&ns);
        !self.are_told() || self.0.iter().any(inside)
    }
}

/// Nanoseconds of `1764254400.123456`.
pub(super) fn seconds(word: &str) -> Option<i64> {
    let (whole, fraction) = word.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let nanoseconds: i64 = format!("{fraction:0<9.9}").parse().ok()?;
    whole.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
}
