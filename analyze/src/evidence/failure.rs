//! Why a sync failed, in kube-proxy's own words.
//!
//! kube-proxy prints the reason a few lines before `Sync failed`:
//!
//! ```text
//! E1123 20:18:29.366658 108 proxier.go:1805] "nftables sync failed" err=<
//!         /dev/stdin:1:1-20: Error: No such file or directory
//!  >
//! E1123 20:18:29.366658 1 proxier.go:1564] "Failed to execute iptables-restore" err="exit status 1: ..."
//! ```

use crate::report::excerpt::Excerpts;

/// Characters of a reason that are kept.
const LONGEST: usize = 240;

/// The reason nearest above a sync's last line, and its line; none where the log gives none in
/// the ten lines above, or they are not known.
#[must_use]
pub fn reason(excerpts: &Excerpts, input: &str, line: u64) -> Option<(u64, String)> {
    let lines = excerpts.around(input, line);
    let above = lines.iter().take_while(|(number, _)| *number <= line);
    let above: Vec<(u64, &str)> = above.copied().collect();
    let at = above.iter().rposition(|(_, text)| error(text).is_some())?;
    let (number, text) = above[at];
    let given = error(text)?;
    let words = match given.strip_prefix('<') {
        // The reason stands on the lines that follow, up to one of ` >`.
        Some(_) => {
            let body = above[at + 1..]
                .iter()
                .map(|(_, text)| after_stamp(text).trim());
            let body = body.take_while(|text| *text != ">");
            body.filter(|text| !text.is_empty() && !text.starts_with('^'))
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        }
        None => quoted(given).replace("\\n", " ").replace("\\\"", "\""),
    };
    let kept: String = words
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(LONGEST)
        .collect();
    (!kept.is_empty()).then_some((number, kept))
}

/// The inside of a quoted value; what follows it is other keys.
fn quoted(given: &str) -> &str {
    let Some(inside) = given.strip_prefix('"') else {
        return given;
    };
    let mut escaped = false;
    let end = inside.find(|c: char| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    end.map_or(inside, |end| &inside[..end])
}

/// What follows `err=` in a line of a failed transaction.
fn error(text: &str) -> Option<&str> {
    let (head, given) = text.split_once("err=")?;
    let failed = [
        "sync failed",
        "Failed to execute",
        "iptables-restore",
        "Error syncing",
    ];
    failed
        .iter()
        .any(|words| head.contains(words))
        .then_some(given)
}

/// A line without the time that a container's log puts before each.
fn after_stamp(text: &str) -> &str {
    match text.split_once(char::is_whitespace) {
        Some((first, rest)) if first.ends_with('Z') && first.len() >= 20 => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn of(lines: &[&str]) -> Option<(u64, String)> {
        let numbered: BTreeMap<u64, String> = (1..)
            .zip(lines.iter().map(|line| (*line).to_owned()))
            .collect();
        let last = lines.len() as u64;
        let mut excerpts = Excerpts::default();
        excerpts.add("a.log", numbered);
        reason(&excerpts, "a.log", last)
    }

    #[test]
    fn the_reason_is_the_nearest_above() {
        let complete = "I1 1 proxier.go:1] \"SyncProxyRules complete\" elapsed=\"69ms\"";
        let restore = "E1 1 proxier.go:1] \"Failed to execute iptables-restore\" err=\"exit status 1: iptables-restore: Couldn't load target `X'\\n\"";
        let (line, words) = of(&["x", restore, "I \"Sync failed\"", complete]).unwrap();
        assert_eq!(line, 2);
        assert_eq!(
            words,
            "exit status 1: iptables-restore: Couldn't load target `X'"
        );
        let nft = "2025-10-15T12:00:00.000000000Z E1 1 p.go:1] \"nftables sync failed\" err=<";
        let body = "2025-10-15T12:00:00.000000000Z \t/dev/stdin:1:1-20: Error: No such file";
        let (line, words) = of(&[
            restore,
            nft,
            body,
            "2025-10-15T12:00:00.000000000Z  >",
            complete,
        ])
        .unwrap();
        assert_eq!(
            (line, words.as_str()),
            (2, "/dev/stdin:1:1-20: Error: No such file")
        );
        assert_eq!(of(&["E \"Failed to list\" err=\"x\"", complete]), None);
        assert_eq!(of(&[complete]), None);
        let keyed = "E1 1 p.go:1] \"nftables sync failed\" err=\"a \\\"b\\\" c\" ipFamily=\"IPv6\"";
        assert_eq!(of(&[keyed]), Some((1, "a \"b\" c".to_owned())));
        assert_eq!(reason(&Excerpts::default(), "a.log", 3), None);
    }
}
