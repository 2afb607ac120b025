//! The sections of a file, one behind the other.

use crate::read::founds::Section;

/// Those that have begun, and which of them is read.
#[derive(Debug, Default)]
pub(super) struct Sections {
    known: Vec<Section>,
    /// Place of the present one, from 1; 0: none.
    at: usize,
    /// Lines have been read in it.
    used: bool,
}

impl Sections {
    /// A heading. What it does not tell is what the one above told: a node's heading is under its
    /// kernel's, and a kernel's right behind its node's is that node's. One that comes again, as
    /// `tail -f` prints it, goes on.
    pub(super) fn begin(&mut self, mut next: Section) {
        let before = self.at.checked_sub(1).and_then(|at| self.known.get(at));
        if let Some(before) = before {
            if next.node.is_some() && next.kernel.is_none() {
                next.kernel.clone_from(&before.kernel);
            }
            if next.kernel.is_some() && next.node.is_none() && !self.used {
                next.node.clone_from(&before.node);
            }
        }
        let again = self
            .known
            .iter()
            .position(|known| *known == next && known.node.is_some());
        let place = again.unwrap_or_else(|| {
            self.known.push(next);
            self.known.len() - 1
        });
        self.at = place + 1;
        self.used = false;
    }

    /// The present one, with its place.
    pub(super) fn current(&mut self) -> (usize, Option<&Section>) {
        self.used = true;
        (
            self.at,
            self.at.checked_sub(1).and_then(|at| self.known.get(at)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(name: &str, kernel: Option<&str>, node: Option<&str>) -> Section {
        Section {
            name: name.to_owned(),
            kernel: kernel.map(str::to_owned),
            node: node.map(str::to_owned),
        }
    }

    #[test]
    fn headings_complete_each_other() {
        let mut sections = Sections::default();
        assert_eq!(sections.current(), (0, None));
        sections.begin(section("6.1", Some("6.1.144"), None));
        sections.begin(section("a", None, Some("node-a")));
        let told = section("a", Some("6.1.144"), Some("node-a"));
        assert_eq!(sections.current(), (2, Some(&told)));
        // The next kernel's heading is not of the node whose lines have been read.
        sections.begin(section("6.12", Some("6.12.46"), None));
        assert_eq!(sections.current().1.unwrap().node, None);
        sections.begin(section("a", Some("6.1.144"), Some("node-a")));
        assert_eq!(sections.current().0, 2);
    }
}
