//! How the lines of a block begin.
//!
//! Nearly all lines of a log begin alike: with a date, with klog's letter and day, with a brace. Those
//! are told by a few bytes behind each line end.

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

/// Hands over where each line begins that does not begin as the block's first does; of a block
/// whose first line is no log's all lines.
pub(super) fn unlike(block: &[u8], mut hand_over: impl FnMut(usize)) {
    if block.is_empty() {
        return;
    }
    hand_over(0);
    let kind = Kind::of(block);
    memchr::memchr_iter(b'\n', block)
        .map(|end| end + 1)
        .filter(|begin| *begin < block.len())
        .filter(|begin| kind.is_none_or(|kind| !kind.begins(&block[*begin..])))
        .for_each(hand_over);
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

    fn begins(self, line: &[u8]) -> bool {
        match (self, line) {
            (Self::Object, [b'{', ..]) => true,
            (Self::Klog(letter), [a, b'0'..=b'9', ..]) => *a == letter,
            (Self::Date(digit), [a, _, _, _, b'-', _, _, b'-', ..]) => *a == digit,
            _ => false,
        }
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
