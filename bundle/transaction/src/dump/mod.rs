//! A node's own rules, as `nft list` or `iptables-save` print them, made into the cold transaction
//! by which kube-proxy would write them.
//!
//! `listing` and `json` read tables, `batch` writes one; `save` does both for iptables.

mod batch;
mod expression;
mod json;
mod listing;
mod own;
mod save;
mod table;

use std::borrow::Cow;

use crate::error::Error;
use crate::family::Family;
use crate::mode::Mode;

pub use own::{Own, own, text};

pub(crate) use listing::{is_listing, read as read_listing};
pub(crate) use table::Table;

/// kube-proxy's table.
const TABLE: &str = "kube-proxy";
/// What `kubectl debug` and `kubectl exec` may say before the program's own words.
const KUBECTL: [&str; 4] = [
    "Creating debugging pod ",
    "Defaulted container ",
    "If you don't see a command prompt",
    "Defaulting debug container name ",
];

/// A cold transaction made of a node's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cold {
    /// Whose addresses: kube-proxy sends a transaction for each family.
    pub family: Family,
    /// Its language.
    pub mode: Mode,
    /// The batch.
    pub text: String,
}

/// What was read and is not kube-proxy's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Names of tables of nftables.
    pub tables: Vec<String>,
    /// Chains of iptables.
    pub chains: u64,
    /// Rules of iptables.
    pub rules: u64,
}

/// Whether a text is what `nft list`, `nft -j list` or `iptables-save` prints, and no transaction.
#[must_use]
pub fn is_dump(text: &str) -> bool {
    let text = &own_words(text);
    json::is_json(text)
        || is_listing(text)
        || (Mode::of(text) == Mode::Iptables && save::is_save(text))
}

/// Makes cold transactions of what was printed, one for each family.
///
/// An `nft` before 1.1 prints the map by which kube-proxy since 1.36 chooses an endpoint in a form
/// that it does not read again: that is set right.
///
/// # Errors
/// [`Error`] with the line that is not understood, or where nothing is kube-proxy's.
pub fn cold(text: &str) -> Result<(Vec<Cold>, LeftOut), Error> {
    let text = &own_words(text);
    let tables = if json::is_json(text) {
        json::read(text)?
    } else if is_listing(text) {
        read_listing(text)?
    } else if Mode::of(text) == Mode::Iptables {
        let (cold, left_out) = save::cold(text)?;
        return Ok((vec![cold], left_out));
    } else {
        let mut lines = text.lines().map(str::trim).enumerate();
        let first = lines.find(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        return Err(Error {
            line: first.map_or(1, |(at, _)| at + 1),
            problem: "neither what `nft list` prints, nor `iptables-save`".to_owned(),
        });
    };
    let is_ours = |table: &&Table| table.name == TABLE && !table.chains.is_empty();
    let (ours, others): (Vec<&Table>, Vec<&Table>) = tables.iter().partition(is_ours);
    let names = others
        .iter()
        .map(|table| format!("{} {}", table.family, table.name));
    let names: Vec<String> = names.collect();
    if ours.is_empty() {
        let found = if names.is_empty() {
            "nothing".to_owned()
        } else {
            names.join(", ")
        };
        return Err(Error {
            line: text.lines().count().max(1),
            problem: format!(
                "it ends without a table of kube-proxy, only {found} (for kube-proxy's iptables \
                 mode give what `iptables-save` prints)"
            ),
        });
    }
    let made = ours.iter().map(|table| Cold {
        family: Family::of_table(&table.family).unwrap_or(Family::Ipv4),
        mode: Mode::Nftables,
        text: batch::batch(table),
    });
    let left_out = LeftOut {
        tables: names,
        ..LeftOut::default()
    };
    Ok((made.collect(), left_out))
}

/// Without what kubectl has said before, whose lines are left empty so that numbers stay.
fn own_words(text: &str) -> Cow<'_, str> {
    let is_its = |line: &str| KUBECTL.iter().any(|words| line.starts_with(words));
    let first = text.lines().take(8).any(is_its);
    if !first {
        return Cow::Borrowed(text);
    }
    let lines = text.lines().enumerate();
    let lines = lines.map(|(at, line)| if at < 8 && is_its(line) { "" } else { line });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}
