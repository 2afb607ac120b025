//! Lines that somebody cut: at a terminal's width, or in the middle of a number.
//!
//! Half a number is a wrong number: of `numEndpoints=240000` cut at a column `numEndpoints=2400` is left.

use super::rewrap::{begins, is_cut, width};

/// The column at which a file's lines are cut: its widest lines are equally wide, and the text of
/// one of them does not end there, nor go on in the next.
pub(super) fn column(head: &[u8]) -> Option<usize> {
    let end = memchr::memrchr(b'\n', head)?;
    let rows: Vec<&[u8]> = head[..end]
        .split(|byte| *byte == b'\n')
        .map(|row| row.strip_suffix(b"\r").unwrap_or(row))
        .collect();
    let widest = rows.iter().map(|row| width(row)).max()?;
    let mut wide = (0..rows.len()).filter(|at| width(rows[*at]) == widest);
    let several = wide.clone().nth(1).is_some();
    let cut = |at: usize| {
        let goes_on = || rows.get(at + 1).is_some_and(|next| !begins(next));
        let object = matches!(rows[at].first(), Some(b'{' | b'[' | b'"'));
        !object && is_cut(rows[at]) && begins(rows[at]) && !goes_on()
    };
    (several && wide.any(cut)).then_some(widest)
}

/// Whether a line ends in a number that goes on in a line of its own.
pub(super) fn in_a_number(line: &[u8], behind: &[u8]) -> bool {
    const LONGEST: usize = 10;
    if !line.last().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let digits = behind.iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.count();
    (1..=LONGEST).contains(&length) && matches!(behind.get(length), None | Some(b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_shows_in_lines_that_do_not_end() {
        let lines = [
            r#"I0612 08:00:02.000100       1 proxier.go:944] "Syncing nftables rules" ipFamily="IPv4""#,
            r#"I0612 08:00:10.250000       1 proxier.go:1160] "Reloading service nftables data" ipFamily="IPv4" numServices=8000 numEndpoints=240000"#,
            r#"I0612 08:00:11.250000       1 proxier.go:1160] "Reloading service nftables data" ipFamily="IPv6" numServices=8000 numEndpoints="240000""#,
        ];
        let cut = |most: usize| -> String {
            let rows = lines.map(|line| line[..line.len().min(most)].to_owned() + "\n");
            rows.concat()
        };
        assert_eq!(column(cut(130).as_bytes()), Some(130));
        assert_eq!(column(cut(200).as_bytes()), None);
        assert_eq!(column(b""), None);
        // What stands in the next line is not cut off.
        let wrapped = |line: &&str| format!("{}\n{}\n", &line[..130], &line[130..]);
        let wrapped: String = lines[1..].iter().map(wrapped).collect();
        assert_eq!(column(wrapped.as_bytes()), None);
    }

    #[test]
    fn a_number_that_goes_on() {
        for (line, behind, goes_on) in [
            ("numEndpoints=2", "40000\nI0612", true),
            ("numEndpoints=2", "40000", true),
            ("numEndpoints=2", "I0612 08:00", false),
            ("numEndpoints=2", "", false),
            ("numEndpoints=2", "4 apples", false),
            ("elapsed=\"2s\"", "40000\n", false),
        ] {
            let found = in_a_number(line.as_bytes(), behind.as_bytes());
            assert_eq!(found, goes_on, "{line} {behind}");
        }
    }
}
