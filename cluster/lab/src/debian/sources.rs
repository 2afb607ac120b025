//! Where this machine gets its Debian packages from: what its own apt sources say, and from the
//! same archive the suites with other kernels.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Suites with kernels of several series, besides this machine's own.
const KERNEL_SUITES: [&str; 4] = [
    "bookworm",
    "bookworm-backports",
    "trixie",
    "trixie-backports",
];

/// A source: an archive with some suites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    uri: String,
    suites: Vec<String>,
    components: Vec<String>,
    signed_by: Option<String>,
}

/// Where packages come from, in apt's own formats.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Archives {
    /// The release that this machine is of, such as `bookworm`.
    pub(super) codename: String,
    /// The own archive with its other suites, and the security archive as it is.
    pub(super) sources: String,
    /// Preferences by which nothing of another release is installed: without them the newest
    /// version of a package would be, and with it half of that release.
    pub(super) preferences: String,
}

/// The archives for kernels, and for newer programs.
///
/// # Errors
/// [`Error::Missing`] if no source of this machine is a Debian archive.
pub(super) fn archives() -> Result<Archives, Error> {
    let codename = crate::preflight::os_release("VERSION_CODENAME").unwrap_or_default();
    extended(&read_all(), &codename).ok_or_else(|| Error::Missing {
        program: "Debian's packages".to_owned(),
        mend: format!(
            "no source in /etc/apt names the suite `{codename}` of a Debian archive; kernels are \
             Debian's: use a Debian machine or container, or `--node NAME=host`"
        ),
    })
}

/// With `codename` as the release; on a machine whose sources are of another one, with theirs.
fn extended(sources: &[Source], codename: &str) -> Option<Archives> {
    let (codename, main) = [codename]
        .into_iter()
        .chain(KERNEL_SUITES)
        .find_map(|suite| Some((suite, with_suite(sources, suite)?)))?;
    let backports = format!("{codename}-backports");
    let own = [codename, backports.as_str()];
    let foreign = KERNEL_SUITES.iter().filter(|suite| !own.contains(suite));
    let suites: Vec<&str> = own.iter().chain(foreign.clone()).copied().collect();
    let mut text = stanza(main, &suites);
    let security = format!("{codename}-security");
    if let Some(source) = with_suite(sources, &security) {
        text += &stanza(source, &[&security]);
    }
    Some(Archives {
        codename: codename.to_owned(),
        sources: text,
        preferences: foreign.map(|suite| pin(suite)).collect(),
    })
}

fn with_suite<'a>(sources: &'a [Source], suite: &str) -> Option<&'a Source> {
    let is_main = |source: &Source| source.components.iter().any(|part| part == "main");
    let has = |source: &Source| source.suites.iter().any(|known| known == suite);
    sources.iter().find(|source| has(source) && is_main(source))
}

/// A package of this suite only where no other suite has it, and never in place of one that is
/// installed.
fn pin(suite: &str) -> String {
    format!("Package: *\nPin: release n={suite}\nPin-Priority: 1\n\n")
}

fn stanza(source: &Source, suites: &[&str]) -> String {
    let (uri, suites) = (&source.uri, suites.join(" "));
    let mut text = format!("Types: deb\nURIs: {uri}\nSuites: {suites}\nComponents: main\n");
    if let Some(keyring) = &source.signed_by {
        // Writing to a string does not fail.
        writeln!(text, "Signed-By: {keyring}").ok();
    }
    text.push('\n');
    text
}

fn read_all() -> Vec<Source> {
    let mut paths = vec![PathBuf::from("/etc/apt/sources.list")];
    let parts = std::fs::read_dir("/etc/apt/sources.list.d");
    let parts = parts.into_iter().flatten().flatten();
    paths.extend(parts.map(|entry| entry.path()));
    paths.sort();
    paths.iter().flat_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<Source> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("sources") => stanzas(&text),
        Some("list") => text.lines().filter_map(one_line).collect(),
        _ => Vec::new(),
    }
}

