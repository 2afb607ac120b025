//! Which of two groups comes first: fixed before anything is measured.

use std::cmp::Ordering;

/// Orders names as [`Release`] does.
#[must_use]
pub(super) fn by_release(a: &str, b: &str) -> Ordering {
    Release::of(a).cmp(&Release::of(b))
}

/// A name in the order in which people see it, digits by their number: 6.1.144 before 6.12.46, and
/// a release's candidates (`-rc1`) before the release. Names of what is not known come last.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Release {
    unknown: bool,
    parts: Vec<Part>,
    name: String,
}

impl Release {
    /// Of a name, taken apart once: where many are sorted, the key to sort by.
    pub(super) fn of(name: &str) -> Self {
        Self {
            unknown: name.starts_with("unknown "),
            parts: parts(name),
            name: name.to_owned(),
        }
    }
}

impl Ord for Release {
    fn cmp(&self, other: &Self) -> Ordering {
        self.unknown
            .cmp(&other.unknown)
            .then_with(|| natural(&self.parts, &other.parts))
            .then_with(|| self.name.cmp(&other.name))
    }
}

impl PartialOrd for Release {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A stretch of a name.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// `-rc`: before the end.
    Candidate,
    /// The end.
    End,
    /// Anything else but digits.
    Text(String),
    /// Digits, leading zeros away.
    Number(String),
}

fn parts(name: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest
            .find(|c: char| c.is_ascii_digit() != digits)
            .unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(match part {
            "-rc" => Part::Candidate,
            text if !digits => Part::Text(text.to_owned()),
            number => Part::Number(number.trim_start_matches('0').to_owned()),
        });
        rest = after;
    }
    parts.push(Part::End);
    parts
}

fn natural(a: &[Part], b: &[Part]) -> Ordering {
    let rank = |part: &Part| match part {
        Part::Candidate => 0,
        Part::End => 1,
        Part::Number(_) => 2,
        Part::Text(_) => 3,
    };
    let mut pairs = a.iter().zip(b);
    let differing = pairs.find(|(a, b)| a != b);
    differing.map_or(Ordering::Equal, |(a, b)| match (a, b) {
        (Part::Text(a), Part::Text(b)) => a.cmp(b),
        (Part::Number(a), Part::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        _ => rank(a).cmp(&rank(b)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_in_their_order() {
        let sorted = [
            "5.10.0",
            "6.1.0-54-cloud-amd64",
            "6.1.144",
            "6.12-rc3",
            "6.12",
            "6.12.43+deb12-cloud-amd64",
            "6.12.117+deb13-cloud-amd64",
            "7.3.4",
            "a2",
            "a10",
            "unknown kernel",
        ];
        for pair in sorted.windows(2) {
            assert_eq!(by_release(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(by_release(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(by_release("6.1", "6.1"), Ordering::Equal);
        assert_eq!(by_release("6.01", "6.1"), Ordering::Less);
        assert_eq!(by_release("", "6.1"), Ordering::Less);
    }
}
