//! Transactions in files, and rules as a node prints them.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use transaction::{Family, Tables, cold, is_dump, own, scrub, text};

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
    let failed = |error| Error::Usage(format!("{}: {error}", path.display()));
    let (made, _) = cold(&text).map_err(failed)?;
    let is_one = made.len() == 1;
    let named = made.into_iter().map(|cold| match is_one {
        true => file(name.to_string(), cold.text),
        false => file(format!("{name}-{}", cold.family.name()), cold.text),
    });
    Ok(named.collect())
}

/// A node's rules as the transaction that would make them; what is one already stays as it is.
/// What is left out is said.
///
/// # Errors
/// [`Error::Io`]; [`Error::Usage`] with file and line, or if it has no rules of the family.
pub(super) fn ruleset(from: &RulesetFrom, path: &Path) -> Result<String, Error> {
    let text = text_of(path)?;
    let failed = |error| Error::Usage(format!("{}: {error}", path.display()));
    let family = from.family.map(|family| match family {
        RulesetFamily::Ipv4 => Family::Ipv4,
        RulesetFamily::Ipv6 => Family::Ipv6,
    });
    let own = own(&text, family).map_err(failed)?;
    if matches!(own.text, Cow::Borrowed(_)) {
        // To find what is wrong with it before a kernel does.
        Tables::default().load(&text).map_err(failed)?;
    }
    if !own.left_out.is_empty() {
        let words = own.left_out.join(", ");
        // Whoever cannot be told this can do without it.
        writeln!(std::io::stderr(), "left out: {words}").ok();
    }
    if !from.scrub {
        return Ok(own.text.into_owned());
    }
    let mut scrubbed = scrub(&[&own.text], &key()?).map_err(failed)?;
    Ok(scrubbed.remove(0))
}

/// A file's text, or that of standard input for `-`.
fn text_of(path: &Path) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().lock().read_to_end(&mut bytes),
        false => std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.map_err(Error::io(path, "reading"))?;
    text(bytes).map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
}

/// Random, and forgotten when the call ends.
fn key() -> Result<[u8; 32], Error> {
    let mut key = [0; 32];
    let source = Path::new("/dev/urandom");
    let read = std::fs::File::open(source).and_then(|mut file| file.read_exact(&mut key));
    read.map_err(Error::io(source, "reading"))?;
    Ok(key)
}