/// ```text
/// Types: deb
/// URIs: http://archive.example/debian
/// Suites: bookworm bookworm-updates
/// Components: main
/// Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
/// ```
fn stanzas(text: &str) -> Vec<Source> {
    let comment = |line: &&str| !line.starts_with('#');
    let lines: Vec<&str> = text.lines().filter(comment).collect();
    let stanzas = lines.split(|line| line.trim().is_empty());
    stanzas.filter_map(from_stanza).collect()
}

fn from_stanza(lines: &[&str]) -> Option<Source> {
    let field = |name: &str| {
        let mut found = lines.iter().filter_map(|line| line.split_once(':'));
        let found = found.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    };
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
    let binary = field("Types")?.split_whitespace().any(|kind| kind == "deb");
    let off = field("Enabled").is_some_and(|value| value.eq_ignore_ascii_case("no"));
    (binary && !off).then_some(())?;
    Some(Source {
        uri: field("URIs")?.split_whitespace().next()?.to_owned(),
        suites: words(field("Suites")?),
        components: words(field("Components").unwrap_or_default()),
        // A key within the file itself would follow on the next lines.
        signed_by: field("Signed-By").filter(|value| value.starts_with('/')),
    })
}

/// `deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://archive.example/debian bookworm main`
fn one_line(line: &str) -> Option<Source> {
    let rest = line.trim().strip_prefix("deb ")?.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace().map(str::to_owned);
    let uri = words.next()?;
    let suite = words.next()?;
    let signed_by = options
        .split_whitespace()
        .find_map(|option| option.strip_prefix("signed-by="));
    Some(Source {
        uri,
        suites: vec![suite],
        components: words.collect(),
        signed_by: signed_by.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEB822: &str = "Types: deb\n# a snapshot\nURIs: http://archive.example/debian\n\
        Suites: bookworm bookworm-updates\nComponents: main\n\
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n\
        Types: deb\nURIs: http://archive.example/debian-security\n\
        Suites: bookworm-security\nComponents: main\n";

    #[test]
    fn the_archive_is_the_machines_own_in_either_format() {
        let one_line_format = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \
            http://archive.example/debian bookworm main contrib";
        let lines: Vec<Source> = one_line_format.lines().filter_map(one_line).collect();
        for sources in [stanzas(DEB822), lines] {
            let text = extended(&sources, "bookworm").unwrap().sources;
            assert!(
                text.contains("URIs: http://archive.example/debian\n"),
                "{text}"
            );
            let suites = "Suites: bookworm bookworm-backports trixie trixie-backports\n";
            assert!(text.contains(suites), "{text}");
            assert!(text.contains("Signed-By: /usr/share/keyrings/"), "{text}");
        }
        let text = extended(&stanzas(DEB822), "bookworm").unwrap().sources;
        assert!(
            text.contains("debian-security\nSuites: bookworm-security\n"),
            "{text}"
        );
    }

    #[test]
    fn other_releases_are_kept_out_and_the_own_is_not() {
        let archives = extended(&stanzas(DEB822), "bookworm").unwrap();
        let pins: Vec<&str> = archives
            .preferences
            .lines()
            .filter_map(|line| line.strip_prefix("Pin: release n="))
            .collect();
        assert_eq!(pins, ["trixie", "trixie-backports"]);
    }

    #[test]
    fn a_machine_of_which_parts_are_newer_is_of_the_release_of_its_sources() {
        let archives = extended(&stanzas(DEB822), "trixie").unwrap();
        assert_eq!(archives.codename, "bookworm");
    }

    #[test]
    fn other_distributions_are_not_taken_for_debian() {
        let ubuntu = "Types: deb\nURIs: http://a.example/ubuntu\nSuites: noble\nComponents: main\n";
        assert_eq!(extended(&stanzas(ubuntu), "bookworm"), None);
    }
}
