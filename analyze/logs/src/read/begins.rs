//! How the lines of a block begin, seen many bytes at a time.
//!
//! Nearly all lines of a log begin alike: with a date, with klog's letter and day, with a brace. Where
//! another one may begin is found without a look at each line end.

/// How a log's lines begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `2025-10-15`: this digit, and the two hyphens.
    Date(u8),
    /// `I1015`: this letter, and a digit.
    Klog(u8),
    /// `{`.
    Object,
}

/// Bytes that are looked at together.
const STRETCH: usize = 256;
/// Bytes behind a line end that tell how a line begins.
const AHEAD: usize = 8;

/// Hands over where each line begins that does not begin as the block's first does, and all lines
/// of a stretch that holds such a one; of a block whose first line is no log's all lines.
pub(super) fn unlike(block: &[u8], mut hand_over: impl FnMut(usize)) {
    if block.is_empty() {
        return;
    }
    hand_over(0);
    let kind = Kind::of(block);
    let mut at = 0;
    while at < block.len() {
        let to = (at + STRETCH).min(block.len());
        let window = block.get(at..at + STRETCH + AHEAD);
        let alike = kind
            .zip(window)
            .is_some_and(|(kind, window)| kind.all(window));
        if !alike {
            memchr::memchr_iter(b'\n', &block[at..to])
                .map(|end| at + end + 1)
                .filter(|begin| *begin < block.len())
                .for_each(&mut hand_over);
        }
        at = to;
    }
}

impl Kind {
    fn of(line: &[u8]) -> Option<Self> {
        match line {
            [b'{', ..] => Some(Self::Object),
            [letter @ (b'I' | b'W' | b'E'), b'0'..=b'9', ..] => Some(Self::Klog(*letter)),
            [digit @ b'0'..=b'9', _, _, _, b'-', _, _, b'-', ..] => Some(Self::Date(*digit)),
            _ => None,
        }
    }

    /// Whether all lines that begin in a window begin so. Without a way out of the loops, so that
    /// many bytes are looked at together.
    fn all(self, window: &[u8]) -> bool {
        let shifted = |by: usize| window[by..].first_chunk::<STRETCH>();
        let (Some(ends), Some(first)) = (shifted(0), shifted(1)) else {
            return false;
        };
        let mut other = false;
        match self {
            Self::Object => {
                for (end, a) in ends.iter().zip(first) {
                    other |= (*end == b'\n') & (*a != b'{');
                }
            }
            Self::Klog(letter) => {
                let Some(second) = shifted(2) else {
                    return false;
                };
                for ((end, a), b) in ends.iter().zip(first).zip(second) {
                    let alike = (*a == letter) & (b.wrapping_sub(b'0') < 10);
                    other |= (*end == b'\n') & !alike;
                }
            }
            Self::Date(digit) => {
                let (Some(fifth), Some(eighth)) = (shifted(5), shifted(8)) else {
                    return false;
                };
                for (((end, a), b), c) in ends.iter().zip(first).zip(fifth).zip(eighth) {
                    let alike = (*a == digit) & (*b == b'-') & (*c == b'-');
                    other |= (*end == b'\n') & !alike;
                }
            }
        }
        !other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What must be handed over: all lines but those that begin as the first does.
    fn check(first: &str, other: &str) {
        for place in 0..40 {
            let lines: Vec<String> = (0..40)
                .map(|at| {
                    let begin = if at == place { other } else { first };
                    format!("{begin}{}", "x".repeat(at * 7 % 90))
                })
                .collect();
            let text = lines.join("\n");
            let mut found = Vec::new();
            unlike(text.as_bytes(), |at| found.push(at));
            let begin: usize = lines[..place].iter().map(|line| line.len() + 1).sum();
            assert!(found.contains(&begin), "{first} {other} {place}");
            let sorted = found.windows(2).all(|pair| pair[0] < pair[1]);
            assert!(sorted, "{found:?}");
        }
    }

    #[test]
    fn no_other_line_is_missed() {
        check("2025-10-15T12:35:54Z stderr F I1015", "# node-a");
        check("2025-10-15T12:35:54Z stderr F I1015", "20.0.0.9 | CHANGED");
        check("I1015 12:35:54.000000", "node-a:");
        check("I1015 12:35:54.000000", "In the log of node-a");
        check("{\"log\":", "### node-a");
        check("kube-proxy-x I1015", "### node-a");
    }

    #[test]
    fn lines_alike_are_passed_over() {
        let text = "2025-10-15T12:35:54Z stderr F I1015\n".repeat(1_000);
        let mut found = 0;
        unlike(text.as_bytes(), |_| found += 1);
        assert!(found < 20, "{found}");
        unlike(b"", |_| panic!("nothing begins"));
    }
}
