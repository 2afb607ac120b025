//! The label that says what is the driver's, and cleanup by that label alone.

use std::collections::BTreeMap;

/// Label key of everything that the driver makes; its value is `--owner`.
pub const OWNER: &str = "kube-proxy-bench/owner";
/// Label key that names the run which made an object.
pub const RUN: &str = "kube-proxy-bench/run";

/// Whose objects these are: the value of the ownership label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner(String);

impl Owner {
    /// An owner; `name` must be a label value.
    ///
    /// # Errors
    /// A sentence if it is none (1 to 63 letters, digits, `-`, `_`, `.`).
    pub fn new(name: &str) -> Result<Self, String> {
        let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let outer = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = name.as_bytes();
        let good = bytes.len() <= 63
            && outer(bytes.first())
            && outer(bytes.last())
            && bytes.iter().all(|b| inner(*b));
        if good {
            Ok(Self(name.to_owned()))
        } else {
            Err(format!(
                "--owner `{name}` is no label value: 1 to 63 letters, digits, - _ . are"
            ))
        }
    }

    /// The label selector of everything that this owner has.
    #[must_use]
    pub fn selector(&self) -> String {
        format!("{OWNER}={}", self.0)
    }

    /// The labels of a new object of run `run`.
    #[must_use]
    pub fn labels(&self, run: &str) -> BTreeMap<String, String> {
        BTreeMap::from([
            (OWNER.to_owned(), self.0.clone()),
            (RUN.to_owned(), run.to_owned()),
        ])
    }

    /// Whether an object with these labels is this owner's.
    #[must_use]
    pub fn owns(&self, labels: Option<&BTreeMap<String, String>>) -> bool {
        labels.and_then(|labels| labels.get(OWNER)) == Some(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_label_makes_an_object_ours() {
        let owner = Owner::new("alice").unwrap();
        assert!(owner.owns(Some(&owner.labels("r"))));
        assert!(!owner.owns(None));
        assert!(!owner.owns(Some(&BTreeMap::new())));
        assert!(!owner.owns(Some(&Owner::new("bob").unwrap().labels("r"))));
        assert_eq!(owner.selector(), "kube-proxy-bench/owner=alice");
    }

    #[test]
    fn owners_are_label_values() {
        for bad in ["", "-a", "a b", "a,b", "ä", &"x".repeat(64)] {
            assert!(Owner::new(bad).is_err(), "{bad}");
        }
    }
}
