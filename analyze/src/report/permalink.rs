//! Names of pages and of places in them, which stay the same from report to report.

/// An identity as a file's name, the same for the same identity: letters, digits, `.`, `_` and
/// `-`. An identity that has others keeps what it can and gets its checksum, so that two
/// different ones do not meet.
#[must_use]
pub fn file_name(id: &str) -> String {
    const LONGEST: usize = 80;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let kept: String = id
        .chars()
        .take(LONGEST)
        .map(|c| if plain(c) { c } else { '-' })
        .collect();
    let kept = kept.trim_start_matches(['.', '-']);
    if kept == id && !kept.is_empty() {
        return kept.to_owned();
    }
    let kept = if kept.is_empty() { "unnamed" } else { kept };
    format!("{kept}-{:08x}", checksum(id.as_bytes()))
}

/// FNV-1a, 32 bits: Fowler, Noll and Vo, 1991.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// Where a sync stands on its page.
#[must_use]
pub fn of_sync(place: usize) -> String {
    format!("s{place}")
}

/// Where a kernel complaint stands on its page.
#[must_use]
pub fn of_event(place: usize) -> String {
    format!("k{place}")
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_name_is_kept_if_it_can_be_and_never_leaves_its_folder() {
        assert_eq!(file_name("eks-2025-10-15"), "eks-2025-10-15");
        for hostile in ["../../etc/passwd", "../x", "..", ".", "", "a/../b"] {
            let name = file_name(hostile);
            assert!(
                !name.contains('/') && !name.starts_with('.') && !name.is_empty(),
                "{name}"
            );
        }
        assert_ne!(file_name("a b"), file_name("a/b"));
        assert!(file_name(&"x".repeat(300)).len() < 100);
        assert!(file_name("\u{202e}").starts_with("unnamed-"));
    }
}
