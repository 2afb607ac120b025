//! A file that somebody gives as theirs: a transaction as it is, or a node's rules.

use std::borrow::Cow;

use super::{Cold, LeftOut, cold, is_dump};
use crate::error::Error;
use crate::family::Family;

/// The transaction that a file tells, and what of the file is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own<'t> {
    /// The transaction.
    pub text: Cow<'t, str>,
    /// In words: tables and chains that are not kube-proxy's, the other family.
    pub left_out: Vec<String>,
}

/// Reads a file: what `nft list` (also `-a`, `-j`) or `iptables-save` printed becomes the cold
/// transaction that would make it, of the family that is wanted or of the longer; any other text is
/// a transaction already, and is not looked into.
///
/// # Errors
/// [`Error`] with the line that is not understood, or where nothing is of the family.
pub fn own(text: &str, family: Option<Family>) -> Result<Own<'_>, Error> {
    if !is_dump(text) {
        return Ok(Own {
            text: Cow::Borrowed(text),
            left_out: Vec::new(),
        });
    }
    let (made, left_out) = cold(text)?;
    let found: Vec<Family> = made.iter().map(|cold| cold.family).collect();
    let of_family = made
        .into_iter()
        .filter(|cold| family.is_none_or(|wanted| cold.family == wanted));
    let Some(cold) = of_family.max_by_key(|cold| cold.text.len()) else {
        return Err(Error {
            line: text.lines().count().max(1),
            problem: format!(
                "it ends without rules of kube-proxy for {}",
                family.map_or("", Family::name)
            ),
        });
    };
    Ok(Own {
        left_out: words(&left_out, &found, &cold),
        text: Cow::Owned(cold.text),
    })
}

/// A file's bytes as text.
///
/// # Errors
/// [`Error`] with the first line that is not UTF-8.
pub fn text(bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..valid];
        Error {
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            problem: "no text (not UTF-8)".to_owned(),
        }
    })
}

fn words(left_out: &LeftOut, found: &[Family], chosen: &Cold) -> Vec<String> {
    let tables = left_out.tables.iter();
    let mut words: Vec<String> = tables.map(|name| format!("table {name}")).collect();
    if left_out.rules + left_out.chains > 0 {
        words.push(format!(
            "{} chains and {} rules that are not kube-proxy's",
            left_out.chains, left_out.rules
        ));
    }
    let others = found.iter().filter(|family| **family != chosen.family);
    words.extend(others.map(|family| format!("kube-proxy's rules for {}", family.name())));
    words
}
