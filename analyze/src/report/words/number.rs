//! Numbers as people read them.

/// Seconds as people read them: `83 ms`, `19.9 s`, `5m 6.3s`, `1h 2m 3s`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "unknown".to_owned();
    }
    let tenths = (seconds * 10.0).round();
    if seconds.abs() < 0.9995 {
        return format!("{:.0} ms", seconds * 1000.0);
    }
    if tenths < 600.0 {
        return format!("{seconds:.1} s");
    }
    if tenths < 36_000.0 {
        let minutes = (tenths / 600.0).floor();
        return format!("{minutes:.0}m {:.1}s", (tenths - minutes * 600.0) / 10.0);
    }
    let whole = seconds.round();
    let (hours, rest) = ((whole / 3600.0).floor(), whole % 3600.0);
    format!(
        "{hours:.0}h {:.0}m {:.0}s",
        (rest / 60.0).floor(),
        rest % 60.0
    )
}

/// A count with thousands apart: `240,000`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its noun: `1 trial`, `12 trials`.
#[must_use]
pub fn counted(n: u64, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(n))
}

/// A share of one in percent; what is neither none nor all is called neither.
#[must_use]
pub fn share(share: f64) -> String {
    if share > 0.0 && share < 0.005 {
        "less than 1 %".to_owned()
    } else if (0.995..1.0).contains(&share) {
        "more than 99 %".to_owned()
    } else {
        format!("{:.0} %", share * 100.0)
    }
}

/// `p = 0.016`; a p-value that three decimals would make 0 is given as a bound.
#[must_use]
pub fn p_value(p: f64) -> String {
    if p < 0.0005 {
        "p < 0.001".to_owned()
    } else {
        format!("p = {p:.3}")
    }
}

/// To three digits: 240,015 endpoints are 240,000 to people.
pub(super) fn rounded(n: u64) -> u64 {
    let unit = 10u64.pow(n.checked_ilog10().unwrap_or(0).saturating_sub(2));
    (n + unit / 2) / unit * unit
}

/// With a capital letter at its head, if that is the head of a word: `node-a.log` is a name, and
/// stays as it is.
pub(super) fn upper(text: &str) -> String {
    let first = text.split(|c: char| c.is_whitespace() || ",;:".contains(c));
    let word = |word: &str| word.chars().all(char::is_alphabetic);
    if !first.take(1).all(word) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_for_people() {
        for (seconds, text) in [
            (0.0, "0 ms"),
            (0.0834, "83 ms"),
            (0.9999, "1.0 s"),
            (19.94, "19.9 s"),
            (59.96, "1m 0.0s"),
            (250.2429, "4m 10.2s"),
            (912.129, "15m 12.1s"),
            (3599.99, "1h 0m 0s"),
            (3723.4, "1h 2m 3s"),
            (f64::NAN, "unknown"),
        ] {
            assert_eq!(duration(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn counts_for_people() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (240_015, "240,015"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(count(n), text);
        }
        assert_eq!(rounded(240_015), 240_000);
        assert_eq!(rounded(7), 7);
        assert_eq!(counted(1, "sync"), "1 sync");
        assert_eq!(counted(0, "sync"), "0 syncs");
        assert_eq!(counted(1_200, "sync"), "1,200 syncs");
    }

    #[test]
    fn a_sentence_begins_with_a_capital_and_a_name_stays() {
        for (text, told) in [
            ("kernel 6.1: slow", "Kernel 6.1: slow"),
            ("unknown kernel", "Unknown kernel"),
            ("one: two", "One: two"),
            ("node-a.log took", "node-a.log took"),
            ("b.log finished", "b.log finished"),
            ("6.1.144 and", "6.1.144 and"),
            ("", ""),
        ] {
            assert_eq!(upper(text), told);
        }
    }

    #[test]
    fn shares_that_are_neither_none_nor_all() {
        for (value, text) in [
            (0.0, "0 %"),
            (0.000_1, "less than 1 %"),
            (0.006, "1 %"),
            (0.25, "25 %"),
            (0.994, "99 %"),
            (0.999_9, "more than 99 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(share(value), text, "{value}");
        }
        assert_eq!(p_value(2.0 / 126.0), "p = 0.016");
        assert_eq!(p_value(1e-9), "p < 0.001");
    }
}
