//! Transactions in files, and rules as a node prints them.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use transaction::{Cold, Family, LeftOut, Tables, cold, is_dump, scrub};

use crate::cli::{RulesetFamily, RulesetFrom};
use crate::error::Error;

/// A transaction.
#[derive(Debug)]
pub(super) struct File {
    /// The file's, without its ending.
    pub(super) name: String,
    /// What it was read from.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// Reads a file: a transaction as it is, a node's rules as one for each family.
///
/// # Errors
/// [`Error::Io`]; [`Error::Usage`] with file and line.
pub(super) fn read(path: &Path) -> Result<Vec<File>, Error> {
    let text = text_of(path)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let file = |name: String, text: String| File {
        name,
        path: path.to_path_buf(),
        text,
    };
    if !is_dump(&text) {
        return Ok(vec![file(name.into_owned(), text)]);
    }
    let (made, _) = made_of(path, &text)?;
    let is_one = made.len() == 1;
    let named = made.into_iter().map(|cold| match is_one {
        true => file(name.to_string(), cold.text),
        false => file(format!("{name}-{}", cold.family.name()), cold.text),
    });
    Ok(named.collect())
}

/// A node's rules as the transaction that would make them; what is one already stays as it is.
///
/// # Errors
/// [`Error::Io`]; [`Error::Usage`] with file and line, or if it has no rules of the family.
pub(super) fn ruleset(from: &RulesetFrom, path: &Path) -> Result<String, Error> {
    let text = text_of(path)?;
    let text = match is_dump(&text) {
        true => {
            let (made, left_out) = made_of(path, &text)?;
            chosen(path, made, &left_out, from.family)?
        }
        false => {
            // To find what is wrong with it before a kernel does.
            Tables::default()
                .load(&text)
                .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
            text
        }
    };
    if !from.scrub {
        return Ok(text);
    }
    let mut scrubbed = scrub(&[&text], &key()?)
        .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
    Ok(scrubbed.remove(0))
}

fn made_of(path: &Path, text: &str) -> Result<(Vec<Cold>, LeftOut), Error> {
    cold(text).map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
}

/// That of the family that is wanted, or the longest; what is left out is said.
fn chosen(
    path: &Path,
    made: Vec<Cold>,
    left_out: &LeftOut,
    family: Option<RulesetFamily>,
) -> Result<String, Error> {
    let wanted = family.map(|family| match family {
        RulesetFamily::Ipv4 => Family::Ipv4,
        RulesetFamily::Ipv6 => Family::Ipv6,
    });
    let found: Vec<Family> = made.iter().map(|cold| cold.family).collect();
    let of_family = made
        .into_iter()
        .filter(|cold| wanted.is_none_or(|wanted| cold.family == wanted));
    let Some(cold) = of_family.max_by_key(|cold| cold.text.len()) else {
        let problem = format!(
            "no rules of kube-proxy for {}",
            wanted.map_or("", Family::name)
        );
        return Err(Error::Usage(format!("{}: {problem}", path.display())));
    };
    let mut words = Vec::new();
    words.extend(left_out.tables.iter().map(|name| format!("table {name}")));
    if left_out.rules + left_out.chains > 0 {
        let (chains, rules) = (left_out.chains, left_out.rules);
        words.push(format!(
            "{chains} chains and {rules} rules that are not kube-proxy's"
        ));
    }
    let others = found.iter().filter(|family| **family != cold.family);
    words.extend(others.map(|family| format!("{0} (--family {0})", family.name())));
    if !words.is_empty() {
        // Whoever cannot be told this can do without it.
        writeln!(std::io::stderr(), "left out: {}", words.join(", ")).ok();
    }
    Ok(cold.text)
}

/// A file's text, or that of standard input for `-`.
fn text_of(path: &Path) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().lock().read_to_end(&mut bytes),
        false => std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.map_err(Error::io(path, "reading"))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..valid];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Error::Usage(format!(
            "{}: line {line}: no text (not UTF-8)",
            path.display()
        ))
    })
}

/// Random, and forgotten when the call ends.
fn key() -> Result<[u8; 32], Error> {
    let mut key = [0; 32];
    let source = Path::new("/dev/urandom");
    let read = std::fs::File::open(source).and_then(|mut file| file.read_exact(&mut key));
    read.map_err(Error::io(source, "reading"))?;
    Ok(key)
}
