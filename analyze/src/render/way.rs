//! How a page reaches the others.

use super::rows::Addresses;

/// How a page reaches the others.
pub(super) struct Way<'a> {
    /// Up to the report's directory: empty, or `../`.
    pub(super) root: &'a str,
    /// The pages of syncs.
    pub(super) addresses: &'a Addresses,
}
