//! Go's `time.Duration`, as `Duration.String` prints it.

const HOUR: u64 = 3_600_000_000_000;
const MINUTE: u64 = 60_000_000_000;
const SECOND: u64 = 1_000_000_000;

/// Units, longest spelling first. The micro sign comes as U+00B5, as U+03BC, doubly encoded
/// (`Âµ`), as a bare Latin-1 byte, as a JSON escape that nobody decoded, as the replacement
/// character of a lossy copy, or as `u`.
const UNITS: [(&[u8], u64); 13] = [
    (b"\\u00b5s", 1_000),
    (b"\\u00B5s", 1_000),
    (b"\xc3\x82\xc2\xb5s", 1_000),
    (b"\xef\xbf\xbds", 1_000),
    (b"\xc2\xb5s", 1_000),
    (b"\xce\xbcs", 1_000),
    (b"\xb5s", 1_000),
    (b"us", 1_000),
    (b"ms", 1_000_000),
    (b"ns", 1),
    (b"h", HOUR),
    (b"m", MINUTE),
    (b"s", SECOND),
];

/// Reads a duration, in nanoseconds: `13m15.34210662s`, `141.2ms`, `19.563µs`, `0s`.
///
/// None for anything else: an empty text, a number without unit (the float that `Network
/// programming` prints under the same key), a negative duration, one of more than 292 years.
pub(crate) fn parse(text: &[u8]) -> Option<u64> {
    let mut rest = text;
    let mut total: u128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, after) = number(rest)?;
        let (unit, after) = unit(after)?;
        total += number.times(unit)?;
        rest = after;
    }
    i64::try_from(total).ok().map(i64::unsigned_abs)
}

/// Reads a duration as kube-proxy prints it: Go ends every one with a unit in `s`, so that
/// `141.2m`, the beginning of `141.2ms`, and `2m`, that of `2m30s`, are cut texts and none.
pub(crate) fn printed(text: &[u8]) -> Option<u64> {
    if text.ends_with(b"s") {
        parse(text)
    } else {
        None
    }
}

/// A decimal number: `digits / 10^places`.
struct Decimal {
    digits: u128,
    places: u32,
}

impl Decimal {
    fn times(&self, unit: u64) -> Option<u128> {
        let scale = 10u128.checked_pow(self.places)?;
        Some(self.digits.checked_mul(u128::from(unit))? / scale)
    }
}

fn number(text: &[u8]) -> Option<(Decimal, &[u8])> {
    let (mut digits, mut places, mut seen, mut point) = (0u128, 0u32, 0u32, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                seen += 1;
                // 20 digits hold every duration that Go can print.
                if seen > 20 {
                    return None;
                }
                digits = digits * 10 + u128::from(byte - b'0');
                places += u32::from(point);
            }
            b'.' if !point => point = true,
            _ => return (seen > 0).then(|| (Decimal { digits, places }, &text[at..])),
        }
    }
    None
}

fn unit(text: &[u8]) -> Option<(u64, &[u8])> {
    UNITS
        .iter()
        .find_map(|(name, ns)| text.strip_prefix(*name).map(|rest| (*ns, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_as_logs_have_them() {
        for (text, ns) in [
            ("13m15.34210662s", Some(795_342_106_620)),
            ("1h0m0s", Some(HOUR)),
            ("1h2m3.5s", Some(HOUR + 2 * MINUTE + 3_500_000_000)),
            ("141.2ms", Some(141_200_000)),
            ("33.571µs", Some(33_571)),
            ("33.571μs", Some(33_571)),
            ("33.571us", Some(33_571)),
            ("33.571Âµs", Some(33_571)),
            ("33.571\\u00b5s", Some(33_571)),
            ("33.571\u{fffd}s", Some(33_571)),
            ("156ns", Some(156)),
            ("0s", Some(0)),
            ("2m0s", Some(2 * MINUTE)),
            ("", None),
            ("12.345", None),
            ("-1s", None),
            ("s", None),
            (".s", None),
            ("1.2.3s", None),
            ("1d", None),
            ("7m22.97684902", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(parse(text.as_bytes()), ns, "{text}");
        }
        assert_eq!(parse(b"33.571\xb5s"), Some(33_571));
    }

    /// `Duration.String` of Go's package time, written from its documentation.
    fn go(ns: u64) -> String {
        let fraction = |value: u64, unit: u64, name: &str| {
            let text = format!(
                "{}.{:0width$}",
                value / unit,
                value % unit,
                width = unit.ilog10() as usize
            );
            format!("{}{name}", text.trim_end_matches('0').trim_end_matches('.'))
        };
        match ns {
            0 => "0s".to_owned(),
            1..1_000 => format!("{ns}ns"),
            1_000..1_000_000 => fraction(ns, 1_000, "µs"),
            1_000_000..SECOND => fraction(ns, 1_000_000, "ms"),
            _ => {
                let seconds = fraction(ns % MINUTE, SECOND, "s");
                match (ns / HOUR, ns / MINUTE % 60) {
                    (0, 0) => seconds,
                    (0, minutes) => format!("{minutes}m{seconds}"),
                    (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_go_prints_is_read_back(ns in 0u64..10_000_000_000_000_000) {
            prop_assert_eq!(parse(go(ns).as_bytes()), Some(ns), "{}", go(ns));
        }

        #[test]
        fn a_cut_duration_is_none(ns in 0u64..10_000_000_000_000, cut in 0usize..20) {
            let text = go(ns);
            let bytes = &text.as_bytes()[..cut.min(text.len())];
            match printed(bytes) {
                Some(read) => prop_assert_eq!(read, ns),
                None => prop_assert!(bytes.len() < text.len()),
            }
        }
    }
}
